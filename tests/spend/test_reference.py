"""Random ledgers, put to the command and to a second, plain way of counting that shares no code with the first."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest

from certifications.models import Consent
from tests.factories import CertificationTypeFactory, ClientFactory, ProfileFactory
from tests.spend.test_report import certified, pay, printed, rules_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TYPES = ("minority", "woman", "lgbt", "veteran")
SLUGS = ("ann", "bea", "cay", "dee")
KINDS = ("work", "bonus", "expense", "platform_fee", "tax")
START, END = date(2025, 1, 1), date(2026, 6, 30)


class Row(NamedTuple):
    number: str
    slug: str
    day: date
    kind: str
    amount: Decimal
    to: str


class Certified(NamedTuple):
    slug: str
    type: str
    first: date
    last: date
    has_evidence: bool
    may_count: bool  # shown to the client, and agreed to be counted


def a_day(draw):
    return START + timedelta(days=draw.randrange(-60, (END - START).days + 60))


def a_ledger(draw):
    paid = [
        Row(f"P{n}", draw.choice(SLUGS), a_day(draw), draw.choice(KINDS), Decimal(draw.randrange(1, 99_999)) / 100, "")
        for n in range(14)
    ]
    back = [
        Row(f"R{n}", row.slug, row.day + timedelta(days=draw.randrange(90)), "refund", -row.amount / 2, row.number)
        for n, row in enumerate(draw.sample(paid, 4))
        if row.amount * 50 % 1 == 0
    ]
    return draw.sample(paid + back, len(paid + back))


def some_rules(draw):
    return {
        "fiscal_year_start": draw.randint(1, 12),
        "types": draw.sample(TYPES, draw.randint(1, 4)),
        "self_reported": draw.random() < 0.5,
        "date_rule": draw.choice(("at_payment", "any_time_in_fiscal_year", "grace")),
        "grace_days": draw.randrange(366),
        "primary_order": draw.sample(TYPES, draw.randint(0, 4)),
        "base_kinds": draw.sample(KINDS, draw.randint(1, 5)),
    }


def counts(certificate, day, rules):
    if not certificate.may_count or certificate.type not in rules["types"]:
        return False
    if not certificate.has_evidence and not rules["self_reported"]:
        return False
    if rules["date_rule"] == "any_time_in_fiscal_year":
        begins = date(day.year - (day.month < rules["fiscal_year_start"]), rules["fiscal_year_start"], 1)
        ends = date(begins.year + 1, begins.month, 1) - timedelta(days=1)
        return certificate.first <= ends and certificate.last >= begins
    grace = rules["grace_days"] if rules["date_rule"] == "grace" else 0
    return certificate.first <= day <= certificate.last + timedelta(days=grace)


def expected(ledger, certificates, rules):
    """The lines that are not empty, as (amount, payments, businesses), and what is in the base and does not count."""
    by_number = {row.number: row for row in ledger}
    lines = defaultdict(list)
    for row in ledger:
        paid = by_number[row.to] if row.to else row
        if not START <= row.day <= END or paid.kind not in rules["base_kinds"]:
            continue
        lines["base", "all"].append(row)
        held = [c for c in certificates if c.slug == paid.slug and counts(c, paid.day, rules)]
        types = {certificate.type for certificate in held if paid.kind not in ("platform_fee", "tax")}
        for key in types:
            lines["overlapping", key].append(row)
        if types:
            lines["unduplicated", "all"].append(row)
            lines["primary", next(key for key in (*rules["primary_order"], *TYPES) if key in types)].append(row)
    return {
        key: (f"{sum(row.amount for row in rows):.2f}", str(len(rows)), str(len({row.slug for row in rows})))
        for key, rows in lines.items()
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_command_agrees_with_a_plain_count(seed, tmp_path):
    draw = random.Random(seed)
    ClientFactory(slug="bright")
    for key in TYPES:
        CertificationTypeFactory(key=key)
    certificates = []
    for slug in SLUGS:
        profile = ProfileFactory(slug=slug)
        may_count = draw.random() < 0.7
        for key in draw.sample(TYPES, draw.randint(0, 2)):
            first = a_day(draw)
            held = Certified(
                slug, key, first, first + timedelta(days=draw.randrange(700)), draw.random() < 0.6, may_count
            )
            certificates.append(held)
            record = certified(
                key,
                profile,
                held.first.isoformat(),
                held.last.isoformat(),
                known_at="2026-08-01",
                step=1 if held.has_evidence else 0,
            )
            if not may_count and seed % 2:
                record.hide()
        if not may_count and not seed % 2:
            Consent.objects.filter(profile=profile, purpose=Consent.Purpose.COUNT).update(is_given=False)
    ledger, rules = a_ledger(draw), some_rules(draw)
    pay(*ledger)

    lines = printed("--from", START.isoformat(), "--to", END.isoformat(), *rules_file(tmp_path, **rules))

    filled = {key: line[:3] for key, line in lines.items() if key[0] != "not_counted" and line[1] != "0"}
    assert filled == expected(ledger, certificates, rules)
    inside = [line for key, line in lines.items() if key[0] == "not_counted" and key[1] != "excluded_kind"]
    assert sum(Decimal(line[0]) for line in inside) == Decimal(lines["base", "all"][0]) - Decimal(
        lines["unduplicated", "all"][0]
    )
