"""Reads CSV and XLSX files as rows of text, without ever holding the whole file in memory."""

import re
from codecs import BOM_UTF8
from pathlib import Path

from verification.registers.reading.table import IS_OWN_LINE, BrokenFile, HeaderFinder, Row, Table, find_header
from verification.registers.reading.text import TextFile
from verification.registers.reading.workbook import ALL_SHEETS, AllSheets, Workbook, open_book, records

__all__ = ["ALL_SHEETS", "IS_OWN_LINE", "BrokenFile", "Row", "Table", "open_table", "open_tables"]

NOT_TABLES = {  # by their first bytes
    b"%PDF": "This is a PDF. A table is needed: CSV, or .xlsx.",
    b"{\\rtf": "This is a text document (RTF). A table is needed: CSV, or .xlsx.",
    **dict.fromkeys(
        (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"),
        "This is a compressed file. Unpack it and upload the table in it.",
    ),
    **dict.fromkeys(
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*"),
        "This is a picture. A table is needed: CSV, or .xlsx.",
    ),
    **dict.fromkeys((b"SQLite format 3", b"\0\1\0\0Standard"), "This is a database. Export its table as CSV."),
    b"ID;P": "This is a SYLK file. Open it in a spreadsheet program and save it as .xlsx or as CSV.",
    b"MIME-Version:": "This is a saved web page or an email. Save the table in it as .xlsx or as CSV.",
    b"PAR1": "This is a Parquet file. Export it as CSV.",
}
JSON = re.compile(rb"[\[{]\s*([\[{\"]|[\]}]\s*$)")
OLE = b"\xd0\xcf\x11\xe0"


def open_table(path: Path, *, sheet: str | None = None, header_line: int | None = None, by_row: bool = False) -> Table:
    """Return the table in the file at `path`, by its content. `sheet` and `header_line` override those it finds.

    `sheet` may be ALL_SHEETS. A `header_line` of 0 says that it has no header. With `by_row` a row of a text with too
    few cells has a problem, and zero bytes stay in their cells; else it is filled up, and they break the file.
    Raises BrokenFile, here or while its rows are read.
    """
    if not _is_workbook(path):
        return TextFile(path, header_line, find_header, by_row)
    book = open_book(path)
    return AllSheets(book, header_line) if sheet == ALL_SHEETS else Workbook(book, sheet, header_line, find_header)


def open_tables(path: Path, find_header: HeaderFinder) -> tuple[list[Table], list[tuple[str, str]]]:
    """Return every table in the file at `path`, read `by_row`, and the titles of other sheets with the reasons.

    `find_header`: gives the line of the header among the first rows, a list of (line, cells), or raises BrokenFile.
    Raises BrokenFile if the file holds no such table.
    """
    if not _is_workbook(path):
        return [TextFile(path, None, find_header, by_row=True)], []
    book = open_book(path)
    tables: list[Table] = []
    left_out: list[tuple[str, str]] = []
    for sheet in book._sheets:
        if sheet.sheet_state != "visible":
            left_out.append((sheet.title, "It is hidden."))
        elif next(records(sheet), None):
            try:
                tables.append(Workbook(book, sheet.title, None, find_header))
            except BrokenFile as error:
                left_out.append((sheet.title, str(error)))
    if not tables:
        reasons = [why if len(left_out) == 1 else f"Sheet “{title}”: {why}" for title, why in left_out]
        raise BrokenFile(" ".join(reasons) or "No visible sheet has any content.")
    return tables, left_out


def _is_workbook(path: Path) -> bool:
    """Return True for an XLSX file, False for a text. Raises BrokenFile if the file is neither."""
    with path.open("rb") as file:
        start = file.read(200)
    if not start:
        raise BrokenFile("The file is empty.")
    if start.startswith(OLE):
        raise BrokenFile(
            "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password, or as CSV."
        )
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # "PK" alone may be a column's title
        return True
    text = start.removeprefix(BOM_UTF8).lstrip()
    for mark, message in NOT_TABLES.items():
        if start.startswith(mark) or text.startswith(mark):
            raise BrokenFile(message)
    if text.startswith(b"<"):  # many a download button calls this an Excel file
        raise BrokenFile("This is a web page or XML, whatever it is called. Save it as .xlsx or as CSV.")
    if JSON.match(text):
        raise BrokenFile("This is JSON. A table is needed: download the list as CSV or .xlsx instead.")
    return False
