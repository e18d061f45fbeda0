"""Contracts from the marketplace's books: a table, read row by row, added or changed by their number there."""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import batched
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import get_text_list

from common.money import DOLLARS, amount
from common.text import clean
from impact.models import Contract, ContractFile
from profiles.models import Client, Profile, User
from verification.registers.days import read_days
from verification.registers.reading import IS_OWN_LINE, BrokenFile, open_tables
from verification.registers.reading.table import Table
from verification.registers.values import HAPPENED, printed_number, spoiled

COLUMNS = (
    "external_id",
    "client",
    "profile_kind",
    "profile",
    "started_on",
    "ended_on",
    "ended_early",
    "spend",
    "rating",
)
DAYS = ("started_on", "ended_on")
# What a header may add to the name of its column: the unit, and how a person is told which one is needed.
UNITS = {
    "spend": (re.compile(rf"(in )?{DOLLARS}", re.IGNORECASE), "must be in U.S. dollars"),
    "rating": (
        re.compile(
            r"((on )?an? )?(scale )?(of |from )?1 ?([\u2010-\u2015\u2026-]|to|through|thru|\.\.+) ?5( scale| stars?)?|"
            r"(out )?of 5( stars)?|/ ?5|max\.? 5|(5 )?stars?",
            re.IGNORECASE,
        ),
        "must be on a scale from 1 to 5",
    ),
}
PART_OF_DAY = r"(?:d+|day|m+|mon|month|y+|year)"
ORDER = re.compile(rf"{PART_OF_DAY}(?:\W*{PART_OF_DAY}){{2}}", re.IGNORECASE)
BRACKETS = re.compile(r"\s*[(\[{<](.*)[)\]}>][\W_]*", re.DOTALL)
MOST_PROBLEMS = 100
BATCH = 500
LONGEST_QUOTE = 60  # characters of a cell, where a problem names it
FIELDS = ["profile_id", "client_id", "started_on", "ended_on", "is_ended_early", "spend", "rating"]
YES, NO = {"yes", "y", "true", "t", "1"}, {"", "no", "n", "false", "f", "0"}
HAS_NOT_ENDED = {"", "n/a", "ongoing"}
MOST_SPENT = Decimal("9999999999.99")


class BadFile(Exception):
    """The file as a whole cannot be read. Its text is a sentence that says why."""


class Row(NamedTuple):
    """A row of a file: its number in the whole file, its place in words, its cells by COLUMNS.

    `orders` says for each date column what is known to come first in it, {"day"} or {"month"}; both if its cells
    disagree. `problem` says why the row as a whole cannot be read, or is "".
    """

    number: int
    place: str
    cells: dict[str, str]
    orders: dict[str, set[str]]
    problem: str


def read(file: BinaryIO, *, name: str, by: User | None = None, most_rows: int | None = None) -> ContractFile:
    """Read a file with tables that have a header of COLUMNS. Return the ContractFile. Raise BadFile.

    Clients and profiles are named by the end of their address. A repeated row changes nothing; a row with a known
    number and other values replaces the stored ones. A row that cannot be read is left out with all of its problems
    listed, and the others are kept. If a number occurs twice in a file, the first row counts. All sheets of a workbook
    are read.
    """
    with NamedTemporaryFile() as copy:  # the reader goes through it several times
        shutil.copyfileobj(file, copy)
        copy.flush()
        try:
            tables, left_out = open_tables(Path(copy.name), _find_header)
            notes = [f"Sheet “{title}” was left out. {why}" for title, why in left_out]
            orders = _orders(tables, most_rows)
            if any(known == {"day"} for known in orders.values()):
                notes.append(
                    "Dates such as 09/10/2026 were read with the day first, because others can't be read otherwise."
                )
            return _read(_rows(tables, orders), ContractFile(name=name[:200], uploaded_by=by, notes=notes))
        except BrokenFile as error:
            raise BadFile(f"Line {error.line}: {error}" if error.line else str(error)) from error


