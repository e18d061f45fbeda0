"""Reading a public directory as it was published: CSV or XLSX, as rows of text, without ever holding all of it."""

import csv
import io
import tempfile
import weakref
import zipfile
from array import array
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import Counter
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.cell.text import Text
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.utils.exceptions import InvalidFileException

from certifications.registers.columns import header_score

LONGEST_CELL = 100_000  # characters; a quote that is never closed makes longer ones
HEADER_WITHIN = 30  # rows, title lines included
SAMPLE = 8
EMPTY_ROWS = 5_000  # after so many a sheet that claims more has ended
MOST_UNZIPPED = 4_000_000_000
MOST_INFLATED = 100  # times, of any large part of a workbook: real ones stay below 30
LARGE_PART = 10_000_000
MOST_PARTS = 5_000
DELIMITERS = ",;\t|"
OLE = b"\xd0\xcf\x11\xe0"


class BrokenFile(Exception):
    """A file that cannot be read: a sentence for staff, and the line where it breaks, or None."""

    def __init__(self, message, line=None):
        super().__init__(message)
        self.line = line


class Row(NamedTuple):
    """A row below the header: its line in the file, its cells as text, and why it cannot be read, or ""."""

    line: int
    cells: list
    problem: str


class Table:
    """A table in a file: where its header is, what it says, the first rows, and all of them as a stream."""

    encoding = delimiter = sheet = ""
    sheets: list = []

    def __init__(self, header_line):
        """Finds the header, unless its line is given."""
        first = list(islice(self._records(), max(HEADER_WITHIN, header_line or 0)))
        first = [(line, cells) for line, cells in first if any(map(str.strip, cells))]
        if not first:
            raise BrokenFile("The file has no rows.")
        if header_line is None:
            header_line = max(first, key=lambda row: (header_score(row[1]), -row[0]))[0]
        self.header_line = header_line
        header = next((cells for line, cells in first if line == header_line), None)
        if header is None:
            raise BrokenFile(f"Line {header_line} is empty: there is no header.", header_line)
        while header and not header[-1]:
            header.pop()
        self.header = _distinct(header)
        self.sample = [row.cells for row in islice(self.rows(), SAMPLE)]
        if not self.sample:
            raise BrokenFile("The file has a header and no rows below it.", header_line)

    def rows(self):
        """The rows below the header, empty ones left out: iterator of Row, each with a cell for each column."""
        width = len(self.header)
        for line, cells in self._records():
            if line <= self.header_line or not any(cells):
                continue
            problem = ""
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            elif len(cells) > width:
                if any(cells[width:]):
                    problem = f"It has {len(cells)} cells, the header {width}"
                del cells[width:]
            yield Row(line, cells, problem)

    def _records(self):
        """All rows from the top: iterator of (line, list of str)."""
        raise NotImplementedError


def _distinct(header):
    """Column names of which no two are alike and none is empty."""
    seen = Counter()
    names = []
    for position, name in enumerate(header, 1):
        name = " ".join(name.split()) or f"Column {position}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def open_table(path, *, sheet=None, header_line=None):
    """The Table in the file at `path` (Path), told by its content. `sheet`, `header_line`: if not those it finds.

    Raises BrokenFile, here or while its rows are read.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise BrokenFile("The file is empty.")
    if start.startswith(OLE):
        raise BrokenFile("This is an old or a protected Excel file. Save it as .xlsx without a password, or as CSV.")
    if start.startswith(b"PK"):
        return Workbook(path, sheet, header_line)
    if start.startswith(b"%PDF"):
        raise BrokenFile("This is a PDF. A table is needed: CSV, or .xlsx.")
    return TextFile(path, header_line)


class TextFile(Table):
    """A CSV file, whatever it is separated by and however it is encoded."""

    kind = "csv"
    share_read = 0.0

    def __init__(self, path, header_line):
        self.path = path
        self.size = path.stat().st_size
        self.encoding = _encoding(path)
        self.delimiter = self._find_delimiter()
        super().__init__(header_line)

    def _find_delimiter(self):
        """The one by which the first rows have most columns alike."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            text = file.read(100_000)
        text = text[: text.rfind("\n") + 1] or text

        def columns(delimiter):
            try:
                counts = Counter(len(cells) for cells in islice(csv.reader(io.StringIO(text), delimiter=delimiter), 60))
            except csv.Error:
                return 0, 0
            width, rows = max(counts.items(), key=lambda item: ((item[0] > 1) * item[1], item[0]))
            return (rows, width) if width > 1 else (0, 0)

        return max(DELIMITERS, key=columns)

    def _records(self):
        csv.field_size_limit(LONGEST_CELL)
        with self.path.open("rb") as raw, io.TextIOWrapper(raw, self.encoding, newline="") as text:
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=self.delimiter)
            start, number = 1, 0
            try:
                for cells in reader:
                    yield start, cells
                    start = reader.line_num + 1
                    number += 1
                    lines.quotes = lines.quotes_of_last = 0
                    if not number % 1000:
                        self.share_read = raw.tell() / self.size
            except csv.Error as error:
                raise BrokenFile(
                    f"A cell is longer than {LONGEST_CELL:,} characters, perhaps for want of a closing quote.", start
                ) from error
            if lines.unclosed_from:
                raise BrokenFile("A quote is opened and never closed.", lines.unclosed_from)
            self.share_read = 1.0


