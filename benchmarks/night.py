"""A process that does what the monitor does, and reads its own clock. A request is `["scan"]`, an answer seconds."""

import json
import sys
import time
from statistics import median

from django.db import connection, transaction

from benchmarks.nights import SMALL

PAGES = 40


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


def night():
    from impact import tallies

    return timed(lambda: tallies.tally(tallies.last_week()))


def page():
    """Of the monitor: all of what it reads and works out."""
    from impact.report import Report

    def read():
        report = Report()
        report.overall(), report.by_type(), report.by_plan(), report.trend()

    return median(timed(read) for _ in range(PAGES))


def small():
    """`page`, if there were SMALL exposures."""
    from certifications.models import ClientView

    with transaction.atomic():
        rows = list(ClientView.objects.all()[:SMALL])
        execute("TRUNCATE certifications_clientview")
        ClientView.objects.bulk_create(rows)
        night()
        seconds = page()
        transaction.set_rollback(True)
    return seconds


ACTS = {"scan": scan, "night": night, "page": page, "small": small}

if __name__ == "__main__":
    import django

    django.setup()
    main()
