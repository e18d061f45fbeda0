"""Stored values and rows in words, for a history, a copy or an erasure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Field, FileField, ForeignKey, GeneratedField, Model, TextField, UUIDField
from django.utils import timezone
from django.utils.formats import date_format

from common.days import day

NOTHING = "none"


class Name(NamedTuple):
    """What people call a row and several rows of a model."""

    one: str
    many: str

    def of(self, count: int) -> str:
        return self.one if count == 1 else self.many


HISTORY_ENTRY = Name("entry in the history", "entries in the history")
# What people call the rows of a table, where its model is called by a word of the code.
_PLAIN = {
    "case": Name("review by us", "reviews by us"),
    "consent": Name("permission", "permissions"),
    "evidence": Name("result of verification", "results of verification"),
}


def name_of(model: type[Model]) -> Name:
    """Return what people call the rows of `model`. All history has one name."""
    if hasattr(model, "pgh_tracked_model"):
        return HISTORY_ENTRY
    named = Name(str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
    return _PLAIN.get(model._meta.model_name or "", named)


def counted(counts: Iterable[tuple[type[Model], int]]) -> list[tuple[Name, int]]:
    """Return how many rows have each name, without empty ones: the certifications first, the history last."""
    told: dict[Name, int] = {}
    for model, count in counts:
        if count:
            told[name_of(model)] = told.get(name_of(model), 0) + count
    return sorted(told.items(), key=lambda entry: (entry[0].one != "certification", entry[0] == HISTORY_ENTRY))


def names(field: ForeignKey, rows: Iterable[Any]) -> dict[Any, Any]:
    """Return by key the rows that the foreign key `field` of `rows` points at. Their `str` is their name.

    No join is used, because rows of history may point at deleted rows, and a join would lose them.
    """
    model = field.related_model
    # A row's name may include the names of rows it points at, and of theirs: record, certificate, body.
    parts = [
        "__".join(path)
        for part in _required(model)
        for path in ([part.name], *([part.name, inner.name] for inner in _required(part.related_model)))
    ]
    found = model._base_manager.select_related(*parts) if parts else model._base_manager
    return found.in_bulk({getattr(row, field.attname) for row in rows} - {None})


def _required(model: type[Model]) -> list[ForeignKey]:
    return [field for field in model._meta.fields if isinstance(field, ForeignKey) and not field.null]


def is_name(field: Field) -> bool:
    """Return True if people name or spell the values of `field`, so that they must not be translated."""
    return (
        isinstance(field, (ForeignKey, CharField, TextField, UUIDField, FileField, GeneratedField))
        and not field.choices
    )


def in_words(field: Field, names: Mapping[str, Mapping], value: Any) -> str:
    """Return the `value` of `field` in words. `names` holds the result of `names` for each foreign key, by column."""
    if value in (None, "", []):
        return NOTHING
    if field.attname in names:
        return str(names[field.attname].get(value, f"deleted since (number {value})"))
    if isinstance(field, ArrayField):
        return ", ".join(in_words(field.base_field, names, item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items()) or NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "astimezone"):
        return date_format(timezone.localtime(value), "M j, Y, g:i A T")
    if hasattr(value, "isoformat"):
        return day(value)
    return str(dict(field.flatchoices).get(value, value))
