"""A search kept under a name."""

from typing import Any

from django import forms

from common.forms import field_of, mark_conditional
from sourcing.models import SavedSearch


class SavedSearchForm(forms.ModelForm):
    """The name of a saved search, and whether emails tell of it. The view passes an instance with client and user."""

    class Meta:
        model = SavedSearch
        fields = ["name", "frequency"]
        labels = {"name": "Search name", "frequency": "Email alerts"}
        widgets = {"frequency": forms.RadioSelect}
        help_texts = {"frequency": "Alerts give the number of new results, not names. Unsubscribe any time."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "frequency", forms.ChoiceField).choices = SavedSearch.Frequency.choices
        mark_conditional(self.fields["frequency"])
        # So that an edit changes what was changed in the page, not what became different since it was opened.
        for field in self.fields.values():
            field.show_hidden_initial = self.instance.pk is not None

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"client", "user", "removed_at"}
