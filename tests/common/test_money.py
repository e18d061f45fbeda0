"""Amounts are read as people type them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from common.money import MoneyField, amount


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("85", 85),
        (" 85 ", 85),
        ("$85", 85),
        ("85$", 85),
        ("$ 1,200", 1200),
        ("1,200.00", 1200),
        ("$25,000", 25000),
        ("25k", 25000),
        ("$2.5K", 2500),
        ("$85/hr", 85),
        ("85 per hour", 85),
        ("$85 an hour", 85),
        ("85 USD", 85),
        ("US$85", 85),
        ("85 dollars", 85),
        ("85.", 85),
        ("\u200e$\u00a085\u200b", 85),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_an_amount_is_read_in_every_common_format(typed, read):
    assert MoneyField(most=99999, required=False, is_hourly=True).clean(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *[
            (zero, 0)
            for zero in ("-", "$ -", "$-", " $ -   ", "-$", "\u2013", "\u2014", "--", "($ -)", "- USD", "USD -")
        ],
        *[(zero, 0) for zero in ("$(0.00)", "(0)", "-0", "-$0.00", "(USD) -")],
        *[
            (minus, -3)
            for minus in ("-3", "\u22123", "\u20133", "- 3", "-$3", "$-3", "$ -3.00", "US$-3", "-USD 3", "-3 USD")
        ],
        *[
            (minus, -3)
            for minus in ("(3)", "$(3.00)", "($3)", "(USD 3)", "(3 USD)", "USD (3)", "(USD) (3)", "(3.00) USD")
        ],
        ("-$1.2k", -1200),
        *[
            (dollars, 500)
            for dollars in ("(USD) 500", "500 (USD)", "USD 500", "USD$500", "$500 USD", "US $500", "$US 500")
        ],
        *[(dollars, 500) for dollars in ("U.S. $500", "500 US dollars", "500 U.S. dollars", "500$", ".5k", "500.")],
    ],
)
def test_an_amount_has_its_sign_as_accountants_write_it(typed, read):
    assert (amount(typed), str(amount(typed))[0] == "-") == (read, read < 0)


@pytest.mark.parametrize(
    "typed",
    [
        *("€500", "(EUR) 500", "500 EUR", "CAD 500", "C$500", "$500 CAD", "£5", "1.250,00", "1 250"),
        *("(3", "3)", "(-3)", "()", "( )", "(USD)", "$", ".", "-.", "5-", "5-6", "-" * 41, ""),
        *("1e3", "1_000", "\u0665", "$85/hr", "85 per hour", "85 a month"),
    ],
)
def test_a_text_that_is_no_amount_in_dollars_is_refused(typed):
    with pytest.raises(ValueError, match="is no amount"):
        amount(typed)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("-5.5", "Enter a rate of at least $1"),
        ("-", "Enter a rate of at least $1"),
        ("0", "Enter a rate of at least $1"),
        ("-5", "Enter a rate of at least $1"),
        ("$-5", "Enter a rate of at least $1"),
        ("(5)", "Enter a rate of at least $1"),
        ("10,000", "Enter a rate of at most $9,999"),
        ("10k", "Enter a rate of at most $9,999"),
        ("9" * 40, "Enter a rate of at most $9,999"),
        ("50.55", "Enter whole dollars, without cents, like 51"),
        ("85,50", "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("1,20", "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("€85", "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("85-100", "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("1e3", "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("$85/hr", "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("$", "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("9" * 500, "Enter an amount in U.S. dollars, like 85 or 1,200"),
    ],
)
def test_a_text_that_is_no_amount_is_reported(typed, told):
    with pytest.raises(ValidationError) as error:
        MoneyField(most=9999, called="rate").clean(typed)

    assert error.value.messages == [told]


def test_cents_are_kept_where_they_count():
    field = MoneyField(most=9999, has_cents=True)

    assert field.clean("$50.55") == Decimal("50.55")
    assert [field.prepare_value(value) for value in (Decimal("50.50"), Decimal("85.00"), "x")] == ["50.50", "85", "x"]
    with pytest.raises(ValidationError, match="two digits after the period"):
        field.clean("50.555")
    with pytest.raises(ValidationError, match="at most"):
        field.clean("9" * 40)
    assert not field.has_changed(Decimal("85.00"), "$85")
