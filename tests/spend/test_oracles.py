"""Published figures, and a house fixture, that the count and the sums must agree with."""

from decimal import Decimal
from fractions import Fraction

import pytest

from spend.choices import DateRule, Kind, Reason
from spend.rules import Rules
from spend.totals import parts_differ, percent, share, shown
from tests.spend.examples import amounts, counted, entry, moment, record, sums

ALWAYS = ("2000-01-01", None)


def ledger(*parts):
    """A payment for each (payee, amount, kind)."""
    return [entry(number, payee, "2020-03-01", amount, kind) for number, (payee, amount, kind) in enumerate(parts)]


def test_exclusions_change_only_the_base():
    """Texas, agency 537, first half of fiscal 2020, professional services."""
    entries = ledger(
        (1, 1125, Kind.WORK),
        (2, 1149, Kind.WORK),
        (3, 805_227 - 525 - 601_863 - 2274, Kind.WORK),
        (4, 525, Kind.EXPENSE),
        (5, 601_863, Kind.ADJUSTMENT),
    )
    records = {1: [record("minority", *ALWAYS)], 2: [record("woman", *ALWAYS)]}

    narrow = sums(entries, records)
    wide = sums(entries, records, rules=Rules(base_kinds=(Kind.WORK, Kind.EXPENSE, Kind.ADJUSTMENT)))

    assert (narrow.base.amount, wide.base.amount) == (202_839, 805_227)
    assert narrow.unduplicated == wide.unduplicated
    assert amounts(narrow.primary) == {"minority": 1125, "woman": 1149}
    assert [percent(2274, base, 2) for base in (805_227, 202_839)] == [Decimal("0.28"), Decimal("1.12")]
    assert [percent(part, 202_839, 2) for part in (1125, 1149)] == [Decimal("0.55"), Decimal("0.57")]
    assert percent(6756, 111_473, 2) == Decimal("6.06")


def test_totals_come_from_cents_and_never_from_rounded_parts():
    """Texas, agency 537, other services: the printed groups are 2 short of the printed total."""
    printed = [140_420, 3_513_132, 1_049_081, 18_453]
    parts = [part + Decimal("0.49") for part in printed]
    total = sum(parts)

    assert sum(printed) == 4_721_086
    assert shown(total, 0) == 4_721_088
    assert [shown(part, 0) for part in parts] == printed
    assert parts_differ(parts, total, 0)
    assert not parts_differ(parts, total, 2)
    assert percent(4_721_088, 26_853_954, 2) == Decimal("17.58")
    assert percent(675 + 4_721_088, 26_853_954 - 722_172 - 1_091_710, 2) == Decimal("18.86")


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        *[(3, 32, "9.38"), (5, 32, "15.62"), (1, 32, "3.12"), (20, 32, "62.50"), (0, 32, "0.00")],
        *[(99_524, 773_467, "12.87"), (9_113, 773_467, "1.18"), (11_411, 773_467, "1.48"), (652_081, 773_467, "84.31")],
        *[
            (327, 2_061, "15.87"),
            (43_828, 621_762, "7.05"),
            (627_505, 23_744_846, "2.64"),
            (101_806, 1_466_145, "6.94"),
        ],
        *[(5_527_562, 28_180_128, "19.62"), (23_010_734, 28_180_128, "81.66"), (264_214, 3_942_484, "6.70")],
        *[(1_238_316_639, 9_837_113_880, "12.59"), (3_285_127_701, 31_342_213_792, "10.48")],
    ],
)
def test_percentages_round_half_to_even(part, whole, printed):
    """Texas, agencies 455 and 737 and the state as a whole."""
    assert percent(part, whole, 2) == Decimal(printed)


@pytest.mark.parametrize(
    ("certified", "other"), [((327, 43_828, 627_505, 101_806), (1_734, 577_934, 23_117_341, 1_364_339))]
)
def test_what_counts_and_what_does_not_add_up_to_the_base(certified, other):
    """Texas, agency 455, whose own columns exceed their total by 5,139. Ours cannot."""
    entries = ledger(*[(1, amount, Kind.WORK) for amount in certified], *[(2, amount, Kind.WORK) for amount in other])

    found = sums(entries, {1: [record("woman", *ALWAYS)]})

    assert found.base.amount == found.unduplicated.amount + found.not_counted[Reason.NO_CERTIFICATE].amount
    assert found.base.amount == 25_834_814


