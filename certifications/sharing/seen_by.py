"""The log of clients that were shown a profile's certifications, which talent reads."""

from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b, sha256
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, models
from django.db.models import Count, Sum, Value
from django.db.models.functions import Cast, Now, TruncWeek
from django.http import QueryDict
from django.urls import reverse

from certifications.models import ClientView
from common.compiled import IsAmong
from profiles.forms import DirectoryForm
from profiles.models.profile import LocalTime

WEEKS = 12


def utc_today():
    """SQL for the date in UTC, by the database's clock."""
    return Cast(LocalTime(Value("UTC"), Now()), output_field=models.DateField())


def reader_key(viewer):
    """A number for who is looking: theirs for a day and a client, and of no meaning without the site's secret."""
    secret = sha256(settings.SECRET_KEY.encode()).digest()
    who = f"{datetime.now(UTC):%Y%m%d}:{viewer.client.pk}:{viewer.user.pk if viewer.user else 0}"
    return int.from_bytes(blake2b(who.encode(), key=secret, digest_size=8).digest(), signed=True)


def is_noted(profile_pk, client_pk, reader, *, surface=ClientView.Surface.PAGE):
    """The views that already say so: a queryset to ask for existence, within the query for what is shown."""
    views = ClientView.objects.filter(profile=profile_pk, client=client_pk, surface=surface, day=utc_today())
    return views.filter(IsAmong(Value(reader), models.F("readers")))


# Nothing is noted of a profile whose consent to be shown is gone by now: its data may just have been erased.
NOTE = """
INSERT INTO certifications_clientview AS view (profile_id, client_id, surface, day, filters, readers)
SELECT profile_id, %(client)s, %(surface)s, (now() AT TIME ZONE 'UTC')::date, %(filters)s, ARRAY[%(reader)s::bigint]
FROM (
    SELECT profile_id FROM certifications_consent
    WHERE profile_id = ANY(%(profiles)s) AND purpose = 'show' AND is_given ORDER BY profile_id FOR KEY SHARE
) AS shown
ON CONFLICT (profile_id, client_id, surface, day) DO UPDATE SET readers = view.readers || EXCLUDED.readers
WHERE NOT view.readers @> EXCLUDED.readers
"""


def note(profile, viewer, request) -> None:
    """Keep that `viewer`, acting for a client, was shown the certifications of `profile` today. One statement."""
    note_many([profile.pk], viewer, surface=ClientView.Surface.PAGE, filters=filters_of(request))


def note_many(profile_keys, viewer, *, surface, filters) -> None:
    """Keep that `viewer`, acting for a client, was shown the certifications of several profiles. One statement.

    `filters`: what was searched for, by the names of the form's fields, as JSON has it.
    """
    values = {
        "profiles": sorted(profile_keys),
        "client": viewer.client.pk,
        "surface": surface,
        "reader": reader_key(viewer),
        "filters": connection.ops.adapt_json_value(filters, None),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values)


def filters_of(request) -> dict:
    """What was searched for in the directory if that is where `request` comes from: dict by the form's field names."""
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
    """A day of the log, and who looked: list of (client's name, where, how many of its people)."""

    day: date
    clients: list


PER_PAGE = 50


def log(profile, *, before=None):
    """The newest rows of the log, PER_PAGE of them, before the row with the key `before`, by day.

    Returns a list of Day and the key after which older ones follow, or None. One query.
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
    """A week, from its Monday: how many clients looked, and on how many days they did taken together."""

    monday: date
    clients: int
    views: int
    # Where the chart draws it.
    x: int
    y: int
    height: int


CHART_HEIGHT, CHART_STEP = 80, 26


def weeks(profile, *, until):
    """The last WEEKS weeks of the log up to that of `until` (a date), oldest first: list of Week. One query."""
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
    most = max([clients for clients, _ in found.values()], default=1)
    told = []
    for number, monday in enumerate(mondays):
        clients, views = found.get(monday, (0, 0))
        height = round(CHART_HEIGHT * clients / most)
        told.append(Week(monday, clients, views, number * CHART_STEP, CHART_HEIGHT - height, height))
    return told


def remove_old():
    """Delete what is older than it may be kept. Returns how many rows."""
    oldest = utc_today() - Value(timedelta(days=ClientView.KEPT_DAYS))
    return ClientView.objects.filter(day__lt=oldest).delete()[0]
