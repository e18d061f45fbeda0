"""What a client spent with certified businesses in a fiscal year: sums that each lead to their payments."""

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certifications.models import Step
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend import sums, wording
from spend.charts import Chart, chart, width_of
from spend.choices import OUTSIDE_THE_BASE
from spend.expiring import WITHIN, expiring
from spend.rules import Period
from spend.sums import Sums
from spend.totals import Amount, Line, Totals, parts_differ
from spend.views.asked import Asked
from spend.views.goals import goal_rows

SOON = max(WITHIN)
BAR = 100  # the length of a full bar, in the units of its drawing


class Row(NamedTuple):
    """A sum in a table: its name, the address of its payments, its share of another sum, and a bar as long as that."""

    name: str
    url: str
    line: Line
    amount: str
    share: str
    bar: float


class QuarterRow(NamedTuple):
    """A quarter in the table: what was paid on the marketplace, and what of it counts."""

    name: str
    base: Row
    counted: Row


@access.with_terms
@require_safe
def overview(request: SignedInPolicyRequest) -> HttpResponse:
    asked = Asked.of(request)
    found = sums.current(asked.client, asked.period, rules=asked.rules, policy=request.policy)
    totals, base = found.totals, found.totals.base.amount
    unduplicated = totals.unduplicated.amount
    types = {key: line for key, line in totals.overlapping.items() if key in asked.types}
    context: dict[str, Any] = {
        "asked": asked,
        "goals": goal_rows(asked, totals),
        "is_admin": request.viewer.acts_for.is_admin,
        "has_payments": _has_payments(found),
        "base": _row(asked, "", totals.base, base, show="base"),
        "counted": _row(asked, "", totals.unduplicated, base, show="counted"),
        "share_of_addressable": wording.percentage(unduplicated, asked.addressable or 0),
        "addressable": wording.money(asked.addressable, asked.rules.currency) if asked.addressable else "",
        "types": [_row(asked, asked.types[key], line, base, type=key) for key, line in types.items()],
        "is_overlapping": sum(line.payments for line in types.values()) != totals.unduplicated.payments,
        "quarters": _quarters(asked, found),
        "chart": _chart(found),
        "quarters_differ": parts_differ(
            [quarter.totals.unduplicated.amount for quarter in found.quarters], unduplicated
        ),
        "levels": [
            _row(asked, Step(level).label, line, unduplicated, show="counted", level=level)
            for level, line in found.levels.items()
            if line.payments
        ],
        "not_counted": _reasons(asked, totals, is_outside=False),
        "outside": _reasons(asked, totals, is_outside=True),
        "elsewhere": [
            _row(asked, currency, line, 0, currency=currency)._replace(amount=wording.money(line.amount, currency))
            for currency, line in totals.elsewhere.items()
        ],
        "soon": _soon(request, asked),
        "within": SOON,
    }
    return render(request, "spend/overview.html", context)


def _has_payments(found: Sums) -> bool:
    totals = found.totals
    lines = [totals.base, *totals.not_counted.values(), *totals.elsewhere.values()]
    return any(line.payments for line in lines)


def _row(asked: Asked, name: str, line: Line, whole: Amount, period: Period | None = None, **filters: Any) -> Row:
    return Row(
        name,
        asked.payments(period, **filters),
        line,
        wording.money(line.amount, asked.rules.currency),
        wording.percentage(line.amount, whole),
        round(BAR * width_of(line.amount, whole), 1),
    )


def _reasons(asked: Asked, totals: Totals, *, is_outside: bool) -> list[Row]:
    """Return what doesn't count by reason: what is outside the base, or in it."""
    return [
        _row(asked, reason.label, line, totals.base.amount, reason=reason.value)
        for reason, line in totals.not_counted.items()
        if line.payments and (reason in OUTSIDE_THE_BASE) == is_outside
    ]


def _quarters(asked: Asked, found: Sums) -> list[QuarterRow]:
    rows = []
    for number, quarter in enumerate(found.quarters, 1):
        base, counted = quarter.totals.base, quarter.totals.unduplicated
        rows.append(
            QuarterRow(
                wording.quarter(number, quarter.period),
                _row(asked, "", base, base.amount, quarter.period, show="base"),
                _row(asked, "", counted, base.amount, quarter.period, show="counted"),
            )
        )
    return rows


def _chart(found: Sums) -> Chart | None:
    return chart(
        [f"Q{number}" for number in range(1, len(found.quarters) + 1)],
        [quarter.totals.base.amount for quarter in found.quarters],
        [quarter.totals.unduplicated.amount for quarter in found.quarters],
    )


def _soon(request: SignedInPolicyRequest, asked: Asked) -> int:
    """Return how many certifications of paid businesses expire soon. The list of them is another page."""
    today = timezone.localdate()
    found = expiring(asked.client, request.viewer, request.policy, today=today, days=SOON)
    return found.filter(is_paid=True, may_count=True).count()
