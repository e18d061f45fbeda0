"""Gives members of a client the files of an issued report, and notes for the businesses in them that it did."""

from typing import IO, NamedTuple

from certifications.models import ClientView
from certifications.sharing import seen_by
from profiles.viewer import Viewer
from sourcing.exports import files
from sourcing.exports.files import Sheet
from spend.packs import making
from spend.packs.tables import Content


class Download(NamedTuple):
    """A file to download: its name, its type, and what is in it."""

    name: str
    type: str
    content: IO[bytes]


def written(sheet: Sheet, name: str, suffix: str) -> Download:
    """Return a table as a file. Raise TooManyRowsError if a spreadsheet can't hold it."""
    return Download(f"{name}.{suffix}", files.CONTENT_TYPES[suffix], files.written(sheet, suffix))


def table(content: Content, name: str, suffix: str, *, viewer: Viewer, is_read: bool = True) -> Download | None:
    """Return a table of a report as a file, or None if there is no such table. Raise as `written` does."""
    found = {table.name: table for table in making.all_tables(content)}.get(name)
    if found is None or suffix not in files.CONTENT_TYPES:
        return None
    file = written(making.sheet(found, content), f"report-{content.issued.number}-{name}", suffix)
    if found.names_businesses and is_read:
        note(content, viewer)
    return file


def note(content: Content, viewer: Viewer) -> None:
    """Note for the businesses in a file that the client was given their certificates."""
    profiles = {payee.profile_id for payee in content.named.values() if payee.records}
    if profiles:
        seen_by.note_many(profiles, viewer, surface=ClientView.Surface.EXPORT, filters={})
