"""Forms of reports: the period of a draft, the signature of the person who issues it, and why one is replaced."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, NamedTuple

from django import forms

from certifications.models import Step
from common.forms import field_of
from common.text import TextField
from profiles.models import Client
from spend import wording
from spend.browsing import Show
from spend.choices import Reason
from spend.models import IssuedReport, Payment, ReportDraft
from spend.models.payment import CURRENCY_CHOICES
from spend.reported import Filters
from spend.rules import Period, Rules

MOST_YEARS = 10


class Offered(NamedTuple):
    """A period that a report can be about, and its name."""

    period: Period
    name: str


def periods(client: Client, rules: Rules, today: date) -> list[Offered]:
    """Return the fiscal years in which the client paid someone, each before its quarters, newest first."""
    first = Payment.objects.filter(client=client).order_by("paid_on").values_list("paid_on", flat=True).first()
    found: list[Offered] = []
    year = rules.fiscal_year(today)
    while first and year.ends_on >= first and len(found) < MOST_YEARS * 5:
        found.append(Offered(year, f"{wording.fiscal_year(rules, year)}, {wording.days(year)}"))
        quarters = [Offered(part, wording.quarter(number, part)) for number, part in enumerate(year.quarters(), 1)]
        found += [quarter for quarter in reversed(quarters) if quarter.period.starts_on <= today]
        year = rules.fiscal_year(year.starts_on - timedelta(days=1))
    return found


def taken(client: Client) -> set[Period]:
    """Return the periods of which there is a report or a draft."""
    own = (model.objects.filter(client=client) for model in (IssuedReport, ReportDraft))
    return {Period(*days) for found in own for days in found.values_list("starts_on", "ends_on")}


class PeriodForm(forms.Form):
    """The period of a new draft: a fiscal year or one of its quarters.

    At first, the newest one that is over and not `taken`: it has neither a report nor a draft.
    """

    period = forms.ChoiceField()

    def __init__(
        self, *args: Any, offered: list[Offered], taken: Collection[Period], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.periods = {f"{period.starts_on}:{period.ends_on}": period for period, _ in offered}
        names = [name for _, name in offered]
        field_of(self, "period", forms.ChoiceField).choices = list(zip(self.periods, names, strict=True))
        free = (key for key, period in self.periods.items() if period.ends_on < today and period not in taken)
        self.initial["period"] = next(free, None)

    @property
    def chosen(self) -> Period:
        return self.periods[self.cleaned_data["period"]]


class ReportedForm(forms.Form):
    """What the address of a list of payments of a report asks for: what a number of the report is the sum of."""

    show = forms.ChoiceField(required=False, choices=Show.choices)
    type = forms.ChoiceField(required=False)
    primary = forms.ChoiceField(required=False)
    types = TextField(required=False)
    level = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, choices=Step.choices)
    reason = forms.ChoiceField(required=False, choices=Reason.choices)
    currency = forms.ChoiceField(required=False, choices=CURRENCY_CHOICES)
    quarter = forms.TypedChoiceField(required=False, coerce=date.fromisoformat, empty_value=None)

    def __init__(self, *args: Any, issued: IssuedReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = issued.names_of_types
        quarters = [part.starts_on.isoformat() for part in issued.period.quarters()]
        choices = {"type": self.names, "primary": self.names, "quarter": quarters}
        for name, keys in choices.items():
            field_of(self, name, forms.ChoiceField).choices = [(key, key) for key in keys]

    def clean_types(self) -> str:
        types: str = self.cleaned_data["types"]
        if types and not self.names.keys() >= set(types.split(";")):
            raise forms.ValidationError("This report has no such types")
        return types

    def filters(self) -> Filters:
        """Return what the valid form asks for."""
        return Filters(**self.cleaned_data)


class IssueForm(forms.ModelForm):
    """The person who signs a report, and what they confirm."""

    is_confirmed = forms.BooleanField(error_messages={"required": "Confirm the statement to issue the report"})

    class Meta:
        model = IssuedReport
        fields = ["signer_name", "signer_title"]
        labels = {"signer_name": "Your name", "signer_title": "Your title"}

    def __init__(self, *args: Any, statement: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_confirmed"].label = statement


class ReasonForm(forms.ModelForm):
    """The reason why a report is replaced."""

    reason = TextField(
        max_length=300,
        label="Why it is replaced",
        help_text="It is printed on both reports.",
        strip=True,
        error_messages={"required": "Enter the reason"},
    )

    class Meta:
        model = ReportDraft
        fields = ["reason"]
