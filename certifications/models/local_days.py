"""SQL for days as a record counts them: by the calendar of where its owner lives and the database's clock."""

from django.db import models
from django.db.models import Expression, ExpressionWrapper, F, Q
from django.db.models.functions import Cast, Now

from profiles.models.profile import LocalTime


def local_day(moment: Expression | F, profile=F) -> Expression:
    """Return SQL for the date that `moment` has where a record's owner lives.

    `profile`: F, or OuterRef in a subquery of records.
    """
    return Cast(LocalTime(profile("profile__time_zone"), moment), output_field=models.DateField())


def local_today(profile=F) -> Expression:
    """Return SQL for the date it is where a record's owner lives: there the last day ends."""
    return local_day(Now(), profile)


def not_hidden() -> Q:
    """Return the condition that a record's owner has not hidden it by itself, or that its time of hiding is over."""
    return Q(hidden_at=None) | Q(hidden_until__lte=local_today())


def ended() -> Expression:
    """Return SQL for whether a record's last day is over where its owner lives."""
    return ExpressionWrapper(Q(expires_on__isnull=False, expires_on__lt=local_today()), models.BooleanField())
