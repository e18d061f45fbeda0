"""The four views of counted payments, which add up differently and reconcile to the cent. Pure.

Overlapping: each type has the full amount of its payments. Unduplicated: each payment once. Primary: each payment under
its first type alone. Split: each payment in equal parts under its types.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from spend.choices import OUTSIDE_THE_BASE, Reason
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

    def left_out(self, currency: str) -> list[tuple[Reason, str, Line]]:
        """Return what does not count: the reason, the currency and the sum. `currency`: of all but `elsewhere`."""
        return [
            *((reason, currency, line) for reason, line in self.not_counted.items() if line.payments),
            *((Reason.OTHER_CURRENCY, code, line) for code, line in self.elsewhere.items()),
        ]


class Cell(NamedTuple):
    """The payments with one verdict, added up: all count under the same types and level, or none for one reason."""

    types: tuple[str, ...]
    level: int | None
    reason: Reason | None
    currency: str
    amount: Decimal
    payments: int
    businesses: frozenset[int]

    @property
    def is_in_base(self) -> bool:
        return self.reason not in OUTSIDE_THE_BASE


def cells(counted: Iterable[CountedEntry]) -> list[Cell]:
    """Return the cells of `counted`. They are what PostgreSQL returns where it adds up the payments itself."""
    found: dict[tuple[tuple[str, ...], int | None, Reason | None, str], list[CountedEntry]] = defaultdict(list)
    for row in counted:
        found[tuple(row.types), row.level, row.reason, row.currency].append(row)
    return [
        Cell(
            *verdict,
            sum((row.amount for row in rows), Decimal(0)),
            len(rows),
            frozenset(row.payee for row in rows if row.payee is not None),
        )
        for verdict, rows in found.items()
    ]


def totals(cells: Sequence[Cell], types: Sequence[str]) -> Totals:
    """Return the sums of `cells` by each view. `types` are the accepted ones, in the order of the lines."""
    own = [cell for cell in cells if cell.reason != Reason.OTHER_CURRENCY]
    others = [cell for cell in cells if cell.reason == Reason.OTHER_CURRENCY]
    by_type = {key: [cell for cell in own if key in cell.types] for key in types}
    return Totals(
        base=line(cell for cell in own if cell.is_in_base),
        overlapping={key: line(found) for key, found in by_type.items()},
        unduplicated=line(cell for cell in own if cell.types),
        primary={key: line(cell for cell in found if cell.types[0] == key) for key, found in by_type.items()},
        split={key: line(found)._replace(amount=_parts(found)) for key, found in by_type.items()},
        not_counted={
            reason: line(cell for cell in own if cell.reason == reason)
            for reason in Reason
            if reason != Reason.OTHER_CURRENCY
        },
        elsewhere={
            currency: line(cell for cell in others if cell.currency == currency)
            for currency in sorted({cell.currency for cell in others})
        },
    )


def line(cells: Iterable[Cell]) -> Line:
    """Return the sum of `cells`, with each business once."""
    found = list(cells)
    businesses = frozenset[int]().union(*(cell.businesses for cell in found))
    amount = sum((cell.amount for cell in found), Decimal(0))
    return Line(amount, sum(cell.payments for cell in found), len(businesses))


def _parts(cells: Iterable[Cell]) -> Fraction:
    return sum((Fraction(cell.amount) / len(cell.types) for cell in cells), Fraction(0))


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
