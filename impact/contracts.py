"""Contracts from the marketplace's books: a table, read row by row, added or changed by their number there."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.money import DOLLARS, amount
from impact.models import Contract, ContractFile
from profiles.models import User
from verification.registers.reading.books import (
    Book,
    Parties,
    Row,
    Unit,
    objections,
    opened,
    parties_of,
    quoted,
    read_day,
    read_parties,
)

BOOK = Book(
    row="contract",
    command="import_contracts",
    columns=(
        "external_id",
        "client",
        "profile_kind",
        "profile",
        "started_on",
        "ended_on",
        "ended_early",
        "spend",
        "rating",
    ),
    days=("started_on", "ended_on"),
    units={
        "spend": Unit(re.compile(rf"(in )?{DOLLARS}", re.IGNORECASE), "must be in U.S. dollars"),
        "rating": Unit(
            re.compile(
                r"((on )?an? )?(scale )?(of |from )?1 ?([\u2010-\u2015\u2026-]|to|through|thru|\.\.+) ?5"
                r"( scale| stars?)?|"
                r"(out )?of 5( stars)?|/ ?5|max\.? 5|(5 )?stars?",
                re.IGNORECASE,
            ),
            "must be on a scale from 1 to 5",
        ),
    },
)
MOST_PROBLEMS = 100
BATCH = 500
FIELDS = ["profile_id", "client_id", "started_on", "ended_on", "is_ended_early", "spend", "rating"]
YES, NO = {"yes", "y", "true", "t", "1"}, {"", "no", "n", "false", "f", "0"}
HAS_NOT_ENDED = {"", "n/a", "ongoing"}
MOST_SPENT = Decimal("9999999999.99")


def read(file: BinaryIO, *, name: str, by: User | None = None, most_rows: int | None = None) -> ContractFile:
    """Read a file with tables that have a header of the columns in BOOK. Return the ContractFile. Raise BadFile.

    Clients and profiles are named by the end of their address. A repeated row changes nothing; a row with a known
    number and other values replaces the stored ones. A row that cannot be read is left out with all of its problems
    listed, and the others are kept. If a number occurs twice in a file, the first row counts. All sheets of a workbook
    are read.
    """
    with opened(file, BOOK, most_rows=most_rows) as book:
        return _read(book.rows, ContractFile(name=name[:200], uploaded_by=by, notes=book.notes))


def _read(rows: Iterable[Row], file: ContractFile) -> ContractFile:
    counts = dict.fromkeys(("added", "changed", "unchanged"), 0)
    with transaction.atomic():
        file.refused = sum(_store(batch, counts, file.problems) for batch in batched(rows, BATCH))
        for state, count in counts.items():
            setattr(file, state, count)
        file.save()
    return file


def _store(batch: Iterable[Row], counts: dict[str, int], problems: list[list[str]]) -> int:
    """Add or change the contracts of a batch, and add to `problems`. Return how many rows were left out."""
    found = []
    told = [(row, row.problem) for row in batch if row.problem]
    readable = [row for row in batch if not row.problem]
    parties = parties_of(readable)
    numbers = [row.cells["external_id"] for row in readable]
    known = {row.external_id: row for row in Contract.objects.select_for_update().filter(external_id__in=numbers)}
    for row in readable:
        values, wrong = _values(row, parties)
        contract = Contract(**values)
        wrong |= objections(contract.clean_fields, {"profile", "client", *wrong})
        if not wrong:
            found.append((row, contract))
            continue
        if len(problems) + len(told) < MOST_PROBLEMS:  # each check asks the database, for what is told alone
            wrong |= objections(contract.validate_constraints, {"external_id", *wrong})
        told.append((row, " ".join(wrong.values())))
    try:
        with transaction.atomic():
            _write(found, known)
    except IntegrityError:  # then one by one, to know which: most batches have none, and asking takes longest
        for row, contract in list(found):
            if wrong := objections(contract.validate_constraints, {"external_id"}):
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


def _values(row: Row, parties: Parties) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the row's values as fields of a Contract, and in words what cannot be read, by field."""
    cells = row.cells
    values, wrong = read_parties(row, parties)
    is_early = cells["ended_early"].lower()
    if is_early in YES | NO:
        values["is_ended_early"] = is_early in YES
    else:
        wrong["is_ended_early"] = f"ended_early: {quoted(cells['ended_early'])} isn't yes or no."
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
            values[name] = reader(cells[name], row.orders[name]) if name in BOOK.days else reader(cells[name])
        except ValueError as error:
            wrong[name] = f"{name}: {error}"
    return values, wrong


def _start(text: str, order: frozenset[str]) -> date:
    day = read_day(text, order)
    if day > timezone.now().date():
        raise ValueError(f"{quoted(text)} is in the future.")
    return day


def _end(text: str, order: frozenset[str]) -> date | None:
    return None if text.lower() in HAS_NOT_ENDED else read_day(text, order)


def _spend(text: str) -> Decimal:
    if not text:
        return Decimal(0)
    try:
        number = amount(text)
    except ValueError as error:
        raise ValueError(f"{quoted(text)} isn't an amount. Enter a number like 1,250.00.") from error
    if number < 0:
        raise ValueError(f"{quoted(text)} is less than 0.")
    if number > MOST_SPENT:
        raise ValueError(f"{quoted(text)} is more than ${MOST_SPENT:,}.")
    return round(number, 2)


def _rating(text: str) -> Decimal | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,12}(\.\d{1,20})?", text, re.ASCII) or not 1 <= Decimal(text) <= 5:
        raise ValueError(f"{quoted(text)} isn't a rating from 1 to 5.")
    return round(Decimal(text), 2)
