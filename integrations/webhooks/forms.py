"""A webhook as an admin of a client sets it up, and the filter of its log."""

from typing import Any

from django import forms

from common.forms import OpenedForm, mark_conditional
from common.text import TextField
from integrations import outward
from integrations.models import Delivery, Webhook
from integrations.webhooks.events import CHOOSABLE


class WebhookForm(OpenedForm):
    """A webhook. The view passes an instance with the client."""

    address = TextField(
        label="Address",
        max_length=2_000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Where your system listens, like https://hooks.example.com/marketplace.",
    )
    description = TextField(
        label="Description", required=False, max_length=200, help_text="What it is for, or who looks after it."
    )
    events = forms.MultipleChoiceField(
        label="Which events?",
        choices=[(event.type.value, f"{event.type.label} ({event.type.value})") for event in CHOOSABLE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one event"},
    )

    class Meta:
        model = Webhook
        fields = ["address", "description", "events"]

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if not outward.is_allowed(address):
            raise forms.ValidationError("Enter a public address that begins with https://")
        return address


class LogForm(forms.Form):
    """Which deliveries the log shows."""

    show = forms.ChoiceField(
        label="Show", required=False, choices=[("", "All deliveries"), (Delivery.State.FAILED.value, "Failed")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mark_conditional(self.fields["show"])

    def clean(self) -> dict[str, Any]:
        return {"show": self.cleaned_data.get("show", "")}  # an unknown choice shows all
