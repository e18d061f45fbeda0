"""The count: which payments count, under which types, or why not. Pure: nothing here reads the database.

A report is a function of the ledger, of what was known at its cut-off, and of the client's rules.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from spend.choices import FOLLOWING, NEVER_COUNTED, OUTSIDE_THE_BASE, Reason
from spend.holdings import Holding
from spend.rules import Period, Rules

HOW_FAR = {reason: position for position, reason in enumerate(Reason)}


class Entry(NamedTuple):
    """One payment of the ledger. `payee` is None once the profile is deleted."""

    number: str
    payee: int | None
    paid_on: date
    kind: str
    amount: Decimal
    currency: str
    refers_to: str = ""
    settled_amount: Decimal | None = None
    settled_currency: str = ""
    is_disputed: bool = False  # its payee says that it isn't theirs


class CountedEntry(NamedTuple):
    """A payment, its amount in the currency it is counted in, and whether it counts.

    `held` has the certificate of each type under which it counts, in the order in which one is primary. If it is empty,
    `reason` says why. `payee` is the business that the payment, or the one it refers to, was made to, and `judged_on`
    the day of that payment, on which a certificate has to be valid. `level` is the highest verification level of its
    certificates on that day, or None.
    """

    entry: Entry
    payee: int | None
    judged_on: date
    amount: Decimal
    currency: str
    held: tuple[Holding, ...]
    level: int | None
    reason: Reason | None

    @property
    def types(self) -> list[str]:
        return [holding.type for holding in self.held]

    @property
    def is_in_base(self) -> bool:
        return self.reason not in OUTSIDE_THE_BASE


class Verdict(NamedTuple):
    """The certificates under which payments to one business on one day count, or the reason why none do."""

    held: tuple[Holding, ...]
    level: int | None
    reason: Reason | None


class Stretch(NamedTuple):
    """Days, the first and the last included, on which all payments to a business have one verdict."""

    since: date
    until: date
    verdict: Verdict


class Ledger:
    """The payments of a client that were known at the cut-off, those before the period included."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = {entry.number: entry for entry in entries}

    def root(self, entry: Entry) -> Entry | None:
        """Return the payment that `entry` goes back to, or itself. None if a payment is missing or they go in circles.

        A refund has the classification of this payment: its kind, its business and its day.
        """
        passed = set()
        while entry.refers_to and entry.kind in FOLLOWING:
            passed.add(entry.number)
            found = self.entries.get(entry.refers_to)
            if found is None or found.number in passed:
                return None
            entry = found
        return entry

    def within(self, period: Period) -> Iterator[Entry]:
        return (entry for entry in self.entries.values() if entry.paid_on in period)


def count(
    ledger: Ledger, held: Mapping[int, Sequence[Holding]], rules: Rules, period: Period, catalogue: Sequence[str]
) -> list[CountedEntry]:
    """Return the payments of `period`, each with the types under which it counts or the reason why it does not.

    `held` has what each business held, by its key, as known at the cut-off. `catalogue` is the keys of all types.
    """
    order = rules.order(catalogue)
    known: dict[tuple[int | None, date], Verdict] = {}
    counted = []
    for entry in ledger.within(period):
        root = ledger.root(entry)
        amount, currency = in_currency(entry, rules.currency)
        payee, judged_on = (root.payee, root.paid_on) if root else (entry.payee, entry.paid_on)
        reason: Reason | None = None
        if currency != rules.currency:
            reason = Reason.OTHER_CURRENCY  # first, since no sum may mix currencies
        elif root is None:
            reason = Reason.UNKNOWN_PAYMENT
        elif root.kind not in rules.base_kinds:
            reason = Reason.EXCLUDED_KIND
        elif root.kind in NEVER_COUNTED:
            reason = Reason.FEE_OR_TAX
        elif root.is_disputed:
            reason = Reason.NO_CERTIFICATE  # no client learns who said that it isn't theirs
        if root is None or reason:
            counted.append(CountedEntry(entry, payee, judged_on, amount, currency, (), None, reason))
            continue
        key = payee, judged_on
        if key not in known:
            known[key] = verdict(held.get(payee, ()) if payee else (), judged_on, rules, order)
        counted.append(CountedEntry(entry, payee, judged_on, amount, currency, *known[key]))
    return counted


def in_currency(entry: Entry, currency: str) -> tuple[Decimal, str]:
    """Return the amount in `currency` if the payment was made or settled in it, else the original amount."""
    if entry.settled_amount is not None and entry.settled_currency == currency != entry.currency:
        return entry.settled_amount, currency
    return entry.amount, entry.currency


def verdict(held: Sequence[Holding], day: date, rules: Rules, order: Sequence[str]) -> Verdict:
    """Return the verdict on payments of `day` to a business that held `held`. `order` is the accepted types."""
    best: dict[str, Holding] = {}
    reasons = [Reason.NO_CERTIFICATE]
    for holding in held:
        if reason := holding.against(day, rules):
            reasons.append(reason)
        elif holding.type not in best or holding.step_on(day) > best[holding.type].step_on(day):
            best[holding.type] = holding
    if best:
        chosen = tuple(best[key] for key in order if key in best)
        return Verdict(chosen, max(holding.step_on(day) for holding in chosen), None)
    return Verdict((), None, max(reasons, key=HOW_FAR.__getitem__))


def stretches(held: Sequence[Holding], rules: Rules, order: Sequence[str]) -> list[Stretch]:
    """Return the verdicts on payments of all days to a business that held `held`, which is not empty."""
    turns = sorted(set[date]().union(*(holding.turning_days(rules) for holding in held)))
    before = turns[0] - timedelta(days=1)
    ends = [*(turn - timedelta(days=1) for turn in turns), date.max]
    return [
        Stretch(date.min if since == before else since, until, verdict(held, since, rules, order))
        for since, until in zip([before, *turns], ends, strict=True)
    ]
