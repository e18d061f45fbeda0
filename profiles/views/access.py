"""Who may open an editor's page: 404 where the profile is not to be seen, 403 where it is but not to be edited."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from profiles.models import Profile


def for_editors(view):
    """Calls `view` with the profile of the address in place of its kind and slug."""

    @wraps(view)
    def wrapped(request, kind, slug, **kwargs):
        profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
        if not request.viewer.edits(profile):
            raise PermissionDenied
        with profile.in_its_time_zone():
            return view(request, profile, **kwargs)

    return wrapped
