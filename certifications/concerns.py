"""Concerns: reporting one, and closing it."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from certifications import disclosures
from certifications.mail.sending import about
from certifications.models import Concern
from common.hooks import Hook
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post
from profiles.models import User

# Called with a new concern, in the same transaction.
reported = Hook()


@transaction.atomic
def report(concern: Concern) -> Concern:
    """Save a new concern and email its reporter a receipt. Return it, or the first one if it was sent twice."""
    disclosures.lock(concern.profile)
    said = {name: getattr(concern, name) for name in ("profile", "reporter", "certification", "kind", "text")}
    if first := Concern.objects.filter(outcome="", **said).first():
        return first
    concern.save()
    reported(concern)
    _write_to_reporter(concern, "received")
    return concern


@transaction.atomic
def close(concern: Concern, *, outcome: str, note: str, by: User) -> None:
    """Close a concern and email its reporter the outcome. Raises AlreadyClosed."""
    values = {"outcome": outcome, "outcome_note": note, "closed_by": by, "closed_at": timezone.now()}
    if not Concern.objects.filter(pk=concern.pk, outcome="").update(**values):
        raise Concern.AlreadyClosed(concern)
    concern.refresh_from_db(fields=list(values))
    _write_to_reporter(concern, "closed")


def notify_reporters_of_erasure(concerns: QuerySet[Concern]) -> None:
    """After the commit, notify the reporters of open `concerns` that the certification is gone."""
    for concern in concerns.select_related("reporter").filter(outcome=""):
        post(concern.reporter.email, _letter(concern, "gone"))  # no `about`, so that the erasure does not delete it


def _write_to_reporter(concern: Concern, state: str) -> None:
    post(concern.reporter.email, _letter(concern, state), about=about(concern.profile_id))


def _letter(concern: Concern, state: str) -> Letter:
    """Return the email that a concern is "received" or "closed", or that its certification is "gone"."""
    context = {"recipient": concern.reporter, "concern": concern, "link": absolute(concern.get_absolute_url())}
    return letter(f"certifications/concern/{state}", context)
