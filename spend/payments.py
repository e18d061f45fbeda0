"""Payments from the marketplace's books: a table, read row by row, added to the ledger or corrected in it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import batched
from typing import Any, BinaryIO, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, TextField, Value
from django.utils import timezone

from common.compiled import IsAmong
from common.hooks import Hook
from common.money import amount
from profiles.models import User
from spend.choices import NEVER_COUNTED, Kind
from spend.models import Payment, PaymentFile
from spend.rules import CURRENCIES
from verification.registers.reading.books import (
    Book,
    Parties,
    Row,
    number_problem,
    objections,
    opened,
    parties_of,
    quoted,
    read_day,
    read_parties,
)

BOOK = Book(
    row="payment",
    command="import_payments",
    columns=(
        "external_id",
        "client",
        "profile_kind",
        "profile",
        "paid_on",
        "kind",
        "amount",
        "currency",
        "refers_to",
        "cost_center",
        "category",
    ),
    days=("paid_on",),
    optional=("settled_amount", "settled_currency"),
)
MOST_PROBLEMS = 100
BATCH = 5_000
MOST = Decimal("999999999999.99")
PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}")
LONGEST = 80  # characters of a number, a cost center and a category
# Called with each PaymentFile, once all of its rows are read, in the transaction that keeps them.
import_finished = Hook()
AHEAD = timedelta(hours=14)  # a day begins so much earlier than in UTC where it begins first


class Values(NamedTuple):
    """What a row says of a payment: all that a correction may change. The fields are columns of Payment."""

    client_id: int
    profile_id: int | None
    paid_on: date
    kind: str
    amount: Decimal
    currency: str
    settled_amount: Decimal | None
    settled_currency: str
    refers_to: str
    cost_center: str
    category: str


class Known(NamedTuple):
    """The newest version of a payment in the ledger."""

    pk: int
    version: int
    values: Values


class Found(NamedTuple):
    """A row that is new to the ledger, or corrects it."""

    row: Row
    number: str
    values: Values


COPY = f"""
COPY {Payment._meta.db_table} (external_id, version, file_id, recorded_at, {", ".join(Values._fields)}) FROM STDIN
"""


def read(file: BinaryIO, *, name: str, by: User | None = None, most_rows: int | None = None) -> PaymentFile:
    """Read a file with tables that have a header of the columns in BOOK. Return the PaymentFile. Raise BadFile.

    Clients and profiles are named by the end of their address. A row that is in the ledger already changes nothing; a
    row with a known number and other values is a correction, which becomes the next version of the payment. A row that
    cannot be read is left out with all of its problems listed, and the others are kept. If a number occurs twice in a
    file, the first row counts. The order of rows and files does not matter.
    """
    with opened(file, BOOK, most_rows=most_rows) as book, transaction.atomic():
        with connection.cursor() as cursor:
            # Of two imports at once, the second sees what the first wrote.
            cursor.execute(f"LOCK TABLE {PaymentFile._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        read = PaymentFile.objects.create(name=name[:200], uploaded_by=by, notes=book.notes)
        for batch in batched(book.rows, BATCH):
            _store(batch, read)
        if waiting := _without_their_payment(read):
            read.notes.append(
                f"{waiting} {'row refers' if waiting == 1 else 'rows refer'} to a payment that isn't in the ledger. "
                "Such a row is in no total until that payment is imported."
            )
        read.save()
        import_finished(read)
    return read


def _without_their_payment(file: PaymentFile) -> int:
    """Return how many payments of `file` refer to one that the same client does not have."""
    payment = Payment.objects.current().filter(external_id=OuterRef("refers_to"), client=OuterRef("client"))
    return Payment.objects.filter(~Exists(payment), file=file).exclude(refers_to="").count()


def _store(batch: Iterable[Row], file: PaymentFile) -> None:
    """Add the payments of a batch as new ones or as corrections, and note in `file` what became of each row."""
    told = [(row, row.problem) for row in batch if row.problem]
    readable = [row for row in batch if not row.problem]
    parties = parties_of(readable)
    known = _known([row.cells["external_id"] for row in readable])
    latest = (timezone.now() + AHEAD).date()
    found = []
    for row in readable:
        read, wrong = _values(row, parties, latest)
        if wrong:
            if len(file.problems) + len(told) < MOST_PROBLEMS:  # asks the database, for what is told alone
                wrong |= objections(Payment(file=file, **read).validate_constraints, {"external_id", *wrong})
            told.append((row, " ".join(wrong.values())))
            continue
        number = read.pop("external_id")
        values = Values(**read)
        if number in known and known[number].values == values:
            file.unchanged += 1
        else:
            found.append(Found(row, number, values))
    try:
        with transaction.atomic():
            _write(found, known, file)
    except IntegrityError:  # then one by one, to know which: most batches have none, and asking takes longest
        refused = {}
        for row, number, values in found:
            payment = Payment(external_id=number, file=file, **values._asdict())
            if wrong := objections(payment.validate_constraints, {"external_id"}):
                refused[number] = row, " ".join(wrong.values())
        told += refused.values()
        found = [new for new in found if new.number not in refused]
        _write(found, known, file)
    corrected = sum(new.number in known for new in found)
    file.corrected += corrected
    file.added += len(found) - corrected
    file.refused += len(told)
    told.sort(key=lambda item: item[0].number)
    file.problems += [[row.place, problem] for row, problem in told[: MOST_PROBLEMS - len(file.problems)]]


def _known(numbers: list[str]) -> dict[str, Known]:
    """Return the newest versions of the payments with these numbers. One query, which makes no instances."""
    rows = Payment.objects.current().filter(IsAmong(F("external_id"), Value(numbers, ArrayField(TextField()))))
    columns = ("external_id", "pk", "version", *Values._fields)
    return {number: Known(pk, version, Values(*rest)) for number, pk, version, *rest in rows.values_list(*columns)}


def _write(found: list[Found], known: Mapping[str, Known], file: PaymentFile) -> None:
    """Add payments, each as the version after the one that is `known` by its number. Raise IntegrityError.

    By COPY, which takes a third of the time of an INSERT.
    """
    if replaced := [known[new.number].pk for new in found if new.number in known]:
        Payment.objects.filter(pk__in=replaced).update(replaced_at=file.uploaded_at)
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for _, number, values in found:
            version = known[number].version + 1 if number in known else 1
            copy.write_row((number, version, file.pk, file.uploaded_at, *values))


def _values(row: Row, parties: Parties, latest: date) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the row's values as fields of a Payment, and in words what cannot be read, by field."""
    cells = row.cells
    values, wrong = read_parties(row, parties)
    for name, reader in READERS.items():
        try:
            values[name] = reader(cells[name])
        except ValueError as error:
            wrong[name] = f"{name}: {error}"
    try:
        values["paid_on"] = _day(cells["paid_on"], row.orders["paid_on"], latest)
    except ValueError as error:
        wrong["paid_on"] = f"paid_on: {error}"
    if values.get("kind") in NEVER_COUNTED and not cells["profile_kind"] and not cells["profile"]:
        wrong.pop("profile_kind")  # a fee or a tax may be paid to no business
        values["profile_id"] = None
    if cells["refers_to"] and cells["refers_to"] == cells["external_id"]:
        wrong["refers_to"] = "A payment cannot refer to itself."
    if len(cells["external_id"]) > LONGEST:
        wrong.setdefault("external_id", f"external_id: It has more than {LONGEST} characters.")
    return values, wrong