def test_subtotals_add_up_however_they_are_rounded():
    """Texas, fiscal 2021: the printed total of the last row is 1 more than its printed parts."""
    assert sum([390_189_535, 3_796_116_094, 1_797_784]) == 4_188_103_413
    parts = [Decimal("6145049.4"), Decimal("21986914.4"), Decimal("982890670.4")]
    assert shown(sum(parts), 0) == 1_011_022_634
    assert parts_differ(parts, sum(parts), 0)


@pytest.mark.parametrize(
    ("base", "actual", "printed"),
    [
        *[(43_968_982, 89_489, "0.2"), (43_968_982, 530_638, "1.2"), (43_968_982, 2_813_780, "6.4")],
        *[(41_582_622, 74_366, "0.2"), (41_582_622, 890_001, "2.1"), (41_582_622, 1_456_939, "3.5")],
    ],
)
def test_shares_of_a_discretionary_budget(base, actual, printed):
    """Massachusetts, fiscal 2023 and 2024."""
    assert percent(actual, base) == Decimal(printed)


def test_passing_money_on_counts_for_no_one_else():
    """A prime that is not certified counts for nothing, whoever it pays in turn."""
    found = sums([entry(1, 1, "2020-03-01", 1_000_000)], {2: [record("woman", *ALWAYS)]})

    assert found.unduplicated.amount == 0


def test_two_types_of_one_business_in_the_four_views():
    """Washington splits, Baltimore takes one, most others count in full under each: all of it from one ledger."""
    entries = [entry(1, 1, "2020-03-01", 100)]
    records = {1: [record("minority", *ALWAYS), record("woman", *ALWAYS)]}

    found = sums(entries, records)
    women_first = sums(entries, records, rules=Rules(primary_order=("woman",)))

    assert amounts(found.overlapping) == {"minority": 100, "woman": 100}
    assert found.unduplicated.amount == 100
    assert amounts(found.primary) == {"minority": 100}
    assert amounts(women_first.primary) == {"woman": 100}
    assert amounts(found.split) == {"minority": 50, "woman": 50}


def test_three_types_split_a_cent_exactly():
    records = {1: [record(key, *ALWAYS) for key in ("minority", "woman", "lgbt")]}

    found = sums([entry(1, 1, "2020-03-01", "0.01")], records)

    assert sum(line.amount for line in found.split.values()) == Fraction(1, 100)


def test_types_that_do_not_overlap_add_up():
    """California, 2022: three groups imply the same base."""
    assert {
        round(Fraction(part) / Fraction(rate) * 100) for part, rate in (("467.2", "19.26"), ("394.3", "16.26"))
    } == {
        2425,
        2426,
    }
    entries = ledger((1, "467.2", Kind.WORK), (2, "394.3", Kind.WORK), (3, "94", Kind.WORK), (4, "8.5", Kind.WORK))
    types = {1: "minority", 2: "woman", 3: "veteran", 4: "lgbt"}

    found = sums(entries, {payee: [record(key, *ALWAYS)] for payee, key in types.items()})

    assert found.unduplicated.amount == 964
    assert sum(line.amount for line in found.overlapping.values()) == 964


def test_a_share_of_applicable_spend():
    """Texas auditor, report 98-033."""
    assert percent(36_496_057, 328_693_534) == Decimal("11.1")


@pytest.mark.parametrize(
    ("rules", "counts"),
    [
        (Rules(), False),
        (Rules(date_rule=DateRule.ANY_TIME), True),
        (Rules(date_rule=DateRule.GRACE, grace_days=90), True),
        (Rules(date_rule=DateRule.GRACE, grace_days=76), True),
        (Rules(date_rule=DateRule.GRACE, grace_days=75), False),
        (Rules(date_rule=DateRule.GRACE, grace_days=60), False),
    ],
)
def test_a_certificate_that_expired_before_the_payment(rules, counts):
    records = {1: [record("woman", "2020-06-01", "2021-05-31")]}

    [row] = counted([entry(1, 1, "2021-08-15", 100)], records, rules=rules)

    assert (row.reason is None) == counts


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        (Rules(fiscal_year_start=4), ["2026-06-01"]),
        (Rules(fiscal_year_start=4, date_rule=DateRule.FROM_APPLICATION), ["2026-04-15", "2026-06-01"]),
    ],
)
def test_payments_from_the_day_of_the_application_in_the_fiscal_year_of_certification(rules, days):
    """New York: applied for on Feb 10, certified on May 20, fiscal years from April."""
    applied = moment("2026-02-10").date()
    records = {1: [record("minority", "2026-05-20", "2029-05-20", applied_on=applied)]}
    entries = [entry(d, 1, d, 100) for d in ("2026-02-01", "2026-02-20", "2026-04-15", "2026-06-01")]

    found = counted(entries, records, rules=rules)

    assert [row.entry.number for row in found if row.held] == days
    assert {row.reason for row in found if not row.held} == {Reason.NOT_YET}


