"""A process that does what the pages of a client's spend do, and reads its own clock. A request is `["scan"]`."""

import io
import json
import sys
import time
from datetime import date, timedelta
from functools import partial
from random import Random

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

REQUESTS = 60  # a batch
ROWS = 1_000_000  # of the file that is imported
CLIENT = "spending-1"
HEADER = "external_id,client,profile_kind,profile,paid_on,kind,amount,currency,refers_to,cost_center,category\n"


def main():
    bench = Bench()
    for line in sys.stdin:
        [act] = json.loads(line)
        print(json.dumps(getattr(bench, act)()), flush=True)


class Bench:
    def __init__(self):
        from profiles.models import Client
        from rollout.models import RolloutPolicy
        from spend.rules import Period, Rules

        self.client, self.policy = Client.objects.get(slug=CLIENT), RolloutPolicy.in_force()
        self.rules = Rules(self_reported=True)
        today = timezone.now().date()
        first = (today - timedelta(days=360)).replace(day=1)
        self.period = Period(first, today)

    def pages(self):
        """Seconds of the sums that a page reads, and of SELECT 1, REQUESTS of each by turns."""
        from spend import sums

        read = partial(sums.current, self.client, self.period, rules=self.rules, policy=self.policy)
        read()
        taken = {"one": [], "overview": []}
        for _ in range(REQUESTS):
            taken["one"].append(timed(partial(fetched, "SELECT 1")))
            taken["overview"].append(timed(read))
        return taken

    def anew(self):
        """Seconds of the sums where nothing is kept."""
        from spend import sums

        cache.clear()
        return timed(partial(sums.current, self.client, self.period, rules=self.rules, policy=self.policy))

    def scan(self):
        return timed(partial(fetched, "SELECT count(*), sum(amount) FROM spend_payment"))

    def adding(self):
        """Seconds of adding up all payments of the client."""
        from certifications.models import CertificationType
        from spend import report
        from spend.judged import JudgedLedger

        cutoff = timezone.now()
        order = self.rules.order(list(CertificationType.objects.values_list("key", flat=True)))
        held = report.held_by_payees(self.client, cutoff, self.policy)
        judged = JudgedLedger.of(self.client, self.period, held=held, rules=self.rules, order=order, cutoff=cutoff)
        return timed(partial(judged.cells_by_part, self.period.quarters()))

    def read(self):
        """Seconds of an import and of a COPY of the same rows into the same table. Both are rolled back."""
        from spend import payments
        from spend.models import Payment

        file = self.file()
        with transaction.atomic():
            seconds = timed(lambda: payments.read(file, name="bench.csv"))
            newest = Payment.objects.filter(external_id__startswith="I-")
            assert newest.count() == ROWS
            with (
                connection.cursor() as cursor,
                cursor.copy("COPY (SELECT * FROM spend_payment WHERE external_id LIKE 'I-%') TO STDOUT") as copy,
            ):
                rows = [bytes(block) for block in copy]
            transaction.set_rollback(True)
        with transaction.atomic():
            copied = timed(partial(self.copy, rows))
            transaction.set_rollback(True)
        return {"import": seconds, "copy": copied}

    @staticmethod
    def copy(rows):
        with connection.cursor() as cursor, cursor.copy("COPY spend_payment FROM STDIN") as copy:
            for block in rows:
                copy.write(block)

    @staticmethod
    def file():
        from profiles.models import Profile

        random = Random(1)
        profiles = list(Profile.objects.order_by("pk").values_list("kind", "slug")[:1_000])
        lines = [HEADER]
        for number in range(ROWS):
            kind, slug = random.choice(profiles)
            day = date(2025, 1, 1) + timedelta(days=random.randrange(600))
            lines.append(
                f"I-{number},spending-{random.randint(1, 2_000)},{kind},{slug},{day},work,"
                f"{random.randrange(100, 999_999) / 100:.2f},USD,,CC-{random.randrange(30)},Design\n"
            )
        return io.BytesIO("".join(lines).encode())


def timed(act):
    clock = time.perf_counter()
    act()
    return time.perf_counter() - clock


def fetched(statement):
    with connection.cursor() as cursor:
        return cursor.execute(statement).fetchall()


if __name__ == "__main__":
    import django

    django.setup()
    main()
