"""Contracts from the marketplace's books: a table, read row by row, added or changed by their number there."""

import re
import shutil
from decimal import Decimal
from itertools import batched
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from certifications.registers.days import read_days
from certifications.registers.reading import IS_OWN_LINE, BrokenFile, open_table
from common.money import amount
from common.text import clean
from impact.models import Contract, ContractFile
from profiles.models import Client, Profile

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
MOST_PROBLEMS = 100
BATCH = 500
LONGEST_QUOTE = 60  # characters of a cell, where a problem names it
FIELDS = ["profile_id", "client_id", "started_on", "ended_on", "is_ended_early", "spend", "rating"]
YES, NO = {"yes", "y", "true", "t", "1"}, {"", "no", "n", "false", "f", "0"}
NEGATIVE = re.compile(r"(us)?\s*\$?\s*[-(\u2212]", re.IGNORECASE)
MOST_SPENT = Decimal("9999999999.99")


class BadFile(Exception):
    """The file as a whole cannot be read: str() says why, in a sentence."""


def read(file, *, name, by=None):
    """Read an open file of bytes: a table with a header of COLUMNS. Returns the ContractFile. Raises BadFile.

    Clients and profiles are named by the end of their address. A row again changes nothing; a row with a known number
    and other values replaces what was known. A row that cannot be read is left out, and all that is wrong with it is
    told; the others are kept. Of a number twice in a file the first row counts.
    """
    with NamedTemporaryFile() as copy:  # the reader goes through it several times
        shutil.copyfileobj(file, copy)
        copy.flush()
        try:
            table = open_table(Path(copy.name), by_row=True)
            return _read(_rows(table), name, by)
        except BrokenFile as error:
            raise BadFile(f"Line {error.line}: {error}" if error.line else str(error)) from error


def _read(rows, name, by):
    counts = dict.fromkeys(("added", "changed", "unchanged"), 0)
    problems, refused = [], 0
    with transaction.atomic():
        for batch in batched(_numbered_once(rows), BATCH):
            refused += _store(batch, counts, problems)
        return ContractFile.objects.create(
            name=name[:200], uploaded_by=by, refused=refused, problems=problems, **counts
        )


def _numbered_once(rows):
    """The rows, of which those with a number that an earlier one has cannot be read."""
    seen = {}
    for line, row, problem in rows:
        first = seen.setdefault(row["external_id"], line) if row["external_id"] else line
        yield line, row, problem or (f"Its number stands in line {first} already." if first != line else "")


def _rows(table):
    """Iterator of (line, cells by COLUMNS, why the row as a whole cannot be read or ""). Raises BadFile."""
    titles = [_title(header) for header in table.header]
    wanted = {column: _title(column) for column in COLUMNS}
    if missing := [column for column, title in wanted.items() if title not in titles]:
        raise BadFile(f"It has no column {', '.join(missing)}.")
    if twice := [column for column, title in wanted.items() if titles.count(title) > 1]:
        raise BadFile(f"It has more than one column {', '.join(twice)}.")
    positions = {column: titles.index(title) for column, title in wanted.items()}
    return (_row(row, positions) for row in table.rows())


def _title(header):
    """A header without case, spaces and signs, and without what it says in parentheses, as in "Spend (USD)"."""
    return re.sub(r"\s*\(.*?\)|[\W_]", "", header).lower()


def _row(row, positions):
    problem = f"{row.problem}." if row.problem else ""
    if row.problem == IS_OWN_LINE:
        problem = "It is a line of the file itself, and no contract."
    cells = {column: row.cells[position] for column, position in positions.items()}
    try:
        cells = {column: _cleaned(text) for column, text in cells.items()}
    except ValidationError:
        problem = "It has a character that cannot be kept."
    return row.line, cells, problem


def _cleaned(text):
    return (text if text.isascii() and text.isprintable() else clean(text)).strip()


