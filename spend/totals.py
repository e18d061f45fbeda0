"""The four views of counted payments, which add up differently and reconcile to the cent. Pure.

Overlapping: each type has the full amount of its payments. Unduplicated: each payment once. Primary: each payment under
its first type alone. Split: each payment in equal parts under its types.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from spend.choices import Reason
from spend.counting import CountedEntry

type Amount = Decimal | Fraction | int  # a third of an amount is no Decimal


class Line(NamedTuple):
    """A sum: its exact amount, how many payments are in it, and how many businesses."""

    amount: Amount
    payments: int
    businesses: int


class Totals(NamedTuple):
    """The sums of a report. Every accepted type and every reason has a line, so an empty one is there as 0.

    `elsewhere` has the payments that were settled in other currencies, by currency. They are in no other sum.
    """

    base: Line
    overlapping: dict[str, Line]
    unduplicated: Line
    primary: dict[str, Line]
    split: dict[str, Line]
    not_counted: dict[Reason, Line]
    elsewhere: dict[str, Line]


def totals(counted: Sequence[CountedEntry], types: Sequence[str]) -> Totals:
    """Return the sums of `counted` by each view. `types` are the accepted ones, in the order of the lines."""
    own = [row for row in counted if row.reason != Reason.OTHER_CURRENCY]
    others = [row for row in counted if row.reason == Reason.OTHER_CURRENCY]
    by_type = {key: [row for row in own if key in row.types] for key in types}
    return Totals(
        base=line(row for row in own if row.is_in_base),
        overlapping={key: line(rows) for key, rows in by_type.items()},
        unduplicated=line(row for row in own if row.held),
        primary={key: line(row for row in rows if row.types[0] == key) for key, rows in by_type.items()},
        split={key: line(rows)._replace(amount=_parts(rows)) for key, rows in by_type.items()},
        not_counted={
            reason: line(row for row in own if row.reason == reason)
            for reason in Reason
            if reason != Reason.OTHER_CURRENCY
        },
        elsewhere={
            currency: line(row for row in others if row.currency == currency)
            for currency in sorted({row.currency for row in others})
        },
    )


def line(rows: Iterable[CountedEntry]) -> Line:
    amount, payments, businesses = Decimal(0), 0, set()
    for row in rows:
        amount += row.amount
        payments += 1
        businesses.add(row.payee)
    return Line(amount, payments, len(businesses - {None}))


def _parts(rows: Iterable[CountedEntry]) -> Fraction:
    return sum((Fraction(row.amount) / len(row.held) for row in rows), Fraction(0))


def share(part: Amount, base: Amount) -> Fraction:
    """Return the exact share of `base`, or 0 if there is no base."""
    return Fraction(part) / Fraction(base) if base else Fraction(0)


def shown(number: Amount, places: int = 2) -> Decimal:
    """Return a number as it is shown: rounded half to even, the only rounding that there is."""
    scaled = round(Fraction(number) * 10**places)  # of a Fraction, Python rounds half to even
    return Decimal(scaled).scaleb(-places)


def percent(part: Amount, base: Amount, places: int = 1) -> Decimal:
    return shown(share(part, base) * 100, places)


def parts_differ(parts: Iterable[Amount], total: Amount, places: int = 2) -> bool:
    """Return True if the parts as shown do not add up to the total as shown, which a table must then say."""
    return sum((shown(part, places) for part in parts), Decimal(0)) != shown(total, places)
