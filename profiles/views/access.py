"""Access to the editor's pages: 404 if the viewer may not see the profile, 403 if they see it but may not edit it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from profiles.models import Profile
from profiles.viewer import ViewerRequest


def for_editors(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Call `view` with the profile of the address in place of its kind and slug."""

    @wraps(view)
    def wrapped(request: ViewerRequest, kind: str, slug: str, **kwargs: Any) -> HttpResponseBase:
        profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
        if not request.viewer.edits(profile):
            raise PermissionDenied
        with profile.in_its_time_zone():
            return view(request, profile, **kwargs)

    return wrapped