def _read(rows: Iterable[Row], file: ContractFile) -> ContractFile:
    counts = dict.fromkeys(("added", "changed", "unchanged"), 0)
    with transaction.atomic():
        file.refused = sum(_store(batch, counts, file.problems) for batch in batched(_numbered_once(rows), BATCH))
        for state, count in counts.items():
            setattr(file, state, count)
        file.save()
    return file


def _numbered_once(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows; a row with the number of an earlier one gets a problem."""
    seen = {}
    for row in rows:
        number = row.cells["external_id"]
        first = row.place if not number or spoiled(number) else seen.setdefault(number, row.place)
        is_again = first != row.place and not row.problem
        yield row._replace(problem=f"{first} has the same external_id.") if is_again else row


def _find_header(rows: list[tuple[int, list[str]]]) -> int:
    """Return the line of the row that names most of COLUMNS. Raise BrokenFile unless it has each once."""
    line, cells = max(rows, key=lambda row: len(_named(row[1])))
    named = _named(cells)
    if missing := [column for column in COLUMNS if column not in named]:
        is_one = len(missing) == 1
        raise BrokenFile(
            f"The column{'' if is_one else 's'} {get_text_list(missing, 'and')} {'is' if is_one else 'are'} missing."
        )
    for column, found in named.items():
        if len(found) > 1:
            raise BrokenFile(f"There is more than one column {column}.")
        [(position, note)] = found
        pattern, told = UNITS.get(column, (None, ""))
        if note and pattern and not pattern.fullmatch(note):
            raise BrokenFile(f"Column “{' '.join(cells[position].split())}” {told}.")
    return line


def _named(header: list[str]) -> dict[str, list[tuple[int, str]]]:
    """Return for each column where a row of cells names it, and what it adds: a list of (position, note)."""
    named = defaultdict(list)
    for position, title in enumerate(header):
        for column in COLUMNS:
            if (note := _note(title, column)) is not None:
                named[column].append((position, note))
    return named


def _note(title: str, column: str) -> str | None:
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
    pattern, _ = UNITS.get(column, (ORDER, "") if column in DAYS else (None, ""))
    return note if not note or (pattern and pattern.fullmatch(note)) else None


def _orders(tables: list[Table], most_rows: int | None) -> dict[tuple[int, str], set[str]]:
    """Return what comes first in the date columns, by all their cells: {"day"}, {"month"} or both.

    By (number of the table, column). A column that decides nothing is read like the others of the file.
    """
    rows, orders = 0, defaultdict(set)
    for number, table in enumerate(tables):
        positions = {}
        for column, [(position, note)] in _named(table.header).items():
            if column in DAYS:
                positions[column] = position
                if ORDER.fullmatch(note):
                    orders[number, column] |= {"d": {"day"}, "m": {"month"}}.get(note[0].lower(), set())
        for row in table.rows():
            rows += 1
            if most_rows and rows > most_rows:
                raise BadFile(
                    f"This file has more than {most_rows:,} rows. "
                    "Split it, or read it with “manage.py import_contracts”."
                )
            for column, position in positions.items():
                try:
                    orders[number, column].add(read_days(_cleaned(row.cells[position])).first)
                except (ValueError, ValidationError):
                    continue
    told = {key: first & {"day", "month"} for key, first in orders.items()}
    of_the_file = set().union(*told.values())
    return {key: known or of_the_file for key, known in told.items()}


def _rows(tables: list[Table], orders: dict[tuple[int, str], set[str]]) -> Iterator[Row]:
    """Iterator of Row."""
    number = 0
    for position, table in enumerate(tables):
        positions = {column: found[0][0] for column, found in _named(table.header).items()}
        known = {column: orders.get((position, column), set()) for column in DAYS}
        sheet = f" of sheet “{table.sheet}”" if len(tables) > 1 else ""
        for row in table.rows():
            number += 1
            problem = f"{row.problem}." if row.problem else ""
            if row.problem == IS_OWN_LINE:
                problem = "This line isn't a contract (a total or a note)."
            cells = {column: row.cells[place] for column, place in positions.items()}
            try:
                cells = {column: _cleaned(text) for column, text in cells.items()}
            except ValidationError:
                problem = "It has a character that can't be saved."
            cells["external_id"] = printed_number(cells["external_id"])
            yield Row(number, f"Line {row.line}{sheet}", cells, known, problem)


def _cleaned(text: str) -> str:
    return (text if text.isascii() and text.isprintable() else clean(text)).strip()


def _store(batch: Iterable[Row], counts: dict[str, int], problems: list[list[str]]) -> int:
    """Add or change the contracts of a batch, and add to `problems`. Return how many rows were left out."""
    found = []
    told = [(row, row.problem) for row in batch if row.problem]
    readable = [row for row in batch if not row.problem]
    clients = dict(Client.objects.filter(slug__in={row.cells["client"] for row in readable}).values_list("slug", "pk"))
    slugs = {row.cells["profile"] for row in readable}
    profiles = {
        (kind, slug): pk for kind, slug, pk in Profile.objects.filter(slug__in=slugs).values_list("kind", "slug", "pk")
    }
    numbers = [row.cells["external_id"] for row in readable]
    known = {row.external_id: row for row in Contract.objects.select_for_update().filter(external_id__in=numbers)}
    for row in readable:
        values, wrong = _values(row, clients, profiles)
        contract = Contract(**values)
        wrong |= _invalid(contract.clean_fields, {"profile", "client", *wrong})
        if not wrong:
            found.append((row, contract))
            continue
        if len(problems) + len(told) < MOST_PROBLEMS:  # each check asks the database, for what is told alone
            wrong |= _invalid(contract.validate_constraints, {"external_id", *wrong})
        told.append((row, " ".join(wrong.values())))
    try:
        with transaction.atomic():
            _write(found, known)
    except IntegrityError:  # then one by one, to know which: most batches have none, and asking takes longest
        for row, contract in list(found):
            if wrong := _invalid(contract.validate_constraints, {"external_id"}):
                told.append((row, " ".join(wrong.values())))
                found.remove((row, contract))
        _write(found, known)
    for _, contract in found:
        before = known.get(contract.external_id)
        state = "added" if before is None else "unchanged" if _is_same(before, contract) else "changed"
        counts[state] += 1
    told.sort(key=lambda item: item[0].number)
    problems += [[row.place, problem] for row, problem in told[: MOST_PROBLEMS - len(problems)]]
    return len(told)


def _invalid(check: Callable[..., None], exclude: set[str]) -> dict[str, str]:
    """Return the objections of a check of a contract, in words, by field."""
    try:
        check(exclude=exclude)
    except ValidationError as error:
        told = (
            (name, " ".join(f"{message.rstrip('.')}." for message in messages))
            for name, messages in error.message_dict.items()
        )
        return {name: words if name == NON_FIELD_ERRORS else f"{name}: {words}" for name, words in told}
    return {}


def _is_same(before: Contract | None, contract: Contract) -> bool:
    return before is not None and all(getattr(before, name) == getattr(contract, name) for name in FIELDS)


def _write(found: list[tuple[Row, Contract]], known: dict[str, Contract]) -> None:
    """Write the contracts that are new or have changed."""
    Contract.objects.bulk_create(
        [contract for _, contract in found if not _is_same(known.get(contract.external_id), contract)],
        update_conflicts=True,
        unique_fields=["external_id"],
        update_fields=FIELDS,
    )


def _values(
    row: Row, clients: dict[str, int], profiles: dict[tuple[str, str], int]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the row's values as fields of a Contract, and in words what cannot be read, by field.

    No problem quotes the profile: it is stored, and would still name the profile after it is deleted.
    """
    cells = row.cells
    values, wrong = {"external_id": cells["external_id"]}, {}
    if not cells["external_id"]:
        wrong["external_id"] = "The external_id is missing."
    elif how := spoiled(cells["external_id"]):
        happened, _ = HAPPENED[how]
        wrong["external_id"] = (
            f"external_id: {_quoted(cells['external_id'])} {happened} in a spreadsheet. Export this column as text."
        )
    if not cells["client"]:
        wrong["client"] = "The client is missing."
    elif cells["client"] in clients:
        values["client_id"] = clients[cells["client"]]
    else:
        wrong["client"] = f"There is no client {_quoted(cells['client'])}."
    kind = cells["profile_kind"].lower()
    if not kind:
        wrong["profile_kind"] = "The profile_kind is missing."
    elif kind not in Profile.Kind.values:
        wrong["profile_kind"] = f"profile_kind: {_quoted(cells['profile_kind'])} isn't freelancer or agency."
    elif not cells["profile"]:
        wrong["profile"] = "The profile is missing."
    elif (kind, cells["profile"]) in profiles:
        values["profile_id"] = profiles[kind, cells["profile"]]
    else:
        wrong["profile"] = f"profile: There is no {kind} with this address."
    is_early = cells["ended_early"].lower()
    if is_early in YES | NO:
        values["is_ended_early"] = is_early in YES
    else:
        wrong["is_ended_early"] = f"ended_early: {_quoted(cells['ended_early'])} isn't yes or no."
    if not cells["started_on"]:
        wrong["started_on"] = "The start date is missing."
    readers: dict[str, Callable[..., Any]] = {
        "started_on": _start,
        "ended_on": _end,
        "spend": _spend,
        "rating": _rating,
    }
    for name, reader in readers.items():
        if name in wrong:
            continue
        try:
            values[name] = reader(cells[name], row.orders[name]) if name in DAYS else reader(cells[name])
        except ValueError as error:
            wrong[name] = f"{name}: {error}"
    return values, wrong


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= LONGEST_QUOTE else f'{text[:LONGEST_QUOTE]}…'}”"


