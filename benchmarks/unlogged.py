"""The profile page as it would be without the log of who looked: what the log costs is the difference."""

from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render

from certifications.badges import Badge, rows
from certifications.for_clients import ClientQuery
from certifications.models import Certification
from certifications.rail import Rail
from profiles.models import Profile
from profiles.pages import positions


@partial(ClientQuery, keys=1)
def _unlogged(viewer, policy, profile_pk):
    records = Certification.objects.visible_to(viewer, policy).filter(profile=profile_pk)
    return rows(records)


class UnloggedRail(Rail):
    """A client's rail by the rule alone."""

    def __init__(self, profile, viewer, policy):
        self.is_editor, self.is_for_client = viewer.edits(profile), True
        self.badges = [Badge(*row) for row in _unlogged.rows(viewer, policy, profile.pk)]


@login_not_required
def profile(request, kind, slug):
    profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
    context = {
        "profile": profile,
        "is_editor": request.viewer.edits(profile),
        "positions": positions(profile),
        "members": [],
        "rail": UnloggedRail(profile, request.viewer, request.policy),
    }
    return render(request, "marketplace/profile.html", context)
