"""The members of an agency."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from profiles.models import Profile
from profiles.viewer import SignedInRequest
from profiles.views.people import place_of


def of_agency(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Call `view` with the agency of the address, as one of its members sees it. Anyone else gets 404."""

    @wraps(view)
    def wrapped(request: SignedInRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        agencies = Profile.objects.visible_to(request.viewer).filter(kind=Profile.Kind.AGENCY)
        agency = get_object_or_404(agencies, slug=slug)
        with agency.in_its_time_zone():
            return view(request, place_of(request, agency, "members"), **kwargs)

    return wrapped
