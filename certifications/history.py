"""What happened to a record or an answer, read from the events that database triggers wrote."""

from itertools import pairwise

from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db.models import ForeignKey
from django.utils import timezone
from django.utils.formats import date_format

# What a change of them says is told by the event itself, or means nothing to a reader.
QUIET = {"id", "created_at", "updated_at", "submission"}
LABELS = {"insert": "Added", "update": "Changed", "delete": "Deleted"}
NOTHING = "nothing"


def history(instance):
    """The changes of `instance`, oldest first: dicts of `at`, `who`, `what`, `page` and `changes`.

    `changes` is a list of (field, before, after), in words. A change that nobody signed in made, such as one
    typed into the database, is by "outside the site" and has no page. The number of queries depends on the
    model's foreign keys only.
    """
    events = list(
        instance._meta.model.pgh_event_model.objects.filter(pgh_obj_id=instance.pk)
        .select_related("pgh_context")
        .order_by("pgh_id")
    )
    fields = [field for field in instance._meta.concrete_fields if _is_told(field, events)]
    names = {field.attname: _names(field, events) for field in fields if isinstance(field, ForeignKey)}
    contexts = {event.pgh_id: event.pgh_context.metadata if event.pgh_context else {} for event in events}
    users = get_user_model().objects.in_bulk({context["user"] for context in contexts.values() if context.get("user")})

    told = []
    for before, event in pairwise([None, *events]):
        context = contexts[event.pgh_id]
        changes = _changes(fields, names, before, event)
        if changes or event.pgh_label != "update":
            told.append(
                {
                    "at": event.pgh_created_at,
                    "who": str(users.get(context.get("user"), "outside the site")),
                    "page": context.get("url", ""),
                    "what": LABELS[event.pgh_label],
                    "changes": changes,
                }
            )
    return told


def _is_told(field, events):
    return field.name not in QUIET and all(hasattr(event, field.attname) for event in events)


def _names(field, events):
    """What the rows that `field` pointed at are called, by primary key."""
    model = field.related_model
    parts = [part.name for part in model._meta.fields if isinstance(part, ForeignKey) and not part.null]
    rows = model._base_manager.select_related(*parts) if parts else model._base_manager  # names take in their parts'
    return rows.in_bulk({getattr(event, field.attname) for event in events} - {None})


def _changes(fields, names, before, event):
    if event.pgh_label == "delete":
        return []
    changes = []
    for field in fields:
        old, new = getattr(before, field.attname, None), getattr(event, field.attname)
        if old != new and (before or new not in (None, "", [], False)):
            changes.append((field.verbose_name, _words(field, names, old), _words(field, names, new)))
    return changes


def _words(field, names, value):
    if value in (None, "", []):
        return NOTHING
    if field.attname in names:
        return str(names[field.attname].get(value, f"deleted since (number {value})"))
    if isinstance(field, ArrayField):
        return ", ".join(_words(field.base_field, names, item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "astimezone"):
        return date_format(timezone.localtime(value), "M j, Y, H:i:s e")
    if hasattr(value, "isoformat"):
        return date_format(value, "M j, Y")
    return str(dict(field.flatchoices).get(value, value))
