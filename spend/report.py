"""A client's report for a period: its payments, what was known at the cut-off, and its rules, counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from certifications.models import CertificationType
from profiles.models import Client
from rollout.models import RolloutPolicy
from spend.counting import CountedEntry, Entry, Ledger, count
from spend.facts import countable, facts
from spend.holdings import Holding, holdings
from spend.models import Payment, SavedRules
from spend.models.payment import PaymentQuerySet
from spend.rules import Period, Rules
from spend.totals import Totals, cells, totals

# The columns of Payment that an Entry takes, in its order, without and with what is annotated.
STORED = (
    "external_id",
    "profile_id",
    "paid_on",
    "kind",
    "amount",
    "currency",
    "refers_to",
    "settled_amount",
    "settled_currency",
)
COLUMNS = (*STORED, "is_disputed")


class Report(NamedTuple):
    """The payments of a period, each with its verdict, and their sums.

    `held` has what it counted with: what each business held, by its key.
    """

    period: Period
    cutoff: datetime
    rules: Rules
    held: Mapping[int, Sequence[Holding]]
    counted: list[CountedEntry]
    totals: Totals


def after(day: date) -> datetime:
    """Return the cut-off that lets a report know everything that became known until the end of `day`, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def rules_of(client: Client, cutoff: datetime) -> Rules:
    """Return the client's rules as they were saved before `cutoff`, or the defaults."""
    saved = SavedRules.objects.filter(client=client, saved_at__lt=cutoff).first()
    return saved.plain() if saved else Rules()


def make(client: Client, period: Period, *, rules: Rules, cutoff: datetime, policy: RolloutPolicy) -> Report:
    """Return the report of `client` for `period`, from what was known before `cutoff`.

    The number of queries does not depend on the number of payments, except for refunds of refunds.
    """
    ledger = Ledger(_entries(Payment.objects.filter(client=client).known_before(cutoff), paid_on__range=period))
    held = held_by_payees(client, cutoff, policy)
    catalogue = list(CertificationType.objects.values_list("key", flat=True))
    counted = count(ledger, held, rules, period, catalogue)
    return Report(period, cutoff, rules, held, counted, totals(cells(counted), rules.order(catalogue)))


def of_payments(
    client: Client, numbers: Sequence[str], *, held: Mapping[int, Sequence[Holding]], rules: Rules, cutoff: datetime
) -> list[CountedEntry]:
    """Return the payments with these numbers, in their order, as a report has them.

    `held` has what each business held, by its key, as known before `cutoff`.
    """
    payments = Payment.objects.filter(client=client).known_before(cutoff)
    ledger = Ledger(_entries(payments, external_id__in=numbers))
    catalogue = list(CertificationType.objects.values_list("key", flat=True))
    found = {row.entry.number: row for row in count(ledger, held, rules, Period(date.min, date.max), catalogue)}
    return [found[number] for number in numbers]


def held_by_payees(client: Client, cutoff: datetime, policy: RolloutPolicy) -> dict[int, list[Holding]]:
    """Return what was known before `cutoff` of what the businesses that `client` ever paid held, by their keys."""
    payees = Payment.objects.filter(client=client).values("profile")
    records = countable(client, policy).filter(profile__in=payees)
    known = {profile: holdings(of_records, cutoff) for profile, of_records in facts(records).items()}
    return {profile: held for profile, held in known.items() if held}


def _entries(payments: PaymentQuerySet, **chosen: Any) -> Iterable[Entry]:
    """Return the payments that are `chosen` and those that they refer to, whenever these were made."""
    rows = payments.with_disputed().order_by("paid_on", "external_id").values_list(*COLUMNS)
    found = {row[0]: Entry(*row) for row in rows.filter(**chosen)}
    missing = {entry.refers_to for entry in found.values()} - found.keys() - {""}
    while missing:
        earlier = [Entry(*row) for row in rows.filter(external_id__in=missing)]
        found |= {entry.number: entry for entry in earlier}
        missing = {entry.refers_to for entry in earlier} - found.keys() - {""}
    return found.values()
