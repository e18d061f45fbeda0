"""Payments, each with whether it counts by the rules as they are now."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from certifications.models import Step
from integrations.api.auth import caller_in_audience
from integrations.api.certifications import LevelCode
from integrations.api.giving import Choice, ProfileOut
from integrations.api.paging import Page, Paged, address_of, position_of
from integrations.api.problems import Fault, Problem, Refused
from integrations.api.spend.shared import READS, SUBJECT, Money, choice_of, level_of, note_given
from spend.browsing import Place, Show, browse
from spend.choices import Kind, Reason
from spend.forms.payments import PaymentsForm
from spend.views.asked import Asked
from spend.views.payments import PaymentRow, payment_rows

router = Router(auth=READS, tags=[SUBJECT])


ShowCode = Annotated[
    str, Field(pattern="^[a-z_]{1,20}$", json_schema_extra={"enum": [one.value for one in Show if one]})
]


class PaymentFilters(Paged):
    """The filters of the page of payments. By default, those of this fiscal year are listed."""

    starts_on: Annotated[date | None, Field(description="The first day. By default, of this fiscal year.")] = None
    ends_on: Annotated[date | None, Field(description="The last day. By default, of this fiscal year.")] = None
    show: Annotated[ShowCode | None, Field(description="Which payments.")] = None
    type: Annotated[str | None, Field(max_length=80, description="The code of a type that they count as.")] = None
    reason: Annotated[Reason | None, Field(description="The reason why they don't count.")] = None
    level: Annotated[LevelCode | None, Field(description="Their level.")] = None
    business: Annotated[str | None, Field(max_length=160, description="A part of its name, or its slug.")] = None
    kind: Annotated[Kind | None, Field(description="The kind of payment.")] = None
    cost_center: Annotated[str | None, Field(max_length=80, description="Their cost center.")] = None
    category: Annotated[str | None, Field(max_length=80, description="Their category.")] = None
    number: Annotated[str | None, Field(max_length=80, description="The number of one payment.")] = None


class PaymentCertificateOut(Schema):
    """A certificate under which a payment counts."""

    type: Choice
    certifier: Choice
    level: Choice
    ends_on: date | None


class PaymentOut(Schema):
    """A payment, and whether it counts by the rules as they are now."""

    number: str
    paid_on: date
    kind: Choice
    amount: Annotated[Money, Field(description="In the currency in which it counts.")]
    original: Annotated[Money, Field(description="As it was paid.")]
    profile: ProfileOut | None
    refers_to: str | None
    cost_center: str
    category: str
    is_counted: bool
    certificates: list[PaymentCertificateOut]
    reason: Annotated[Choice | None, Field(description="Why it doesn't count.")]


@router.get(
    "/spend/payments",
    response=Page[PaymentOut],
    operation_id="listPayments",
    summary="List payments",
    description="The payments of your organization, the newest first, each with its certificates or the reason why it "
    "doesn't count. `previous` is always null.",
)
def payments(request: HttpRequest, asked: Query[PaymentFilters]) -> Page[PaymentOut]:
    caller = caller_in_audience(request)
    about = Asked.of_client(caller.client_pk)
    form = PaymentsForm(_query(asked, about), types=about.types)
    if not form.is_valid():
        faults = [
            Fault(f"/query/{name}", str(message)) for name, messages in form.errors.items() for message in messages
        ]
        raise Refused(Problem.INVALID, faults=faults)
    after = None
    if asked.cursor:
        _, (paid_on, number) = position_of(request, asked.cursor, 2)
        after = Place(date.fromisoformat(paid_on), number)
    found = browse(
        about.client,
        form.filters(),
        viewer=caller.viewer,
        rules=about.rules,
        cutoff=timezone.now(),
        policy=caller.policy,
        after=after,
        per_page=asked.limit,
    )
    note_given(caller, (row.payee for row in found.rows if row.payee and row.held))
    results = [_payment(row) for row in payment_rows(found.rows, about, caller.viewer)]
    following = address_of(request, [False, [found.next.paid_on, found.next.number]]) if found.next else None
    return Page(results=results, next=following, previous=None)


def _query(asked: PaymentFilters, about: Asked) -> QueryDict:
    """Return what is asked for as the form of the page reads it."""
    query = QueryDict(mutable=True)
    for name in PaymentsForm.base_fields:
        value = getattr(asked, name, None)
        query[name] = "" if value is None else str(value)
    levels = {step.name.lower(): step for step in Step}
    if asked.level:
        query["level"] = str(int(levels[asked.level])) if asked.level in levels else asked.level
    for name, day in about.period._asdict().items():
        query[name] = query[name] or day.isoformat()
    return query


def _payment(made: PaymentRow) -> PaymentOut:
    row, entry = made.row, made.row.entry
    return PaymentOut(
        number=entry.number,
        paid_on=entry.paid_on,
        kind=choice_of(made.kind),
        amount=Money.of(row.amount, row.currency),
        original=Money.of(entry.amount, entry.currency),
        profile=ProfileOut.of(made.profile) if made.profile else None,
        refers_to=entry.refers_to or None,
        cost_center=made.cost_center,
        category=made.category,
        is_counted=made.is_counted,
        certificates=[
            PaymentCertificateOut(
                type=Choice(code=held.type, label=said.type),
                certifier=Choice(code=held.body, label=said.certifier),
                level=level_of(said.level),
                ends_on=said.ends_on,
            )
            for held, said in zip(row.held, made.certificates, strict=True)
        ],
        reason=choice_of(row.reason) if row.reason else None,
    )
