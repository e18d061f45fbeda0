"""The erasure: deleting everything stored about a profile's certifications, at once and without a trace."""

from collections.abc import Iterable
from typing import NamedTuple

import pgtrigger
from django.apps import apps
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.text import get_text_list
from pghistory.models import Context

from certifications import concerns
from certifications.data.about import drafts_about, models_about_profiles, rows_about
from certifications.data.words import counted
from certifications.mail.sending import about, editors_of, letter_about
from certifications.models import Certification, Concern, Consent, ErasureCount
from common.days import day
from common.hooks import Hook
from common.mail.outbox import forget, post
from profiles.models import Profile, User

# Called with a profile before the rows about it are deleted, to delete what belongs to them, such as files.
before_erasure = Hook()


class Kind(NamedTuple):
    """A kind of row that an erasure deletes: how many, and their name."""

    count: int
    name: str


def what_goes(profile: Profile) -> list[Kind]:
    """Return how many rows of each kind an erasure would delete, without empty kinds."""
    rows = ((model, rows.count()) for model, rows in rows_about(profile))
    return [Kind(count, name.of(count)) for name, count in counted(rows)]


@transaction.atomic
def erase(profile: Profile, *, by: User) -> int:
    """Delete every row about `profile`, its history included, and email its editors. Return how many there were.

    Only a count of erasures by day stays. Reporters of open concerns are notified that the matter is closed. Of two
    erasures at once, the second finds nothing left.
    """
    # Both stay locked until the end. Whoever adds, changes or notes something about the profile waits, and then finds
    # nothing. Records come first, as in a change of one: its trigger locks the profile after the record.
    list(Certification.objects.select_for_update().filter(profile=profile))
    Profile.objects.select_for_update().get(pk=profile.pk)
    goes = what_goes(profile)
    if not goes:
        return 0
    forget(about(profile.pk))  # unsent emails about it
    concerns.notify_reporters_of_erasure(Concern.objects.filter(profile=profile))
    with pgtrigger.ignore(*_triggers_of_what_goes()):  # an erasure leaves no events
        Consent.objects.filter(profile=profile).delete()  # first: a view is noted only while the consent stands
        before_erasure(profile)
        drafts_about(profile).delete()
        for model, rows in rows_about(profile):
            if not hasattr(model, "pgh_tracked_model"):
                rows.delete()
        # Read only now, when no one can cause an event any more.
        events = {m: list(rows.values_list("pk", "pgh_context_id")) for m, rows in rows_about(profile) if rows.exists()}
        for model, keys in events.items():
            model._base_manager.filter(pk__in=[pk for pk, _ in keys]).delete()
        _delete_unused({context for keys in events.values() for _, context in keys if context})
    today = timezone.now().date()
    ErasureCount.objects.get_or_create(day=today)
    ErasureCount.objects.filter(day=today).update(count=F("count") + 1)
    _confirm(profile, by, goes)
    return sum(count for count, _ in goes)


def _triggers_of_what_goes() -> list[str]:
    """Return the names of the triggers that write history or guard rows. Those of the search's listing stay on."""
    models = {model for model, _ in models_about_profiles()}
    return [f"{model._meta.label}:{trigger.name}" for model, trigger in pgtrigger.registered() if model in models]


def _delete_unused(keys: Iterable[object]) -> None:
    """Delete the contexts that no event refers to any more. Their addresses name what was erased."""
    unused = Context.objects.filter(pk__in=keys)
    for model in apps.get_models():
        if hasattr(model, "pgh_tracked_model"):
            unused = unused.filter(~Exists(model._base_manager.filter(pgh_context=OuterRef("pk"))))
    unused.delete()


def _confirm(profile: Profile, by: User, goes: list[Kind]) -> None:
    words = get_text_list([f"{kind.count} {kind.name}" for kind in goes], "and")
    for editor in editors_of(profile):
        context = {"recipient": editor, "by": by, "at": day(profile.today()), "words": words}
        post(editor.email, letter_about(profile, "certifications/erased", context))
