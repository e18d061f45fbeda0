"""The members of an agency."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from common.drafts import act
from profiles.models import Profile
from profiles.viewer import SignedInRequest
from profiles.views import people
from profiles.views.people import Place


def of_agency(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Call `view` with the agency of the address, as one of its members sees it. Anyone else gets 404."""

    @wraps(view)
    def wrapped(request: SignedInRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        agencies = Profile.objects.visible_to(request.viewer).filter(kind=Profile.Kind.AGENCY)
        agency = get_object_or_404(agencies, slug=slug)
        url = reverse("profiles:members", args=[agency.slug])
        place = people.place_of(request, agency, url, "profiles/members.html")
        with agency.in_its_time_zone():
            return view(request, place, **kwargs)

    return wrapped


def _page(place: Place, **kwargs: Any) -> str:
    return place.url


@require_http_methods(["GET", "HEAD", "POST"])
@of_agency
def members(request: SignedInRequest, place: Place) -> HttpResponse:
    return people.people_page(request, place)


@of_agency
@act(_page, "the role is not changed yet", "Change the role")
def role(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.change_role(request, place, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@of_agency
def remove(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.remove(request, place, pk)


@of_agency
@act(_page, "the invitation is not sent again yet", "Send it again")
def resend(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.resend_invitation(request, place, pk)


@of_agency
@act(_page, "the invitation is not withdrawn yet", "Withdraw the invitation")
def withdraw(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.withdraw_invitation(request, place, pk)
