"""Tables in XLSX workbooks, whose sheets are read as streams."""

import tempfile
import weakref
import zipfile
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Self

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl.cell.text import Text
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader, apply_stylesheet
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from verification.registers.reading.table import (
    LONGEST_CELL,
    SAMPLE,
    BrokenFile,
    HeaderFinder,
    Row,
    Table,
    distinct,
    find_header,
)

EMPTY_ROWS = 5_000  # after this many empty rows a sheet has ended
MOST_UNZIPPED = 4_000_000_000
MOST_INFLATED = 100  # times the packed size, for large parts; real workbooks stay below 30
LARGE_PART = 10_000_000
MOST_PARTS = 5_000
# Parts that are read in pieces or not at all. Other parts may be read whole and are refused if large.
NOT_READ_WHOLE = ("xl/worksheets/", "xl/sharedStrings", "xl/media/", "xl/pivotCache/", "customXml/")
LARGEST_WHOLE = 20_000_000
LONGEST_ROW = 20_000_000  # bytes of one row of a sheet, or of one text
MOST_ROWS = 1_048_576  # Excel's limit; openpyxl remembers each row
ALL_SHEETS = "*"  # which no sheet can be called
EXACT = 1e15  # above this, spreadsheets lose digits


class _Reader(ExcelReader):
    """openpyxl's reader, with the texts of the cells on disk. In memory they would fill 300 MB."""

    def read(self) -> None:
        """Read only what the cells need, so that no other part can be broken or too large."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)  # distinguishes days from numbers
        self.read_worksheets()

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        self.shared_strings = _Texts()
        if part is not None:
            with _Part(self.archive, part.PartName[1:]) as source:
                self.shared_strings.read(source)

    def read_worksheets(self) -> None:
        for sheet, part in self.parser.find_sheets():
            if part.target in self.valid_files and part.Type.endswith("/worksheet"):
                worksheet = _Sheet(self.wb, sheet.name, part.target, self.shared_strings)
                worksheet.sheet_state = sheet.state
                self.wb._sheets.append(worksheet)


class _Sheet(ReadOnlyWorksheet):
    """openpyxl's sheet, which here never determines its size.

    The stated size is often a million rows too large, and without one openpyxl reads the whole sheet to find it.
    """

    part: "_Part"

    def _get_size(self) -> None:
        pass

    def _get_source(self) -> "_Part":
        self.part = _Part(self.parent._archive, self._worksheet_path)
        return self.part


class _Part:
    """A part of a workbook as a stream. Counts what was read, and refuses a row without an end."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.size = archive.getinfo(name).file_size
        self.file = archive.open(name)
        self.done = self.since_row = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def read(self, size: int) -> bytes:
        if self.since_row > LONGEST_ROW:
            raise BrokenFile("A row of the sheet is far longer than a row of a table can be.")
        data = self.file.read(size)
        self.done += len(data)
        self.since_row += len(data)
        return data

    close = __exit__


class _Texts:
    """The numbered texts that a workbook's cells refer to, in a temporary file."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this object
        weakref.finalize(self, self.file.close)
        self.ends = array("Q", [0])

    def read(self, source: _Part) -> None:
        end = 0
        root = None
        for event, node in iterparse(source, events=("start", "end")):
            if root is None:
                root = node
            if event == "end" and node.tag.endswith("}si"):
                text = (Text.from_tree(node).content or "").encode()
                if len(text) > 4 * LONGEST_CELL:
                    raise BrokenFile(f"A cell is longer than {LONGEST_CELL:,} characters.")
                self.file.write(text)
                end += len(text)
                self.ends.append(end)
                root.clear()  # else a million nodes stay in memory
                source.since_row = 0

    def __getitem__(self, number: int) -> str:
        start, end = self.ends[number], self.ends[number + 1]
        self.file.seek(start)
        return self.file.read(end - start).decode()


def open_book(path: Path) -> OpenpyxlWorkbook:
    """Return openpyxl's workbook of an XLSX file, with sheets as streams. Raises BrokenFile."""
    try:
        _refuse_bombs(path)
        with ExitStack() as opened:
            file = opened.enter_context(path.open("rb"))  # with a path, openpyxl would judge the file by its name
            reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
            reader.read()
            weakref.finalize(reader.wb, opened.pop_all().close)
    except Exception as error:  # a damaged file makes zipfile, the XML parsers and openpyxl raise anything
        raise _what_broke(error) from error
    return reader.wb


