"""Amounts of U.S. dollars as people type them, such as $1,200, 25k and $85/hr."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django import forms
from django.core.exceptions import ValidationError

from common.text import clean

AMOUNT = re.compile(
    r"(?:us)?\s*\$?\s*(?P<dollars>\d{1,3}(?:,\d{3})+|\d+)?(?P<cents>\.\d*)?\s*(?P<thousands>k)?\s*\$?"
    r"\s*(?:usd|us|dollars?)?\s*(?:(?:/|per|an|a)\s*(?:hr|hour|h)\.?)?",
    re.IGNORECASE | re.ASCII,
)
LONGEST = 40  # characters: what is longer is no amount


def amount(text):
    """The Decimal that `text` says. Raises ValueError if it is no amount; a minus or another currency is none."""
    found = AMOUNT.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if not found or not any(map(str.isdigit, (found["dollars"] or "") + (found["cents"] or ""))):
        raise ValueError(f"{text!r} is no amount")
    number = Decimal(f"{(found['dollars'] or '0').replace(',', '')}{found['cents'] or ''}")
    return number * 1000 if found["thousands"] else number


class MoneyField(forms.CharField):
    """An amount of at least `least` and at most `most` dollars: a Decimal, or without `has_cents` an int.

    `called`: what it is, as messages call it.
    """

    def __init__(self, *, least=1, most, called="amount", has_cents=False, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)
        self.least, self.most, self.called, self.has_cents = least, most, called, has_cents

    def prepare_value(self, value):
        if isinstance(value, Decimal):
            return f"{value:.2f}".removesuffix(".00")
        return value

    def to_python(self, value):
        if isinstance(value, int | Decimal):
            return value
        if not (typed := clean(value or "").strip()):
            return None
        if re.match(r"\$?\s*[-(\u2212]", typed):
            raise ValidationError(self._too_little)
        try:
            number = amount(typed)
        except ValueError as error:
            raise ValidationError("Enter an amount in U.S. dollars, such as 85 or 1,200.", code="invalid") from error
        if not self.has_cents and number != int(number):
            nearest = number.quantize(Decimal(1), ROUND_HALF_UP)
            raise ValidationError(f"Enter whole dollars, without cents, such as {nearest:,}.")
        if self.has_cents and number != round(number, 2):
            raise ValidationError("Enter dollars and cents, with two digits after the period.")
        if number < self.least:
            raise ValidationError(self._too_little)
        if number > self.most:
            raise ValidationError(f"Enter {self._article} of at most ${self.most:,}.")
        return number if self.has_cents else int(number)

    @property
    def _article(self):
        return f"{'an' if self.called[0] in 'aeiou' else 'a'} {self.called}"

    @property
    def _too_little(self):
        return f"Enter {self._article} of at least ${self.least:,}."
