"""Forms and widgets that several apps use: a switch, a day, and forms that two people may have open at once."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db import models
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils.choices import flatten_choices
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from common.days import day


class DayInput(forms.DateInput):
    """The browser's own date field, which takes and sends only ISO 8601."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def mark_conditional(*fields: forms.Field) -> None:
    """Mark fields that some answers require: they are not `required`, and their label does not say "optional"."""
    for field in fields:
        vars(field)["is_conditional"] = True  # read by components/field.html


def field_of[F: forms.Field](form: forms.BaseForm, name: str, kind: type[F]) -> F:
    """Return a field of `form` by its class, which the form's own mapping of fields does not tell."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is a {type(field).__name__}")
    return field


def resend(form: forms.BaseForm, **values: str) -> None:
    """Change a bound form's data as if `values` had been sent, by the names of its fields."""
    data = cast(QueryDict, form.data).copy()
    for name, value in values.items():
        data[form.add_prefix(name)] = value
    form.data = data


class OnOffForm(forms.Form):
    """A switch: a button sends `on` to turn it on, and nothing to turn it off."""

    on = forms.BooleanField(required=False)


def _mark(value: Any) -> str:
    """Return a short text that is the same for equal values, and that does not reveal the value."""
    if isinstance(value, Decimal):
        value = value.normalize()  # 90.00, as stored, is 90, as typed
    elif isinstance(value, models.Model):
        value = value.pk
    elif isinstance(value, models.QuerySet) or (
        isinstance(value, list) and isinstance(next(iter(value), 0), models.Model)
    ):
        value = sorted(row.pk for row in value)
    return salted_hmac("common.forms", repr(value), algorithm="sha256").hexdigest()[:10]


class OpenedForm(forms.ModelForm):
    """A ModelForm that knows what it was opened with, and therefore what someone else has changed since.

    What they changed and this person did not is taken over (`taken_over`, the names of those fields). What both changed
    is an error of its field that says what is there now; the form then counts as opened with that, so that sending it
    again puts one's own in its place.
    """

    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken_over: list[str] = []
        own = {name for name, field in self.fields.items() if not isinstance(field, forms.FileField)}
        names = [name for name in self._meta.fields or () if name in own]
        self._now = model_to_dict(self.instance, names) if self.instance.pk else {}
        self._marks = {name: _mark(value) for name, value in self._now.items()}
        self.initial["opened"] = " ".join(self._marks.values())

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if not cleaned.pop("opened", ""):
            return cleaned
        marks = dict(zip(self._marks, self["opened"].data.split(), strict=False))
        for name, mark in marks.items():
            if mark == self._marks[name]:
                continue
            typed = cleaned.get(name)
            typed_mark = _mark(typed)
            if typed_mark == mark:
                field = self.fields[name]
                cleaned[name] = field.clean(field.prepare_value(self._now[name]))
                self.taken_over.append(name)
            elif typed_mark != self._marks[name]:
                self.add_error(name, f"Someone else changed this while you were editing. {self._told(name)}")
                marks[name] = self._marks[name]
        resend(self, opened=" ".join(marks.values()))
        return cleaned

    def _told(self, name: str) -> str:
        """Return a sentence that says what is stored in a field now, and how to replace it."""
        field, value = self.fields[name], self._now[name]
        if value in (None, "", []):
            return "It is empty now. Save again to keep yours."
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        elif isinstance(field, forms.ModelChoiceField):
            value = field.label_from_instance(field.to_python(value))
        elif isinstance(field, forms.ChoiceField):
            labels = dict(flatten_choices(field.choices))  # type: ignore[arg-type] # its stubs know no groups
            value = labels.get(value, value)
        elif isinstance(field, forms.BooleanField):
            value = "yes" if value else "no"
        elif isinstance(value, Decimal):
            value = f"{value:f}".removesuffix(".00")
        elif isinstance(value, date):
            value = day(value)
        return f"It now says “{value}”. Save again to keep yours."

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != "opened" and name not in self.taken_over]

    @property
    def taken_over_labels(self) -> list[str]:
        return [str(self[name].label) for name in self.taken_over]
