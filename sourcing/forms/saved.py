"""A search kept under a name."""

from django import forms

from common.forms import mark_conditional
from sourcing.models import SavedSearch


class SavedSearchForm(forms.ModelForm):
    """The name of a saved search, and whether emails tell of it. The view passes an instance with client and user."""

    class Meta:
        model = SavedSearch
        fields = ["name", "frequency"]
        labels = {"name": "Name of the search"}
        widgets = {"frequency": forms.RadioSelect}
        help_texts = {"frequency": "It says how many are new and names nobody. Each has a link that stops it."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["frequency"].choices = SavedSearch.Frequency.choices
        mark_conditional(self.fields["frequency"])
        # So that an edit changes what was changed in the page, not what became different since it was opened.
        for field in self.fields.values():
            field.show_hidden_initial = self.instance.pk is not None

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"client", "user", "removed_at"}
