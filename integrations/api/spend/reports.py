"""Issued reports: their sums and their payments."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from common.mail.letters import absolute
from integrations.api.auth import Caller, caller_in_audience
from integrations.api.giving import Choice
from integrations.api.paging import Asked, Page, page_of
from integrations.api.spend.shared import READS, SUBJECT, Money, choice_of, level_of, note_given
from spend import frozen
from spend.choices import Kind, Reason
from spend.models import IssuedReport, ReportedDetails, ReportedPayee, ReportedPayment
from spend.totals import Amount, Line, percent

router = Router(auth=READS, tags=[SUBJECT])


ReportNumber = Annotated[int, Path(description="The number of a report.")]


class SumOut(Schema):
    """A sum of payments."""

    sum: Money
    payments: int
    businesses: Annotated[int, Field(description="How many businesses, each once.")]
    share: Annotated[str, Field(description="In percent, like 12.5. Of the base, or of what counts for levels.")]

    @classmethod
    def of(cls, line: Line, base: Amount, currency: str) -> "SumOut":
        return cls(
            sum=Money.of(line.amount, currency),
            payments=line.payments,
            businesses=line.businesses,
            share=f"{percent(line.amount, base):f}",
        )


class TypeSumsOut(Schema):
    """What counts as one type."""

    type: Choice
    overlapping: Annotated[SumOut, Field(description="Each payment counts in full under each of its types.")]
    primary: Annotated[Money, Field(description="Each payment counts under its first type alone.")]
    split: Annotated[Money, Field(description="Each payment counts in equal parts under its types.")]


class LevelSumOut(Schema):
    """What counts at one verification level."""

    level: Choice
    counted: SumOut


class QuarterSumsOut(Schema):
    """The sums of a quarter."""

    starts_on: date
    ends_on: date
    base: SumOut
    counted: SumOut


class NotCountedOut(Schema):
    """What doesn't count, for one reason."""

    reason: Choice
    sum: Money
    payments: int
    businesses: int


class SignerOut(Schema):
    """The person who signed a report."""

    name: str
    title: str


class ReportOut(Schema):
    """An issued report. It never changes. Another can replace it."""

    number: int
    starts_on: date
    ends_on: date
    cutoff: Annotated[datetime, Field(description="It has what was known before this moment.")]
    currency: str
    signer: SignerOut
    replaces: Annotated[int | None, Field(description="The number of the report that it replaced.")]
    reason: Annotated[str, Field(description="Why it replaced that report. Else empty.")]
    superseded_by: Annotated[int | None, Field(description="The number of the report that replaced it.")]
    rows_sha256: Annotated[str, Field(description="The digest of its rows, as in the audit pack.")]
    url: Annotated[str, Field(description="Its page, with files and the audit pack.")]


class ReportWithSums(ReportOut):
    """An issued report with its sums. They are exact, and rounded only here."""

    base: SumOut
    counted: Annotated[SumOut, Field(description="What counts, each payment once.")]
    addressable: Annotated[Money | None, Field(description="Addressable spend, if it was entered.")]
    types: list[TypeSumsOut]
    levels: list[LevelSumOut]
    quarters: list[QuarterSumsOut]
    not_counted: list[NotCountedOut]


class ReportedCertificateOut(Schema):
    """A certificate under which a payment counts, as it was known then."""

    type: str
    certificate: str
    certifier: str
    number: str
    legal_business_name: str
    starts_on: date
    ends_on: date | None
    level: Choice


class ReportedPaymentOut(Schema):
    """A payment of a report. Where it has no number, its owner no longer shares who it was paid to."""

    position: int
    business: Annotated[int | None, Field(description="The number of the business in this report.")]
    quarter_starts_on: date
    kind: Choice
    amount: Money
    is_counted: bool
    types: Annotated[list[str], Field(description="Codes of the types that it counts under, the primary one first.")]
    level: Choice | None
    reason: Annotated[Choice | None, Field(description="Why it doesn't count.")]
    number: str | None
    version: int | None
    paid_on: date | None
    refers_to: Annotated[str | None, Field(description="The number of the payment that it goes back to.")]
    payee: Annotated[str | None, Field(description="The name of the business.")]
    certificates: list[ReportedCertificateOut]


def _issued(caller: Caller) -> QuerySet[IssuedReport]:
    found = IssuedReport.objects.filter(client=caller.client_pk)
    return found.select_related("client", "replaces", "replaced_by")