class _Lines:
    """The lines of a file, watching whether the last record ends inside a quoted cell."""

    def __init__(self, text):
        self.text = text
        self.number = 0
        self.quotes = self.quotes_of_last = 0
        self.start = 1
        self.unclosed_from = 0

    def __iter__(self):
        for line in self.text:
            self.number += 1
            if not self.quotes:
                self.start = self.number
            self.quotes += line.count('"')
            yield line
        if self.quotes % 2:
            self.unclosed_from = self.start


def _encoding(path):
    """How the whole file is encoded. Raises BrokenFile if it is no text, with the line."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder, is_utf8, line = getincrementaldecoder("utf-8")(), True, 1
        while chunk := file.read(1 << 20):
            if b"\0" in chunk:
                line += chunk[: chunk.index(b"\0")].count(b"\n")
                raise BrokenFile("The file holds a zero byte: it is no text, or was damaged.", line)
            line += chunk.count(b"\n")
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
        if is_utf8:
            return "utf-8-sig" if start.startswith(BOM_UTF8) else "utf-8"
    return "cp1252" if _is_all(path, "cp1252") else "latin-1"


def _is_all(path, encoding):
    """Whether the whole file can be read in an encoding of single bytes."""
    with path.open("rb") as file:
        try:
            while chunk := file.read(1 << 20):
                chunk.decode(encoding)
        except UnicodeDecodeError:
            return False
    return True


class _Reader(ExcelReader):
    """openpyxl's, but for the texts of the cells: they stay on disk. In memory they alone would fill 300 MB."""

    def read_strings(self):
        part = self.package.find(SHARED_STRINGS)
        self.shared_strings = _Texts()
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings.read(source)


class _Texts:
    """The texts that a workbook's cells name by their number, in a temporary file."""

    def __init__(self):
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this
        weakref.finalize(self, self.file.close)
        self.ends = array("Q", [0])

    def read(self, source):
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
                root.clear()  # or every one of a million stays in memory

    def __getitem__(self, number):
        start, end = self.ends[number], self.ends[number + 1]
        self.file.seek(start)
        return self.file.read(end - start).decode()


class Workbook(Table):
    """A sheet of an XLSX file: the first visible one that holds something, or one by its name."""

    kind = "xlsx"

    def __init__(self, path, sheet, header_line):
        self.size = path.stat().st_size
        try:
            _refuse_bombs(path)
            file = path.open("rb")  # by its path openpyxl would go by its name
            weakref.finalize(self, file.close)
            reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
            reader.read()
        except (zipfile.BadZipFile, InvalidFileException, KeyError, ParseError, ValueError, OSError, EOFError) as error:
            raise _what_broke(error) from error
        sheets = [found for found in reader.wb.worksheets if found.sheet_state == "visible"]
        self.sheets = [found.title for found in sheets]
        self.rows_seen = 0
        if sheet is not None:
            sheets = [found for found in sheets if found.title == sheet]
        for found in sheets:
            found.reset_dimensions()  # what a sheet claims its size to be is often a million rows too many
            self.worksheet, self.sheet = found, found.title
            if next(self._records(), None):
                break
        else:
            raise BrokenFile("No visible sheet holds anything.")
        super().__init__(header_line)

    @property
    def share_read(self):
        """A guess: a sheet does not tell how long it is before it is over."""
        return self.rows_seen / (self.rows_seen + 20_000)

    def _records(self):
        empty = 0
        try:
            for line, values in enumerate(self.worksheet.iter_rows(values_only=True), 1):
                cells = [_text(value) for value in values]
                if not any(cells):
                    empty += 1
                    if empty > EMPTY_ROWS:
                        return
                    continue
                empty = 0
                self.rows_seen = line
                yield line, cells
        except DefusedXmlException as error:
            raise BrokenFile("The sheet defines entities, which no directory needs.", self.rows_seen + 1) from error
        except (zipfile.BadZipFile, ParseError, KeyError, ValueError, IndexError, OSError, EOFError) as error:
            raise BrokenFile("The sheet is damaged or cut off.", self.rows_seen + 1) from error


def _what_broke(error):
    """The BrokenFile to raise for what openpyxl raised, which hides the cause in its own words."""
    while error:
        if isinstance(error, BrokenFile):
            return error
        if isinstance(error, DefusedXmlException):
            return BrokenFile("The workbook defines entities, which no directory needs.")
        error = error.__cause__
    return BrokenFile("The workbook is damaged or cut off. Download it again.")


def _refuse_bombs(path):
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise BrokenFile("The workbook is protected with a password. Save it without one.")
        too_large = sum(part.file_size for part in parts) > MOST_UNZIPPED or len(parts) > MOST_PARTS
        if too_large or any(
            part.file_size > LARGE_PART and part.file_size > MOST_INFLATED * max(part.compress_size, 1)
            for part in parts
        ):
            raise BrokenFile("The workbook unpacks to far more than its size: this is no directory.")


def _text(value):
    """A cell as it is printed: numbers without a fraction they do not have, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()[:LONGEST_CELL] if not value.startswith("#") else _without_error(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _without_error(text):
    """What a formula that failed shows is nothing that was published."""
    return "" if text in {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"} else text.strip()
