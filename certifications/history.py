"""What happened to a record or an answer, read from the events that database triggers wrote."""

from itertools import pairwise

from django.contrib.auth import get_user_model

QUIET = {"id", "updated_at", "submission"}


def history(instance):
    """The changes of `instance`, oldest first: dicts of `at`, `who`, `what` (insert, update, delete) and `changes`.

    `changes` is a list of (field, before, after). A change that no request made is by "outside the site".
    """
    events = list(
        instance._meta.model.pgh_event_model.objects.filter(pgh_obj_id=instance.pk)
        .select_related("pgh_context")
        .order_by("pgh_id")
    )
    who = {event.pgh_id: (event.pgh_context.metadata.get("user") if event.pgh_context else None) for event in events}
    users = get_user_model().objects.in_bulk({pk for pk in who.values() if pk})
    return [
        {
            "at": event.pgh_created_at,
            "who": str(users.get(who[event.pgh_id], "")) or "outside the site",
            "what": event.pgh_label,
            "changes": _changes(before, event),
        }
        for before, event in pairwise([None, *events])
    ]


def _changes(before, event):
    fields = [f for f in event._meta.fields if not f.name.startswith("pgh_") and f.name not in QUIET]
    if before is None:
        return []
    pairs = [(f, getattr(before, f.attname), getattr(event, f.attname)) for f in fields]
    return [(f.verbose_name, old, new) for f, old, new in pairs if old != new]