def _about(issued: IssuedReport) -> dict[str, Any]:
    return {
        "number": issued.number,
        "starts_on": issued.starts_on,
        "ends_on": issued.ends_on,
        "cutoff": issued.cutoff,
        "currency": issued.plain_rules().currency,
        "signer": SignerOut(name=issued.signer_name, title=issued.signer_title),
        "replaces": issued.replaces.number if issued.replaces else None,
        "reason": issued.reason,
        "superseded_by": issued.replaced_by.number if issued.is_superseded else None,
        "rows_sha256": issued.digest,
        "url": absolute(issued.get_absolute_url()),
    }


@router.get(
    "/spend/reports",
    response=Page[ReportOut],
    operation_id="listReports",
    summary="List issued reports",
    description="The reports that your organization issued, in the order of their numbers.",
)
def reports(request: HttpRequest, asked: Asked) -> Page[ReportOut]:
    found = page_of(request, _issued(caller_in_audience(request)), ("number",), asked)
    return found.page([ReportOut(**_about(issued)) for issued in found.rows])


@router.get(
    "/spend/reports/{number}",
    response=ReportWithSums,
    operation_id="getReport",
    summary="Get an issued report",
    description="A report with its sums, as its page and its files show them. Only `superseded_by` can change.",
)
def report(request: HttpRequest, number: ReportNumber) -> ReportWithSums:
    issued = report_of(caller_in_audience(request), number)
    found = frozen.sums(issued)
    totals, currency, base = found.totals, issued.plain_rules().currency, found.totals.base.amount

    def of(line: Line, whole: Amount = base) -> SumOut:
        return SumOut.of(line, whole, currency)

    return ReportWithSums(
        **_about(issued),
        base=of(totals.base),
        counted=of(totals.unduplicated),
        addressable=Money.of(issued.addressable, currency) if issued.addressable is not None else None,
        types=[
            TypeSumsOut(
                type=Choice(code=key, label=name),
                overlapping=of(totals.overlapping[key]),
                primary=Money.of(totals.primary[key].amount, currency),
                split=Money.of(totals.split[key].amount, currency),
            )
            for key, name in issued.names_of_types.items()
        ],
        levels=[
            LevelSumOut(level=level_of(level), counted=of(line, totals.unduplicated.amount))
            for level, line in found.levels.items()
        ],
        quarters=[
            QuarterSumsOut(
                **part.period._asdict(),
                base=of(part.totals.base),
                counted=of(part.totals.unduplicated, part.totals.base.amount),
            )
            for part in found.quarters
        ],
        not_counted=[
            NotCountedOut(
                reason=choice_of(reason),
                sum=Money.of(line.amount, code),
                payments=line.payments,
                businesses=line.businesses,
            )
            for reason, code, line in totals.left_out(currency)
        ],
    )


def report_of(caller: Caller, number: int) -> IssuedReport:
    """Return the report of the caller's client with this number, or 404."""
    return get_object_or_404(_issued(caller), number=number)


@router.get(
    "/spend/reports/{number}/payments",
    response=Page[ReportedPaymentOut],
    operation_id="listPaymentsOfReport",
    summary="List the payments of a report",
    description="Every payment of a report, with what it counts under or the reason why it doesn't. Who may no longer "
    "be named is left out, and the amount stays.",
)
def reported(request: HttpRequest, number: ReportNumber, asked: Asked) -> Page[ReportedPaymentOut]:
    caller = caller_in_audience(request)
    issued = report_of(caller, number)
    named = frozen.named(issued, caller.policy)
    rows = ReportedPayment.objects.filter(report=issued).select_related("details")
    found = page_of(request, rows, ("position",), asked)
    shown_now = {row.business for row in found.rows} & named.keys()
    note_given(caller, (named[business].profile_id for business in shown_now if named[business].records))
    results = [_reported(row, frozen.details(row, named), named) for row in found.rows]
    return found.page(results)


def _reported(
    row: ReportedPayment, details: ReportedDetails | None, named: Mapping[int, ReportedPayee]
) -> ReportedPaymentOut:
    payee = named.get(row.business) if row.business is not None else None
    return ReportedPaymentOut(
        position=row.position,
        business=row.business,
        quarter_starts_on=row.quarter,
        kind=choice_of(Kind(row.kind)),
        amount=Money.of(row.amount, row.currency),
        is_counted=bool(row.types),
        types=row.types,
        level=level_of(row.level) if row.level is not None else None,
        reason=choice_of(Reason(row.reason)) if row.reason else None,
        number=details.number if details else None,
        version=details.version if details else None,
        paid_on=details.paid_on if details else None,
        refers_to=details.refers_to or None if details else None,
        payee=payee.name if payee and details else None,
        certificates=[
            ReportedCertificateOut(
                **{
                    **certificate,
                    "certifier": certificate["body"],
                    "ends_on": certificate["ends_on"] or None,
                    "level": level_of(certificate["level"]),
                }
            )
            for certificate in (details.certificates if details else ())
        ],
    )
