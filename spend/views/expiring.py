"""Certifications that expire soon, so that a client can ask for the renewal in time."""

from typing import Any, NamedTuple

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certifications.badges import Badge
from certifications.models import ClientView
from certifications.sharing import seen_by
from profiles.models import Client, Profile
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend.expiring import WITHIN, expiring
from spend.views.asked import letter_url

PER_PAGE = 50


class WithinForm(forms.Form):
    within = forms.TypedChoiceField(choices=[(days, f"{days} days") for days in WITHIN], coerce=int, required=False)


class Line(NamedTuple):
    """A line of the list. `letter_url` is "" without an evidence letter: the client may not count the certification."""

    profile: Profile
    badge: Badge
    why: str
    letter_url: str


@access.with_terms
@require_safe
def index(request: SignedInPolicyRequest) -> HttpResponse:
    form = WithinForm(request.GET)
    days = (form.is_valid() and form.cleaned_data["within"]) or max(WITHIN)
    client = get_object_or_404(Client, pk=request.viewer.acts_for.pk)
    found = expiring(client, request.viewer, request.policy, today=timezone.now().date(), days=days)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    if request.method == "GET" and page.object_list:
        shown = {record.profile_id for record in page.object_list}
        seen_by.note_many(shown, request.viewer, surface=ClientView.Surface.SHORTLIST, filters={})
    context = {
        "page": page,
        "lines": [_line(record) for record in page.object_list],
        "within": WITHIN,
        "days": days,
    }
    return render(request, "spend/expiring.html", context)


def _line(record: Any) -> Line:
    """Return the line of a record from `expiring`."""
    reasons = {"shortlisted": record.is_shortlisted, "paid": record.is_paid}
    why = " and ".join(word for word, holds in reasons.items() if holds).capitalize()
    letter = letter_url(record.profile) if record.may_count else ""
    return Line(record.profile, Badge.of(record), why, letter)