def records(worksheet: "_Sheet") -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a sheet that are not empty: line and cells."""
    empty = line = 0
    try:
        for line, values in enumerate(worksheet.iter_rows(values_only=True), 1):
            worksheet.part.since_row = 0
            cells = [_text(value) for value in values]
            if any(cells):
                if line > MOST_ROWS:
                    raise BrokenFile(f"The sheet has more than {MOST_ROWS:,} rows, which no spreadsheet can have.")
                empty = 0
                yield line, cells
                continue
            empty += 1
            if empty > EMPTY_ROWS:
                return
    except Exception as error:
        raise _what_broke(error, line + 1) from error


class Workbook(Table):
    """A sheet of an XLSX file: the one named, or the first visible one with a table."""

    kind = "xlsx"

    def __init__(
        self, book: OpenpyxlWorkbook, sheet: str | None, header_line: int | None, find_header: HeaderFinder
    ) -> None:
        sheets = [found for found in book._sheets if found.sheet_state == "visible"]
        self.sheets = [found.title for found in sheets]
        if sheet is not None:
            sheets = [found for found in sheets if found.title == sheet]
        broken = None
        for found in sheets:
            self.worksheet, self.sheet = found, found.title
            if next(self._records(), None) is None:
                continue
            try:
                super().__init__(header_line, find_header)
            except BrokenFile as error:  # perhaps a sheet of notes before the table
                broken = broken or error
            else:
                return
        named = f" of the name “{sheet}”" if sheet is not None else ""
        raise broken or BrokenFile(f"No visible sheet{named} has any content.")

    @property
    def share_read(self) -> float:
        part = self.worksheet.part
        return part.done / max(part.size, 1)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        return records(self.worksheet)


class AllSheets(Table):
    """All visible sheets with the same columns as one table, with a column for the sheet.

    Other sheets are in `left_out`.
    """

    kind = "xlsx"
    sheet = ALL_SHEETS
    header_line = None  # each has its own

    def __init__(self, book: OpenpyxlWorkbook, header_line: int | None) -> None:
        tables, self.left_out = [], []
        self.sheets = Workbook(book, None, None, find_header).sheets
        for title in self.sheets:
            try:
                tables.append(Workbook(book, title, header_line, find_header))
            except BrokenFile:
                self.left_out.append(title)
        if not tables:
            raise BrokenFile("No visible sheet has a table.")
        usual, _ = Counter(frozenset(table.header) for table in tables).most_common(1)[0]
        self.tables = [table for table in tables if usual == set(table.header)]
        self.left_out += [table.sheet for table in tables if usual != set(table.header)]
        self.header = distinct([*self.tables[0].header, "Sheet"])
        self.sample = [row.cells for row in islice(self.rows(), SAMPLE)]
        self.share_read = 0.0

    def rows(self) -> Iterator[Row]:
        for number, table in enumerate(self.tables):
            order = [table.header.index(title) for title in self.header[:-1]]
            for line, cells, problem in table.rows():
                yield Row(line, [*(cells[position] for position in order), table.sheet], problem)
            self.share_read = (number + 1) / len(self.tables)


def _what_broke(error: BaseException, line: int | None = None) -> BrokenFile:
    """Return the BrokenFile for an error that openpyxl raised, which may hide the cause."""
    cause = error
    while cause:
        if isinstance(cause, BrokenFile):
            return BrokenFile(str(cause), cause.line or line)
        if isinstance(cause, DefusedXmlException):
            return BrokenFile("The workbook defines entities, which no table needs.", line)
        cause = cause.__cause__
    return BrokenFile("The workbook is damaged or cut off. Download it again.", line)


def _refuse_bombs(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "xl/workbook.bin" in names:
            raise BrokenFile("This is a binary Excel file (.xlsb). Save it as .xlsx or as CSV.")
        if "content.xml" in names:
            raise BrokenFile("This is an OpenDocument file (.ods). Save it as .xlsx or as CSV.")
        if {"word/document.xml", "ppt/presentation.xml"} & names:
            raise BrokenFile("This is a text document or a presentation. A table is needed: CSV, or .xlsx.")
        if any(name.endswith(".iwa") for name in names):
            raise BrokenFile("This is a file of Numbers, Pages or Keynote. Export the table as .xlsx or as CSV.")
        if "[Content_Types].xml" not in names:
            raise BrokenFile("This is a ZIP archive, not a workbook. Unpack it and upload the table in it.")
        if any(part.flag_bits & 1 for part in parts):
            raise BrokenFile("The workbook is protected with a password. Save it without one.")
        too_large = sum(part.file_size for part in parts) > MOST_UNZIPPED or len(parts) > MOST_PARTS
        if too_large or any(map(_is_bomb, parts)):
            raise BrokenFile("The workbook unpacks to far more than its size, which no table does.")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    """Return whether a part of a workbook would fill the memory, or is compressed beyond belief."""
    if not part.filename.startswith(NOT_READ_WHOLE) and part.file_size > LARGEST_WHOLE:
        return True
    return part.file_size > LARGE_PART and part.file_size > MOST_INFLATED * max(part.compress_size, 1)


def _text(value: object) -> str:
    """Return a cell as text: whole numbers without a fraction, dates in ISO format."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()[:LONGEST_CELL]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and abs(value) >= EXACT:
        return f"{value:.14E}"  # as spreadsheets print numbers whose last digits they lost
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
