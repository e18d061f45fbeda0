"""Shortlists, and the notes on their entries."""

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from common.forms import field_of, resend
from sourcing.models import Shortlist, ShortlistEntry


class ShortlistForm(forms.ModelForm):
    """The name of a shortlist. The view passes an instance with its client."""

    class Meta:
        model = Shortlist
        fields = ["name"]
        labels = {"name": "Shortlist name"}

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"client", "removed_at"}

    def made(self) -> Shortlist | None:
        """Make the list that it names and return it, or None, and it says what is wrong."""
        if not self.is_valid():
            return None
        if Shortlist.objects.kept().filter(client=self.instance.client_id).count() >= Shortlist.MOST:
            self.add_error(None, f"You can have {Shortlist.MOST} shortlists. Remove one first.")
            return None
        try:
            with transaction.atomic():
                return self.save()
        except IntegrityError:  # a colleague was faster
            self.add_error("name", "Your organization already has a shortlist with this name")
            return None


class RenameForm(ShortlistForm):
    """Another name for a shortlist, and the one that was read."""

    was = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["was"] = self.instance.name

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("was") and cleaned["was"] != self.instance.name != cleaned.get("name"):
            self.add_conflict(self.instance.name)
        return cleaned

    def add_conflict(self, name: str) -> None:
        """Say that it is called `name` by now. Saving again replaces that name."""
        resend(self, was=name)
        self.add_error(
            "name", f"Someone renamed it to “{name}”. Your name is still here. Select Rename to use it instead."
        )


class NoteForm(forms.ModelForm):
    """The note on an entry, and the version of it that was read."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = ShortlistEntry
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.note_version

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        is_older = "version" in cleaned and cleaned["version"] != self.instance.note_version
        if is_older and cleaned.get("note") != self.instance.note:
            self.add_conflict(self.instance)
        return cleaned

    def add_conflict(self, entry: ShortlistEntry) -> None:
        """Say that the note of `entry` is another by now. Saving again replaces that note."""
        resend(self, version=str(entry.note_version))
        who = entry.noted_by.get_short_name() if entry.noted_by else "Someone"
        theirs = f"It now says: “{entry.note}”" if entry.note else "It is now empty."
        self.add_error(
            "note",
            f"{who} changed this note while you were writing. {theirs} Yours is still here. Save it to replace theirs.",
        )


class MoveForm(forms.Form):
    """Another shortlist of the client."""

    shortlist = forms.ModelChoiceField(Shortlist.objects.none(), label="Move to", empty_label="Another shortlist…")

    def __init__(self, *args: Any, shortlists: QuerySet[Shortlist], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "shortlist", forms.ModelChoiceField).queryset = shortlists
