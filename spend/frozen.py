"""What an issued report says: its sums, added up from the rows that never change, and whom it may still name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet, Sum

from rollout.models import RolloutPolicy
from spend.choices import Reason
from spend.facts import countable
from spend.models import IssuedReport, ReportedDetails, ReportedPayee, ReportedPayment
from spend.sums import Sums
from spend.totals import Cell

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


def sums(issued: IssuedReport) -> Sums:
    """Return the sums of an issued report. One query, which adds up its rows."""
    found = cells(ReportedPayment.objects.filter(report=issued))
    by_quarter = [found.get(part.starts_on, []) for part in issued.period.quarters()]
    return Sums.of(issued.period, issued.cutoff, by_quarter, list(issued.names_of_types))


def cells(rows: QuerySet[ReportedPayment]) -> dict[date, list[Cell]]:
    """Return the cells of rows of a report, by the first day of their quarter. One query, which adds them up."""
    added_up = (
        rows.order_by()
        .values_list("quarter", "types", "level", "reason", "currency")
        .annotate(
            total=Sum("amount"),
            payments=Count("pk"),
            businesses=ArrayAgg("business", distinct=True, filter=Q(business__isnull=False), default=[]),
        )
    )
    found = defaultdict(list)
    for quarter, types, level, reason, currency, amount, payments, businesses in added_up:
        because = Reason(reason) if reason else None
        found[quarter].append(Cell(tuple(types), level, because, currency, amount, payments, frozenset(businesses)))
    return found


def details(row: ReportedPayment, named: Mapping[int, ReportedPayee]) -> ReportedDetails | None:
    """Return what identifies a row of a report that may still name `named`, or None if it may no longer be shown."""
    if row.business is not None and row.business not in named:
        return None
    return getattr(row, "details", None)


def named(
    issued: IssuedReport, policy: RolloutPolicy, *, among: Collection[int] | None = None
) -> dict[int, ReportedPayee]:
    """Return the businesses that the report may still name, by their number in it. `among`: only those of them.

    A business of which it knew certifications is named while the client may count each of them now. Two queries.
    """
    payees = list(issued.payees.all() if among is None else issued.payees.filter(business__in=among))
    records = {record for payee in payees for record in payee.records}
    may_count = set(countable(issued.client, policy).filter(pk__in=records).values_list("pk", flat=True))
    return {payee.business: payee for payee in payees if may_count.issuperset(payee.records)}
