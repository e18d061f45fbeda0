"""How far a client is with its goals. Pure: nothing here reads the database."""

from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from spend.rules import Period
from spend.totals import Amount


class Basis(Enum):
    """What a goal is measured by: an amount, or a percent of one of the two bases."""

    AMOUNT = "amount"
    ADDRESSABLE = "addressable"
    PAYMENTS = "payments"  # on the marketplace, so far


class Pace(Enum):
    """Where a client is with a goal today. The pace is even: each day brings the same."""

    NOT_BEGUN = "not begun"
    REACHED = "reached"
    AHEAD = "ahead"
    BEHIND = "behind"
    MISSED = "missed"


class Bases(NamedTuple):
    """The two bases of a fiscal year. `addressable` is None if it isn't entered for every day of it."""

    payments: Amount
    addressable: Decimal | None


class Progress(NamedTuple):
    """A goal as an amount, and how much of it counts so far. `due` is what an even pace reaches by today."""

    basis: Basis
    target: Amount
    due: Amount
    actual: Amount
    pace: Pace

    @property
    def missing(self) -> Amount:
        return max(Fraction(self.target) - Fraction(self.actual), Fraction(0))

    @property
    def ahead(self) -> Amount:
        """How much the client is ahead of the pace, or less than 0 if behind it."""
        return Fraction(self.actual) - Fraction(self.due)


def elapsed(period: Period, today: date) -> Fraction:
    """Return how much of a period is over at the end of `today`, from 0 to 1."""
    days = (period.ends_on - period.starts_on).days + 1
    return Fraction(min(max((today - period.starts_on).days + 1, 0), days), days)


def progress(
    *, amount: Decimal | None, percent: Decimal | None, actual: Amount, bases: Bases, over: Fraction
) -> Progress:
    """Return the progress toward a goal of an `amount` or a `percent`, when so much of the year is `over`.

    A percent is taken of the addressable spend of the whole year, if that is entered. Else it is taken of what was paid
    on the marketplace so far, which grows along with the year, so the pace of such a goal is the percent itself.
    """
    if amount is not None:
        basis, target = Basis.AMOUNT, Fraction(amount)
    elif bases.addressable is not None:
        basis, target = Basis.ADDRESSABLE, Fraction(bases.addressable) * Fraction(percent or 0) / 100
    else:
        basis, target = Basis.PAYMENTS, max(Fraction(bases.payments), Fraction(0)) * Fraction(percent or 0) / 100
    due = target if basis == Basis.PAYMENTS else target * over
    return Progress(basis, target, due, actual, _pace(basis, target, due, actual, over))


def _pace(basis: Basis, target: Fraction, due: Fraction, actual: Amount, over: Fraction) -> Pace:
    is_final = basis != Basis.PAYMENTS or over == 1
    if not over or not target:
        return Pace.NOT_BEGUN
    if is_final and actual >= target:
        return Pace.REACHED
    if over == 1:
        return Pace.MISSED
    return Pace.AHEAD if actual >= due else Pace.BEHIND
