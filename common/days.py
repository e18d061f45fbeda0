"""The format of dates on pages, in emails and in files."""

from datetime import date, datetime, timedelta

from django.utils import timezone

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment: date | None) -> str:
    """Return a date, or a moment's date in the current time zone, such as "Nov 3, 2026". Return "" for None."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}" if moment else ""


def in_days(duration: timedelta) -> str:
    """Return a duration to read: "3 hours", "1 day", "12 days"."""
    count, unit = (duration.days, "day") if duration.days else (duration.seconds // 3600, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'}" if count else "less than an hour"
