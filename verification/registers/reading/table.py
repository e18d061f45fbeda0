"""A table in a file of any kind: its header and its rows."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from common.text import readable
from verification.registers.columns import all_titles, header_score, named_columns
from verification.registers.vocabulary import LEGAL_FORMS

type Line = tuple[int, list[str]]  # its number, and its cells
type HeaderFinder = Callable[[list[Line]], int]  # gives the line of the header among the first ones

LONGEST_CELL = 100_000  # characters; an unclosed quote makes longer cells
HEADER_WITHIN = 30  # rows, title lines included
SAMPLE = 8
# A line that a program adds to its table: a start or end mark, a count, a note.
OWN_LINE = re.compile(
    r"(bof|eof|hdr|trl|header|trailer)\b.*|end of .*|(grand )?(total|count|records?|rows?|number of)\b.*\d.*|"
    r"\d+ (records?|rows?|matches).*|page \d.*|copyright.*|[©*].*|[-=_]{3,}|"
    r"(source|note|notes|disclaimer|generated|printed|downloaded|exported|prepared by|report date|run date|as of|"
    r"last (updated|modified|refreshed)|for (more|further) information|for questions|please (contact|note))\b.*|"
    r"th(is|e) (list|directory|report|file|table|information|data)\b.* (is|are|was|were|has|have) .*",
    re.IGNORECASE,
)
# In a column of names the line needs clearer signs: Please Contact Us and Total Safety may be businesses.
WRITTEN_AS_LINE = re.compile(
    r"[be]of\b.*|(end|bottom) of (the |this )?(file|report|list|listing|data|directory|document|table|records)|"
    r"\d[\d,]* (records?|rows?|matches)( (found|total|returned|listed|exported|shown|selected))?|©.*|\W{3,}.*|"
    r"this (list|directory|report|file|table|information|data) (is|are|was|were|has|have)\b.*|"
    r".*(:|@|\bwww\.|\.gov\b|\d\W*$|[.!?]\W*$).*",
    re.IGNORECASE,
)
TOTAL = re.compile(  # a count in two cells, one of them a number
    r"(grand |sub ?)?(totals?|count|records|rows)( number)?( of)?( (records|rows|firms|vendors|companies))?:? \d[\d,]*",
    re.IGNORECASE,
)
HEADERS_WITHIN = 5  # rows below the header that may continue it
IS_OWN_LINE = "It is a line about the file, not a firm"
DATA = re.compile(r"\d+|.*(\d{5,}|@|\d[/-]\d).*", re.DOTALL)  # text that is almost never a column's title
LONGEST_NAME = 120  # of a business; a longer line in a file of one column is prose
NO_TABLE = (
    "This isn't a table, because its lines share no columns. A list of only names needs a first line that says so, "
    "like “Business Name”."
)


class BrokenFile(Exception):
    """A file that cannot be read. The text is a sentence for staff; `line` may say where."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Row(NamedTuple):
    """A row below the header: its line in the file, its cells, and the reason why it cannot be read, or ""."""

    line: int
    cells: list[str]
    problem: str


class Table:
    """A table in a file: its header, its first rows, and a stream of all rows."""

    kind: str  # "csv" or "xlsx"
    share_read: float  # the share of the file that `rows` has read so far
    encoding = delimiter = sheet = ""
    by_row = False
    other_lines = 0  # in another encoding
    sheets: list[str] = []
    left_out: list[str] = []  # sheets of other columns

    def __init__(self, header_line: int | None, find_header: HeaderFinder) -> None:
        """Find the header, unless its line is given. 0 means no header; then columns are known by position."""
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
            raise BrokenFile(f"On line {header_line} no row begins, so it can't be the header.", header_line)
        self.published_width = len(header)
        while header_line and not header[-1].strip():
            header.pop()
        self.header, self.published_header = distinct(header), header
        self.may_be_names = named_columns(header) or range(len(header))
        self.sample = [row.cells for row in islice((row for row in self.rows() if not row.problem), SAMPLE)]
        if not self.sample and not (self.by_row and next(self.rows(), None)):
            raise BrokenFile("The file has a header and no rows below it.", header_line)
        if len(self.header) == 1 and any(len(cells[0]) > LONGEST_NAME for cells in self.sample):
            raise BrokenFile(NO_TABLE)

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, each with a cell for every column. Empty rows are left out."""
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

    def _is_own_line(self, cells: list[str], number: int) -> bool:
        """Return whether a row (the `number`th below the header) is not a business: a title again, a count, a note."""
        if cells == self.published_header or (number <= HEADERS_WITHIN and all_titles(cells)):
            return True
        filled = list(islice((position for position, cell in enumerate(cells) if cell.strip()), 3))
        if len(filled) > 2:
            return False
        text = " ".join(cells[position].strip() for position in filled)
        if len(filled) == 2:
            return bool(TOTAL.fullmatch(text))
        return bool(OWN_LINE.fullmatch(text)) and (filled[0] not in self.may_be_names or _is_written_as_line(text))

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield all rows from the top: line and cells."""
        raise NotImplementedError


def _is_written_as_line(text: str) -> bool:
    last = re.sub(r"[^A-Z ]", "", text.upper()).split()[-1:]
    return LEGAL_FORMS.isdisjoint(last) and bool(WRITTEN_AS_LINE.fullmatch(text))


def find_header(rows: list[Line]) -> int:
    """Return the line of the row with the most known titles, else of the first row as full as most rows.

    Return 0 if that row is a business already. Raises BrokenFile if the rows are lines of a text.
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


def _usual_width(rows: list[Line]) -> int:
    """Return the number of cells that most rows have."""
    widths = Counter(len(cells) for _, cells in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _is_data(cell: str) -> bool:
    return bool(DATA.fullmatch(cell.strip()))


def distinct(header: list[str]) -> list[str]:
    """Return the titles with numbers added, so that no two are alike and none is empty."""
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
