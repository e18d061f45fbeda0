"""What the editors of a profile learn: which payments to it count for which clients, and under which certificates."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet, Value

from certifications.models import Certification, CertificationType
from profiles.models import Client, Profile
from rollout.models import RolloutPolicy
from spend.counting import CountedEntry, Entry, Ledger, count
from spend.facts import countable, facts
from spend.holdings import Holding, holdings
from spend.models import Payment, SavedRules
from spend.report import COLUMNS
from spend.rules import Period, Rules

EVER = Period(date.min, date.max)


class Summary(NamedTuple):
    """The payments of a fiscal year that count under one certificate, named by the keys of its type and certifier."""

    year: Period
    type: str
    body: str
    payments: int
    amount: Decimal


class Received(NamedTuple):
    """What one client paid to a profile: each payment as its reports count it now, newest first."""

    client: Client
    rules: Rules
    rows: list[CountedEntry]

    @property
    def summaries(self) -> list[Summary]:
        """The payments that count, by fiscal year and certificate. One that counts under several is in each."""
        found = defaultdict(list)
        for row in self.rows:
            for holding in row.held:
                found[self.rules.fiscal_year(row.entry.paid_on), holding.type, holding.body].append(row)
        lines = [Summary(*key, len(rows), sum((row.amount for row in rows), Decimal(0))) for key, rows in found.items()]
        return sorted(lines, key=lambda summary: (-summary.year.starts_on.toordinal(), summary.type, summary.body))


def payers(profile: Profile) -> QuerySet[Client]:
    """Return the clients that paid `profile`, by name."""
    paid = Payment.objects.current().filter(profile=profile)
    return Client.objects.filter(pk__in=paid.values("client")).order_by("name", "pk")


def received(profile: Profile, clients: Sequence[Client], policy: RolloutPolicy, *, now: datetime) -> list[Received]:
    """Return what each of `clients` paid to `profile`. The queries do not depend on how many clients or payments.

    Clients that may count different certifications take a few more.
    """
    ledgers = _ledgers(profile, clients, now)
    held = _held(profile, clients, policy, now)
    saved = SavedRules.objects.filter(client__in=clients).order_by("client_id", "-pk").distinct("client_id")
    rules = {row.client_id: row.plain() for row in saved}
    catalogue = list(CertificationType.objects.values_list("key", flat=True))
    found = []
    for client in clients:
        own = rules.get(client.pk, Rules())
        counted = count(ledgers[client.pk], {profile.pk: held[client.pk]}, own, EVER, catalogue)
        rows = sorted(
            (row for row in counted if row.payee == profile.pk),
            key=lambda row: (row.entry.paid_on, row.entry.number),
            reverse=True,
        )
        found.append(Received(client, own, rows))
    return found


def _ledgers(profile: Profile, clients: Sequence[Client], now: datetime) -> dict[int, Ledger]:
    """Return the payments to `profile` by client, with those that they refer to."""
    known = Payment.objects.filter(client__in=clients).known_before(now).with_disputed()
    rows = known.values_list("client", *COLUMNS)
    entries: dict[str, tuple[int, Entry]] = {}
    missing: set[str] = set()
    found: Iterable[tuple] = rows.filter(profile=profile)
    while True:
        entries |= {number: (client, Entry(number, *rest)) for client, number, *rest in found}
        missing = {entry.refers_to for _, entry in entries.values()} - entries.keys() - missing - {""}
        if not missing:
            break
        found = rows.filter(external_id__in=missing)
    return {client.pk: Ledger(entry for key, entry in entries.values() if key == client.pk) for client in clients}


def _held(
    profile: Profile, clients: Sequence[Client], policy: RolloutPolicy, now: datetime
) -> dict[int, list[Holding]]:
    """Return by client what it may count of what `profile` held. One query asks the rule for all of them."""
    asked = [
        countable(client, policy).filter(profile=profile).order_by().values_list(Value(client.pk), "pk")
        for client in clients
    ]
    shown: dict[int, set[int]] = {client.pk: set() for client in clients}
    if asked:
        for client, record in asked[0].union(*asked[1:], all=True):
            shown[client].add(record)
    known = {
        records: holdings(facts(Certification.objects.filter(pk__in=records)).get(profile.pk, []), now)
        for records in {frozenset(records) for records in shown.values()}
    }
    return {client: known[frozenset(records)] for client, records in shown.items()}
