"""The kinds of email that contain a link to stop them."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from certifications.models import DigestSubscription, ReminderStop
from common.hooks import Hook

# The kinds of other apps. Each function returns a dict of Kind by name.
more_kinds = Hook()


class Kind(NamedTuple):
    """A kind of email: its name on a page, and the function that stops it. `stop` gets the keys of the link."""

    words: str
    stop: Callable[..., object]


def stop_reminders(pk: int, user_pk: int) -> None:
    """Stop one person's reminders of a certification. Its other editors still get theirs."""
    with suppress(IntegrityError), transaction.atomic():  # the certification or the person is gone
        ReminderStop.objects.get_or_create(certification_id=pk, user_id=user_pk)
        connection.check_constraints()


def _stop_digest(pk: int) -> None:
    DigestSubscription.objects.filter(pk=pk).delete()


def restart_reminders(pk: int, user_pk: int) -> None:
    """Restart one person's reminders of a certification."""
    ReminderStop.objects.filter(certification=pk, user=user_pk).delete()


def kinds() -> dict[str, Kind]:
    """Return all kinds, by their name in a link."""
    found = {
        "reminders": Kind("reminders of this certificate", stop_reminders),
        "digest": Kind("the weekly email", _stop_digest),
    }
    for more in more_kinds():
        found |= more
    return found
