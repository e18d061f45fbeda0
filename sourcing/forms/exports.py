"""The kind of file of an export."""

import uuid
from typing import Any

from django import forms

from common.forms import field_of
from sourcing.models import Export


class ExportForm(forms.ModelForm):
    """The kind of file. The view passes an instance that says what the file is of."""

    submission = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    class Meta:
        model = Export
        fields = ["format"]
        widgets = {"format": forms.RadioSelect}
        help_texts = {
            "format": "XLSX keeps certificate numbers as they are. Opened in Excel, a CSV file loses leading zeros and "
            "changes numbers like 219E01."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "format", forms.ChoiceField).choices = Export.Format.choices
        self.initial["format"] = Export.Format.XLSX

    def save(self, commit: bool = True) -> Any:
        self.instance.submission = self.cleaned_data["submission"] or self.instance.submission
        return super().save(commit)
