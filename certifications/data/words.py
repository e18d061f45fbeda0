"""Stored values, in words that a reader of a history or a copy understands."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, FileField, ForeignKey, GeneratedField, TextField, UUIDField
from django.utils import timezone
from django.utils.formats import date_format

from common.days import day

NOTHING = "none"


def names(field, rows):
    """What the rows that `field` (a foreign key) points at are called, by primary key, for all of `rows`.

    Rows of history may point at what is gone, so that a join would lose them.
    """
    model = field.related_model
    # A name takes in those of what the row points at, and theirs: a record's, its certificate's and that one's body's.
    parts = [
        "__".join(path)
        for part in _required(model)
        for path in ([part.name], *([part.name, inner.name] for inner in _required(part.related_model)))
    ]
    found = model._base_manager.select_related(*parts) if parts else model._base_manager
    return found.in_bulk({getattr(row, field.attname) for row in rows} - {None})


def _required(model) -> list:
    return [field for field in model._meta.fields if isinstance(field, ForeignKey) and not field.null]


def is_name(field) -> bool:
    """Whether values of `field` are called or spelled by people, and so are no words to translate."""
    return (
        isinstance(field, (ForeignKey, CharField, TextField, UUIDField, FileField, GeneratedField))
        and not field.choices
    )


def in_words(field, names, value):
    """`value` of `field`, to read. `names`: what `names` gives for each foreign key, by its column."""
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
        return date_format(timezone.localtime(value), "M j, Y, H:i:s e")
    if hasattr(value, "isoformat"):
        return day(value)
    return str(dict(field.flatchoices).get(value, value))
