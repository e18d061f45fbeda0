"""The terms that a client accepts, and the types that it uses."""

from collections.abc import Iterable
from typing import Any

from django import forms

from certifications.models import CertificationType
from common.forms import mark_conditional, resend
from common.text import TextField


class TermsForm(forms.Form):
    """An admin's acceptance for the client."""

    purpose = TextField(
        label="How you will use this information",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Example: To invite certified small businesses to our bids. Visible to Marketplace staff.",
        error_messages={"required": "Enter how you will use this information"},
    )
    accepts = forms.BooleanField(
        label="We accept these terms", error_messages={"required": "Check the box to accept these terms"}
    )


class UsedTypesForm(forms.Form):
    """The types that a client's members are shown at all."""

    types = forms.ModelMultipleChoiceField(
        CertificationType.objects.all(),
        required=False,
        label="Show these types",
        widget=forms.CheckboxSelectMultiple,
        help_text="Unselected types are hidden from everyone in your organization, in search, profiles and exports.",
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, label="Turn off every type")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mark_conditional(self.fields["types"])
        self.initial["opened"] = self._mark(self.initial["types"])

    @staticmethod
    def _mark(types: Iterable[CertificationType]) -> str:
        """A text that is the same for the same types."""
        return " ".join(sorted(str(type.pk) for type in types)) or "none"

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        opened, now = cleaned.get("opened"), self.initial["opened"]
        if opened and "types" in cleaned and opened != now != self._mark(cleaned["types"]):
            resend(self, opened=now)
            names = ", ".join(str(type) for type in self.initial["types"]) or "none"
            self.add_error("types", f"Someone else changed this to: {names}. Save again to keep your choice.")
        if not self.errors and not cleaned["types"] and self.initial.get("types") and not cleaned["confirmed"]:
            words = "With no type selected, no one in your organization sees a certification. Check the box to confirm."
            self.add_error("confirmed", words)
        return cleaned
