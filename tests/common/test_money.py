"""Amounts are read as people type them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from common.money import MoneyField


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
def test_an_amount_is_read_however_it_is_typed(typed, read):
    assert MoneyField(most=99999, required=False).clean(typed) == read


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0", "Enter a rate of at least $1."),
        ("-5", "Enter a rate of at least $1."),
        ("$-5", "Enter a rate of at least $1."),
        ("(5)", "Enter a rate of at least $1."),
        ("10,000", "Enter a rate of at most $9,999."),
        ("10k", "Enter a rate of at most $9,999."),
        ("50.55", "Enter whole dollars, without cents, such as 51."),
        ("85,50", "Enter an amount in U.S. dollars, such as 85 or 1,200."),
        ("1,20", "Enter an amount in U.S. dollars, such as 85 or 1,200."),
        ("€85", "Enter an amount in U.S. dollars, such as 85 or 1,200."),
        ("85-100", "Enter an amount in U.S. dollars, such as 85 or 1,200."),
        ("1e3", "Enter an amount in U.S. dollars, such as 85 or 1,200."),
        ("$", "Enter an amount in U.S. dollars, such as 85 or 1,200."),
        ("9" * 500, "Enter an amount in U.S. dollars, such as 85 or 1,200."),
    ],
)
def test_what_is_no_amount_is_told(typed, told):
    with pytest.raises(ValidationError) as error:
        MoneyField(most=9999, called="rate").clean(typed)

    assert error.value.messages == [told]


def test_cents_are_kept_where_they_count():
    field = MoneyField(most=9999, has_cents=True)

    assert field.clean("$50.55") == Decimal("50.55")
    assert [field.prepare_value(value) for value in (Decimal("50.50"), Decimal("85.00"), "x")] == ["50.50", "85", "x"]
    with pytest.raises(ValidationError, match="two digits after the period"):
        field.clean("50.555")
    assert not field.has_changed(Decimal("85.00"), "$85")
