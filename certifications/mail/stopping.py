"""The kinds of email that a link in them stops."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from certifications.models import DigestSubscription, ReminderStop
from common.hooks import Hook

# Kinds that other apps send: each function returns a dict of Kind by name.
more_kinds = Hook()


class Kind(NamedTuple):
    """What the emails are called, and what stops those that the keys of a link name, if they are still there."""

    words: str
    stop: Callable[..., object]


def stop_reminders(pk, user_pk) -> None:
    """Send someone no more reminders of a certification. Its other editors get theirs."""
    with suppress(IntegrityError), transaction.atomic():  # one of them is gone
        ReminderStop.objects.get_or_create(certification_id=pk, user_id=user_pk)
        connection.check_constraints()


def _stop_digest(pk) -> None:
    DigestSubscription.objects.filter(pk=pk).delete()


def restart_reminders(pk, user_pk) -> None:
    """Send someone reminders of a certification again."""
    ReminderStop.objects.filter(certification=pk, user=user_pk).delete()


def kinds() -> dict[str, Kind]:
    """Return all kinds, by the name that a link has."""
    found = {
        "reminders": Kind("reminders of this certificate", stop_reminders),
        "digest": Kind("the weekly email", _stop_digest),
    }
    for more in more_kinds():
        found |= more
    return found
