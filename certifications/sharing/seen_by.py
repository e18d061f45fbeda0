"""The viewer log: profile views by clients, as the profile's editors read them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b, sha256
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, models
from django.db.models import Count, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from certifications.models import ClientView
from certifications.models.local_days import local_today
from profiles.forms import DirectoryForm
from profiles.models import Profile
from profiles.viewer import Viewer, ViewerClient

WEEKS = 12


def _client_of(viewer: Viewer) -> ViewerClient:
    """Return the client for whom `viewer` acts. Only views by members of a client are noted."""
    if viewer.client is None:
        raise ValueError("A viewer who acts for no client is not noted.")
    return viewer.client


def reader_keys(viewer: Viewer) -> list[int]:
    """Return the viewer's numbers for yesterday, today and tomorrow in UTC, each of which is today somewhere."""
    today = datetime.now(UTC).date()
    return [_reader_key(viewer, today + timedelta(days=days)) for days in (-1, 0, 1)]


def _reader_key(viewer: Viewer, day: date) -> int:
    """Return a number for the viewer, which depends on the day, the client and the site's secret."""
    secret = sha256(settings.SECRET_KEY.encode()).digest()
    who = f"{day:%Y%m%d}:{_client_of(viewer).pk}:{viewer.user.pk if viewer.user else 0}"
    return int.from_bytes(blake2b(who.encode(), key=secret, digest_size=8).digest(), signed=True)


def is_noted(
    profile_pk: int | OuterRef,
    viewer: Viewer,
    reader: int,
    *,
    surface: ClientView.Surface = ClientView.Surface.PAGE,
) -> QuerySet[ClientView]:
    """Return the rows that note this view already, inside a query for the records of the profile.

    The query for the badges asks whether there are any. `reader` stands for the viewer's numbers: only the one of the
    row's own day can be in it.
    """
    views = ClientView.objects.filter(profile=profile_pk, client=_client_of(viewer).pk, surface=surface)
    return views.filter(day=local_today(OuterRef), readers__overlap=[reader])


# No view is noted of a profile whose consent to be shown is gone by now: its data may just have been erased.
NOTE = """
INSERT INTO certifications_clientview AS view (profile_id, client_id, surface, day, filters, readers)
SELECT profile_id, %(client)s, %(surface)s, today, %(filters)s,
    ARRAY[(%(readers)s::bigint[])[2 + today - (now() AT TIME ZONE 'UTC')::date]]
FROM (
    SELECT profile_id, (now() AT TIME ZONE time_zone)::date AS today
    FROM certifications_consent JOIN profiles_profile AS profile ON profile.id = profile_id
    WHERE profile_id = ANY(%(profiles)s) AND purpose = 'show' AND is_given
    ORDER BY profile_id FOR KEY SHARE OF certifications_consent
) AS shown
ON CONFLICT (profile_id, client_id, surface, day) DO UPDATE SET readers = view.readers || EXCLUDED.readers
WHERE NOT view.readers @> EXCLUDED.readers
"""


def note(profile: Profile, viewer: Viewer, request: HttpRequest) -> None:
    """Note that `viewer`, as a member of their client, was shown the badges of `profile` today. One statement."""
    note_many([profile.pk], viewer, surface=ClientView.Surface.PAGE, filters=filters_of(request))


def note_many(
    profile_keys: Iterable[int], viewer: Viewer, *, surface: ClientView.Surface, filters: dict[str, Any]
) -> None:
    """Note that `viewer`, as a member of their client, was shown the badges of several profiles. One statement.

    `filters` holds the values of the search as JSON, by the names of the form's fields.
    """
    values: dict[str, Any] = {
        "profiles": sorted(profile_keys),
        "client": _client_of(viewer).pk,
        "surface": surface,
        "readers": reader_keys(viewer),
        "filters": connection.ops.adapt_json_value(filters, None),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values)


def filters_of(request: HttpRequest) -> dict[str, Any]:
    """Return the values of the directory's search, by field name, if `request` comes from the directory."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # a browser may send anything
        return {}
    if came_from.netloc != request.get_host() or came_from.path != reverse("directory"):
        return {}
    form = DirectoryForm(QueryDict(came_from.query))
    form.is_valid()
    return {
        name: value
        for name, value in form.cleaned_data.items()
        if value not in ("", None) and name not in ("after", "before")
    }


class Day(NamedTuple):
    """A day of the log with its views: client's name, surface and number of members."""

    day: date
    clients: list[tuple[str, str, int]]


PER_PAGE = 50


def log(profile: Profile, *, before: int | None = None) -> tuple[list[Day], int | None]:
    """Return a page of the log by day, newest first: PER_PAGE rows before the row with the key `before`.

    The second value is the key that the next page starts before, or None on the last page. One query.
    """
    views = ClientView.objects.filter(profile=profile)
    if before is not None:
        last = views.filter(pk=before).values("day")[:1]
        views = views.filter(models.Q(day__lt=last) | models.Q(day=last, pk__lt=before))
    rows = list(
        views.select_related("client")
        .only("day", "count", "surface", "client__name")
        .order_by("-day", "-pk")[: PER_PAGE + 1]
    )
    days = [
        Day(day, [(view.client.name, view.get_surface_display(), view.count) for view in found])
        for day, found in groupby(rows[:PER_PAGE], attrgetter("day"))
    ]
    return days, rows[PER_PAGE - 1].pk if len(rows) > PER_PAGE else None


class Week(NamedTuple):
    """A week, from its Monday: the number of clients that viewed the profile, and of their views."""

    monday: date
    clients: int
    views: int


def weeks(profile: Profile, *, until: date) -> list[Week]:
    """Return the last WEEKS weeks of the log up to that of `until`, oldest first. One query."""
    this_monday = until - timedelta(days=until.weekday())
    mondays = [this_monday - timedelta(weeks=number) for number in reversed(range(WEEKS))]
    counted = (
        ClientView.objects.filter(profile=profile, day__gte=mondays[0])
        .annotate(monday=TruncWeek("day"))
        .values_list("monday")
        .order_by("monday")
        .annotate(Count("client", distinct=True), Sum("count"))
    )
    found = {monday: (clients, views) for monday, clients, views in counted}
    return [Week(monday, *found.get(monday, (0, 0))) for monday in mondays]


def remove_old() -> int:
    """Delete the rows that are older than they may be kept. Return how many."""
    oldest = timezone.now().date() - timedelta(days=ClientView.KEPT_DAYS)
    return ClientView.objects.filter(day__lt=oldest).delete()[0]
