"""The time zone of the person who reads the administration, as their browser states it."""

import zoneinfo
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

COOKIE = "time_zone"  # set by static/js/time-zone.js


@cache
def _known() -> set[str]:
    """The names of places, such as America/New_York. What has no slash may be unknown to the database."""
    return {name for name in zoneinfo.available_timezones() if "/" in name}


def of(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """Return the zone that the browser stated, or UTC."""
    stated = request.COOKIES.get(f"__Host-{COOKIE}" if request.is_secure() else COOKIE, "")
    return zoneinfo.ZoneInfo(stated if stated in _known() else settings.TIME_ZONE)


def words() -> str:
    """Return the current zone to read, such as "New York time (EST)"."""
    name = timezone.get_current_timezone_name()
    place = name.rpartition("/")[2].replace("_", " ")
    return f"{place} time ({timezone.localtime():%Z})" if "/" in name else name
