"""From all payments in the ledger to what counts: steps that add up to the cent, in amounts and in numbers."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Case, Count, DecimalField, F, Q, Sum, When

from profiles.models import Client
from spend.choices import OUTSIDE_THE_BASE, Kind, Reason
from spend.models import Payment
from spend.rules import Period, Rules
from spend.totals import Amount, Totals


class Step(NamedTuple):
    """A step: a sum that is added or taken away, or the total that results. `filters` find its payments."""

    words: str
    amount: Amount
    payments: int
    filters: dict[str, Any]
    is_total: bool = False


class Reconciliation(NamedTuple):
    """The steps from the ledger to what counts. `elsewhere` was settled in other currencies, and is in no step."""

    steps: list[Step]
    elsewhere: list[Step]

    @property
    def is_complete(self) -> bool:
        """True if every total is what the steps before it add up to."""
        amount, payments = Fraction(0), 0
        for step in self.steps:
            if step.is_total and (step.amount, step.payments) != (amount, payments):
                return False
            if not step.is_total:
                amount, payments = amount + Fraction(step.amount), payments + step.payments
        return True


def reconcile(client: Client, period: Period, totals: Totals, *, rules: Rules, cutoff: datetime) -> Reconciliation:
    """Return the steps from the ledger as it was known at `cutoff` to the `totals` of the same period. One query.

    The kinds come from the ledger itself, and the rest from the count, so the totals compare the two.
    """
    own = {"currency": rules.currency}
    kinds = [
        Step(Kind(kind).label, amount, payments, own | {"kind": kind})
        for kind, amount, payments in _by_kind(client, period, rules, cutoff)
    ]
    base, counted = totals.base, totals.unduplicated
    steps = [
        *kinds,
        _total("All payments in the ledger", kinds, own),
        *_taken_away(totals, is_outside=True),
        Step("Payments in the total", base.amount, base.payments, {"show": "base"}, is_total=True),
        *_taken_away(totals, is_outside=False),
        Step(
            "Counts as spend with certified businesses",
            counted.amount,
            counted.payments,
            {"show": "counted"},
            is_total=True,
        ),
    ]
    elsewhere = [
        Step(currency, line.amount, line.payments, {"currency": currency})
        for currency, line in totals.elsewhere.items()
    ]
    return Reconciliation(steps, elsewhere)


def _by_kind(client: Client, period: Period, rules: Rules, cutoff: datetime) -> list[tuple[str, Decimal, int]]:
    """Return what was paid in the currency of the rules, by kind: amounts and numbers, in the order of kinds."""
    settled = Q(settled_currency=rules.currency, settled_amount__isnull=False) & ~Q(currency=rules.currency)
    paid = (
        Payment.objects.filter(settled | Q(currency=rules.currency), client=client, paid_on__range=period)
        .known_before(cutoff)
        .order_by()
        .values_list("kind")
        .annotate(
            total=Sum(Case(When(settled, then="settled_amount"), default=F("amount"), output_field=DecimalField())),
            payments=Count("pk"),
        )
    )
    found = {kind: (kind, amount, payments) for kind, amount, payments in paid}
    return [found[kind] for kind in Kind if kind in found]


def _total(words: str, steps: list[Step], filters: dict[str, str]) -> Step:
    amount = sum((Fraction(step.amount) for step in steps), Fraction(0))
    return Step(words, amount, sum(step.payments for step in steps), filters, is_total=True)


def _taken_away(totals: Totals, *, is_outside: bool) -> Iterator[Step]:
    """Yield what does not count for each reason, as less: outside the base, or in it."""
    for reason, line in totals.not_counted.items():
        if line.payments and (reason in OUTSIDE_THE_BASE) == is_outside and reason != Reason.OTHER_CURRENCY:
            yield Step(reason.label, -line.amount, -line.payments, {"reason": reason.value})
