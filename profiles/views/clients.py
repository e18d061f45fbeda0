"""A client's start page and members, and the choice of which client to act for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from common.drafts import act
from common.redirects import back, page_of_ours
from common.translation import with_names
from profiles.models import Client
from profiles.viewer import CHANGED_ON, JUST_ME, SESSION_KEY, SignedInRequest
from profiles.views import people
from profiles.views.people import Place


def of_client(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Call `view` with the client of the address, as one of its members sees it. Anyone else gets 404."""

    @wraps(view)
    def wrapped(request: SignedInRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        client = get_object_or_404(Client, slug=slug)
        place = people.place_of(request, client, client.get_absolute_url(), "profiles/client.html")
        return view(request, place, **kwargs)

    return wrapped


def _page(place: Place, **kwargs: Any) -> str:
    return place.url


@require_http_methods(["GET", "HEAD", "POST"])
@of_client
def client(request: SignedInRequest, place: Place) -> HttpResponse:
    return people.people_page(request, place)


@of_client
@act(_page, "the role is not changed yet", "Change the role")
def role(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.change_role(request, place, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@of_client
def remove(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.remove(request, place, pk)


@of_client
@act(_page, "the invitation is not sent again yet", "Send it again")
def resend(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.resend_invitation(request, place, pk)


@of_client
@act(_page, "the invitation is not withdrawn yet", "Withdraw the invitation")
def withdraw(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    return people.withdraw_invitation(request, place, pk)


@act(lambda: "home", "your choice of whom to act for is not changed yet", "Change it")
def acting_for(request: SignedInRequest) -> HttpResponse:
    """Choose which of one's clients to act for, or none."""
    chosen = request.POST.get("client", "")
    own = {str(place.pk): place for place in request.viewer.client_memberships}
    if chosen in own:
        request.session[SESSION_KEY] = own[chosen].pk
        messages.success(request, with_names("You now act for {}.", own[chosen].name))
    elif chosen == str(JUST_ME):
        request.session[SESSION_KEY] = JUST_ME
        messages.success(request, "You now act for no organization.")
    else:
        messages.error(request, "You are not a member of that organization.")
    request.session[CHANGED_ON] = page_of_ours(request, request.POST.get("next", ""))
    return back(request, "home")
