"""A process that does what the monitor does, and reads its own clock. A request is `["scan"]`, an answer seconds."""

import json
import sys
import time
from statistics import median
from typing import cast

from django.db import connection, transaction

PAGES = 40
SMALL = 1_000
WEEKS = 8  # that are summed up before the one that is measured


def main():
    for line in sys.stdin:
        [act] = json.loads(line)
        print(json.dumps(ACTS[act]()), flush=True)


def timed(act):
    clock = time.perf_counter()
    act()
    return time.perf_counter() - clock


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def scan():
    return timed(lambda: execute("SELECT count(*), max(day), sum(client_id) FROM certifications_clientview"))


def before():
    from impact import tallies

    return timed(lambda: [tallies.write(tallies.last_week() - number * tallies.WEEK) for number in range(WEEKS, 0, -1)])


def night():
    """The last week's sums, which are not written yet, and its alarms."""
    from impact import alarms, tallies

    with transaction.atomic():
        seconds = timed(lambda: (tallies.write(tallies.last_week()), alarms.raise_due(tallies.last_week())))
        transaction.set_rollback(True)
    return seconds


def page():
    """Of the monitor, as it is served: its view and its template."""
    from django.contrib import admin
    from django.test import RequestFactory

    from impact.models import Tally
    from profiles.models import User
    from rollout.middleware import PolicyRequest
    from rollout.models import RolloutPolicy

    request = RequestFactory().get("/admin/impact/tally/")
    request.user, _ = User.objects.get_or_create(
        email="monitor@bench.example", defaults={"is_staff": True, "is_superuser": True}
    )
    cast(PolicyRequest, request).policy = RolloutPolicy.in_force()
    view = admin.site._registry[Tally].changelist_view
    view(request)
    return median(timed(lambda: view(request)) for _ in range(PAGES))


def small():
    """`page`, as if there were SMALL exposures."""
    from certifications.models import ClientView

    with transaction.atomic():
        rows = list(ClientView.objects.all()[:SMALL])
        execute("TRUNCATE certifications_clientview")
        ClientView.objects.bulk_create(rows)
        seconds = page()
        transaction.set_rollback(True)
    return seconds


ACTS = {"before": before, "scan": scan, "night": night, "page": page, "small": small}

if __name__ == "__main__":
    import django

    django.setup()
    main()
