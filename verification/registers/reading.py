"""Reading a public directory as it was published: CSV or XLSX, as rows of text, without ever holding all of it."""

import csv
import io
import re
import tempfile
import weakref
import zipfile
from array import array
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import Counter
from contextlib import ExitStack
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.cell.text import Text
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader, apply_stylesheet
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from common.text import readable
from verification.registers.columns import all_titles, header_score, named_columns
from verification.registers.vocabulary import LEGAL_FORMS

LONGEST_CELL = 100_000  # characters; a quote that is never closed makes longer ones
CHUNK = 1 << 20  # bytes
LONGEST_LINE = 2_000_000  # characters; a line is held in memory whole
HEADER_WITHIN = 30  # rows, title lines included
SAMPLE = 8
EMPTY_ROWS = 5_000  # after so many a sheet that claims more has ended
MOST_UNZIPPED = 4_000_000_000
MOST_INFLATED = 100  # times, of any large part of a workbook: real ones stay below 30
LARGE_PART = 10_000_000
MOST_PARTS = 5_000
# Parts of which a little at a time is read, or nothing. Any other may be read whole, and is refused if it is large.
NOT_READ_WHOLE = ("xl/worksheets/", "xl/sharedStrings", "xl/media/", "xl/pivotCache/", "customXml/")
LARGEST_WHOLE = 20_000_000
LONGEST_ROW = 20_000_000  # bytes of a sheet without the end of a row, or of the texts without the end of one
MOST_ROWS = 1_048_576  # Excel's own bound; openpyxl keeps a trace of each row
DELIMITERS = ",;\t|~^"
ALL_SHEETS = "*"  # which no sheet can be called
NOT_TABLES = {  # by how they begin
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
# A line that a program adds to its table: a mark of its beginning or end, a count, a note.
OWN_LINE = re.compile(
    r"(bof|eof|hdr|trl|header|trailer)\b.*|end of .*|(grand )?(total|count|records?|rows?|number of)\b.*\d.*|"
    r"\d+ (records?|rows?|matches).*|page \d.*|copyright.*|[©*].*|[-=_]{3,}|"
    r"(source|note|notes|disclaimer|generated|printed|downloaded|exported|prepared by|report date|run date|as of|"
    r"last (updated|modified|refreshed)|for (more|further) information|for questions|please (contact|note))\b.*|"
    r"th(is|e) (list|directory|report|file|table|information|data)\b.* (is|are|was|were|has|have) .*",
    re.IGNORECASE,
)
# Where a name stands, such a line is written as one: Please Contact Us and Total Safety may be firms.
WRITTEN_AS_LINE = re.compile(
    r"[be]of\b.*|(end|bottom) of (the |this )?(file|report|list|listing|data|directory|document|table|records)|"
    r"\d[\d,]* (records?|rows?|matches)( (found|total|returned|listed|exported|shown|selected))?|©.*|\W{3,}.*|"
    r"this (list|directory|report|file|table|information|data) (is|are|was|were|has|have)\b.*|"
    r".*(:|@|\bwww\.|\.gov\b|\d\W*$|[.!?]\W*$).*",
    re.IGNORECASE,
)
TOTAL = re.compile(  # the same in two cells, of which one is a number
    r"(grand |sub ?)?(totals?|count|records|rows)( number)?( of)?( (records|rows|firms|vendors|companies))?:? \d[\d,]*",
    re.IGNORECASE,
)
HEADERS_WITHIN = 5  # rows below the header: it may go on in them
IS_OWN_LINE = "It is a line of the file itself: no firm"
DATA = re.compile(r"\d+|.*(\d{5,}|@|\d[/-]\d).*", re.DOTALL)  # what the title of a column hardly ever is
LONGEST_NAME = 120  # of a firm; a longer line in a file of one column is prose
EXACT = 1e15  # above it a spreadsheet does not keep every digit
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
    by_row = False
    other_lines = 0  # in another encoding
    sheets: list = []
    left_out: list = []  # sheets of other columns

    def __init__(self, header_line, find_header):
        """Finds the header, unless its line is given: 0 if it has none, and its columns are known by position."""
        first = list(islice(self._records(), max(HEADER_WITHIN, header_line or 0)))
        first = [(line, cells) for line, cells in first if any(map(str.strip, cells))]
        if not first:
            raise BrokenFile("The file has no rows.")
        if header_line is None:
            header_line = find_header(first)
        self.header_line = header_line
        if header_line:
            header = next((cells for line, cells in first if line == header_line), None)
        else:
            header = [""] * _usual_width(first)
        if header is None:
            raise BrokenFile(f"On line {header_line} no row begins: there is no header.", header_line)
        self.published_width = len(header)
        while header_line and not header[-1].strip():
            header.pop()
        self.header, self.published_header = _distinct(header), header
        self.may_be_names = named_columns(header) or range(len(header))
        self.sample = [row.cells for row in islice((row for row in self.rows() if not row.problem), SAMPLE)]
        if not self.sample and not (self.by_row and next(self.rows(), None)):
            raise BrokenFile("The file has a header and no rows below it.", header_line)
        if len(self.header) == 1 and any(len(cells[0]) > LONGEST_NAME for cells in self.sample):
            raise BrokenFile(NO_TABLE)

    def rows(self):
        """The rows below the header, empty ones left out: iterator of Row, each with a cell for each column."""
        width, done = len(self.header), 0
        for line, cells in self._records():
            if line <= self.header_line or not any(map(str.strip, cells)):
                continue
            problem = ""
            if len(cells) < width:
                if not self.header_line and 2 * len(cells) < width:
                    problem = IS_OWN_LINE
                if self.by_row and not problem:
                    problem = f"It has {len(cells)} cells, but the header has {self.published_width}"
                cells += [""] * (width - len(cells))
            elif len(cells) > width:
                if any(cells[self.published_width :]):
                    problem = f"It has {len(cells)} cells, but the header has {self.published_width}"
                del cells[width:]
            done += 1
            if width > 2 and self._is_own_line(cells, done):
                problem = IS_OWN_LINE
            yield Row(line, cells, problem)

    def _is_own_line(self, cells, number):
        """Whether a row (the `number`th below the header) is no firm: a title again, a count, a note."""
        if cells == self.published_header or (number <= HEADERS_WITHIN and all_titles(cells)):
            return True
        filled = [position for position, cell in enumerate(cells) if cell.strip()]
        if len(filled) > 2:
            return False
        text = " ".join(cells[position].strip() for position in filled)
        if len(filled) == 2:
            return bool(TOTAL.fullmatch(text))
        return bool(OWN_LINE.fullmatch(text)) and (filled[0] not in self.may_be_names or _is_written_as_line(text))

    def _records(self):
        """All rows from the top: iterator of (line, list of str)."""
        raise NotImplementedError


def _is_written_as_line(text):
    last = re.sub(r"[^A-Z ]", "", text.upper()).split()[-1:]
    return LEGAL_FORMS.isdisjoint(last) and bool(WRITTEN_AS_LINE.fullmatch(text))


NO_TABLE = (
    "This is no table: its lines share no columns. A list of names alone needs a first line that says so, such as "
    "“Business Name”."
)


def _find_header(rows):
    """The line of the row that names most columns that directories have; else of the first as full as most rows.

    0 where that one is a firm already. Raises BrokenFile where the rows are the lines of a text.
    """
    score, above = max((header_score(cells), -line) for line, cells in rows)
    if any(score):
        return -above
    width = _usual_width(rows)
    if width == 1 or 2 * sum(len(cells) == width for _, cells in rows) < len(rows):
        raise BrokenFile(NO_TABLE)
    filled = [sum(map(bool, cells)) for _, cells in rows]
    usual = max(set(filled), key=lambda count: (filled.count(count), count))
    line, cells = next(row for row, count in zip(rows, filled, strict=True) if count >= usual)
    return 0 if any(map(_is_data, cells)) else line


def _usual_width(rows):
    """How many cells most rows have."""
    widths = Counter(len(cells) for _, cells in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _is_data(cell):
    return bool(DATA.fullmatch(cell.strip()))


def _distinct(header):
    """Column names of which no two are alike and none is empty."""
    seen = Counter()
    names = []
    for position, title in enumerate(header, 1):
        name = title = readable(title) or f"Column {position}"
        while name in seen:
            seen[title] += 1
            name = f"{title} ({seen[title]})"
        seen[name] = 1
        names.append(name)
    return names


def open_table(path, *, sheet=None, header_line=None, by_row=False):
    """The Table in the file at `path` (Path), told by its content. `sheet`, `header_line`: if not those it finds.

    `sheet` may be ALL_SHEETS. A `header_line` of 0 says that it has no header. With `by_row` a row of a text with too
    few cells has a problem, and zero bytes stay in their cells; else it is filled up, and they break the file.
    Raises BrokenFile, here or while its rows are read.
    """
    if not _is_workbook(path):
        return TextFile(path, header_line, _find_header, by_row)
    book = _open_book(path)
    return AllSheets(book, header_line) if sheet == ALL_SHEETS else Workbook(book, sheet, header_line, _find_header)


def open_tables(path, find_header):
    """Every Table in the file at `path`, read `by_row`, and its sheets that are left out: list of (title, why).

    `find_header`: gives the line of the header among the first rows, a list of (line, cells), or raises BrokenFile.
    Raises BrokenFile if the file holds no such table.
    """
    if not _is_workbook(path):
        return [TextFile(path, None, find_header, by_row=True)], []
    book = _open_book(path)
    tables, left_out = [], []
    for sheet in book._sheets:
        if sheet.sheet_state != "visible":
            left_out.append((sheet.title, "It is hidden."))
        elif next(_records(sheet), None):
            try:
                tables.append(Workbook(book, sheet.title, None, find_header))
            except BrokenFile as error:
                left_out.append((sheet.title, str(error)))
    if not tables:
        reasons = [why if len(left_out) == 1 else f"Sheet “{title}”: {why}" for title, why in left_out]
        raise BrokenFile(" ".join(reasons) or "No visible sheet holds anything.")
    return tables, left_out


def _is_workbook(path):
    """Whether the file at `path` is an XLSX file, and not a text. Raises BrokenFile if its content is neither."""
    with path.open("rb") as file:
        start = file.read(200)
    if not start:
        raise BrokenFile("The file is empty.")
    if start.startswith(OLE):
        raise BrokenFile("This is an old or a protected Excel file. Save it as .xlsx without a password, or as CSV.")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # "PK" alone may be a column's name
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


class TextFile(Table):
    """A CSV file, whatever it is separated by and however it is encoded."""

    kind = "csv"
    share_read = 0.0

    def __init__(self, path, header_line, find_header, by_row):
        self.path, self.by_row = path, by_row
        self.size = max(path.stat().st_size, 1)
        self.encoding, self.other_lines = _encoding(path, by_row)
        self.delimiter = self._find_delimiter()
        super().__init__(header_line, find_header)

    def _texts(self):
        """The file's text, a part at a time."""
        decoder, done = _decoder(self.encoding), 0
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                done += len(chunk)
                yield decoder.decode(chunk)
                self.share_read = done / self.size
        yield decoder.decode(b"", True)

    def _find_delimiter(self):
        """The one by which the first rows have most columns alike."""
        text = next(filter(None, self._texts()), "")[:100_000]
        text = text[: text.rfind("\n") + 1] or text

        def columns(delimiter):
            try:
                lines = io.StringIO(text, newline="")  # keeps lone CRs, and ends lines at them
                counts = Counter(len(cells) for cells in islice(csv.reader(lines, delimiter=delimiter), 60))
            except csv.Error:
                return 0, 0
            by_rows = sorted(counts.items(), key=lambda item: ((item[0] > 1) * item[1], item[0]))
            width, rows = by_rows[-1] if by_rows else (0, 0)
            return (rows, width) if width > 1 else (0, 0)

        return max(DELIMITERS, key=columns)

    def _records(self):
        csv.field_size_limit(LONGEST_CELL)
        lines = _Lines(self._texts())
        reader = csv.reader(lines, delimiter=self.delimiter)
        start = 1
        try:
            for cells in reader:
                yield start, cells
                start = reader.line_num + 1
                lines.quote_from = 0  # the record is whole: what is open is a stray one, as in 5" pipe
        except csv.Error as error:
            raise BrokenFile(
                f"A cell is longer than {LONGEST_CELL:,} characters, perhaps for want of a closing quote.",
                lines.quote_from or start,
            ) from error
        if lines.unclosed_from:
            raise BrokenFile("A quote is opened and never closed.", lines.unclosed_from)


class _Lines:
    """The lines of a file, watching where in a record a quote is opened, and whether the last one is closed."""

    def __init__(self, texts):
        self.lines = (line for text in texts for line in io.StringIO(text, newline=""))  # a lone CR ends a line, too
        self.quote_from = self.unclosed_from = 0  # the line of a quote that is open, and is at the end; or 0

    def __iter__(self):
        for number, line in enumerate(self.lines, 1):
            quotes = line.count('"')
            if quotes % 2:
                self.quote_from = 0 if self.quote_from else number
            elif quotes and self.quote_from and '"' in line.replace('""', ""):
                self.quote_from = number  # here one is closed and another opened
            yield line
        self.unclosed_from = self.quote_from


class _EachLine:
    """Decodes text in UTF-8, but lines that are in none: they are in Windows-1252. Text comes out by whole lines."""

    def __init__(self):
        self.rest = b""
        self.in_utf_8 = self.other = 0  # lines with letters beyond ASCII, of each kind
        self.is_first = True

    def decode(self, chunk, final=False):
        data = self.rest + chunk
        if self.is_first:
            data, self.is_first = data.removeprefix(BOM_UTF8), False
        # A CR at the very end may be followed by its LF.
        cut = len(data) if final else max(data.rfind(b"\n"), data.rfind(b"\r", 0, max(len(data) - 1, 0))) + 1
        if not cut and len(data) > LONGEST_LINE:
            cut = len(data)  # it is refused
        self.rest = data[cut:]
        return self._text(data[:cut])

    def _text(self, data):
        if data.isascii():
            return data.decode("ascii")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return "".join(map(self._line, data.splitlines(keepends=True)))
        self.in_utf_8 += 1
        return text

    def _line(self, line):
        if line.isascii():
            return line.decode("ascii")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self.other += 1
            return _windows(line)
        self.in_utf_8 += 1
        return text


def _windows(line):
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:  # of five bytes that have no letter
        return line.decode("latin-1")


class _Windows(_EachLine):
    """Decodes text in Windows-1252, by whole lines."""

    def _text(self, data):
        return "".join(map(_windows, data.splitlines(keepends=True)))


def _decoder(encoding):
    if encoding.startswith("utf-16"):
        return getincrementaldecoder(encoding)()
    return _Windows() if encoding == "cp1252" else _EachLine()


def _encoding(path, may_have_zeros):
    """How the whole file is encoded, and how many of its lines are otherwise. Raises BrokenFile if it is no text."""
    with path.open("rb") as file:
        start = file.read(2000)
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        # Without a mark, it is told by the zero bytes beside the letters of English.
        high, low = start[::2].count(0), start[1::2].count(0)
        most = 0.8 * (len(start) // 2)
        encoding = "utf-16-be" if high > most and not low else "utf-16-le" if low > most and not high else "utf-8"
    decoder = _decoder(encoding)
    try:
        _look_through(path, decoder, may_have_zeros)
    except UnicodeDecodeError as error:
        raise BrokenFile("The text is damaged or cut off. Download it again, or save it as CSV in UTF-8.") from error
    if encoding != "utf-8" or not decoder.other:
        return encoding, 0
    return ("utf-8", decoder.other) if decoder.in_utf_8 else ("cp1252", 0)


def _look_through(path, decoder, may_have_zeros):
    """Read the whole file. Raises UnicodeDecodeError if it is encoded otherwise, BrokenFile if no table is like this.

    Both are said here, before anything is read of it, and so that no line can fill the memory later.
    """
    reader = io.IncrementalNewlineDecoder(decoder, translate=True)
    line, since_break = 1, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = reader.decode(chunk)
            if "\0" in text and not may_have_zeros:
                line += text[: text.index("\0")].count("\n")
                raise BrokenFile("The file holds a zero byte: it is no text, or was damaged.", line)
            breaks = text.count("\n")
            since_break = len(text) - text.rfind("\n") - 1 + (0 if breaks else since_break)
            line += breaks
            if since_break > LONGEST_LINE:
                raise BrokenFile(f"A line is longer than {LONGEST_LINE:,} characters: this is no table.", line)
    if "\0" in reader.decode(b"", final=True) and not may_have_zeros:
        raise BrokenFile("The file holds a zero byte: it is no text, or was damaged.", line)


class _Reader(ExcelReader):
    """openpyxl's, but for the texts of the cells: they stay on disk. In memory they alone would fill 300 MB."""

    def read(self):
        """Only what the cells need: nothing else can be broken, or large."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)  # tells days from numbers
        self.read_worksheets()

    def read_strings(self):
        part = self.package.find(SHARED_STRINGS)
        self.shared_strings = _Texts()
        if part is not None:
            with _Part(self.archive, part.PartName[1:]) as source:
                self.shared_strings.read(source)

    def read_worksheets(self):
        for sheet, part in self.parser.find_sheets():
            if part.target in self.valid_files and part.Type.endswith("/worksheet"):
                worksheet = _Sheet(self.wb, sheet.name, part.target, self.shared_strings)
                worksheet.sheet_state = sheet.state
                self.wb._sheets.append(worksheet)


class _Sheet(ReadOnlyWorksheet):
    """openpyxl's, but that it never asks a sheet for its size.

    What a sheet claims is often a million rows too many, and where it claims nothing openpyxl reads all of it to see.
    """

    part = None

    def _get_size(self):
        pass

    def _get_source(self):
        self.part = _Part(self.parent._archive, self._worksheet_path)
        return self.part


class _Part:
    """A part of a workbook as a stream: it knows how far it is read, and gives up where a row has no end."""

    def __init__(self, archive, name):
        self.size = archive.getinfo(name).file_size
        self.file = archive.open(name)
        self.done = self.since_row = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def read(self, size):
        if self.since_row > LONGEST_ROW:
            raise BrokenFile("A row of the sheet is far too long: no table has one like it.")
        data = self.file.read(size)
        self.done += len(data)
        self.since_row += len(data)
        return data

    close = __exit__


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
                source.since_row = 0

    def __getitem__(self, number):
        start, end = self.ends[number], self.ends[number + 1]
        self.file.seek(start)
        return self.file.read(end - start).decode()


def _open_book(path):
    """openpyxl's workbook of an XLSX file, whose sheets are read as streams. Raises BrokenFile."""
    try:
        _refuse_bombs(path)
        with ExitStack() as opened:
            file = opened.enter_context(path.open("rb"))  # by its path openpyxl would go by its name
            reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
            reader.read()
            weakref.finalize(reader.wb, opened.pop_all().close)
    except Exception as error:  # what a damaged file makes zipfile, the XML parsers and openpyxl raise has no end
        raise _what_broke(error) from error
    return reader.wb


def _records(worksheet):
    """The rows of a sheet that hold anything: iterator of (line, list of str)."""
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
    """A sheet of an XLSX file: the first visible one that holds a table, or one by its name."""

    kind = "xlsx"

    def __init__(self, book, sheet, header_line, find_header):
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
            except BrokenFile as error:  # a sheet of notes, perhaps, before the table
                broken = broken or error
            else:
                return
        named = f" of the name “{sheet}”" if sheet is not None else ""
        raise broken or BrokenFile(f"No visible sheet{named} holds anything.")

    @property
    def share_read(self):
        part = self.worksheet.part
        return part.done / max(part.size, 1)

    def _records(self):
        return _records(self.worksheet)


class AllSheets(Table):
    """All visible sheets of an XLSX file that have the same columns, one below the other, and a column that says which.

    The others are `left_out`.
    """

    kind = "xlsx"
    sheet = ALL_SHEETS
    header_line = None  # each has its own

    def __init__(self, book, header_line):
        tables, self.left_out = [], []
        self.sheets = Workbook(book, None, None, _find_header).sheets
        for title in self.sheets:
            try:
                tables.append(Workbook(book, title, header_line, _find_header))
            except BrokenFile:
                self.left_out.append(title)
        if not tables:
            raise BrokenFile("No visible sheet holds a table.")
        usual, _ = Counter(frozenset(table.header) for table in tables).most_common(1)[0]
        self.tables = [table for table in tables if usual == set(table.header)]
        self.left_out += [table.sheet for table in tables if usual != set(table.header)]
        self.header = _distinct([*self.tables[0].header, "Sheet"])
        self.sample = [row.cells for row in islice(self.rows(), SAMPLE)]
        self.share_read = 0.0

    def rows(self):
        for number, table in enumerate(self.tables):
            order = [table.header.index(title) for title in self.header[:-1]]
            for line, cells, problem in table.rows():
                yield Row(line, [*(cells[position] for position in order), table.sheet], problem)
            self.share_read = (number + 1) / len(self.tables)


def _what_broke(error, line=None):
    """The BrokenFile to raise for what openpyxl raised, which hides the cause in its own words."""
    cause = error
    while cause:
        if isinstance(cause, BrokenFile):
            return BrokenFile(str(cause), cause.line or line)
        if isinstance(cause, DefusedXmlException):
            return BrokenFile("The workbook defines entities, which no table needs.", line)
        cause = cause.__cause__
    return BrokenFile("The workbook is damaged or cut off. Download it again.", line)


def _refuse_bombs(path):
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
            raise BrokenFile("This is a ZIP archive and no workbook. Unpack it and upload the table in it.")
        if any(part.flag_bits & 1 for part in parts):
            raise BrokenFile("The workbook is protected with a password. Save it without one.")
        too_large = sum(part.file_size for part in parts) > MOST_UNZIPPED or len(parts) > MOST_PARTS
        if too_large or any(map(_is_bomb, parts)):
            raise BrokenFile("The workbook unpacks to far more than its size: no table does.")


def _is_bomb(part):
    """Whether a part of a workbook would fill the memory, or holds little but the same again and again."""
    if not part.filename.startswith(NOT_READ_WHOLE) and part.file_size > LARGEST_WHOLE:
        return True
    return part.file_size > LARGE_PART and part.file_size > MOST_INFLATED * max(part.compress_size, 1)


def _text(value):
    """A cell as it is printed: numbers without a fraction they do not have, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()[:LONGEST_CELL]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and abs(value) >= EXACT:
        return f"{value:.14E}"  # as spreadsheets print what they no longer know to the last digit
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
