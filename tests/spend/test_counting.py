"""The reason for every payment that does not count, and what refunds and currencies do."""

from decimal import Decimal

import pytest

from spend.choices import DateRule, Kind, Reason
from spend.holdings import Suspension
from spend.rules import Rules
from tests.spend.examples import amounts, counted, day, entry, moment, record, sums

YEAR = ("2026-01-01", "2026-12-31")


def reason(records, rules=None, paid_on="2026-08-10"):
    [row] = counted([entry(1, 1, paid_on, 100)], {1: records}, rules=rules)
    return row.reason


@pytest.mark.parametrize(
    ("held", "rules", "expected"),
    [
        (record("woman", *YEAR), Rules(), None),
        (record("woman", *YEAR), Rules(types=("minority",)), Reason.TYPE),
        (record("woman", *YEAR), Rules(types=()), Reason.TYPE),
        (record("woman", *YEAR), Rules(bodies=("another",)), Reason.BODY),
        (record("woman", *YEAR), Rules(bodies=("council",)), None),
        (record("woman", *YEAR), Rules(body_kinds=("state",)), Reason.BODY),
        (record("woman", *YEAR), Rules(body_kinds=("national",)), None),
        (record("woman", "2026-08-11", "2027-01-01"), Rules(), Reason.NOT_YET),
        (record("woman", "2026-08-10", "2026-08-10"), Rules(), None),
        (record("woman", "2025-01-01", "2026-08-09"), Rules(), Reason.EXPIRED),
        (record("woman", "2026-09-01", "2026-08-09"), Rules(), Reason.EXPIRED),  # reported after it had expired
        (record("woman", "2025-01-01", None), Rules(), None),
        (record("woman", *YEAR, step=0), Rules(), Reason.SELF_REPORTED),
        (record("woman", *YEAR, step=0), Rules(self_reported=True), None),
        (record("woman", *YEAR, step=0), Rules(self_reported=True, least_step=1), Reason.STEP),
        (record("woman", *YEAR, step=1), Rules(least_step=2), Reason.STEP),
        (record("woman", *YEAR, step=2), Rules(least_step=2), None),
    ],
)
def test_each_rule_has_its_reason(held, rules, expected):
    assert reason([held], rules) == expected


def test_a_business_without_certificates_has_its_own_reason():
    assert reason([]) == Reason.NO_CERTIFICATE


@pytest.mark.parametrize("turn", [1, -1])
def test_the_reason_is_that_of_the_certificate_that_came_closest(turn):
    held = [record("minority", *YEAR), record("woman", "2025-01-01", "2025-12-31"), record("lgbt", *YEAR, step=0)]

    assert reason(held[:2][::turn], Rules(types=("woman",))) == Reason.EXPIRED
    assert reason(held[::turn], Rules(types=("woman", "lgbt"))) == Reason.SELF_REPORTED


def test_the_best_verified_of_two_certificates_of_a_type_is_the_one_named():
    held = [record("woman", *YEAR, step=1), record("woman", *YEAR, step=3), record("woman", *YEAR, step=2)]

    [row] = counted([entry(1, 1, "2026-08-10", 100)], {1: held})

    assert [holding.step_on(day("2026-08-10")) for holding in row.held] == [3]


@pytest.mark.parametrize(
    ("paid_on", "cutoff", "expected"),
    [
        ("2026-07-31", "2026-12-01", None),
        ("2026-08-01", "2026-12-01", Reason.NO_CERTIFICATE),
        ("2026-08-31", "2026-12-01", Reason.NO_CERTIFICATE),
        ("2026-09-01", "2026-12-01", None),
        ("2026-08-10", "2026-08-01", None),  # not suspended yet, as far as was known
        ("2026-09-01", "2026-08-15", Reason.NO_CERTIFICATE),  # not lifted yet, as far as was known
    ],
)
def test_payments_during_a_suspension_do_not_count_and_nothing_says_why(paid_on, cutoff, expected):
    held = record("woman", *YEAR)._replace(suspensions=(Suspension(moment("2026-08-01"), moment("2026-09-01")),))

    [row] = counted([entry(1, 1, paid_on, 100)], {1: [held]}, cutoff=moment(cutoff))

    assert row.reason == expected


