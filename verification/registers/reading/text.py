"""Tables in text files: CSV with any separator and encoding."""

import csv
import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, IncrementalDecoder, getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from verification.registers.reading.table import LONGEST_CELL, BrokenFile, HeaderFinder, Table

CHUNK = 1 << 20  # bytes
LONGEST_LINE = 2_000_000  # characters; a whole line is held in memory
DELIMITERS = ",;\t|~^"


class TextFile(Table):
    """A CSV file with any separator and encoding."""

    kind = "csv"
    share_read = 0.0

    def __init__(self, path: Path, header_line: int | None, find_header: HeaderFinder, by_row: bool) -> None:
        self.path, self.by_row = path, by_row
        self.size = max(path.stat().st_size, 1)
        self.encoding, self.other_lines = _encoding(path, by_row)
        self.delimiter = self._find_delimiter()
        super().__init__(header_line, find_header)

    def _texts(self) -> Iterator[str]:
        """Yield the file's text in parts."""
        decoder, done = _decoder(self.encoding), 0
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                done += len(chunk)
                yield decoder.decode(chunk)
                self.share_read = done / self.size
        yield decoder.decode(b"", True)

    def _find_delimiter(self) -> str:
        """Return the separator by which most of the first rows have the same number of columns."""
        text = next(filter(None, self._texts()), "")[:100_000]
        text = text[: text.rfind("\n") + 1] or text

        def columns(delimiter: str) -> tuple[int, int]:
            try:
                lines = io.StringIO(text, newline="")  # ends lines at lone CRs, too
                counts = Counter(len(cells) for cells in islice(csv.reader(lines, delimiter=delimiter), 60))
            except csv.Error:
                return 0, 0
            by_rows = sorted(counts.items(), key=lambda item: ((item[0] > 1) * item[1], item[0]))
            width, rows = by_rows[-1] if by_rows else (0, 0)
            return (rows, width) if width > 1 else (0, 0)

        return max(DELIMITERS, key=columns)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(LONGEST_CELL)
        lines = _Lines(self._texts())
        reader = csv.reader(lines, delimiter=self.delimiter)
        start = 1
        try:
            for cells in reader:
                yield start, cells
                start = reader.line_num + 1
                lines.quote_from = 0  # the row is complete: an open quote is a stray one, as in 5" pipe
        except csv.Error as error:
            raise BrokenFile(
                f"A cell is longer than {LONGEST_CELL:,} characters. A closing quote may be missing.",
                lines.quote_from or start,
            ) from error
        if lines.unclosed_from:
            raise BrokenFile("A quote is opened and never closed.", lines.unclosed_from)


class _Lines:
    """The lines of a file. Notes where a quote is opened, and whether the last one is closed."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.lines = (line for text in texts for line in io.StringIO(text, newline=""))  # a lone CR ends a line, too
        self.quote_from = self.unclosed_from = 0  # the line of an open quote, now and at the end; 0 for none

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self.lines, 1):
            quotes = line.count('"')
            if quotes % 2:
                self.quote_from = 0 if self.quote_from else number
            elif quotes and self.quote_from and '"' in line.replace('""', ""):
                self.quote_from = number  # this line closes one quote and opens another
            yield line
        self.unclosed_from = self.quote_from


class _EachLine(IncrementalDecoder):
    """Decodes text in UTF-8, and single lines in Windows-1252 that are not. Returns whole lines."""

    def __init__(self) -> None:
        super().__init__()
        self.rest = b""
        self.in_utf_8 = self.other = 0  # lines with letters beyond ASCII, of each kind
        self.is_first = True

    def decode(self, chunk: bytes, final: bool = False) -> str:
        data = self.rest + chunk
        if self.is_first:
            data, self.is_first = data.removeprefix(BOM_UTF8), False
        # A CR at the very end may be followed by its LF.
        cut = len(data) if final else max(data.rfind(b"\n"), data.rfind(b"\r", 0, max(len(data) - 1, 0))) + 1
        if not cut and len(data) > LONGEST_LINE:
            cut = len(data)  # the file will be refused
        self.rest = data[cut:]
        return self._text(data[:cut])

    def _text(self, data: bytes) -> str:
        if data.isascii():
            return data.decode("ascii")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return "".join(map(self._line, data.splitlines(keepends=True)))
        self.in_utf_8 += 1
        return text

    def _line(self, line: bytes) -> str:
        if line.isascii():
            return line.decode("ascii")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self.other += 1
            return _windows(line)
        self.in_utf_8 += 1
        return text


def _windows(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:  # five bytes stand for no letter
        return line.decode("latin-1")


class _Windows(_EachLine):
    """Decodes text in Windows-1252. Returns whole lines."""

    def _text(self, data: bytes) -> str:
        return "".join(map(_windows, data.splitlines(keepends=True)))


def _decoder(encoding: str) -> IncrementalDecoder:
    if encoding.startswith("utf-16"):
        return getincrementaldecoder(encoding)()
    return _Windows() if encoding == "cp1252" else _EachLine()


def _encoding(path: Path, may_have_zeros: bool) -> tuple[str, int]:
    """Return the file's encoding, and the number of lines in another. Raises BrokenFile if the file is not text."""
    with path.open("rb") as file:
        start = file.read(2000)
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        # Without a byte order mark, the zero bytes of English letters reveal UTF-16.
        high, low = start[::2].count(0), start[1::2].count(0)
        most = 0.8 * (len(start) // 2)
        encoding = "utf-16-be" if high > most and not low else "utf-16-le" if low > most and not high else "utf-8"
    decoder = _decoder(encoding)
    try:
        _look_through(path, decoder, may_have_zeros)
    except UnicodeDecodeError as error:
        raise BrokenFile("The text is damaged or cut off. Download it again, or save it as CSV in UTF-8.") from error
    if not isinstance(decoder, _EachLine) or not decoder.other:
        return encoding, 0
    return ("utf-8", decoder.other) if decoder.in_utf_8 else ("cp1252", 0)


def _look_through(path: Path, decoder: IncrementalDecoder, may_have_zeros: bool) -> None:
    """Read the whole file. Raises UnicodeDecodeError for another encoding, BrokenFile if it cannot be a table.

    Checked before the rows are read, so that no line can fill the memory later.
    """
    reader = io.IncrementalNewlineDecoder(decoder, translate=True)
    line, since_break = 1, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = reader.decode(chunk)
            if "\0" in text and not may_have_zeros:
                line += text[: text.index("\0")].count("\n")
                raise BrokenFile("The file has a zero byte, so it isn't text or was damaged.", line)
            breaks = text.count("\n")
            since_break = len(text) - text.rfind("\n") - 1 + (0 if breaks else since_break)
            line += breaks
            if since_break > LONGEST_LINE:
                raise BrokenFile(f"A line is longer than {LONGEST_LINE:,} characters, so this isn't a table.", line)
    if "\0" in reader.decode(b"", final=True) and not may_have_zeros:
        raise BrokenFile("The file has a zero byte, so it isn't text or was damaged.", line)
