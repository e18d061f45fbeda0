"""The forms by which admins of a client connect its systems."""

import ipaddress
import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from common.text import TextField
from integrations.models import AccessToken

MOST_NETWORKS = 50


class NetworksField(TextField):
    """IP addresses and ranges, one on each line: read as a list of networks in CIDR notation."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in super().clean(value).replace(",", "\n").splitlines()]
        networks = list(dict.fromkeys(str(_network(line)) for line in lines if line))
        if len(networks) > MOST_NETWORKS:
            raise ValidationError(f"List up to {MOST_NETWORKS} addresses and ranges. You listed {len(networks)}.")
        return networks


def _network(line: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(line)
    except ValueError:
        pass
    try:
        whole = ipaddress.ip_network(line, strict=False)
    except ValueError:
        like = "Enter one on each line, like 203.0.113.7 or 203.0.113.0/24."
        raise ValidationError(f"“{line}” isn't an address or a range of addresses. {like}") from None
    raise ValidationError(f"“{line}” is an address within a range. The range is {whole}.")


class TokenForm(forms.ModelForm):
    """A new token. The view passes an instance with the client and the person."""

    LASTS = ((30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "1 year"))

    submission = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        help_text="Select what the program needs and no more. Invitations are sent in your name.",
        choices=AccessToken.Scope,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one"},
    )
    lasts = forms.TypedChoiceField(label="Expires in", coerce=int, choices=LASTS, initial=90)
    networks = NetworksField(
        label="Allowed addresses",
        required=False,
        help_text="IP addresses or ranges your system calls from, one on each line, like 203.0.113.0/24. "
        "Leave it empty to allow any.",
    )

    class Meta:
        model = AccessToken
        fields = ["name", "scopes", "networks"]
        error_messages = {"name": {"required": "Enter a name"}}
        help_texts = {"name": "What uses it, like “Supplier database”."}

    field_order = ["name", "scopes", "lasts", "networks", "submission"]

    def save(self, commit: bool = True) -> Any:
        made = self.instance
        made.submission = self.cleaned_data["submission"] or made.submission
        made.created_at = timezone.now()
        made.expires_at = made.created_at + timedelta(days=self.cleaned_data["lasts"])
        return super().save(commit)