def test_what_is_no_payment_to_a_business_is_a_line_of_its_own():
    """A published total of the United States includes amounts that no one was paid: here they have their own line."""
    entries = ledger((1, 168, Kind.WORK), (1, 2, Kind.PLATFORM_FEE), (1, 8, Kind.TAX))

    found = sums(entries, {1: [record("woman", *ALWAYS)]}, rules=Rules(base_kinds=("work", "platform_fee", "tax")))

    assert (found.unduplicated.amount, found.not_counted[Reason.FEE_OR_TAX].amount, found.base.amount) == (168, 10, 178)


# The house fixture: fiscal years from July. A is certified for 2025, B only says so, C is not, D was certified late.

HOUSE = [
    entry("A1", 1, "2025-08-10", "1000.00"),
    entry("A2", 1, "2025-12-31", "500.00"),
    entry("A3", 1, "2026-01-01", "200.00"),
    entry("A4", 1, "2026-01-15", "-100.00", Kind.REFUND, refers_to="A1"),
    entry("B1", 2, "2025-09-01", "300.00"),
    entry("C1", 3, "2025-10-01", "4000.00"),
    entry("D1", 4, "2026-02-15", "700.00"),
    entry("F1", None, "2025-08-10", "650.00", Kind.PLATFORM_FEE),
    entry("T1", None, "2025-08-10", "90.00", Kind.TAX),
]
HELD = {
    1: [record("woman", "2025-01-01", "2025-12-31"), record("minority", "2025-01-01", "2025-12-31")],
    2: [record("veteran", "2024-01-01", "2029-01-01", step=0)],
    4: [record("lgbt", "2026-02-01", "2029-01-31", known_at=moment("2026-03-01"))],
}
YEAR = ("2025-07-01", "2026-06-30")


def house(cutoff=None, **rules):
    rules = Rules(fiscal_year_start=7, **rules)
    return sums(HOUSE, HELD, rules=rules, period=YEAR, cutoff=cutoff or moment("2026-07-01"))


@pytest.mark.parametrize(
    ("rules", "woman", "overlapping", "unduplicated", "printed"),
    [
        ({}, "1400.00", "3500.00", "2100.00", "31.82"),
        ({"date_rule": DateRule.ANY_TIME}, "1600.00", "3900.00", "2300.00", "34.85"),
        ({"date_rule": DateRule.GRACE, "grace_days": 30}, "1600.00", "3900.00", "2300.00", "34.85"),
    ],
)
def test_the_house_fixture(rules, woman, overlapping, unduplicated, printed):
    found = house(**rules)

    assert found.base.amount == 6600
    by_type = amounts(found.overlapping)
    assert by_type == {"minority": Decimal(woman), "woman": Decimal(woman), "lgbt": 700}
    assert sum(by_type.values()) == Decimal(overlapping)
    assert found.unduplicated.amount == Decimal(unduplicated)
    assert percent(found.unduplicated.amount, found.base.amount, 2) == Decimal(printed)
    assert found.not_counted[Reason.EXCLUDED_KIND].amount == 740
    assert found.not_counted[Reason.SELF_REPORTED].amount == 300


def test_self_reports_count_only_if_the_client_says_so():
    assert house().overlapping["veteran"].amount == 0
    assert house(self_reported=True).overlapping["veteran"].amount == 300


def test_a_late_certificate_is_only_in_later_reports():
    """Cut off at the end of Feb 20, and after the certificate was filed on Mar 1."""
    before, after = house(cutoff=moment("2026-02-21")), house(cutoff=moment("2026-03-02"))

    assert before.overlapping["lgbt"].amount == 0
    assert after.unduplicated.amount - before.unduplicated.amount == 700
    assert share(after.unduplicated.amount, after.base.amount) == Fraction(2100, 6600)
