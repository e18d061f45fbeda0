"""The forms about a register's file: the upload, its columns, and the agreement to its costs."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.template.defaultfilters import pluralize
from django.utils import timezone

from certifications.models import CertificationType
from common.forms import field_of
from common.uploads import MOST_OF_STAFF, UploadField
from verification.models import Register, RegisterFile
from verification.registers import loading
from verification.registers.columns import Columns
from verification.registers.reading import ALL_SHEETS

NOT_USED = ""
CODES, FLAG = "type", "yes_no"
# What a column can hold, by the name of its field in Columns: in the order of the menu above it.
ROLES = {
    "name": "Legal name",
    "dba": "Other name (DBA)",
    "number": "Certificate number",
    "certified_on": "Certified on",
    "expires_on": "Expires or renews on",
    "status": "Status",
    CODES: "Codes (WBE, MBE …)",
    FLAG: "Flag (Yes, Y, X, 1)",
}


class UploadForm(forms.Form):
    """The upload of a file."""

    register = forms.ModelChoiceField(Register.objects.select_related("current"), empty_label="Choose a register")
    file = UploadField(
        most=MOST_OF_STAFF,
        help_text="CSV or XLSX, up to 200 MB.",
        error_messages={"too_large": "The file must be 200 MB or smaller. Split it, or remove columns."},
    )
    as_of = forms.DateField(
        label="Data as of",
        help_text="The date on which the register had this content: the day it was published or downloaded.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_as_of(self) -> date:
        if self.cleaned_data["as_of"] > timezone.localdate():
            raise forms.ValidationError("Data as of must be today or earlier")
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
        held = {position: role for role, position in self._known()}
        for position, title in enumerate(file.found["header"]):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=f"Column {position + 1}, {title}",
                choices=[(NOT_USED, "Not used"), *ROLES.items()],
                required=False,
                initial=held.get(position, NOT_USED),
            )
        types = list(CertificationType.objects.values_list("key", "name"))
        self.fields["types"] = forms.MultipleChoiceField(
            label="Every row is",
            help_text="If the whole file is about one type, like a list of veteran-owned firms.",
            choices=types,
            initial=file.mapping["types"],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for position, (code, count) in enumerate(file.found["codes"]):
            self.fields[f"code_{position}"] = forms.MultipleChoiceField(
                label=f"{code} ({count:,} row{pluralize(count)})",
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
        return [self[f"column_{position}"] for position in range(len(self.file.found["header"]))]

    def _known(self) -> Iterator[tuple[str, int]]:
        """Yield the role and the position of each column that the survey, or a person before, recognized."""
        for role in ROLES:
            held = self.file.mapping["columns"][role]
            for position in [held] if isinstance(held, int) else held or []:
                yield role, position

    def _chosen(self) -> dict[str, list[int]]:
        """Return the positions of the columns that a form gives each role."""
        chosen: dict[str, list[int]] = {role: [] for role in ROLES}
        for position in range(len(self.file.found["header"])):
            if role := self.cleaned_data.get(f"column_{position}"):
                chosen[role].append(position)
        return chosen

    def clean(self) -> dict[str, Any]:
        super().clean()
        chosen = self._chosen()
        if not chosen["name"]:
            self.add_error(None, "Choose the column with the legal names")
        for role, positions in chosen.items():
            if role not in {CODES, FLAG} and len(positions) > 1:
                self.add_error(f"column_{positions[1]}", f"Only one column can be “{ROLES[role]}”")
        return self.cleaned_data

    @property
    def has_other_codes(self) -> bool:
        """True if a valid form changes the columns of codes, or of flags, so that a new survey is needed."""
        known = set(self._known())
        chosen = {(role, position) for role, positions in self._chosen().items() for position in positions}
        return any(role in {CODES, FLAG} for role, _ in known ^ chosen)

    def mapping(self) -> dict[str, Any]:
        """Return the mapping of a valid form, for `looking_through.start`."""
        said, chosen = self.cleaned_data, self._chosen()
        codes = {code: sorted(said[f"code_{position}"]) for position, (code, _) in enumerate(self.file.found["codes"])}
        columns = Columns(type=chosen.pop(CODES), yes_no=chosen.pop(FLAG))
        for role, held in chosen.items():
            setattr(columns, role, held[0] if held else None)
        return {"columns": columns.as_dict(), "codes": codes, "types": sorted(said["types"])}


class AgainForm(forms.Form):
    """The line of the header and the sheet, if the survey chose wrong ones."""

    header_line = forms.IntegerField(
        label="Header row",
        min_value=0,
        max_value=1000,
        required=False,
        help_text="Enter 0 if the file has no header. Leave this empty to detect it.",
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
        label="I checked these numbers, and the file is right",
        error_messages={"required": "Check the numbers above, then select this box if the file is right"},
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
