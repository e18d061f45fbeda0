"""Contracts from the marketplace's books: a CSV file, read row by row, added or changed by their number there."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

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
FIELDS = ["profile_id", "client_id", "started_on", "ended_on", "is_ended_early", "spend", "rating"]
YES, NO = {"yes", "true", "1"}, {"", "no", "false", "0"}


class BadFile(Exception):
    """The file as a whole cannot be read: str() says why, in a sentence."""


class BadRow(Exception):
    """A row that is left out: str() says why, in a sentence."""


def read(file, *, name, by=None):
    """Read an open file of bytes: CSV in UTF-8 with a header of COLUMNS. Returns the ContractFile. Raises BadFile.

    Clients and profiles are named by the end of their address. A row again changes nothing; a row with a known number
    and other values replaces what was known. A row that cannot be read is left out and told; the others are kept. Of a
    number twice in a file the first row counts.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        return _read(_rows(text), name, by)
    except UnicodeDecodeError as error:
        raise BadFile("It is not in UTF-8. Save it as “CSV UTF-8” and try again.") from error
    except csv.Error as error:
        raise BadFile(f"It cannot be read as CSV: {error}.") from error
    finally:
        text.detach()  # the file is the caller's to close


def _read(rows, name, by):
    counts = dict.fromkeys(("added", "changed", "unchanged"), 0)
    problems, refused, batch, seen = [], 0, [], {}
    with transaction.atomic():
        for line, row in rows:
            first = seen.setdefault(row["external_id"], line) if row["external_id"] else line
            batch.append((line, row, first))
            if len(batch) == BATCH:
                refused += _store(batch, counts, problems)
                batch = []
        refused += _store(batch, counts, problems)
        if not (refused or any(counts.values())):
            raise BadFile("It has a header and no rows.")
        return ContractFile.objects.create(
            name=name[:200], uploaded_by=by, refused=refused, problems=problems, **counts
        )


def _rows(text):
    reader = csv.DictReader(text, strict=True)
    header = reader.fieldnames or []
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise BadFile(f"It has no column {', '.join(missing)}.")
    return ((reader.line_num, _cells(row)) for row in reader)


def _cells(row):
    """The cells of COLUMNS; `length` says that there are fewer or more of them than in the header, or ""."""
    length = "fewer" if None in row.values() else "more" if None in row else ""
    return {name: (row[name] or "").strip() for name in COLUMNS} | {"length": length}


def _store(batch, counts, problems):
    """Add or change the contracts of a batch of (line, row, first line with its number).

    Returns how many rows were left out.
    """
    found, told, readable = [], [], []
    for line, row, first in batch:
        if problem := _unreadable(row, line, first):
            told.append([line, problem])
        else:
            readable.append((line, row))
    clients = dict(Client.objects.filter(slug__in={row["client"] for _, row in readable}).values_list("slug", "pk"))
    slugs = {row["profile"] for _, row in readable}
    profiles = {
        (kind, slug): pk for kind, slug, pk in Profile.objects.filter(slug__in=slugs).values_list("kind", "slug", "pk")
    }
    numbers = [row["external_id"] for _, row in readable]
    known = {row.external_id: row for row in Contract.objects.select_for_update().filter(external_id__in=numbers)}
    for line, row in readable:
        try:
            contract = Contract(external_id=row["external_id"], **_values(row, clients, profiles))
            contract.clean_fields(exclude=["profile", "client"])
        except (BadRow, ValidationError) as error:
            told.append([line, _in_words(error)])
        else:
            found.append((line, contract))
    try:
        with transaction.atomic():
            _write(found, known)
    except IntegrityError:  # then one by one, to know which: most batches have none, and asking takes longest
        for line, contract in list(found):
            try:
                contract.validate_constraints(exclude=["external_id"])
            except ValidationError as error:
                told.append([line, _in_words(error)])
                found.remove((line, contract))
        _write(found, known)
    for _, contract in found:
        before = known.get(contract.external_id)
        state = "added" if before is None else "unchanged" if _is_same(before, contract) else "changed"
        counts[state] += 1
    problems += sorted(told)[: MOST_PROBLEMS - len(problems)]
    return len(told)


def _unreadable(row, line, first):
    """In words, why the row is none that can be read, or ""."""
    if any("\0" in text for text in row.values()):
        return "It has a character that cannot be kept."
    if row["length"]:
        return f"It has {row['length']} cells than the header."
    return f"Its number stands in line {first} already." if first != line else ""


def _in_words(error):
    if isinstance(error, BadRow):
        return str(error)
    told = ((name, " ".join(messages)) for name, messages in error.message_dict.items())
    return " ".join(words if name == NON_FIELD_ERRORS else f"{name}: {words}" for name, words in told)


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
    if not row["external_id"]:
        raise BadRow("It has no number (external_id).")
    if row["client"] not in clients:
        raise BadRow("There is no such client.")
    if (row["profile_kind"], row["profile"]) not in profiles:
        raise BadRow("There is no such profile of that kind (freelancer or agency).")
    is_early = row["ended_early"].lower()
    if is_early not in YES | NO:
        raise BadRow("ended_early is neither yes nor no.")
    started_on = _day(row, "started_on")
    if started_on > timezone.now().date():
        raise BadRow("It starts in the future.")
    return {
        "client_id": clients[row["client"]],
        "profile_id": profiles[row["profile_kind"], row["profile"]],
        "started_on": started_on,
        "ended_on": _day(row, "ended_on", is_needed=False),
        "is_ended_early": is_early in YES,
        "spend": _number(row, "spend") or Decimal(0),
        "rating": _number(row, "rating"),
    }


def _day(row, name, *, is_needed=True):
    if not row[name] and not is_needed:
        return None
    try:
        return date.fromisoformat(re.fullmatch(r"\d{4}-\d{2}-\d{2}", row[name], re.ASCII)[0])
    except (TypeError, ValueError) as error:
        raise BadRow(f"{name} is not a day written as 2026-11-24.") from error


def _number(row, name):
    if not row[name]:
        return None
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,10})?", row[name], re.ASCII):
        raise BadRow(f"{name} is not a number such as 1250.00.")
    return Decimal(row[name]).quantize(Decimal("0.01"))
