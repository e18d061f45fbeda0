"""A field for an amount of money in the currency of a client."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from common.money import amount
from common.text import TextField

LARGEST = Decimal("99999999999999.99")  # that the column holds


class AmountField(TextField):
    """A Decimal above 0 with at most two decimals, typed as people do: 250,000 or 250k. None if it is empty."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.2f}".removesuffix(".00") if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        if not (typed := super().to_python(value)):
            return None
        try:
            number = amount(typed)
        except ValueError as error:
            raise ValidationError("Enter an amount, like 250,000", code="invalid") from error
        if number <= 0:
            raise ValidationError("Enter an amount of more than 0")
        if number > LARGEST:
            raise ValidationError("Enter a smaller amount")
        if number != round(number, 2):
            raise ValidationError("Enter an amount with at most two digits after the period")
        return number
