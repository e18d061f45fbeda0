"""The payments of a client: each says under what it counts, or why it does not."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certifications.models import CertifyingBody, ClientView, Step
from certifications.sharing import seen_by
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend import wording
from spend.browsing import PER_PAGE, Place, browse
from spend.choices import FOLLOWING, Kind, Reason
from spend.counting import CountedEntry
from spend.forms.payments import PaymentsForm
from spend.holdings import Holding
from spend.models import Payment
from spend.rules import Period
from spend.views.asked import Asked, letter_url, payments_url


class Certificate(NamedTuple):
    """A certificate under which a payment counts, as it was known about the day of the payment."""

    type: str
    certifier: str
    level: Step
    ends_on: date | None


class Origin(NamedTuple):
    """The payment that money came back from. `url` is "" if it isn't in the ledger."""

    number: str
    url: str


class PaymentRow(NamedTuple):
    """A payment in the list. `profile` is None if the viewer may not see it or it was deleted."""

    row: CountedEntry
    profile: Profile | None
    kind: Kind
    amount: str
    original: str  # the amount as paid, if it was settled in another currency
    origin: Origin | None
    certificates: list[Certificate]
    reason: str
    cost_center: str
    category: str

    @property
    def is_counted(self) -> bool:
        return bool(self.certificates)

    @property
    def letter_url(self) -> str:
        """The address of the evidence of the day on which a certificate has to be valid, or "" if none was."""
        return letter_url(self.profile, self.row.judged_on) if self.profile and self.is_counted else ""


@access.with_terms
@require_safe
def payments(request: SignedInPolicyRequest) -> HttpResponse:
    asked = Asked.of(request)
    form = PaymentsForm(_with_days(request.GET, asked.period), types=asked.types)
    context = {"asked": asked, "form": form, "per_page": PER_PAGE}
    if form.is_valid():
        cutoff = timezone.now()
        filters = form.filters()
        found = browse(
            asked.client,
            filters,
            viewer=request.viewer,
            rules=asked.rules,
            cutoff=cutoff,
            policy=request.policy,
            after=Place.read(request.GET.get("after", "")),
        )
        shown = {row.payee for row in found.rows if row.payee and row.held}
        if request.method == "GET" and shown:  # which owners read as a view of their certifications
            seen_by.note_many(shown, request.viewer, surface=ClientView.Surface.SHORTLIST, filters={})
        context |= {
            "found": found,
            "next": str(found.next) if found.next else "",
            "days": wording.days(filters.period),
            "total": wording.money(found.total.amount, found.currency),
            "counted": wording.money(found.counted.amount, found.currency),
            "rows": payment_rows(found.rows, asked, request.viewer),
            "is_first": "after" not in request.GET,
            "is_narrowed": any(form.cleaned_data[name] for name in form.fields if name not in ("starts_on", "ends_on")),
        }
    return render(request, "spend/payments.html", context)


def _with_days(query: QueryDict, period: Period) -> QueryDict:
    """Return what the address asks for, with the days of `period` if it names none."""
    filled = query.copy()
    for name, day in period._asdict().items():
        filled[name] = query.get(name) or day.isoformat()
    return filled


def payment_rows(found: Sequence[CountedEntry], asked: Asked, viewer: Viewer) -> list[PaymentRow]:
    """Return the rows of a page. Four queries, whatever their number."""
    payees = {row.payee for row in found if row.payee}
    profiles = Profile.objects.visible_to(viewer).in_bulk(payees)
    certifiers = {body.key: str(body) for body in CertifyingBody.objects.all()}
    numbers = [row.entry.number for row in found]
    details = {
        payment.external_id: payment
        for payment in Payment.objects.current().filter(client=asked.client, external_id__in=numbers)
    }
    origins = _origins(asked.client, found)
    rows = []
    for row in found:
        entry, detail = row.entry, details.get(row.entry.number)
        is_converted = row.currency != entry.currency
        rows.append(
            PaymentRow(
                row,
                profiles.get(row.payee) if row.payee else None,
                Kind(entry.kind),
                wording.money(row.amount, row.currency),
                wording.money(entry.amount, entry.currency) if is_converted else "",
                origins.get(entry.refers_to) if entry.kind in FOLLOWING and entry.refers_to else None,
                [_certificate(held, row.judged_on, asked.types, certifiers) for held in row.held],
                Reason(row.reason).label if row.reason else "",
                detail.cost_center if detail else "",
                detail.category if detail else "",
            )
        )
    return rows


def _certificate(held: Holding, day: date, types: Mapping[str, str], certifiers: Mapping[str, str]) -> Certificate:
    return Certificate(
        types.get(held.type, held.type), certifiers.get(held.body, held.body), Step(held.step_on(day)), held.ends_on
    )


def _origins(client: Client, page: Sequence[CountedEntry]) -> dict[str, Origin]:
    """Return the payments that those of a page go back to, by number."""
    numbers = {row.entry.refers_to for row in page} - {""}
    days = Payment.objects.current().filter(client=client, external_id__in=numbers)
    known = dict(days.values_list("external_id", "paid_on"))
    found_at = {number: payments_url(Period(day, day), number=number) for number, day in known.items()}
    return {number: Origin(number, found_at.get(number, "")) for number in numbers}