def _start(text: str, order: set[str]) -> date:
    day = _day(text, order)
    if day > timezone.now().date():
        raise ValueError(f"{_quoted(text)} is in the future.")
    return day


def _end(text: str, order: set[str]) -> date | None:
    return None if text.lower() in HAS_NOT_ENDED else _day(text, order)


def _day(text: str, order: set[str]) -> date:
    """Return the date in a cell of a column whose `order` is known. By default the month comes first."""
    try:
        days = read_days(text, order == {"day"})
    except ValueError:
        days = None
    if not days or days.is_period or len(days.found) != 1 or days.begun:
        raise ValueError(f"{_quoted(text)} isn't a date. Use 09/15/2026 or 2026-09-15.")
    [found] = days.found
    if days.first == "either" and len(order) > 1:
        raise ValueError(
            f"{_quoted(text)} can be two dates, because this file has the day first in some dates and the month first "
            "in others. Use dates like 2026-09-15."
        )
    return found


def _spend(text: str) -> Decimal:
    if not text:
        return Decimal(0)
    try:
        number = amount(text)
    except ValueError as error:
        raise ValueError(f"{_quoted(text)} isn't an amount. Enter a number like 1,250.00.") from error
    if number < 0:
        raise ValueError(f"{_quoted(text)} is less than 0.")
    if number > MOST_SPENT:
        raise ValueError(f"{_quoted(text)} is more than ${MOST_SPENT:,}.")
    return round(number, 2)


def _rating(text: str) -> Decimal | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,12}(\.\d{1,20})?", text, re.ASCII) or not 1 <= Decimal(text) <= 5:
        raise ValueError(f"{_quoted(text)} isn't a rating from 1 to 5.")
    return round(Decimal(text), 2)
