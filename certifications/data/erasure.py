"""Erasing all that is kept about a profile's certifications, at once and without a trace."""

import pgtrigger
from django.apps import apps
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.text import get_text_list
from pghistory.models import Context

from certifications import concerns
from certifications.data.about import drafts_about, models_about_profiles, rows_about
from certifications.mail.sending import about, editors_of, letter_about
from certifications.models import Certification, Concern, Consent, ErasureCount
from common.days import day
from common.hooks import Hook
from common.mail.outbox import forget, post
from profiles.models import Profile

# Called with a profile before the rows about it are deleted: what else goes with them, such as files.
before_erasure = Hook()


def what_goes(profile) -> list:
    """How many rows of each kind would go: list of (count, what they are called), without empty ones."""
    counted = [(rows.count(), model) for model, rows in rows_about(profile)]
    return [(count, _called(model, count)) for count, model in counted if count]


def _called(model, count) -> str:
    if hasattr(model, "pgh_tracked_model"):
        entries = "entry" if count == 1 else "entries"
        return f"{entries} in the history of {model.pgh_tracked_model._meta.verbose_name_plural}"
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)


@transaction.atomic
def erase(profile, *, by):
    """Delete every row about `profile`, its history included, and tell its editors. Returns how many there were.

    What must stay is nothing but a count of erasures by day. Reporters of open concerns are told that the matter is
    closed. Two at once: the second finds nothing left.
    """
    # Held until the end: who adds, changes or notes something about the profile waits, and then finds nothing. Records
    # first, as where one is changed: its trigger takes the profile after it.
    list(Certification.objects.select_for_update().filter(profile=profile))
    Profile.objects.select_for_update().get(pk=profile.pk)
    counted = what_goes(profile)
    if not counted:
        return 0
    forget(about(profile.pk))  # what tells of it and was not sent yet
    concerns.notify_reporters_of_erasure(Concern.objects.filter(profile=profile))
    with pgtrigger.ignore(*_triggers_of_what_goes()):  # what is erased is not written down as deleted
        Consent.objects.filter(profile=profile).delete()  # first: a view is noted only while the consent stands
        before_erasure(profile)
        drafts_about(profile).delete()
        for model, rows in rows_about(profile):
            if not hasattr(model, "pgh_tracked_model"):
                rows.delete()
        # Read only now: no one can cause an event any more.
        events = {m: list(rows.values_list("pk", "pgh_context_id")) for m, rows in rows_about(profile) if rows.exists()}
        for model, keys in events.items():
            model._base_manager.filter(pk__in=[pk for pk, _ in keys]).delete()
        _delete_unused({context for keys in events.values() for _, context in keys if context})
    today = timezone.now().date()
    ErasureCount.objects.get_or_create(day=today)
    ErasureCount.objects.filter(day=today).update(count=F("count") + 1)
    _confirm(profile, by, counted)
    return sum(count for count, _ in counted)


def _triggers_of_what_goes() -> list[str]:
    """Return the names of the triggers that write history or guard rows. The search's listing still follows."""
    models = {model for model, _ in models_about_profiles()}
    return [f"{model._meta.label}:{trigger.name}" for model, trigger in pgtrigger.registered() if model in models]


def _delete_unused(keys) -> None:
    """Delete the contexts that no event of any table refers to any more: their addresses name what was erased."""
    unused = Context.objects.filter(pk__in=keys)
    for model in apps.get_models():
        if hasattr(model, "pgh_tracked_model"):
            unused = unused.filter(~Exists(model._base_manager.filter(pgh_context=OuterRef("pk"))))
    unused.delete()


def _confirm(profile, by, counted) -> None:
    words = get_text_list([f"{count} {name}" for count, name in counted], "and")
    for editor in editors_of(profile):
        context = {"recipient": editor, "by": by, "at": day(profile.today()), "words": words}
        post(editor.email, letter_about(profile, "certifications/erased", context))
