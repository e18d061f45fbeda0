"""Amounts, shares and periods as pages say them. `totals.shown` is the only rounding."""

from decimal import Decimal
from fractions import Fraction

from common.days import MONTHS, day
from spend.rules import Period, Rules
from spend.totals import Amount, percent, shown

MINUS = "\N{MINUS SIGN}"
NO_SHARE = "\N{EN DASH}"
DOLLARS = "USD"
LEAST_SHOWN = Decimal("0.1")  # percent


def money(amount: Amount, currency: str) -> str:
    """Return an amount with its currency and two decimals, such as "$1,250.00" or "EUR 1,250.00"."""
    rounded = shown(amount)
    sign = MINUS if rounded < 0 else ""
    before = "$" if currency == DOLLARS else f"{currency}\N{NO-BREAK SPACE}"
    return f"{sign}{before}{abs(rounded):,.2f}"


def difference(amount: Amount, currency: str) -> str:
    """Return what an amount differs by, with its sign, such as "+$250.00", or a dash for none."""
    return f"{'+' if amount > 0 else ''}{money(amount, currency)}" if amount else NO_SHARE


def percentage(part: Amount, base: Amount) -> str:
    """Return a share of `base` to one decimal, or a dash if there is no base. What is too small to see isn't "0.0%"."""
    if not base:
        return NO_SHARE
    found = percent(part, base)
    if part and abs(found) < LEAST_SHOWN:
        return f"less than {LEAST_SHOWN}%"
    return f"{found:f}%".replace("-", MINUS)


def points(amount: Amount) -> str:
    """Return what a share differs by, such as "+1.2 points", or a dash for none."""
    rounded = shown(Fraction(amount) * 100, 1)
    return f"{'+' if rounded > 0 else ''}{rounded:f} points".replace("-", MINUS) if rounded else NO_SHARE


def days(period: Period) -> str:
    """Return a period as it is read: "Jul 1, 2025 to Jun 30, 2026"."""
    return f"{day(period.starts_on)} to {day(period.ends_on)}"


def quarter(number: int, period: Period) -> str:
    """Return a quarter by its number in the fiscal year: "Q1, Jul to Sep 2025"."""
    first, last = period
    return f"Q{number}, {MONTHS[first.month - 1]} to {MONTHS[last.month - 1]} {last.year}"


def quarter_of(rules: Rules, period: Period) -> str:
    """Return a quarter as `quarter` does, with its number in the fiscal year of `rules`."""
    return quarter(rules.fiscal_year(period.starts_on).quarters().index(period) + 1, period)


def fiscal_year(rules: Rules, period: Period) -> str:
    """Return the name of a fiscal year: "2026", or "Fiscal year 2026" if it isn't the calendar year."""
    return str(period.ends_on.year) if rules.fiscal_year_start == 1 else f"Fiscal year {period.ends_on.year}"


def in_sentence(name: str) -> str:
    """Return the name of a fiscal year as it stands within a sentence: "2026", or "fiscal year 2026"."""
    return f"{name[0].lower()}{name[1:]}"
