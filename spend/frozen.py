"""What an issued report says: its sums, added up from the rows that never change, and whom it may still name."""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, Sum

from certifications.models import Step
from rollout.models import RolloutPolicy
from spend.choices import Reason
from spend.facts import countable
from spend.models import IssuedReport, ReportedDetails, ReportedPayee, ReportedPayment
from spend.rules import Period
from spend.sums import QUARTER, Quarter
from spend.totals import Cell, Line, Totals, line, totals

# The columns of a row that never change, in the order of the digest and of the file of rows.
FROZEN = ("position", "business", "quarter", "kind", "amount", "currency", "types", "level", "reason")


def frozen(row: ReportedPayment) -> list[str]:
    """Return the cells of a row that never change, as files have them."""
    return [_cell(getattr(row, name)) for name in FROZEN]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return ";".join(value) if isinstance(value, list) else str(value)


def digest(rows: Iterable[ReportedPayment]) -> str:
    """Return the SHA-256 of the rows: a line each, of the cells that never change, separated by commas."""
    total = sha256()
    for row in rows:
        total.update(f"{','.join(frozen(row))}\n".encode())
    return total.hexdigest()


class Sums(NamedTuple):
    """The sums of a report: of its period and its quarters, by verification level, and by the types held together.

    `together` has a line for each combination of types under which payments count. What the types have beyond the
    unduplicated sum is the amount of each combination, as often as it has types beyond the first.
    """

    period: Period
    totals: Totals
    quarters: list[Quarter]
    levels: dict[int, Line]
    together: dict[tuple[str, ...], Line]


class _Found(NamedTuple):
    quarter: date
    cell: Cell


def sums(issued: IssuedReport) -> Sums:
    """Return the sums of an issued report. One query, which adds up its rows."""
    rows = (
        ReportedPayment.objects.filter(report=issued)
        .order_by()
        .values_list("quarter", "types", "level", "reason", "currency")
        .annotate(
            total=Sum("amount"),
            payments=Count("pk"),
            businesses=ArrayAgg("business", distinct=True, filter=Q(business__isnull=False), default=[]),
        )
    )
    found = [
        _Found(
            quarter,
            Cell(
                tuple(types), level, Reason(reason) if reason else None, currency, amount, count, frozenset(businesses)
            ),
        )
        for quarter, types, level, reason, currency, amount, count, businesses in rows
    ]
    cells = [row.cell for row in found]
    accepted = list(issued.names_of_types)
    return Sums(
        issued.period,
        totals(cells, accepted),
        [
            Quarter(part, totals([row.cell for row in found if row.quarter == part.starts_on], accepted))
            for part in issued.period.parts(QUARTER)
        ],
        {step.value: line(cell for cell in cells if cell.level == step) for step in reversed(Step)},
        together(cells),
    )


def together(cells: Iterable[Cell]) -> dict[tuple[str, ...], Line]:
    """Return the sums of what counts by the types that it counts under, the most types first."""
    counted = [cell for cell in cells if cell.types]
    combinations = sorted({cell.types for cell in counted}, key=lambda types: (-len(types), types))
    return {types: line(cell for cell in counted if cell.types == types) for types in combinations}


def details(row: ReportedPayment, named: Mapping[int, ReportedPayee]) -> ReportedDetails | None:
    """Return what identifies a row of a report that may still name `named`, or None if it may no longer be shown."""
    if row.business is not None and row.business not in named:
        return None
    return getattr(row, "details", None)


def named(issued: IssuedReport, policy: RolloutPolicy) -> dict[int, ReportedPayee]:
    """Return the businesses that the report may still name, by their number in it.

    A business of which it knew certifications is named while the client may count each of them now. Two queries.
    """
    payees = list(issued.payees.all())
    records = {record for payee in payees for record in payee.records}
    may_count = set(countable(issued.client, policy).filter(pk__in=records).values_list("pk", flat=True))
    return {payee.business: payee for payee in payees if may_count.issuperset(payee.records)}
