"""The rules of a client in words, as pages, files and comparisons of two versions say them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from django.utils.dates import MONTHS

from certifications.models import CertificationType, CertifyingBody, Step
from spend import wording
from spend.choices import DateRule, Kind, TierMode
from spend.models import SavedRules
from spend.rules import Rules

# What the person who issues a report confirms.
STATEMENT = "I have reviewed this report. To the best of my knowledge, it is complete and correct under its rules."


class Said(NamedTuple):
    """One rule: what it is about, and what it says. `is_name`: names, which no browser should translate."""

    term: str
    value: str
    is_name: bool = False


@dataclass(frozen=True)
class Names:
    """The names of the types and certifiers of the catalogue, by key."""

    types: Mapping[str, str]
    bodies: Mapping[str, str]

    @classmethod
    def read(cls) -> Self:
        return cls(
            dict(CertificationType.objects.values_list("key", "name")),
            dict(CertifyingBody.objects.values_list("key", "name")),
        )


def said(rules: Rules, names: Names) -> list[Said]:
    """Return what `rules` say, in the order of the form."""
    return [
        Said("Fiscal year", f"Begins on {MONTHS[rules.fiscal_year_start]} 1"),
        Said("Accepted types", _accepted(rules.types, names.types)),
        Said("Accepted certifiers", _accepted(rules.bodies, names.bodies), is_name=bool(rules.bodies)),
        Said("Accepted kinds of certifiers", _accepted(rules.body_kinds, dict(CertifyingBody.Kind.choices))),
        Said("Lowest verification level that counts", Step(lowest_level(rules)).label),
        Said("When a certificate has to be valid", _date_rule(rules)),
        Said("Type that comes first", _order(rules, names)),
        Said("Payments in the total", _listed(rules.base_kinds, dict(Kind.choices)) or "None"),
        Said("Tier", TierMode(rules.tier_mode).label),
        Said("Currency", rules.currency, is_name=True),
    ]


def said_addressable(saved: SavedRules | None) -> list[Said]:
    """Return what a version of the rules says about addressable spend."""
    return [
        Said(
            f"Addressable spend, {wording.days(row.period)}", f"{wording.money(row.amount, saved.currency)}, {row.note}"
        )
        for row in (saved.addressable.all() if saved else [])
        if saved
    ]


def removed(before: Iterable[Said], now: Iterable[Said]) -> list[Said]:
    """Return that rules which were there are gone."""
    kept = {said.term for said in now}
    return [Said(said.term, "Removed") for said in before if said.term not in kept]


def lowest_level(rules: Rules) -> int:
    """Return the lowest verification level that counts. Two rules decide it: self-reported or not, and the least."""
    return rules.least_step if rules.self_reported else max(rules.least_step, Step.DOCUMENT.value)


def _accepted(keys: Sequence[str] | None, names: Mapping[str, str]) -> str:
    if keys is None:
        return "All"
    return _listed(keys, names) or "None"


def _listed(keys: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in keys)


def _date_rule(rules: Rules) -> str:
    words = DateRule(rules.date_rule).label
    return f"{words}: {rules.grace_days} days" if rules.date_rule == DateRule.GRACE else words


def _order(rules: Rules, names: Names) -> str:
    if not rules.primary_order:
        return "In the order of our catalog"
    return f"{_listed(rules.primary_order, names.types)}, then the others in the order of our catalog"
