"""The copy: everything that is stored about a profile's certifications, for its editors."""

import csv
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Field, FileField, ForeignKey, Model
from django.utils import timezone
from django.utils.text import capfirst

from certifications.data.about import more_copied, rows_about
from certifications.data.history import LABELS
from certifications.data.words import NOTHING, counted, in_words, is_name, names
from common.tables import safe_cell
from profiles.models import Profile, User

HISTORY = "History of "
# The columns that belong to someone else and are left out of the copy, by table, with the reason.
KEPT_BACK: dict[str | None, tuple[set[str], str]] = {
    "draft": ({"fields", "errors"}, "what an editor typed and has not saved: only they read it"),
    "clientview": ({"readers", "filters"}, "which of a client's people looked, and what they were searching for"),
    "concern": (
        {"reporter", "client", "text", "reference", "reported_at", "outcome_note", "closed_at", "closed_by"},
        "whatever could tell who reported a concern",
    ),
    "payment": ({"file", "cost_center", "category"}, "where the client books a payment in its own accounts"),
}


class Cell(NamedTuple):
    """A value of a row, as stored and in words, with its title. A name must not be translated."""

    column: str
    title: str
    value: object
    words: str
    is_name: bool


class Table(NamedTuple):
    """A table of the copy. `note` says what is left out and why."""

    model: type[Model]
    title: str
    note: str
    rows: list[list[Cell]]

    @property
    def name(self) -> str | None:
        return self.model._meta.model_name


def tables(profile: Profile) -> list[Table]:
    """Return everything about `profile`, table by table. Staff are not named.

    The number of queries depends on the number of tables, not on their rows.
    """
    members = set(profile.memberships.values_list("user", flat=True))
    found_tables = []
    for model, found in [*rows_about(profile), *more_copied(profile)]:
        rows = list(found)
        hidden, note = KEPT_BACK.get(model._meta.model_name, (set(), ""))
        fields = [field for field in model._meta.concrete_fields if field.name not in hidden]
        called = {field.attname: names(field, rows) for field in fields if isinstance(field, ForeignKey)}
        found_tables.append(
            Table(
                model,
                _title(model),
                note,
                [[_cell(field, row, called, members) for field in fields] for row in rows],
            )
        )
    return found_tables


def summary(tables: list[Table]) -> list[tuple[str, int]]:
    """Return how much of each kind `tables` hold: (title, rows)."""
    return [(capfirst(name.many), count) for name, count in counted((table.model, len(table.rows)) for table in tables)]


# The titles of the columns that all tables of events share.
EVENT_TITLES = {
    "id": "ID",
    "pgh_id": "number",
    "pgh_created_at": "recorded at",
    "pgh_label": "what happened",
    "pgh_obj": "happened to",
    "pgh_context": "on the page",
}


def _title(model: type[Model]) -> str:
    if hasattr(model, "pgh_tracked_model"):
        return f"{HISTORY}{model.pgh_tracked_model._meta.verbose_name_plural}"
    return capfirst(str(model._meta.verbose_name_plural))


def _cell(field: Field, row: Model, called: Mapping[str, Mapping], members: set[int]) -> Cell:
    value = getattr(row, field.attname)
    if isinstance(field, ForeignKey) and field.related_model is User and value not in members:
        user = called[field.attname].get(value)
        someone = "the marketplace's staff" if user and user.is_staff else "a former member"
        value, words = None, someone if value else NOTHING
    elif field.name == "pgh_context":
        # The context holds who caused the event and on which page.
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


def as_csv(profile: Profile) -> str:
    """Return the copy as a CSV file for people: a line for each value, in words, that no spreadsheet executes."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["Part", "Entry", "Detail", "Value"])
    for table in tables(profile):
        if table.rows and table.note:
            writer.writerow([table.title, "", "Left out", table.note])
        for number, row in enumerate(table.rows, 1):
            for cell in row:
                writer.writerow([table.title, number, capfirst(cell.title), safe_cell(cell.words)])
    return file.getvalue()


def as_json(profile: Profile) -> dict[str, Any]:
    """Return the copy as a dict for JSON, with the values as stored and in words."""
    return {
        "profile": {"name": profile.name, "address": profile.get_absolute_url()},
        "made_at": timezone.now(),
        "tables": {
            table.name: {
                "left_out": table.note,
                "rows": [
                    {cell.column: {"value": cell.value, "words": cell.words} for cell in row} for row in table.rows
                ],
            }
            for table in tables(profile)
        },
    }
