"""How a day is written on pages, in emails and in files."""

from datetime import datetime

from django.utils import timezone

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment):
    """A date, or the date of a moment in the time zone in force, to read: "Nov 3, 2026"; empty if there is none."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}" if moment else ""
