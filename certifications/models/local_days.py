"""SQL for the days of a record: by the database's clock, in the time zone of its profile."""

from collections.abc import Callable
from datetime import timedelta

from django.db import models
from django.db.models import Expression, ExpressionWrapper, F, Q
from django.db.models.functions import Cast, Now

from profiles.models.profile import LocalTime


def local_day(moment: Expression | F, reference: Callable[[str], F] = F) -> Expression:
    """Return SQL for the date of `moment` in the time zone of a record's profile.

    `reference` is F, or OuterRef in a subquery of a query for records.
    """
    return Cast(LocalTime(reference("profile__time_zone"), moment), output_field=models.DateField())


def local_today(reference: Callable[[str], F] = F) -> Expression:
    """Return SQL for today's date in the time zone of a record's profile."""
    return local_day(Now(), reference)


def end_of(day: F, reference: Callable[[str], F] = F) -> Expression:
    """Return SQL for the moment when `day` is over in the time zone of a record's profile."""
    # A date plus an interval is a wall-clock time, and of that `timezone` makes a moment.
    return LocalTime(reference("profile__time_zone"), day + timedelta(days=1))


def not_hidden() -> Q:
    """Return the condition that a record is not hidden, or that the day until which it was hidden has come."""
    return Q(hidden_at=None) | Q(hidden_until__lte=local_today())


def time_left() -> Expression:
    """Return SQL for how long a record's last day is away where its owner lives: negative once it is over, or NULL."""
    return ExpressionWrapper(F("expires_on") - local_today(), models.DurationField())
