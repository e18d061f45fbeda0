"""The kinds of e-mail that a link in them stops. An app that sends another kind adds it when it is ready."""

from collections.abc import Callable
from typing import NamedTuple

from certifications.models import Certification, DigestSubscription


class Kind(NamedTuple):
    """What the e-mails are called, and what stops those about the row of a key, if it is still there."""

    words: str
    stop: Callable[[int], object]


def _stop_reminders(pk):
    Certification.objects.filter(pk=pk, is_reminded=True).update(is_reminded=False)


def _stop_digest(pk):
    DigestSubscription.objects.filter(pk=pk).delete()


KINDS = {
    "reminders": Kind("reminders of this certificate", _stop_reminders),
    "digest": Kind("the weekly e-mail", _stop_digest),
}
