"""Rows written as CSV or XLSX: dates as dates, numbers as numbers, text as text that no spreadsheet executes."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple, Protocol

import xlsxwriter
from xlsxwriter.utility import xl_range

from common.tables import safe_cell
from sourcing.models import Export

ABOUT = """
Each row is what a business reported about a certification, and its verification level.
Self-reported means that the business entered it and no one checked it.
A certification says who owns a registered business, and nothing about the work.
Certifications that are hidden, expired or not visible to your organization are left out.
This file is accurate as of the time above.
"""

IN_MEMORY = 1_000_000  # bytes
LONGEST_TITLE = 31  # of a sheet in a spreadsheet
MOST_ROWS = 1_048_575  # of a sheet, below its headings: what comes after is dropped without a word


class TooManyRowsError(Exception):
    """A table has more rows than a spreadsheet holds."""


type Value = str | int | Decimal | date | None


class Heading(Protocol):
    """A column as a file needs to know it: its title and its width in a spreadsheet."""

    @property
    def heading(self) -> str: ...

    @property
    def width(self) -> int: ...


class FileColumn(NamedTuple):
    """A column of which a file alone knows."""

    heading: str
    width: int = 24


class CsvFile:
    """A CSV file: UTF-8 with a byte order mark, by which spreadsheets know it, and dates as in ISO 8601."""

    def __init__(self, file: IO[bytes], columns: Sequence[Heading]) -> None:
        self.text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        # Quoted, or a spreadsheet that separates by semicolons would find a cell's start within one.
        self.writer = csv.writer(self.text, quoting=csv.QUOTE_ALL)
        self.add([column.heading for column in columns])

    def add(self, cells: Sequence[Value]) -> None:
        """Write a row: a cell for each column."""
        self.writer.writerow(map(self._written, cells))

    @staticmethod
    def _written(cell: Value) -> str:
        if isinstance(cell, date):
            return cell.isoformat()
        return str(cell) if isinstance(cell, int | Decimal) else safe_cell(cell or "")

    def close(self, about: dict[str, str]) -> None:
        self.text.detach()


class XlsxFile:
    """A spreadsheet with a second sheet that says what it is. Its rows go to disk as they come."""

    def __init__(
        self,
        file: IO[bytes],
        columns: Sequence[Heading],
        *,
        title: str = "Certifications",
        made_at: datetime | None = None,
    ) -> None:
        self.columns = columns
        self.book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
        if made_at:
            self.book.set_properties({"created": made_at})
        self.sheet = self.book.add_worksheet(title[:LONGEST_TITLE])
        self.amount = self.book.add_format({"num_format": "#,##0.00"})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.text = self.book.add_format({"num_format": "@"})  # stays text where someone edits the cell
        self.bold = self.book.add_format({"bold": True})
        self.sheet.freeze_panes(1, 1)
        for number, column in enumerate(columns):
            self.sheet.set_column(number, number, column.width)
            self.sheet.write_string(0, number, column.heading, self.bold)
        self.rows = 0

    def add(self, cells: Sequence[Value]) -> None:
        """Write a row: a cell for each column. Raise TooManyRowsError if the sheet is full."""
        if self.rows == MOST_ROWS:
            self.book.close()  # and its temporary files
            raise TooManyRowsError
        self.rows += 1
        for number, cell in enumerate(cells):
            if isinstance(cell, Decimal):
                self.sheet.write_number(self.rows, number, cell, self.amount)
            elif isinstance(cell, int):
                self.sheet.write_number(self.rows, number, cell)
            elif isinstance(cell, date):
                self.sheet.write_datetime(self.rows, number, cell, self.day)
            elif cell:
                self.sheet.write_string(self.rows, number, cell, self.text)

    def close(self, about: dict[str, str]) -> None:
        """Finish the file. `about`: what the second sheet says of it."""
        cells = xl_range(0, 0, self.rows, len(self.columns) - 1)
        self.sheet.autofilter(cells)
        self.sheet.ignore_errors({"number_stored_as_text": cells})
        sheet = self.book.add_worksheet("About this file")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90, self.book.add_format({"text_wrap": True}))
        for number, (name, text) in enumerate(about.items()):
            sheet.write_string(number, 0, name, self.bold)
            sheet.write_string(number, 1, text)
        self.book.close()


WRITERS: dict[str, type[CsvFile] | type[XlsxFile]] = {Export.Format.CSV: CsvFile, Export.Format.XLSX: XlsxFile}

# The types of the content of files, by the end of their name.
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Sheet(NamedTuple):
    """A table as a file has it: its title, its columns, its rows, and what a spreadsheet says of it.

    `made_at` is the moment that a spreadsheet carries: by default that of writing, so no two files are the same.
    """

    title: str
    columns: Sequence[Heading]
    rows: Iterable[Sequence[Value]]
    about: dict[str, str]
    made_at: datetime | None = None


def write(file: IO[bytes], sheet: Sheet, ending: str) -> None:
    """Write `sheet` into `file` in the format that `ending`, of CONTENT_TYPES, names. Raise TooManyRowsError."""
    writer = (
        XlsxFile(file, sheet.columns, title=sheet.title, made_at=sheet.made_at)
        if ending == "xlsx"
        else CsvFile(file, sheet.columns)
    )
    for row in sheet.rows:
        writer.add(row)
    writer.close(sheet.about)


class Spooled(SpooledTemporaryFile[bytes]):
    """A file in memory, or on disk once it is large. It is closed with the response that no one reads, too."""

    def __del__(self) -> None:
        self.close()


def written(sheet: Sheet, ending: str) -> Spooled:
    """Return a file of `sheet`, as `write` writes it, at its start."""
    file = Spooled(IN_MEMORY)
    write(file, sheet, ending)
    file.seek(0)
    return file
