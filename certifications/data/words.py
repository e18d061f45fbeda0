"""Stored values, in words that a reader of a history or a copy understands."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import ForeignKey
from django.utils import timezone
from django.utils.formats import date_format

NOTHING = "nothing"


def names(field, rows):
    """What the rows that `field` (a foreign key) points at are called, by primary key, for all of `rows`.

    Rows of history may point at what is gone, so that a join would lose them.
    """
    model = field.related_model
    parts = [part.name for part in model._meta.fields if isinstance(part, ForeignKey) and not part.null]
    found = model._base_manager.select_related(*parts) if parts else model._base_manager  # names take in their parts'
    return found.in_bulk({getattr(row, field.attname) for row in rows} - {None})


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
        return date_format(value, "M j, Y")
    return str(dict(field.flatchoices).get(value, value))
