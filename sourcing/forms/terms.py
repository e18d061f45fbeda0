"""The terms that a client accepts, and the types that it uses."""

from collections.abc import Iterable
from typing import Any

from django import forms

from certifications.models import CertificationType
from common.forms import resend
from common.text import TextField


class TermsForm(forms.Form):
    """An admin's acceptance for the client."""

    purpose = TextField(
        label="What you use it for",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as: to invite certified small businesses to our bids. The marketplace's staff read it.",
    )
    accepts = forms.BooleanField(label="We accept these terms")


class UsedTypesForm(forms.Form):
    """The types that a client's members are shown at all."""

    types = forms.ModelMultipleChoiceField(
        CertificationType.objects.all(),
        required=False,
        label="Types we may use",
        widget=forms.CheckboxSelectMultiple,
        help_text="What is not ticked is shown to none of your members: in no search, on no profile, in no file.",
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, label="Turn off every type")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
            self.add_error("types", f"Someone else changed this. Ticked now: {names}. Save again to keep your choice.")
        if not self.errors and not cleaned["types"] and self.initial.get("types") and not cleaned["confirmed"]:
            words = "No type is selected: nobody in your organization would see any certification. Tick to confirm."
            self.add_error("confirmed", words)
        return cleaned
