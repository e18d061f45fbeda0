"""What holds for every ledger: the views reconcile, and the order of things does not matter."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spend.choices import NEVER_COUNTED, OUTSIDE_THE_BASE, RETURNED, DateRule, Kind
from spend.counting import Entry
from spend.rules import Rules
from tests.spend.examples import CATALOGUE, counted, moment, record, sums

pytestmark = pytest.mark.slow

FEW = settings(max_examples=30)
FIRST, LAST = date(2024, 1, 1), date(2027, 12, 31)
DAYS = st.dates(FIRST, LAST)
PAYEES = st.integers(1, 4)
CENTS = st.integers(0, 500_000).map(lambda cents: Decimal(cents) / 100)
PAID = sorted(set(Kind) - RETURNED - {Kind.ADJUSTMENT})


@st.composite
def ledgers(draw, *, with_returns=True):
    """Payments, and refunds, chargebacks and adjustments of some of them, or of none that exists."""
    entries = [
        Entry(f"P{n}", payee, day, kind, amount, draw(st.sampled_from(["USD", "USD", "USD", "EUR"])))
        for n, (payee, day, kind, amount) in enumerate(
            draw(st.lists(st.tuples(PAYEES, DAYS, st.sampled_from(PAID), CENTS), max_size=12))
        )
    ]
    if with_returns:
        numbers = [entry.number for entry in entries] + ["R0", "none"]
        returns = st.tuples(st.sampled_from(numbers), DAYS, st.sampled_from(sorted(RETURNED)), CENTS)
        entries += [
            Entry(f"R{n}", 1, day, kind, -amount, "USD", number)
            for n, (number, day, kind, amount) in enumerate(draw(st.lists(returns, max_size=6)))
            if number != f"R{n}"
        ]
    return entries


@st.composite
def facts(draw):
    """What each business holds, known from different days on."""
    found = {}
    for payee in range(1, 5):
        terms = draw(
            st.lists(
                st.tuples(st.sampled_from(CATALOGUE), DAYS, st.integers(0, 900), st.integers(0, 3), DAYS), max_size=3
            )
        )
        found[payee] = [
            record(
                key,
                starts_on.isoformat(),
                (starts_on + timedelta(days=length)).isoformat(),
                step=step,
                known_at=moment(known_on.isoformat()),
            )
            for key, starts_on, length, step, known_on in terms
        ]
    return found


RULES = st.builds(
    Rules,
    fiscal_year_start=st.integers(1, 12),
    types=st.none() | st.lists(st.sampled_from(CATALOGUE), unique=True).map(tuple),
    self_reported=st.booleans(),
    least_step=st.integers(0, 3),
    date_rule=st.sampled_from(DateRule.values),
    grace_days=st.integers(0, 365),
    primary_order=st.lists(st.sampled_from(CATALOGUE), unique=True).map(tuple),
    base_kinds=st.lists(st.sampled_from(Kind.values), unique=True).map(tuple),
)


@FEW
@given(ledgers(), facts(), RULES)
def test_the_views_reconcile_to_the_cent(entries, records, rules):
    found = sums(entries, records, rules=rules)

    inside = found.not_counted.keys() - OUTSIDE_THE_BASE
    assert found.base.amount == found.unduplicated.amount + sum(found.not_counted[r].amount for r in inside)
    assert found.base.payments == found.unduplicated.payments + sum(found.not_counted[r].payments for r in inside)
    assert sum(line.amount for line in found.primary.values()) == found.unduplicated.amount
    assert sum(line.payments for line in found.primary.values()) == found.unduplicated.payments
    assert sum((Fraction(line.amount) for line in found.split.values()), Fraction(0)) == found.unduplicated.amount


@FEW
@given(ledgers(), facts(), RULES)
def test_every_payment_of_the_ledger_is_in_the_sums_once(entries, records, rules):
    found = sums(entries, records, rules=rules)

    lines = [found.unduplicated, *found.not_counted.values(), *found.elsewhere.values()]
    assert sum(line.payments for line in lines) == len(entries)
    assert sum(line.amount for line in lines) == sum(entry.amount for entry in entries)


@FEW
@given(ledgers(with_returns=False), facts(), RULES)
def test_overlapping_is_at_least_unduplicated_and_that_at_least_the_largest_type(entries, records, rules):
    found = sums(entries, records, rules=rules)

    by_type = [line.amount for line in found.overlapping.values()]
    assert sum(by_type) >= found.unduplicated.amount >= max(by_type, default=0)


@FEW
@given(ledgers(), facts(), RULES, st.randoms())
def test_the_order_of_the_ledger_and_of_the_facts_does_not_matter(entries, records, rules, random):
    shuffled = random.sample(entries, len(entries))
    other_way = {payee: known[::-1] for payee, known in reversed(records.items())}

    assert sums(shuffled, other_way, rules=rules) == sums(entries, records, rules=rules)


@FEW
@given(ledgers(with_returns=False), facts(), RULES)
def test_refunds_of_everything_leave_nothing(entries, records, rules):
    refunds = [
        Entry(f"R{entry.number}", entry.payee, LAST, Kind.REFUND, -entry.amount, entry.currency, entry.number)
        for entry in entries
    ]

    found = sums(entries + refunds, records, rules=rules)

    lines = [found.base, found.unduplicated, *found.overlapping.values(), *found.primary.values()]
    assert {line.amount for line in lines} == {0}


@FEW
@given(ledgers(), facts(), RULES, DAYS, CENTS)
def test_a_payment_to_a_business_without_certificates_changes_only_the_base(entries, records, rules, day, amount):
    rules = replace(rules, base_kinds=(Kind.WORK,))
    before = sums(entries, records, rules=rules)
    after = sums([*entries, Entry("new", 99, day, Kind.WORK, amount, "USD")], records, rules=rules)

    assert after.base.amount == before.base.amount + amount
    assert (after.unduplicated, after.overlapping, after.primary, after.split) == (
        before.unduplicated,
        before.overlapping,
        before.primary,
        before.split,
    )


@FEW
@given(ledgers(), facts(), RULES)
def test_a_grace_of_no_days_is_no_grace(entries, records, rules):
    grace = replace(rules, date_rule=DateRule.GRACE, grace_days=0)

    assert sums(entries, records, rules=grace) == sums(
        entries, records, rules=replace(grace, date_rule=DateRule.AT_PAYMENT)
    )


@FEW
@given(ledgers(with_returns=False), facts(), RULES)
def test_accepting_more_never_lowers_what_counts(entries, records, rules):
    wider = [
        replace(rules, types=None),
        replace(rules, self_reported=True),
        replace(rules, least_step=0),
        replace(rules, date_rule=DateRule.GRACE, grace_days=365)
        if rules.date_rule == DateRule.AT_PAYMENT
        else replace(rules, grace_days=365),
    ]

    before = sums(entries, records, rules=rules).unduplicated.amount
    assert all(sums(entries, records, rules=wide).unduplicated.amount >= before for wide in wider)


@FEW
@given(ledgers(), facts(), RULES, DAYS)
def test_what_became_known_after_the_cutoff_changes_nothing(entries, records, rules, day):
    cutoff = moment(day.isoformat())
    known = {
        payee: [fact for fact in found if fact.statements[0].known_at < cutoff] for payee, found in records.items()
    }

    assert sums(entries, records, rules=rules, cutoff=cutoff) == sums(entries, known, rules=rules, cutoff=cutoff)


@FEW
@given(ledgers(), facts(), RULES)
def test_a_business_that_withdrew_is_in_no_counted_payment(entries, records, rules):
    left = {payee: known for payee, known in records.items() if payee != 1}

    assert not [row for row in counted(entries, left, rules=rules) if row.payee == 1 and row.held]


@FEW
@given(ledgers(), facts(), RULES)
def test_a_refund_has_the_types_of_the_payment_that_it_gives_back(entries, records, rules):
    rows = {row.entry.number: row for row in counted(entries, records, rules=rules)}

    for row in rows.values():
        paid = rows.get(row.entry.refers_to)
        if paid and not paid.entry.refers_to and paid.currency == row.currency == "USD":
            assert (row.types, row.reason, row.payee) == (paid.types, paid.reason, paid.payee)


@FEW
@given(ledgers(), facts(), RULES)
def test_fees_and_taxes_never_count(entries, records, rules):
    assert not [row for row in counted(entries, records, rules=rules) if row.entry.kind in NEVER_COUNTED and row.held]
