"""Stores the rows of a register's file, a batch at a time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import batched, islice
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone

from certifications.entry.placeholders import is_no_number
from verification.models import CommonWord, RegisterEntry, RegisterFile
from verification.registers import lookup, names
from verification.registers.columns import Columns, codes_of
from verification.registers.days import read_days
from verification.registers.looking_through import survey_of
from verification.registers.reading import Row, open_table
from verification.registers.report import SkippedRows
from verification.registers.survey import Survey
from verification.registers.values import ERROR, cell_text, printed_number, spoiled

BATCH = 25_000  # rows; each batch is committed and moves the progress bar
PART = 500

COPY = """
COPY verification_registerentry
    (file_id, line, name, dba, number, identity, words, types, codes, status, certified_on, expires_on,
     unread_day)
FROM STDIN
"""
COUNT_COMMON_WORDS = """
INSERT INTO verification_commonword (file_id, word, rows)
SELECT file_id, word, count(*) FROM verification_registerentry, unnest(words) AS word
WHERE file_id = %s GROUP BY file_id, word HAVING count(*) > %s
"""
NULL, NONE = "\\N", "{}"  # COPY's


def store(file: RegisterFile, path: Path) -> tuple[int, Survey]:
    """Store the rows of the file in batches, each committed with the counts so far.

    Return the number of rows without a type, and the survey with the confirmed columns.
    """
    table = open_table(path, sheet=file.found["sheet"] or None, header_line=file.found["header_line"])
    columns = Columns.from_dict(file.mapping["columns"])
    surveyed = survey_of(file, table, columns)
    RegisterFile.objects.filter(pk=file.pk).update(found=file.found | {"notes": surveyed.notes})
    to_line = EntryLines(file.pk, file.mapping, table.header, surveyed.day_first)
    rows, read = table.rows(), 0
    with SkippedRows() as skipped:
        while batch := list(islice(rows, BATCH)):
            read += len(batch)
            with transaction.atomic():
                with connection.cursor() as cursor, cursor.copy(COPY) as copy:
                    for part in batched(batch, PART):  # the database stores one while the next is read
                        copy.write("".join(_lines(part, to_line, skipped)))
                _count(file, read, skipped.count, table.share_read)
        _count(file, read, skipped.count, 1)
        if skipped.count:
            file.report.save("", File(skipped.file), save=False)
            RegisterFile.objects.filter(pk=file.pk).update(report=file.report.name)
    return to_line.untyped, surveyed


def remove_entries(file: RegisterFile) -> None:
    RegisterEntry.objects.filter(file=file)._raw_delete("default")
    CommonWord.objects.filter(file=file)._raw_delete("default")


def _lines(rows: Iterable[Row], to_line: "EntryLines", skipped: SkippedRows) -> Iterator[str]:
    for row in rows:
        line, reason = ("", row.problem) if row.problem else to_line.of(row.line, row.cells)
        if reason:
            skipped.add(row.line, reason, row.cells)
        else:
            yield line


def _count(file: RegisterFile, read: int, skipped: int, share: float) -> None:
    RegisterFile.objects.filter(pk=file.pk).update(
        rows_read=read,
        rows_stored=read - skipped,
        rows_skipped=skipped,
        share_read=share,
        changed_at=timezone.now(),
    )


class EntryLines:
    """Turns a file's rows into lines for COPY, and counts those without a type.

    It is called a million times for a file, so it prepares all it can.
    """

    def __init__(self, file_pk: int, mapping: dict[str, Any], header: list[str], day_first: dict[str, bool]) -> None:
        self.columns, self.header, self.day_first = Columns.from_dict(mapping["columns"]), header, day_first
        self.start, self.untyped = f"{file_pk}\t", 0
        types_of_code, always = mapping["codes"], frozenset(mapping["types"])

        @cache
        def types_array(codes: tuple[str, ...]) -> str:
            return _array(sorted(always.union(*(types_of_code.get(code, ()) for code in codes))))

        self.types_array = types_array

    def of(self, number: int, cells: list[str]) -> tuple[str, str]:
        """Return the line for a row, and the reason why it is left out. One of the two is ""."""
        columns = self.columns
        name = self._cell(cells, columns.name)
        if not name or ERROR.fullmatch(name):
            return "", "It has no name"
        dba, printed, status = (self._cell(cells, at) for at in (columns.dba, columns.number, columns.status))
        codes = codes_of(cells, columns, self.header)
        certified, _ = self._day(cells, "certified_on")
        expires, unread = self._day(cells, "expires_on")
        words = names.words(f"{name} DBA {dba}" if dba and dba != name else name)
        if not words:
            return "", "It has no name"
        printed = printed_number(printed)
        known_by_number = "" if spoiled(printed) or is_no_number(printed) else lookup.number_identity(printed)
        identity = known_by_number or f"={''.join(words)}"
        types = self.types_array(tuple(codes))
        self.untyped += types == NONE
        known_by = f"{name}\t{dba}\t{printed}\t{identity}\t{_array(words)}\t{types}"
        texts = f"{known_by}\t{', '.join(codes)}\t{status}".replace("\\", "\\\\")
        unread = unread.replace("\\", "\\\\")
        return f"{self.start}{number}\t{texts}\t{certified or NULL}\t{expires or NULL}\t{unread}\n", ""

    def _cell(self, cells: list[str], position: int | None) -> str:
        text = cells[position] if position is not None else ""
        return cell_text(text) if text else ""

    def _day(self, cells: list[str], name: str) -> tuple[date | None, str]:
        """Return the day in a column or None, and the text in its place if it cannot be read."""
        position = getattr(self.columns, name)
        if position is None:
            return None, ""
        try:
            found = read_days(cells[position], self.day_first[name])
            return found.start if name == "certified_on" else found.earliest, ""
        except ValueError:
            return None, cell_text(cells[position])


def _array(items: Sequence[str]) -> str:
    """Return `items` as an array for COPY. They have only letters, digits and hyphens."""
    return '{"' + '","'.join(items) + '"}' if items else NONE
