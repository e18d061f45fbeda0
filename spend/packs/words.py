"""The rules of an issued report in words, and the statement that its signer confirms."""

from typing import NamedTuple

from django.utils.text import get_text_list

from certifications.models import CertifyingBody, Step
from common.days import MONTHS
from spend.choices import DateRule, Kind, TierMode
from spend.models import IssuedReport

STATEMENT = "I have reviewed this report. To the best of my knowledge, it is complete and correct under its rules."


class Rule(NamedTuple):
    """A rule: its subject, and what it says."""

    name: str
    words: str


def rules_in_words(issued: IssuedReport) -> list[Rule]:
    """Return the rules of an issued report, as a person reads them. At most one query."""
    rules = issued.plain_rules()
    step = Step(rules.least_step)
    date_rule = DateRule(rules.date_rule).label
    return [
        Rule("Fiscal year", f"It begins in {MONTHS[rules.fiscal_year_start - 1]}."),
        Rule("Types, the primary one first", _listed(list(issued.names_of_types.values()))),
        Rule("Certifiers", _bodies(rules.bodies)),
        Rule("Kinds of certifiers", _all_or([CertifyingBody.Kind(kind).label for kind in rules.body_kinds or ()])),
        Rule("Self-reported certifications", "They count." if rules.self_reported else "They don't count."),
        Rule("Lowest verification level", f"{step.label}."),
        Rule(
            "When a certificate must be valid",
            f"{date_rule}: {rules.grace_days} days." if rules.date_rule == DateRule.GRACE else f"{date_rule}.",
        ),
        Rule("Base", _listed([Kind(kind).label for kind in rules.base_kinds])),
        Rule("Amounts", "What was paid, on the day it was paid. A refund counts as the payment it goes back to."),
        Rule("Currency", f"{rules.currency}. Payments settled in another currency are in no total."),
        Rule("Tier", f"{TierMode(rules.tier_mode).label}."),
    ]


def _listed(words: list[str]) -> str:
    return f"{get_text_list(words, 'and')}." if words else "None."


def _all_or(words: list[str]) -> str:
    return _listed(words) if words else "All of them."


def _bodies(keys: tuple[str, ...] | None) -> str:
    if keys is None:
        return "All of them."
    names = dict(CertifyingBody.objects.filter(key__in=keys).values_list("key", "name"))
    return _listed([names.get(key, key) for key in keys])
