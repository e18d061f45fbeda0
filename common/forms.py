"""Forms that several apps use: a switch, a day, and forms that two people may have open at once."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.utils.choices import flatten_choices
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from common.days import day


class DayInput(forms.DateInput):
    """The browser's own field for a day, which takes and sends ISO 8601 alone."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class OnOffForm(forms.Form):
    """A switch: a button sends `on` to turn it on, and nothing to turn it off."""

    on = forms.BooleanField(required=False)


def _mark(value):
    """A short text that is the same for equal values, and from which nobody can tell the value."""
    if isinstance(value, Decimal):
        value = value.normalize()  # 90.00, as stored, is 90, as typed
    return salted_hmac("common.forms", repr(value), algorithm="sha256").hexdigest()[:10]


class OpenedForm(forms.ModelForm):
    """A ModelForm that knows what it was opened with, and so what someone else has changed since.

    What they changed and this person did not is taken over (`taken_over`, the names of those fields). What both changed
    is an error of its field that says what is there now; the form then counts as opened with that, so that sending it
    again puts one's own in its place.
    """

    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.taken_over = []
        if self.instance.pk is None:
            del self.fields["opened"]
            return
        names = [name for name in self._meta.fields if not isinstance(self.fields[name], forms.FileField)]
        self._now = model_to_dict(self.instance, names)
        self._marks = {name: _mark(self._now[name]) for name in names}
        self.initial["opened"] = " ".join(self._marks.values())

    def clean(self):
        cleaned = super().clean()
        if not cleaned.pop("opened", ""):
            return cleaned
        marks = dict(zip(self._marks, self["opened"].data.split(), strict=False))
        for name, mark in marks.items():
            if mark == self._marks[name]:
                continue
            typed = cleaned.get(name)
            typed_mark = _mark(getattr(typed, "pk", typed))
            if typed_mark == mark:
                field = self.fields[name]
                cleaned[name] = field.clean(field.prepare_value(self._now[name]))
                self.taken_over.append(name)
            elif typed_mark != self._marks[name]:
                self.add_error(name, f"Someone else changed this while you were editing. {self._told(name)}")
                marks[name] = self._marks[name]
        self.data = self.data.copy()
        self.data[self.add_prefix("opened")] = " ".join(marks.values())
        return cleaned

    def _told(self, name):
        """What is stored in a field now, in a sentence, and how to put one's own in its place."""
        field, value = self.fields[name], self._now[name]
        if value in (None, "", []):
            return "It is empty now. Save again to keep yours."
        if isinstance(field, forms.ModelChoiceField):
            value = field.label_from_instance(field.queryset.get(pk=value))
        elif isinstance(field, forms.ChoiceField):
            labels = dict(flatten_choices(field.choices))  # type: ignore[arg-type] # its stubs know no groups
            value = labels.get(value, value)
        elif isinstance(field, forms.BooleanField):
            value = "yes" if value else "no"
        elif isinstance(value, list):
            value = ", ".join(value)
        elif isinstance(value, Decimal):
            value = f"{value:f}".removesuffix(".00")
        elif isinstance(value, date):
            value = day(value)
        return f"It now says “{value}”. Save again to keep yours."

    @cached_property
    def changed_data(self):
        return [name for name in super().changed_data if name != "opened" and name not in self.taken_over]

    @property
    def taken_over_labels(self):
        return [str(self[name].label) for name in self.taken_over]
