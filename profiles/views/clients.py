"""A client's members, and the choice of which client to act for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404

from common.drafts import act
from common.redirects import back, page_of_ours
from common.translation import with_names
from profiles.models import Client
from profiles.viewer import CHANGED_ON, JUST_ME, SESSION_KEY, SignedInRequest
from profiles.views.people import place_of


def of_client(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Call `view` with the client of the address, as one of its members sees it. Anyone else gets 404."""

    @wraps(view)
    def wrapped(request: SignedInRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        client = get_object_or_404(Client, slug=slug)
        return view(request, place_of(request, client, "client"), **kwargs)

    return wrapped


@act(lambda: "home", "you still act for the same organization", "Change it")
def acting_for(request: SignedInRequest) -> HttpResponse:
    """Choose which of one's clients to act for, or none."""
    chosen = request.POST.get("client", "")
    own = {str(place.pk): place for place in request.viewer.client_memberships}
    if chosen in own:
        request.session[SESSION_KEY] = own[chosen].pk
        messages.success(request, with_names("You are now acting for {}.", own[chosen].name))
    elif chosen == str(JUST_ME):
        request.session[SESSION_KEY] = JUST_ME
        messages.success(request, "You are now acting for just yourself.")
    else:
        messages.error(request, "You aren't a member of that organization.")
    request.session[CHANGED_ON] = page_of_ours(request, request.POST.get("next", ""))
    return back(request, "home")
