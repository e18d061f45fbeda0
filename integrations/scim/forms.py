"""What an admin chooses about a client's directory."""

from typing import Any

from django import forms

from common.forms import field_of, mark_conditional
from integrations.models import DirectoryGroup
from profiles.models import ClientMembership


class GroupForm(forms.ModelForm):
    """The role that a group of the directory gives its people."""

    class Meta:
        model = DirectoryGroup
        fields = ["role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, auto_id=f"id_%s_{kwargs['instance'].pk}")
        field = field_of(self, "role", forms.TypedChoiceField)
        field.label = "Its people are"
        field.choices = [("", "Members"), (ClientMembership.Role.ADMIN, "Admins")]
        mark_conditional(field)  # "Members" is an answer
