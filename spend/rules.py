"""The rules of a client as plain values: what it accepts, when it counts, and what is in its base."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, NamedTuple, Self

import pycountry

from certifications.models import CertifyingBody, Step
from spend.choices import DateRule, Kind, TierMode

LONGEST_GRACE = 365  # days
QUARTER = 3  # months
# ISO 4217 also has codes for metals, units of account, funds and tests. No one is paid in those.
NO_MONEY = {
    *("XAD", "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"),
    *("BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW"),
}
CURRENCIES = frozenset(currency.alpha_3 for currency in pycountry.currencies) - NO_MONEY


class BadRules(ValueError):
    """The rules cannot be read. The text is a sentence that says why."""


class Period(NamedTuple):
    """The days from one to another. Both belong to it."""

    starts_on: date
    ends_on: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.starts_on <= day <= self.ends_on

    def quarters(self) -> list[Self]:
        """Return its quarters. It begins on the first day of a month, as a fiscal year does."""
        found, first = [], self.starts_on
        while first <= self.ends_on:
            following = first.month - 1 + QUARTER
            after = date(first.year + following // 12, following % 12 + 1, 1)
            found.append(type(self)(first, min(after - timedelta(days=1), self.ends_on)))
            first = after
        return found


@dataclass(frozen=True)
class Rules:
    """The rules of a client. Types and certifiers are named by their keys in the catalogue; None accepts all."""

    fiscal_year_start: int = 1  # the month
    types: tuple[str, ...] | None = None
    bodies: tuple[str, ...] | None = None
    body_kinds: tuple[str, ...] | None = None
    self_reported: bool = False
    least_step: int = Step.SELF_REPORTED.value
    date_rule: str = DateRule.AT_PAYMENT
    grace_days: int = 0
    primary_order: tuple[str, ...] = ()  # types that come first; the others follow in the catalogue's order
    base_kinds: tuple[str, ...] = (Kind.WORK, Kind.BONUS)
    tier_mode: str = TierMode.TIER_1
    currency: str = "USD"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the rules with these values by name, in which lists may stand for tuples. The rest is the default."""
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**plain)

    def fiscal_year(self, day: date) -> Period:
        """Return the fiscal year that `day` is in."""
        year = day.year if day.month >= self.fiscal_year_start else day.year - 1
        starts_on = date(year, self.fiscal_year_start, 1)
        return Period(starts_on, date(year + 1, self.fiscal_year_start, 1) - timedelta(days=1))

    def fiscal_year_named(self, year: int) -> Period:
        """Return the fiscal year that ends in the calendar year `year`."""
        return self.fiscal_year(date(year if self.fiscal_year_start == 1 else year - 1, self.fiscal_year_start, 1))

    def order(self, catalogue: Sequence[str]) -> list[str]:
        """Return the accepted types in the order in which one of them is primary. `catalogue` is all types in order."""
        accepted = [key for key in catalogue if self.types is None or key in self.types]
        return sorted(accepted, key=lambda key: (self._rank(key), accepted.index(key)))

    def _rank(self, key: str) -> int:
        return self.primary_order.index(key) if key in self.primary_order else len(self.primary_order)


class Check(NamedTuple):
    """A rule's values: a test of one, and the words for what it must be."""

    is_valid: Callable[[Any], bool]
    must_be: str


def _whole(least: int, most: int) -> Check:
    return Check(
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
        f"a whole number from {least} to {most}",
    )


def _one_of(values: Sequence[str]) -> Check:
    return Check(lambda value: isinstance(value, str) and value in values, f"one of {', '.join(values)}")


def _list_of(values: Sequence[str]) -> Check:
    return Check(
        lambda value: (
            isinstance(value, list | tuple)
            and all(isinstance(item, str) and item in values for item in value)
            and len(set(value)) == len(value)
        ),
        f"a list without repetitions, of {', '.join(values)}",
    )


def _checks(types: Sequence[str], bodies: Sequence[str]) -> dict[str, Check]:
    return {
        "fiscal_year_start": _whole(1, 12),
        "types": _list_of(types),
        "bodies": _list_of(bodies),
        "body_kinds": _list_of(CertifyingBody.Kind.values),
        "self_reported": Check(lambda value: isinstance(value, bool), "true or false"),
        "least_step": _whole(min(Step), max(Step)),
        "date_rule": _one_of(DateRule.values),
        "grace_days": _whole(0, LONGEST_GRACE),
        "primary_order": _list_of(types),
        "base_kinds": _list_of(Kind.values),
        "tier_mode": _one_of(TierMode.values),
        "currency": Check(lambda value: isinstance(value, str) and value in CURRENCIES, "an ISO code, like USD"),
    }


def problems(values: dict[str, Any], *, types: Sequence[str], bodies: Sequence[str]) -> dict[str, str]:
    """Return by name what is wrong with the values of rules. `types` and `bodies` are the keys in the catalogue."""
    checks = _checks(types, bodies)
    may_be_none = {field.name for field in fields(Rules) if field.default is None}
    wrong = {name: "There is no such rule." for name in values if name not in checks}
    for name, check in checks.items():
        if name in values and not (values[name] is None and name in may_be_none) and not check.is_valid(values[name]):
            wrong[name] = f"It must be {check.must_be}."
    return wrong


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Raise BadRules if a name is in it twice: no one can say which value is meant."""
    names = [name for name, _ in pairs]
    if again := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise BadRules(f"These rules are there more than once: {', '.join(again)}.")
    return dict(pairs)


def read(text: str | bytes, *, types: Sequence[str], bodies: Sequence[str]) -> Rules:
    """Return the rules in a JSON object. What it leaves out is the default. Raise BadRules."""
    try:
        values = json.loads(text, object_pairs_hook=_once)
    except BadRules:
        raise
    except (ValueError, RecursionError) as error:
        raise BadRules(f"This isn't JSON: {error}.") from error
    if not isinstance(values, dict):
        raise BadRules("The rules must be a JSON object.")
    if wrong := problems(values, types=types, bodies=bodies):
        raise BadRules(" ".join(f"{name}: {words}" for name, words in wrong.items()))
    return Rules.of(values)
