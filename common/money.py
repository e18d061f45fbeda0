"""Amounts of U.S. dollars as people type them, such as $1,200, 25k and $85/hr."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from common.characters import HYPHENS
from common.text import clean

DOLLARS = r"(?:\(usd\)|usd\s*\$?|(?:u\.?\s?s\.?\s*)?(?:\$\s*(?:usd?)?|dollars?)|us)"
AMOUNT = re.compile(
    rf"(?P<before>(?:{DOLLARS})?\s*-?|-\s*{DOLLARS})\s*"
    r"(?:(?=\.?\d)(?P<dollars>\d{1,3}(?:,\d{3})+|\d+)?(?P<cents>\.\d*)?\s*(?P<thousands>k)?|(?P<nothing>-+))"
    rf"\s*(?:{DOLLARS})?",
    re.IGNORECASE | re.ASCII,
)
IN_PARENTHESES = re.compile(rf"((?:{DOLLARS})?)\s*\((?!usd\))\s*([^()\s][^()]*)\)", re.IGNORECASE | re.ASCII)
PER_HOUR = re.compile(r"\s*(?:/|per|an|a)\s*(?:hr|hour|h)\.?$", re.IGNORECASE)
LONGEST = 40  # characters: what is longer is no amount


def amount(text: str, *, is_hourly: bool = False) -> Decimal:
    """Return the U.S. dollars that `text` states, with their sign. Raise ValueError if it is not an amount.

    Accountants write -3 as "$(3.00)" and 0 as "$ -". With `is_hourly`, "/hr" may follow. An amount in another currency
    does not count.
    """
    plain = text.translate(HYPHENS).strip()
    if is_hourly:
        plain = PER_HOUR.sub("", plain)
    found = AMOUNT.fullmatch(IN_PARENTHESES.sub(r"\1-\2", plain)) if len(text) <= LONGEST else None
    if not found:
        raise ValueError(f"{text!r} is no amount")
    if found["nothing"]:
        return Decimal(0)
    number = Decimal(f"{(found['dollars'] or '0').replace(',', '')}{found['cents'] or ''}")
    if found["thousands"]:
        number *= 1000
    return -number if "-" in found["before"] else number


class MoneyField(forms.CharField):
    """A field for at least `least` and at most `most` dollars: a Decimal, or an int without `has_cents`.

    `called` is the word for it in messages. With `is_hourly` it is a rate, and "$85/hr" is one.
    """

    def __init__(
        self,
        *,
        least: int = 1,
        most: int,
        called: str = "amount",
        has_cents: bool = False,
        is_hourly: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)
        self.least, self.most, self.called = least, most, called
        self.has_cents, self.is_hourly = has_cents, is_hourly

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return f"{value:.2f}".removesuffix(".00")
        return value

    def to_python(self, value: Any) -> Decimal | int | None:
        if isinstance(value, int | Decimal):
            return value
        if not (typed := clean(value or "").strip()):
            return None
        try:
            number = amount(typed, is_hourly=self.is_hourly)
        except ValueError as error:
            raise ValidationError("Enter an amount in U.S. dollars, like 85 or 1,200", code="invalid") from error
        if number < self.least:
            raise ValidationError(f"Enter {self._article} of at least ${self.least:,}")
        if number > self.most:  # before any rounding, which has room for 28 digits
            raise ValidationError(f"Enter {self._article} of at most ${self.most:,}")
        if not self.has_cents and number != int(number):
            nearest = number.quantize(Decimal(1), ROUND_HALF_UP)
            raise ValidationError(f"Enter whole dollars, without cents, like {nearest:,}")
        if self.has_cents and number != round(number, 2):
            raise ValidationError("Enter dollars and cents, with two digits after the period")
        return number if self.has_cents else int(number)

    @property
    def _article(self) -> str:
        return f"{'an' if self.called[0] in 'aeiou' else 'a'} {self.called}"
