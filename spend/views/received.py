"""The owner's side of reports: which payments count for whom, and payments that are not theirs."""

from typing import NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from certifications.models import CertificationType, CertifyingBody, Consent
from certifications.sharing import consents
from certifications.views.access import for_editors
from common import drafts
from common.translation import with_names
from common.undo import undoable
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest
from spend.choices import Kind, Reason
from spend.counting import CountedEntry
from spend.models import Disputed, Payment
from spend.received import Received, payers, received
from spend.wording import fiscal_year, money

CLIENTS_A_PAGE = 10
PAYMENTS_A_PAGE = 50


class Names(NamedTuple):
    """The names of types and certifiers, by key."""

    types: dict[str, str]
    bodies: dict[str, str]

    @classmethod
    def read(cls) -> "Names":
        types = CertificationType.objects.values_list("key", "name")
        return cls(dict(types), {body.key: str(body) for body in CertifyingBody.objects.all()})


class YearLine(NamedTuple):
    """A line of the table of a client: what counts in a fiscal year under one certificate."""

    year: str
    type: str
    body: str
    payments: int
    amount: str


class PaymentLine(NamedTuple):
    """A payment as its owner reads it. `pk` is None for money that came back: what it goes back to is disputed."""

    row: CountedEntry
    kind: str
    amount: str
    certificates: list[tuple[str, str]]  # the type and the certifier
    reason: str  # why it doesn't count
    pk: int | None
    is_disputed: bool


@require_safe
@for_editors
def overview(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    page = Paginator(payers(profile), CLIENTS_A_PAGE).get_page(request.GET.get("page"))
    names = Names.read()
    found = received(profile, list(page.object_list), request.policy, now=timezone.now())
    context = {
        "profile": profile,
        "page": page,
        "clients": [(of_client, _years(of_client, names)) for of_client in found],
        "consent": consents.of(profile)[Consent.Purpose.COUNT],
    }
    return render(request, "spend/received.html", context)


def _years(of_client: Received, names: Names) -> list[YearLine]:
    rules = of_client.rules
    return [
        YearLine(
            fiscal_year(rules, summary.year),
            names.types[summary.type],
            names.bodies[summary.body],
            summary.payments,
            money(summary.amount, rules.currency),
        )
        for summary in of_client.summaries
    ]


@require_safe
@for_editors
def client(request: SignedInPolicyRequest, profile: Profile, client: str) -> HttpResponse:
    """Show each payment of one client, with the certificates under which it counts."""
    payer = get_object_or_404(payers(profile), slug=client)
    [of_client] = received(profile, [payer], request.policy, now=timezone.now())
    page = Paginator(of_client.rows, PAYMENTS_A_PAGE).get_page(request.GET.get("page"))
    names = Names.read()
    numbers = [row.entry.number for row in page.object_list]
    own = Payment.objects.current().filter(profile=profile, external_id__in=numbers)
    keys = dict(own.values_list("external_id", "pk"))
    lines = [
        PaymentLine(
            row,
            Kind(row.entry.kind).label,
            money(row.amount, row.currency),
            [(names.types[holding.type], names.bodies[holding.body]) for holding in row.held],
            Reason(row.reason).label if row.reason else "",
            None if row.entry.refers_to else keys.get(row.entry.number),
            row.entry.is_disputed,
        )
        for row in page.object_list
    ]
    return render(
        request, "spend/received_from.html", {"profile": profile, "client": payer, "page": page, "lines": lines}
    )


def _page_of(profile: Profile, payment: int) -> str:
    """Return the address of the page of the client that made the payment."""
    made = get_object_or_404(Payment.objects.select_related("client"), pk=payment, profile=profile)
    return _address(profile, made)


def _address(profile: Profile, payment: Payment) -> str:
    return reverse("spend:received_from", args=[profile.kind, profile.slug, payment.client.slug])


@for_editors
@drafts.act(_page_of, "you haven't said yet that the payment isn't yours", "Say that it isn't mine")
def dispute(request: SignedInPolicyRequest, profile: Profile, payment: int) -> HttpResponse:
    """Take the payment out of every report that is not issued yet. The client is not told."""
    made = get_object_or_404(Payment.objects.select_related("client"), pk=payment, profile=profile)
    Disputed.objects.get_or_create(
        profile=profile, external_id=made.external_id, defaults={"disputed_by": request.user}
    )
    undo = reverse("spend:dispute_undo", args=[profile.kind, profile.slug, payment])
    words = with_names("Payment {} no longer counts. The client isn't told that you said so.", made.external_id)
    undoable(request, words, undo)
    return redirect(_address(profile, made))


@for_editors
@drafts.act(_page_of, "the payment isn't marked as yours again yet", "Mark it as mine")
def dispute_undo(request: SignedInPolicyRequest, profile: Profile, payment: int) -> HttpResponse:
    made = get_object_or_404(Payment.objects.select_related("client"), pk=payment, profile=profile)
    Disputed.objects.filter(profile=profile, external_id=made.external_id).delete()
    messages.success(request, with_names("Payment {} is yours again.", made.external_id))
    return redirect(_address(profile, made))
