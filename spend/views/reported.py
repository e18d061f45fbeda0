"""The payments behind a number of an issued report, as they were counted in it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from certifications.models import ClientView, Step
from certifications.sharing import seen_by
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend import frozen, wording
from spend.browsing import PER_PAGE, Show
from spend.choices import Kind, Reason
from spend.forms.reports import ReportedForm
from spend.models import IssuedReport, ReportedPayee, ReportedPayment
from spend.packs.tables import Behind
from spend.reported import Filters
from spend.totals import Cell, line, totals
from spend.views.asked import letter_url, report_of
from spend.views.payments import Certificate


class SumOf(NamedTuple):
    """A sum of the payments in the list."""

    name: str
    amount: str


class ReportedRow(NamedTuple):
    """A payment in the list. Without `payee` and `number`, the report may no longer name them.

    `profile` is None if the viewer may not see it now.
    """

    row: ReportedPayment
    kind: Kind
    amount: str
    payee: ReportedPayee | None
    profile: Profile | None
    number: str
    paid_on: date | None
    refers_to: str
    certificates: list[Certificate]
    types: str  # those that it counts under, if no certificate may be named
    reason: str

    @property
    def is_counted(self) -> bool:
        return bool(self.row.types)

    @property
    def letter_url(self) -> str:
        """The address of the evidence as of the day of the payment, or "" if it went back to another day's."""
        has_letter = self.profile and self.certificates and not self.refers_to
        return letter_url(self.profile, self.paid_on) if self.profile and has_letter else ""


def reported_url(issued: IssuedReport, behind: Behind) -> str:
    """Return the address of the payments behind a number on the page of a report."""
    filters = {name: value for name, value in behind.items() if name != "report"}
    return reverse("spend:report_payments", args=[behind.get("report", issued.number)], query=filters)


@access.with_terms
@require_safe
def payments(request: SignedInPolicyRequest, number: int) -> HttpResponse:
    issued = report_of(request, number)
    form = ReportedForm(request.GET, issued=issued)
    if not form.is_valid():
        raise Http404
    filters = form.filters()
    found = filters.of(issued)
    cells = [cell for of_quarter in frozen.cells(found).values() for cell in of_quarter]
    currency = filters.currency or issued.plain_rules().currency
    own = [cell for cell in cells if cell.currency == currency]
    page = Paginator(found.select_related("details"), PER_PAGE).get_page(request.GET.get("page"))
    on_page = list(page.object_list)
    named = frozen.named(issued, request.policy, among={row.business for row in on_page if row.business is not None})
    rows = _rows(on_page, issued, named, _visible(request, named.values()))
    shown = {row.payee.profile_id for row in rows if row.payee and row.certificates}
    if request.method == "GET" and shown:  # which owners read as a view of their certifications
        seen_by.note_many(shown, request.viewer, surface=ClientView.Surface.SHORTLIST, filters={})
    context = {
        "issued": issued,
        "asked": list(_words(filters, issued)),
        "sums": list(_sums(filters, own, currency, list(issued.names_of_types))),
        "line": line(cells),
        "elsewhere": sum(cell.payments for cell in cells if cell.currency != currency),
        "page": page,
        "rows": rows,
    }
    return render(request, "spend/report_payments.html", context)


def _sums(filters: Filters, own: Sequence[Cell], currency: str, types: Sequence[str]) -> Iterator[SumOf]:
    """Yield the sums of a list: the payments once and, if that is another sum, as the report's types add them up.

    Types add up only what counts, so a list with other payments has no such sum.
    """
    found = totals(own, types)
    whole = sum((cell.amount for cell in own), Decimal(0))
    again = sum((cell.amount * (len(cell.types) - 1) for cell in own), Decimal(0))
    yield SumOf("Sum", wording.money(whole, currency))
    if filters.type and found.split[filters.type].amount != whole:
        yield SumOf("In equal parts under each type", wording.money(found.split[filters.type].amount, currency))
    elif again and not (filters.type or filters.primary) and all(cell.types for cell in own):
        yield SumOf("In full under each type", wording.money(whole + again, currency))
        yield SumOf("Of that, counted again", wording.money(again, currency))


def _visible(request: SignedInPolicyRequest, payees: Collection[ReportedPayee]) -> Mapping[int, Profile]:
    return Profile.objects.visible_to(request.viewer).in_bulk({payee.profile_id for payee in payees})


def _rows(
    page: Sequence[ReportedPayment],
    issued: IssuedReport,
    named: Mapping[int, ReportedPayee],
    profiles: Mapping[int, Profile],
) -> list[ReportedRow]:
    names = issued.names_of_types
    rows = []
    for row in page:
        details = frozen.details(row, named)
        payee = named.get(row.business) if details and row.business is not None else None
        rows.append(
            ReportedRow(
                row,
                Kind(row.kind),
                wording.money(row.amount, row.currency),
                payee,
                profiles.get(payee.profile_id) if payee else None,
                details.number if details else "",
                details.paid_on if details else None,
                details.refers_to if details else "",
                [_certificate(held, names) for held in details.certificates] if details else [],
                " and ".join(names[key] for key in row.types),
                Reason(row.reason).label if row.reason else "",
            )
        )
    return rows


def _certificate(held: Mapping[str, Any], names: Mapping[str, str]) -> Certificate:
    ends_on = date.fromisoformat(held["ends_on"]) if held["ends_on"] else None
    return Certificate(names[held["type"]], held["body"], Step(held["level"]), ends_on)


def _words(filters: Filters, issued: IssuedReport) -> Iterator[str]:
    """Yield in words what a list is narrowed to."""
    names = issued.names_of_types
    if filters.show:
        yield Show(filters.show).label
    if filters.type:
        yield f"Counted as {names[filters.type]}"
    if filters.primary:
        yield f"Counted as {names[filters.primary]} first"
    if filters.types:
        yield f"Counted as {' and '.join(names[key] for key in filters.types.split(';'))}, and as nothing else"
    if filters.level is not None:
        yield Step(filters.level).label
    if filters.reason:
        yield Reason(filters.reason).label
    if filters.quarter:
        [part] = [part for part in issued.period.quarters() if part.starts_on == filters.quarter]
        yield wording.quarter_of(issued.plain_rules(), part)
