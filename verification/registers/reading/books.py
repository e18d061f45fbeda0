"""Tables from the marketplace's books, such as contracts and payments: rows with a number, a client and a profile.

Any encoding and spelling that `open_tables` reads will do. A row that cannot be read says why, and costs no other.
"""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.text import get_text_list

from common.text import clean
from profiles.models import Client, Profile
from verification.registers.days import read_days
from verification.registers.reading import IS_OWN_LINE, BrokenFile, open_tables
from verification.registers.reading.table import Table
from verification.registers.values import HAPPENED, printed_number, spoiled

PART_OF_DAY = r"(?:d+|day|m+|mon|month|y+|year)"
ORDER = re.compile(rf"{PART_OF_DAY}(?:\W*{PART_OF_DAY}){{2}}", re.IGNORECASE)
BRACKETS = re.compile(r"\s*[(\[{<](.*)[)\]}>][\W_]*", re.DOTALL)
KINDS = frozenset(Profile.Kind.values)
LONGEST_QUOTE = 60  # characters of a cell, where a problem names it


class BadFile(Exception):
    """The file as a whole cannot be read. Its text is a sentence that says why."""


class Unit(NamedTuple):
    """What a header may add to the name of its column, and how a person is told which unit is needed."""

    pattern: re.Pattern[str]
    told: str


class Book(NamedTuple):
    """A kind of table: what a row of it is called, its columns, and the command that reads a file of any size."""

    row: str
    command: str
    columns: tuple[str, ...]
    days: tuple[str, ...]  # the columns that hold dates
    optional: tuple[str, ...] = ()  # columns that a file may lack
    units: Mapping[str, Unit] = {}


class Row(NamedTuple):
    """A row of a file: its number in the whole file, its place in words, its cells by column.

    `orders` says for each date column what is known to come first in it, {"day"} or {"month"}; both if its cells
    disagree. `problem` says why the row as a whole cannot be read, or is "".
    """

    number: int
    place: str
    cells: dict[str, str]
    orders: dict[str, frozenset[str]]
    problem: str


class Opened(NamedTuple):
    """The rows of a file, to be read once, and notes on the file as a whole."""

    rows: Iterator[Row]
    notes: list[str]


@contextmanager
def opened(file: BinaryIO, book: Book, *, most_rows: int | None = None) -> Iterator[Opened]:
    """Yield the rows of all tables in `file` that are of this kind. Raise BadFile, here or while they are read.

    If a number occurs twice in a file, the later rows have a problem. All sheets of a workbook are read.
    """
    with NamedTemporaryFile() as copy:  # the reader goes through it several times
        shutil.copyfileobj(file, copy)
        copy.flush()
        try:
            tables, left_out = open_tables(Path(copy.name), lambda rows: _find_header(rows, book))
            notes = [f"Sheet “{title}” was left out. {why}" for title, why in left_out]
            orders = _orders(tables, book, most_rows)
            if any(known == {"day"} for known in orders.values()):
                notes.append(
                    "Dates such as 09/10/2026 were read with the day first, because others can't be read otherwise."
                )
            yield Opened(_numbered_once(_rows(tables, book, orders)), notes)
        except BrokenFile as error:
            raise BadFile(f"Line {error.line}: {error}" if error.line else str(error)) from error


