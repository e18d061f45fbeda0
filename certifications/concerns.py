"""Reports of concern: what a viewer was shown and objects to, and how staff close them."""

from django.db import transaction
from django.utils import timezone

from certifications import disclosures
from certifications.mail.sending import about
from certifications.models import Concern
from common.hooks import Hook
from common.mail.letters import absolute, letter
from common.mail.outbox import post

# Called with a new concern, in the same transaction.
reported = Hook()


@transaction.atomic
def report(concern):
    """Save a new concern and send its reporter a receipt. Returns it; the first one if the same was sent twice."""
    disclosures.lock(concern.profile)
    said = {name: getattr(concern, name) for name in ("profile", "reporter", "certification", "kind", "text")}
    if first := Concern.objects.filter(outcome="", **said).first():
        return first
    concern.save()
    reported(concern)
    _write_to_reporter(concern, "received")
    return concern


@transaction.atomic
def close(concern, *, outcome, note, by) -> None:
    """Close a concern and tell its reporter the outcome. Raises AlreadyClosed."""
    values = {"outcome": outcome, "outcome_note": note, "closed_by": by, "closed_at": timezone.now()}
    if not Concern.objects.filter(pk=concern.pk, outcome="").update(**values):
        raise Concern.AlreadyClosed(concern)
    concern.refresh_from_db(fields=list(values))
    _write_to_reporter(concern, "closed")


def tell_reporters_of_erasure(concerns) -> None:
    """After the commit, tell the reporters of open ones among `concerns` that what they reported is gone."""
    for concern in concerns.select_related("reporter").filter(outcome=""):
        post(concern.reporter.email, _letter(concern, "gone"))  # filed under nothing: it outlasts the erasure


def _write_to_reporter(concern, state) -> None:
    post(concern.reporter.email, _letter(concern, state), about=about(concern.profile_id))


def _letter(concern, state):
    """The email that a report is "received", "closed", or closed since what it was about is "gone"."""
    context = {"recipient": concern.reporter, "concern": concern, "link": absolute(concern.get_absolute_url())}
    return letter(f"certifications/concern/{state}", context)
