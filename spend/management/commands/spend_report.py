import csv
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certifications.models import CertificationType, CertifyingBody
from profiles.models import Client
from rollout.models import RolloutPolicy
from spend import report, rules
from spend.choices import Reason
from spend.rules import BadRules, Period, Rules
from spend.totals import Amount, Line, Totals, share, shown

ALL = "all"  # the key of a line that is not divided
SHARE_PLACES = 10


class Printed(NamedTuple):
    """A line of the file. The header is the names of its fields."""

    view: str
    key: str
    amount: str
    payments: int
    businesses: int
    share_of_base: str


class Command(BaseCommand):
    help = "Prints what a client spent with certified businesses in a period, by type, and why the rest does not count."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client", help="the end of the client's address")
        parser.add_argument("--from", dest="starts_on", type=_day, required=True, metavar="D")
        parser.add_argument("--to", dest="ends_on", type=_day, required=True, metavar="D")
        parser.add_argument(
            "--as-of", type=_day, metavar="D", help="what was known at the end of this day, in UTC; now by default"
        )
        parser.add_argument(
            "--rules", type=Path, metavar="RULES.json", help="in place of the client's own; what is left out is default"
        )
        parser.add_argument("--csv", action="store_true", required=True, help="the format: CSV on standard output")

    def handle(
        self,
        client: str,
        starts_on: date,
        ends_on: date,
        as_of: date | None,
        rules: Path | None,
        **options: Any,
    ) -> None:
        if ends_on < starts_on:
            raise CommandError("--to is before --from.")
        buyer = Client.objects.filter(slug=client).first()
        if buyer is None:
            raise CommandError(f"There is no client {client}.")
        now = timezone.now()
        cutoff = report.after(as_of) if as_of and as_of < now.astimezone(UTC).date() else now
        made = report.make(
            buyer,
            Period(starts_on, ends_on),
            rules=_rules(rules) if rules else report.rules_of(buyer, cutoff),
            cutoff=cutoff,
            policy=RolloutPolicy.in_force(),
        )
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(Printed._fields)
        writer.writerows(_lines(made.totals))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} isn't a date like 2026-12-31.") from error


def _rules(path: Path) -> Rules:
    try:
        return rules.read(
            path.read_bytes(),
            types=list(CertificationType.objects.values_list("key", flat=True)),
            bodies=list(CertifyingBody.objects.values_list("key", flat=True)),
        )
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except BadRules as error:
        raise CommandError(f"{path}: {error}") from error


def _lines(totals: Totals) -> Iterator[Printed]:
    base = totals.base.amount
    yield _line("base", ALL, totals.base, base)
    for key, line in totals.overlapping.items():
        yield _line("overlapping", key, line, base)
    yield _line("unduplicated", ALL, totals.unduplicated, base)
    for key, line in totals.primary.items():
        yield _line("primary", key, line, base)
    for reason, line in totals.not_counted.items():
        yield _line("not_counted", reason.value, line, base)
    # Amounts in another currency have no share of a base in this one.
    for currency, line in totals.elsewhere.items():
        yield _line("not_counted", f"{Reason.OTHER_CURRENCY.value}:{currency}", line, base)._replace(share_of_base="")


def _line(view: str, key: str, line: Line, base: Amount) -> Printed:
    ratio = shown(share(line.amount, base), SHARE_PLACES)
    return Printed(view, key, f"{shown(line.amount):f}", line.payments, line.businesses, f"{ratio:f}")