def _numbered_once(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows; a row with the number of an earlier one gets a problem."""
    seen = {}
    for row in rows:
        number = row.cells["external_id"]
        first = row.place if not number or spoiled(number) else seen.setdefault(number, row.place)
        is_again = first != row.place and not row.problem
        yield row._replace(problem=f"{first} has the same external_id.") if is_again else row


def _find_header(rows: list[tuple[int, list[str]]], book: Book) -> int:
    """Return the line of the row that names most columns. Raise BrokenFile unless it has each needed one once."""
    line, cells = max(rows, key=lambda row: len(_named(row[1], book)))
    named = _named(cells, book)
    if missing := [column for column in book.columns if column not in named]:
        is_one = len(missing) == 1
        raise BrokenFile(
            f"The column{'' if is_one else 's'} {get_text_list(missing, 'and')} {'is' if is_one else 'are'} missing."
        )
    for column, found in named.items():
        if len(found) > 1:
            raise BrokenFile(f"There is more than one column {column}.")
        [(position, note)] = found
        unit = book.units.get(column)
        if note and unit and not unit.pattern.fullmatch(note):
            raise BrokenFile(f"Column “{' '.join(cells[position].split())}” {unit.told}.")
    return line


def _named(header: list[str], book: Book) -> dict[str, list[tuple[int, str]]]:
    """Return for each column where a row of cells names it, and what it adds: a list of (position, note)."""
    named = defaultdict(list)
    for position, title in enumerate(header):
        for column in (*book.columns, *book.optional):
            if (note := _note(title, column, book)) is not None:
                named[column].append((position, note))
    return named


def _note(title: str, column: str, book: Book) -> str | None:
    """Return what a header adds to the name of `column`, as in "Spend (USD)", or None if it names another column.

    Words without brackets make it another column, unless they are a known unit.
    """
    name = r"[\W_]*".join(["", *column.split("_")])
    found = re.fullmatch(f"{name}(.*)", title, re.IGNORECASE | re.DOTALL)
    if not found:
        return None
    if in_brackets := BRACKETS.fullmatch(found[1]):
        return " ".join(in_brackets[1].split())
    note = " ".join(found[1].replace("_", " ").split()).strip(" .,:;*?\u2013\u2014-")
    unit = book.units.get(column)
    pattern = unit.pattern if unit else ORDER if column in book.days else None
    return note if not note or (pattern and pattern.fullmatch(note)) else None


def _orders(tables: list[Table], book: Book, most_rows: int | None) -> dict[tuple[int, str], frozenset[str]]:
    """Return what comes first in the date columns, by all their cells: {"day"}, {"month"} or both.

    By (number of the table, column). A column that decides nothing is read like the others of the file.
    """
    rows, orders = 0, defaultdict(set)
    for number, table in enumerate(tables):
        positions = {}
        for column, [(position, note)] in _named(table.header, book).items():
            if column in book.days:
                positions[column] = position
                if ORDER.fullmatch(note):
                    orders[number, column] |= {"d": {"day"}, "m": {"month"}}.get(note[0].lower(), set())
        for row in table.rows():
            rows += 1
            if most_rows and rows > most_rows:
                raise BadFile(
                    f"This file has more than {most_rows:,} rows. Split it, or read it with “manage.py {book.command}”."
                )
            for column, position in positions.items():
                try:
                    orders[number, column].add(read_days(_cleaned(row.cells[position])).first)
                except (ValueError, ValidationError):
                    continue
    told = {key: frozenset(first & {"day", "month"}) for key, first in orders.items()}
    of_the_file = frozenset().union(*told.values())
    return {key: known or of_the_file for key, known in told.items()}


def _rows(tables: list[Table], book: Book, orders: dict[tuple[int, str], frozenset[str]]) -> Iterator[Row]:
    """Yield the rows. The cells of an optional column that a table lacks are empty."""
    number = 0
    absent = dict.fromkeys(book.optional, "")
    for position, table in enumerate(tables):
        positions = {column: found[0][0] for column, found in _named(table.header, book).items()}
        picked = itemgetter(*positions.values())
        known = {column: orders.get((position, column), frozenset()) for column in book.days}
        sheet = f" of sheet “{table.sheet}”" if len(tables) > 1 else ""
        for row in table.rows():
            number += 1
            problem = f"{row.problem}." if row.problem else ""
            if row.problem == IS_OWN_LINE:
                problem = f"This line isn't a {book.row} (a total or a note)."
            texts = picked(row.cells)
            try:
                texts = tuple(map(str.strip if _is_plain("".join(texts)) else _cleaned, texts))
            except ValidationError:
                problem = "It has a character that can't be saved."
            cells = absent | dict(zip(positions, texts, strict=True))
            cells["external_id"] = printed_number(cells["external_id"])
            yield Row(number, f"Line {row.line}{sheet}", cells, known, problem)


def _is_plain(text: str) -> bool:
    """Return True if cleaning would leave `text` as it is, spaces around it aside."""
    return text.isascii() and text.isprintable()


def _cleaned(text: str) -> str:
    return (text if _is_plain(text) else clean(text)).strip()


class Parties(NamedTuple):
    """The keys of the clients by slug, and of the profiles by kind and slug, that some rows name."""

    clients: dict[str, int]
    profiles: dict[tuple[str, str], int]


def parties_of(rows: Iterable[Row]) -> Parties:
    """Return the clients and profiles that `rows` name. Two queries."""
    clients = Client.objects.filter(slug__in={row.cells["client"] for row in rows}).values_list("slug", "pk")
    profiles = Profile.objects.filter(slug__in={row.cells["profile"] for row in rows})
    found = {(kind, slug): pk for kind, slug, pk in profiles.values_list("kind", "slug", "pk")}
    return Parties(dict(clients), found)


def read_parties(row: Row, parties: Parties) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the row's number, client and profile as fields, and in words what cannot be read, by field.

    No problem quotes the profile: it is stored, and would still name the profile after it is deleted.
    """
    cells = row.cells
    values: dict[str, Any] = {"external_id": cells["external_id"]}
    wrong = {}
    if not cells["external_id"]:
        wrong["external_id"] = "The external_id is missing."
    elif problem := number_problem("external_id", cells["external_id"]):
        wrong["external_id"] = problem
    if not cells["client"]:
        wrong["client"] = "The client is missing."
    elif cells["client"] in parties.clients:
        values["client_id"] = parties.clients[cells["client"]]
    else:
        wrong["client"] = f"There is no client {quoted(cells['client'])}."
    kind = cells["profile_kind"].lower()
    if not kind:
        wrong["profile_kind"] = "The profile_kind is missing."
    elif kind not in KINDS:
        wrong["profile_kind"] = f"profile_kind: {quoted(cells['profile_kind'])} isn't freelancer or agency."
    elif not cells["profile"]:
        wrong["profile"] = "The profile is missing."
    elif (kind, cells["profile"]) in parties.profiles:
        values["profile_id"] = parties.profiles[kind, cells["profile"]]
    else:
        wrong["profile"] = f"profile: There is no {kind} with this address."
    return values, wrong


def number_problem(column: str, number: str) -> str:
    """Return in words how a spreadsheet damaged a number of the books, or ""."""
    if not (how := spoiled(number)):
        return ""
    happened, _ = HAPPENED[how]
    return f"{column}: {quoted(number)} {happened} in a spreadsheet. Export this column as text."


def objections(check: Callable[..., None], exclude: set[str]) -> dict[str, str]:
    """Return the objections of a check of a row of a model, in words, by field."""
    try:
        check(exclude=exclude)
    except ValidationError as error:
        told = (
            (name, " ".join(f"{message.rstrip('.')}." for message in messages))
            for name, messages in error.message_dict.items()
        )
        return {name: words if name == NON_FIELD_ERRORS else f"{name}: {words}" for name, words in told}
    return {}


def quoted(text: str) -> str:
    """Return the start of a cell in quotation marks."""
    return f"“{text if len(text) <= LONGEST_QUOTE else f'{text[:LONGEST_QUOTE]}…'}”"


@lru_cache(maxsize=20_000)
def read_day(text: str, order: frozenset[str]) -> date:
    """Return the date in a cell of a column whose `order` is known. Raise ValueError. By default the month is first."""
    try:
        days = read_days(text, order == {"day"})
    except ValueError:
        days = None
    if not days or days.is_period or len(days.found) != 1 or days.begun:
        raise ValueError(f"{quoted(text)} isn't a date. Use 09/15/2026 or 2026-09-15.")
    [found] = days.found
    if days.first == "either" and len(order) > 1:
        raise ValueError(
            f"{quoted(text)} can be two dates, because this file has the day first in some dates and the month first "
            "in others. Use dates like 2026-09-15."
        )
    return found
