"""A client organisation's start page and people, and the choice of whom to act for."""

from functools import wraps

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from common.drafts import act
from common.redirects import back, page_of_ours
from common.translation import with_names
from profiles.models import Client
from profiles.viewer import CHANGED_ON, JUST_ME, SESSION_KEY
from profiles.views import people


def of_client(view):
    """Calls `view` with the client of the address, as one of its people sees it; 404 to all others."""

    @wraps(view)
    def wrapped(request, slug, **kwargs):
        client = get_object_or_404(Client, slug=slug)
        place = people.place_of(request, client, client.get_absolute_url(), "profiles/client.html")
        return view(request, place, **kwargs)

    return wrapped


def _page(place, **kwargs):
    return place.url


@require_http_methods(["GET", "HEAD", "POST"])
@of_client
def client(request, place):
    return people.people_page(request, place)


@of_client
@act(_page, "the role is not changed yet", "Change the role")
def role(request, place, pk):
    return people.change_role(request, place, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@of_client
def remove(request, place, pk):
    return people.remove(request, place, pk)


@of_client
@act(_page, "the invitation is not sent again yet", "Send it again")
def resend(request, place, pk):
    return people.resend_invitation(request, place, pk)


@of_client
@act(_page, "the invitation is not withdrawn yet", "Withdraw the invitation")
def withdraw(request, place, pk):
    return people.withdraw_invitation(request, place, pk)


@act(lambda: "home", "your choice of whom to act for is not changed yet", "Change it")
def acting_for(request):
    """Choose the organisation to act for, out of one's own, or none."""
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
