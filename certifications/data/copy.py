"""A copy of everything that is kept about a profile's certifications, for its editors."""

from typing import NamedTuple

from django.db.models import FileField, ForeignKey
from django.utils import timezone
from django.utils.text import capfirst

from certifications.data.about import rows_about
from certifications.data.history import LABELS
from certifications.data.words import NOTHING, in_words, is_name, names
from profiles.models import User

# What belongs to someone else, and is therefore not handed out: by table, with the reason.
KEPT_BACK = {
    "draft": ({"fields", "errors"}, "what an editor typed and has not saved: only they read it"),
    "clientview": ({"readers", "filters"}, "which of a client's people looked, and what they were searching for"),
    "concern": (
        {"reporter", "client", "text", "reference", "reported_at", "outcome_note", "closed_at", "closed_by"},
        "whatever could tell who reported a concern",
    ),
}


class Cell(NamedTuple):
    """A value of a row, as it is stored and in words, with what it is called. A name is not translated."""

    column: str
    title: str
    value: object
    words: str
    is_name: bool


def tables(profile):
    """Everything about `profile`, table by table: list of dicts of `name`, `title`, `note` and `rows`.

    A row is a list of Cell. Staff are not named. The number of queries depends on the
    tables only, not on how much they hold.
    """
    members = set(profile.memberships.values_list("user", flat=True))
    told = []
    for model, found in rows_about(profile):
        rows = list(found)
        name = model._meta.model_name
        hidden, note = KEPT_BACK.get(name, (set(), ""))
        fields = [field for field in model._meta.concrete_fields if field.name not in hidden]
        called = {field.attname: names(field, rows) for field in fields if isinstance(field, ForeignKey)}
        told.append(
            {
                "name": name,
                "title": _title(model),
                "note": note,
                "rows": [[_cell(field, row, called, members) for field in fields] for row in rows],
            }
        )
    return told


# What the columns of every table of events are called; the rest have names of their own.
EVENT_TITLES = {
    "id": "ID",
    "pgh_id": "number",
    "pgh_created_at": "recorded at",
    "pgh_label": "what happened",
    "pgh_obj": "happened to",
    "pgh_context": "on the page",
}


def _title(model) -> str:
    if hasattr(model, "pgh_tracked_model"):
        return f"History of {model.pgh_tracked_model._meta.verbose_name_plural}"
    return capfirst(str(model._meta.verbose_name_plural))


def _cell(field, row, called, members) -> Cell:
    value = getattr(row, field.attname)
    if isinstance(field, ForeignKey) and field.related_model is User and value not in members:
        user = called[field.attname].get(value)
        someone = "the marketplace's staff" if user and user.is_staff else "a former member"
        value, words = None, someone if value else NOTHING
    elif field.name == "pgh_context":
        # Who and where, as the trigger was told.
        context = called[field.attname].get(value)
        metadata = context.metadata if context else {}
        value = metadata.get("url", "")
        words = value or NOTHING
    elif field.name == "pgh_label":
        words = LABELS[value]
    else:
        value = value.name if isinstance(field, FileField) else value
        words = in_words(field, called, value)
    title = EVENT_TITLES.get(field.name, str(field.verbose_name))
    return Cell(field.name, title, value, words, is_name(field) and words != NOTHING)


def as_json(profile) -> dict:
    """The copy as a dict that JSON can hold, with the values as they are stored and what they are called."""
    return {
        "profile": {"name": profile.name, "address": profile.get_absolute_url()},
        "made_at": timezone.now(),
        "tables": {
            table["name"]: {
                "left_out": table["note"],
                "rows": [
                    {cell.column: {"value": cell.value, "words": cell.words} for cell in row} for row in table["rows"]
                ],
            }
            for table in tables(profile)
        },
    }