def _day(text: str, order: frozenset[str], latest: date) -> date:
    if not text:
        raise ValueError("The date is missing.")
    day = read_day(text, order)
    if day > latest:
        raise ValueError(f"{quoted(text)} is in the future.")
    return day


@lru_cache
def _kind(text: str) -> str:
    if not text:
        raise ValueError("The kind is missing.")
    kind = text.lower().replace(" ", "_").replace("-", "_")
    if kind not in Kind.values:
        raise ValueError(f"{quoted(text)} isn't one of {', '.join(Kind.values)}.")
    return kind


@lru_cache(maxsize=20_000)
def _amount(text: str) -> Decimal:
    if PLAIN_AMOUNT.fullmatch(text):  # as most are: the rest of the reading takes ten times as long
        return Decimal(text)
    if not text:
        raise ValueError("The amount is missing.")
    try:
        number = amount(text)
    except ValueError as error:
        raise ValueError(f"{quoted(text)} isn't an amount. Enter a number like 1250.00 or -100.00.") from error
    if abs(number) > MOST:
        raise ValueError(f"{quoted(text)} is more than {MOST:,}.")
    cents = round(number, 2)
    if number != cents:
        raise ValueError(f"{quoted(text)} has more than two digits after the period.")
    return cents


@lru_cache
def _currency(text: str) -> str:
    if not text:
        raise ValueError("The currency is missing.")
    if text.upper() not in CURRENCIES:
        raise ValueError(f"{quoted(text)} isn't a currency. Use its code, like USD.")
    return text.upper()


def _reference(text: str) -> str:
    if problem := number_problem("", text) if text else "":
        raise ValueError(problem)
    return _text(text)


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError(f"It has more than {LONGEST} characters.")
    return text


# The readers of the cells that need nothing else. Each raises ValueError with a sentence.
READERS: dict[str, Callable[[str], Any]] = {
    "kind": _kind,
    "amount": _amount,
    "currency": _currency,
    "settled_amount": lambda text: _amount(text) if text else None,
    "settled_currency": lambda text: _currency(text) if text else "",
    "refers_to": _reference,
    "cost_center": _text,
    "category": _text,
}
