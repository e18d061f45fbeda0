"""A goal as an admin of a client sets it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, StepValueValidator
from django.db.models import QuerySet

from certifications.models import CertificationType
from common.forms import OpenedForm, field_of, mark_conditional
from spend.forms.amounts import AmountField
from spend.models import Goal

NO_PERCENT = "Enter a percent from 0.01 to 100"


class GoalForm(OpenedForm):
    """A goal. The view passes an instance with the client and the fiscal year."""

    amount = AmountField(label="Amount", required=False)
    percent = forms.DecimalField(
        label="Percent",
        required=False,
        validators=[
            MinValueValidator(Decimal("0.01"), NO_PERCENT),
            MaxValueValidator(100, NO_PERCENT),
            StepValueValidator(Decimal("0.01"), "Enter a percent with at most two digits after the period"),
        ],
        error_messages={"invalid": NO_PERCENT},
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="Of addressable spend, if it is entered for the year. Otherwise of payments on the marketplace.",
    )

    class Meta:
        model = Goal
        fields = ["type", "amount", "percent"]
        labels = {"type": "Spend with"}

    def __init__(self, *args: Any, types: QuerySet[CertificationType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = field_of(self, "type", forms.ModelChoiceField)
        field.queryset, field.empty_label = types, "Any certified business"
        mark_conditional(*self.fields.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not {"amount", "percent"} & self.errors.keys():
            if cleaned.get("amount") and cleaned.get("percent"):
                self.add_error("percent", "Enter an amount or a percent, not both")
            elif not cleaned.get("amount") and not cleaned.get("percent"):
                self.add_error("amount", "Enter an amount or a percent")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"client", "fiscal_year"}