def _store(batch, counts, problems):
    """Add or change the contracts of a batch of (line, row, why it cannot be read or "").

    Returns how many rows were left out.
    """
    found = []
    told = [[line, problem] for line, _, problem in batch if problem]
    readable = [(line, row) for line, row, problem in batch if not problem]
    clients = dict(Client.objects.filter(slug__in={row["client"] for _, row in readable}).values_list("slug", "pk"))
    slugs = {row["profile"] for _, row in readable}
    profiles = {
        (kind, slug): pk for kind, slug, pk in Profile.objects.filter(slug__in=slugs).values_list("kind", "slug", "pk")
    }
    numbers = [row["external_id"] for _, row in readable]
    known = {row.external_id: row for row in Contract.objects.select_for_update().filter(external_id__in=numbers)}
    for line, row in readable:
        values, wrong = _values(row, clients, profiles)
        contract = Contract(**values)
        wrong |= _invalid(contract.clean_fields, {"profile", "client", *wrong})
        if not wrong:
            found.append((line, contract))
            continue
        if len(problems) + len(told) < MOST_PROBLEMS:  # each check asks the database, for what is told alone
            wrong |= _invalid(contract.validate_constraints, {"external_id", *wrong})
        told.append([line, " ".join(wrong.values())])
    try:
        with transaction.atomic():
            _write(found, known)
    except IntegrityError:  # then one by one, to know which: most batches have none, and asking takes longest
        for line, contract in list(found):
            if wrong := _invalid(contract.validate_constraints, {"external_id"}):
                told.append([line, " ".join(wrong.values())])
                found.remove((line, contract))
        _write(found, known)
    for _, contract in found:
        before = known.get(contract.external_id)
        state = "added" if before is None else "unchanged" if _is_same(before, contract) else "changed"
        counts[state] += 1
    problems += sorted(told)[: MOST_PROBLEMS - len(problems)]
    return len(told)


def _invalid(check, exclude):
    """What a check of a contract objects to, in words, by field."""
    try:
        check(exclude=exclude)
    except ValidationError as error:
        told = ((name, " ".join(messages)) for name, messages in error.message_dict.items())
        return {name: words if name == NON_FIELD_ERRORS else f"{name}: {words}" for name, words in told}
    return {}


def _is_same(before, contract):
    return before is not None and all(getattr(before, name) == getattr(contract, name) for name in FIELDS)


def _write(found, known):
    """Write those of (line, contract) that are new or say something else."""
    Contract.objects.bulk_create(
        [contract for _, contract in found if not _is_same(known.get(contract.external_id), contract)],
        update_conflicts=True,
        unique_fields=["external_id"],
        update_fields=FIELDS,
    )


def _values(row, clients, profiles):
    """What the row says, as fields of a Contract, and in words what of it cannot be read, by field."""
    values, wrong = {"external_id": row["external_id"]}, {}
    if not row["external_id"]:
        wrong["external_id"] = "It has no number (external_id)."
    if row["client"] in clients:
        values["client_id"] = clients[row["client"]]
    else:
        wrong["client"] = f"There is no such client: {_quoted(row['client'])}."
    kind = row["profile_kind"].lower()
    if (kind, row["profile"]) in profiles:
        values["profile_id"] = profiles[kind, row["profile"]]
    elif kind not in Profile.Kind.values:
        wrong["profile"] = f"profile_kind: {_quoted(row['profile_kind'])} is neither freelancer nor agency."
    else:
        wrong["profile"] = f"There is no such {kind}: {_quoted(row['profile'])}."
    is_early = row["ended_early"].lower()
    if is_early in YES | NO:
        values["is_ended_early"] = is_early in YES
    else:
        wrong["is_ended_early"] = f"ended_early: {_quoted(row['ended_early'])} is neither yes nor no."
    readers = {"started_on": _start, "ended_on": _end, "spend": _spend, "rating": _rating}
    for name, reader in readers.items():
        try:
            values[name] = reader(row[name])
        except ValueError as error:
            wrong[name] = f"{name}: {error}"
    return values, wrong


def _quoted(text):
    return f"“{text if len(text) <= LONGEST_QUOTE else f'{text[:LONGEST_QUOTE]}…'}”"


def _start(text):
    if not text:
        raise ValueError("It has no day.")
    day = _end(text)
    if not day:
        raise ValueError(f"{_quoted(text)} is no day.")
    if day > timezone.now().date():
        raise ValueError(f"{_quoted(text)} is in the future.")
    return day


def _end(text):
    """The one day in a cell, or None where it says that there is none yet. Of "9/10/2026" the month comes first."""
    try:
        days = read_days(text)
    except ValueError:
        days = None
    if not days or days.is_period or days.first == "day" or len(days.found) + len(days.begun) > 1:
        raise ValueError(f"{_quoted(text)} is no day such as 09/15/2026 or 2026-09-15.")
    return days.earliest


def _spend(text):
    if not text:
        return Decimal(0)
    if NEGATIVE.match(text):
        raise ValueError(f"{_quoted(text)} is less than 0.")
    try:
        number = amount(text)
    except ValueError as error:
        raise ValueError(f"{_quoted(text)} is no amount such as 1,250.00.") from error
    if number > MOST_SPENT:
        raise ValueError(f"{_quoted(text)} is more than ${MOST_SPENT:,}.")
    return round(number, 2)


def _rating(text):
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,20})?", text, re.ASCII):
        raise ValueError(f"{_quoted(text)} is no number such as 4.5.")
    return round(Decimal(text), 2)
