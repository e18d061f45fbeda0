"""How old the data of registers is."""

from datetime import date, timedelta

from django.utils import timezone

GROWS_OLD_AFTER = timedelta(days=183)  # half a year: certificates last one to five


def old_before() -> date:
    """Return the day before which the data of a register's file is old."""
    return timezone.now().date() - GROWS_OLD_AFTER
