"""What a member looks for among the payments of their client."""

from collections.abc import Mapping
from typing import Any

from django import forms

from certifications.models import Step
from common.forms import DayInput, field_of, mark_conditional
from common.keys import key_of
from common.text import TextField
from spend.browsing import Filters, Show
from spend.choices import Kind, Reason
from spend.models.payment import CURRENCY_CHOICES
from spend.rules import Period

ANY = [("", "Any")]


class PaymentsForm(forms.Form):
    """The filters of the payments. What stands in the address and is no choice of a field is an error of that field."""

    starts_on = forms.DateField(label="From", widget=DayInput)
    ends_on = forms.DateField(label="To", widget=DayInput)
    show = forms.ChoiceField(label="Show", required=False, choices=Show.choices)
    type = forms.ChoiceField(label="Counted as", required=False)
    reason = forms.ChoiceField(label="Reason it doesn't count", required=False, choices=[*ANY, *Reason.choices])
    level = forms.TypedChoiceField(
        label="Verification level", required=False, coerce=int, empty_value=None, choices=[*ANY, *Step.choices]
    )
    business = TextField(label="Business", required=False, max_length=160)
    kind = forms.ChoiceField(label="Kind of payment", required=False, choices=[*ANY, *Kind.choices])
    cost_center = TextField(label="Cost center", required=False, max_length=80)
    category = TextField(label="Category", required=False, max_length=80)
    number = TextField(label="Payment number", required=False, max_length=80)
    # Without a field on the page: links lead to them.
    currency = forms.ChoiceField(required=False, choices=[*ANY, *CURRENCY_CHOICES], widget=forms.HiddenInput)
    primary = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    types = TextField(required=False, widget=forms.HiddenInput)
    file = TextField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args: Any, types: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("type", "primary"):
            field_of(self, name, forms.ChoiceField).choices = [*ANY, *types.items()]
        mark_conditional(*self.fields.values())  # none of them has to be filled in

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if not self.errors and cleaned["ends_on"] < cleaned["starts_on"]:
            self.add_error("ends_on", "Enter a day that isn't before the first")
        return cleaned

    def filters(self) -> Filters:
        """Return what the valid form asks for."""
        cleaned = self.cleaned_data
        return Filters(
            period=Period(cleaned["starts_on"], cleaned["ends_on"]),
            show=Show(cleaned["show"]),
            file=key_of(cleaned["file"]) or None,
            **{
                name: cleaned[name]
                for name in (
                    "type",
                    "primary",
                    "types",
                    "reason",
                    "level",
                    "business",
                    "kind",
                    "currency",
                    "cost_center",
                    "category",
                    "number",
                )
            },
        )
