"""The people of an agency."""

from functools import wraps

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from common.drafts import act
from profiles.models import Profile
from profiles.views import people


def of_agency(view):
    """Calls `view` with the agency of the address, as one of its people sees it; 404 to all others."""

    @wraps(view)
    def wrapped(request, slug, **kwargs):
        agencies = Profile.objects.visible_to(request.viewer).filter(kind=Profile.Kind.AGENCY)
        agency = get_object_or_404(agencies, slug=slug)
        url = reverse("profiles:members", args=[agency.slug])
        place = people.place_of(request, agency, url, "profiles/members.html")
        with agency.in_its_time_zone():
            return view(request, place, **kwargs)

    return wrapped


def _page(place, **kwargs):
    return place.url


@require_http_methods(["GET", "HEAD", "POST"])
@of_agency
def members(request, place):
    return people.people_page(request, place)


@of_agency
@act(_page, "the role is not changed yet", "Change the role")
def role(request, place, pk):
    return people.change_role(request, place, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@of_agency
def remove(request, place, pk):
    return people.remove(request, place, pk)


@of_agency
@act(_page, "the invitation is not sent again yet", "Send it again")
def resend(request, place, pk):
    return people.resend_invitation(request, place, pk)


@of_agency
@act(_page, "the invitation is not withdrawn yet", "Withdraw the invitation")
def withdraw(request, place, pk):
    return people.withdraw_invitation(request, place, pk)