def test_in_a_grace_period_the_evidence_of_the_last_day_stands():
    held = record("woman", "2025-01-01", "2026-07-31")
    held = held._replace(proofs=tuple(proof._replace(holds_until=day("2026-07-31")) for proof in held.proofs))

    assert reason([held], Rules(date_rule=DateRule.GRACE, grace_days=30)) is None
    assert reason([held], Rules(date_rule=DateRule.GRACE, grace_days=9)) == Reason.EXPIRED


def test_evidence_that_lapsed_before_the_payment_is_no_evidence_of_that_day():
    held = record("woman", *YEAR)
    held = held._replace(proofs=tuple(proof._replace(holds_until=day("2026-08-09")) for proof in held.proofs))

    assert reason([held]) == Reason.SELF_REPORTED
    assert reason([held], paid_on="2026-08-09") is None


def test_a_refund_counts_as_its_payment_did_and_in_its_own_period():
    entries = [
        entry("A", 1, "2025-12-31", 500),
        entry("B", 1, "2026-01-15", -200, Kind.REFUND, refers_to="A"),
        entry("C", 1, "2026-02-15", 50, Kind.ADJUSTMENT, refers_to="B"),
    ]
    held = {1: [record("woman", "2025-01-01", "2025-12-31")]}

    later = sums(entries, held, period=YEAR)

    assert amounts(later.overlapping) == {"woman": -150}
    assert (later.base.amount, later.unduplicated.payments) == (-150, 2)
    assert amounts(sums(entries, held, period=("2025-01-01", "2025-12-31")).overlapping) == {"woman": 500}


def test_a_refund_of_what_is_not_in_the_base_is_not_in_it_either():
    entries = [
        entry("A", 1, "2026-01-01", 100, Kind.PLATFORM_FEE),
        entry("B", 1, "2026-01-15", -40, Kind.REFUND, refers_to="A"),
    ]

    found = sums(entries, {})

    assert found.base.payments == 0
    assert found.not_counted[Reason.EXCLUDED_KIND].amount == 60


def test_refunds_of_nothing_known_or_of_each_other_are_in_no_sum():
    entries = [
        entry("A", 1, "2026-01-01", -1, Kind.REFUND, refers_to="nothing"),
        entry("B", 1, "2026-01-01", -2, Kind.REFUND, refers_to="C"),
        entry("C", 1, "2026-01-01", -4, Kind.REFUND, refers_to="B"),
    ]

    found = sums(entries, {1: [record("woman", *YEAR)]})

    assert found.not_counted[Reason.UNKNOWN_PAYMENT].amount == -7
    assert found.base.payments == found.unduplicated.payments == 0


def test_a_payment_counts_in_the_currency_in_which_it_was_made_or_settled():
    entries = [
        entry("A", 1, "2026-01-01", 100),
        entry("B", 1, "2026-01-01", 80, currency="EUR", settled_amount=Decimal("93.60"), settled_currency="USD"),
        entry("C", 1, "2026-01-01", 70, currency="EUR"),
        entry("D", 1, "2026-01-01", 5, Kind.TAX, currency="JPY"),
    ]

    in_dollars = sums(entries, {})
    in_euros = sums(entries, {}, rules=Rules(currency="EUR"))

    assert (in_dollars.base.amount, amounts(in_dollars.elsewhere)) == (Decimal("193.60"), {"EUR": 70, "JPY": 5})
    assert (in_euros.base.amount, amounts(in_euros.elsewhere)) == (150, {"JPY": 5, "USD": 100})


def test_every_accepted_type_has_a_line_even_if_nothing_was_paid():
    found = sums([], {}, rules=Rules(types=("woman", "lgbt"), primary_order=("lgbt",)))

    assert list(found.overlapping) == list(found.primary) == list(found.split) == ["lgbt", "woman"]
    assert {line.payments for line in found.overlapping.values()} == {0}
