"""The forms about a register's file: the upload, its columns, and the agreement to its costs."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from certifications.models import CertificationType
from common.forms import field_of
from common.uploads import MOST_OF_STAFF, UploadField
from verification.models import Register, RegisterFile
from verification.registers import loading
from verification.registers.columns import PATTERNS, Columns
from verification.registers.reading import ALL_SHEETS

FIELD_LABELS = {
    "name": "Legal name",
    "dba": "Other name (DBA)",
    "number": "Number",
    "certified_on": "Certified on",
    "expires_on": "Valid until, or to be renewed by",
    "status": "Status",
}


class UploadForm(forms.Form):
    """The upload of a file."""

    register = forms.ModelChoiceField(Register.objects.select_related("current"), empty_label="Choose a register")
    file = UploadField(
        most=MOST_OF_STAFF,
        help_text="CSV or XLSX, up to 200 MB.",
        error_messages={"too_large": "It is larger than 200 MB. Split it, or leave columns out."},
    )
    as_of = forms.DateField(
        label="State of",
        help_text="The day whose state of the register it holds, as published or downloaded.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_as_of(self) -> date:
        if self.cleaned_data["as_of"] > timezone.localdate():
            raise forms.ValidationError("This day is in the future.")
        return self.cleaned_data["as_of"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        register, as_of = cleaned.get("register"), cleaned.get("as_of")
        if register and as_of and register.current and as_of < register.current.as_of:
            self.add_error(
                "as_of",
                f"{loading.newer_in_force(register.current)} To go back to an earlier file, take that one back.",
            )
        return cleaned


class MappingForm(forms.Form):
    """How to read a surveyed file: what the survey found, and what staff correct."""

    def __init__(self, *args: Any, file: RegisterFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file = file
        header = list(enumerate(file.found["header"]))
        columns = Columns.from_dict(file.mapping["columns"])
        for name in PATTERNS:
            self.fields[name] = forms.TypedChoiceField(
                label=FIELD_LABELS[name],
                choices=[("", "Not in this file"), *header],
                coerce=int,
                empty_value=None,
                required=name == "name",
                initial=getattr(columns, name),
                error_messages={"required": "Choose the column of the names."},
            )
        for name, label in (("type", "Columns of codes"), ("yes_no", "Columns that say Yes or No")):
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=label,
                choices=header,
                coerce=int,
                initial=getattr(columns, name),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        types = list(CertificationType.objects.values_list("key", "name"))
        self.fields["types"] = forms.MultipleChoiceField(
            label="Every row is",
            help_text="Where the file itself is the type, such as a list of veteran-owned firms.",
            choices=types,
            initial=file.mapping["types"],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for position, (code, count) in enumerate(file.found["codes"]):
            self.fields[f"code_{position}"] = forms.MultipleChoiceField(
                label=f"{code} ({count:,} rows)",
                choices=types,
                initial=file.mapping["codes"].get(code, []),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def code_fields(self) -> list[forms.BoundField]:
        return [self[f"code_{position}"] for position in range(len(self.file.found["codes"]))]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in (*PATTERNS, "type", "yes_no", "types")]

    @property
    def has_other_codes(self) -> bool:
        """True if a valid form changes the columns of codes, or of Yes and No, so that a new survey is needed."""
        return bool({"type", "yes_no"}.intersection(self.changed_data))

    def mapping(self) -> dict[str, Any]:
        """Return the mapping of a valid form, for `looking_through.start`."""
        said = self.cleaned_data
        codes = {code: sorted(said[f"code_{position}"]) for position, (code, _) in enumerate(self.file.found["codes"])}
        columns = Columns(**{name: said[name] for name in (*PATTERNS, "type", "yes_no")})
        return {"columns": columns.as_dict(), "codes": codes, "types": sorted(said["types"])}


class AgainForm(forms.Form):
    """The line of the header and the sheet, if the survey chose wrong ones."""

    header_line = forms.IntegerField(
        label="Line of the header",
        min_value=0,
        max_value=1000,
        required=False,
        help_text="0 if the file has no header. Leave it empty to have it found.",
    )
    sheet = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, file: RegisterFile, **kwargs: Any) -> None:
        found = file.found
        super().__init__(*args, initial={"header_line": found["header_line"], "sheet": found["sheet"]}, **kwargs)
        if len(found["sheets"]) > 1:
            all_sheets = (ALL_SHEETS, "All sheets with the same columns")
            sheets = [(title, title) for title in found["sheets"]]
            field_of(self, "sheet", forms.ChoiceField).choices = [*sheets, all_sheets]
        else:
            del self.fields["sheet"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("sheet", "") != self.initial["sheet"] and "header_line" not in self.changed_data:
            cleaned["header_line"] = None  # the line belongs to another sheet
        return cleaned


class AgreeForm(forms.Form):
    """Putting a file in force, and the agreement to its costs: exactly to the sentences on the page."""

    agreed = forms.BooleanField(
        label="I have checked these numbers, and the file is right.",
        error_messages={"required": "Check the numbers above, and tick this box if the file is right."},
    )
    read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, reservations: list[str], **kwargs: Any) -> None:
        self.costs = " ".join(reservations)
        super().__init__(*args, initial={"read": self.costs}, **kwargs)
        if not reservations:
            del self.fields["agreed"], self.fields["read"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if self.costs and cleaned.get("read") != self.costs and not self.has_error("agreed"):
            self.add_error("agreed", "These numbers have changed since you opened the page. Check them again.")
        if self.errors:
            self.data = {"read": self.costs}
        return cleaned
