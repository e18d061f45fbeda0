"""How a client's ledger leads to what counts, as a page and as a file."""

import io
from decimal import Decimal
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from sourcing.exports import files
from sourcing.exports.files import FileColumn, Sheet
from spend import reconciling, sums, wording
from spend.reconciling import Reconciliation, Step
from spend.sums import Sums
from spend.totals import Line, shown
from spend.views.asked import Asked


class StepRow(NamedTuple):
    """A step in words, with the address of its payments."""

    step: Step
    amount: str
    payments: str
    url: str


class TypeRow(NamedTuple):
    """A type: its payments in full, and those whose first type it is."""

    name: str
    overlapping: str
    url: str
    primary: str
    primary_url: str


class FileRow(NamedTuple):
    """A row of the file. The columns have the names of its fields."""

    step: str
    total: str
    amount: Decimal
    currency: str
    payments: int


@access.with_terms
@require_safe
def reconciliation(request: SignedInPolicyRequest) -> HttpResponse:
    asked = Asked.of(request)
    found, overview = _found(request, asked)
    totals, currency = overview.totals, asked.rules.currency
    counted = totals.unduplicated.amount
    context = {
        "asked": asked,
        "steps": [_row(asked, step, currency) for step in found.steps],
        "elsewhere": [_row(asked, step, step.words) for step in found.elsewhere],
        "is_complete": found.is_complete,
        "has_payments": any(step.payments for step in (*found.steps, *found.elsewhere)),
        "types": [
            _type(asked, key, line, totals.primary[key])
            for key, line in totals.overlapping.items()
            if key in asked.types
        ],
        "overlapping": wording.money(sum(line.amount for line in totals.overlapping.values()), currency),
        "counted": wording.money(counted, currency),
        "counted_url": asked.payments(show="counted"),
        "share_of_payments": wording.percentage(counted, totals.base.amount),
        "payments": wording.money(totals.base.amount, currency),
        "share_of_addressable": wording.percentage(counted, asked.addressable or 0),
        "addressable": wording.money(asked.addressable, currency) if asked.addressable else "",
    }
    return render(request, "spend/reconciliation.html", context)


def _found(request: SignedInPolicyRequest, asked: Asked) -> tuple[Reconciliation, Sums]:
    overview = sums.current(asked.client, asked.period, rules=asked.rules, policy=request.policy)
    found = reconciling.reconcile(
        asked.client, asked.period, overview.totals, rules=asked.rules, cutoff=overview.cutoff
    )
    return found, overview


def _row(asked: Asked, step: Step, currency: str) -> StepRow:
    return StepRow(
        step,
        wording.money(step.amount, currency),
        f"{step.payments:,}".replace("-", wording.MINUS),
        asked.payments(**step.filters),
    )


def _type(asked: Asked, key: str, line: Line, primary: Line) -> TypeRow:
    currency = asked.rules.currency
    return TypeRow(
        asked.types[key],
        wording.money(line.amount, currency),
        asked.payments(type=key),
        wording.money(primary.amount, currency),
        asked.payments(primary=key),
    )


@access.with_terms
@require_safe
def file(request: SignedInPolicyRequest) -> HttpResponse:
    """Respond with the steps of the fiscal year as CSV."""
    asked = Asked.of(request)
    found, _ = _found(request, asked)
    currency = asked.rules.currency
    steps = [(step, currency, step.words) for step in found.steps]
    steps += [(step, step.words, "Settled in another currency, in no step above") for step in found.elsewhere]
    rows = [
        FileRow(
            step=words,
            total="yes" if step.is_total else "no",
            amount=shown(step.amount),
            currency=code,
            payments=step.payments,
        )
        for step, code, words in steps
    ]
    columns = [FileColumn(name.capitalize()) for name in FileRow._fields]
    content = io.BytesIO()
    files.write(content, Sheet("Reconciliation", columns, rows, {}), "csv")
    name = f"reconciliation-{asked.year}.csv"
    return HttpResponse(
        content.getvalue(),
        content_type=files.CONTENT_TYPES["csv"],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
