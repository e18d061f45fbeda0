"""Ledgers and holdings for tests of the count: small values, with quiet defaults."""

from datetime import UTC, date, datetime
from decimal import Decimal

from spend.choices import Kind
from spend.counting import Entry, Ledger, count
from spend.holdings import Proof, RecordFacts, Statement, holdings
from spend.rules import Period, Rules
from spend.totals import cells, totals

CATALOGUE = ["minority", "woman", "lgbt", "veteran"]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def day(text):
    return date.fromisoformat(text)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def entry(number, payee, paid_on, amount, kind=Kind.WORK, **values):
    return Entry(str(number), payee, day(paid_on), kind, Decimal(amount), values.pop("currency", "USD"), **values)


def record(type, starts_on, ends_on, *, step=2, known_at=LONG_AGO, **values):
    """The facts of a record with one statement, and evidence of it unless `step` is 0."""
    ends_on = day(ends_on) if ends_on else None
    issued_on, said_on = day(starts_on), known_at.date()
    said = Statement(known_at, known_at, type, "council", "national", issued_on, ends_on, said_on, **values)
    proofs = (Proof(known_at, known_at, ends_on, issued_on, step),) if step else ()
    return RecordFacts((said,), proofs)


def counted(entries, records, rules=None, period=("2000-01-01", "2099-12-31"), cutoff=LATER):
    """Return the counted entries. `records` are the RecordFacts of each business, by its key."""
    held = {payee: holdings(known, cutoff) for payee, known in records.items()}
    return count(Ledger(entries), held, rules or Rules(), Period(*map(day, period)), CATALOGUE)


def sums(*args, **kwargs):
    rules = kwargs.get("rules") or Rules()
    return totals(cells(counted(*args, **kwargs)), rules.order(CATALOGUE))


def amounts(lines):
    return {key: line.amount for key, line in lines.items() if line.payments}
