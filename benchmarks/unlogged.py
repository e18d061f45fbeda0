"""The profile page as it would be without the log of who looked: what the log costs is the difference."""

from dataclasses import replace
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render

from certifications.badges import COLUMNS, Badge
from certifications.models import Certification
from certifications.models.record import audience_now
from certifications.rail import Rail
from profiles.compiled import CompiledQuery
from profiles.models import Profile
from profiles.pages import positions
from profiles.viewer import Viewer


class UnloggedRail(Rail):
    """A client's rail by the rule alone."""

    def __init__(self, profile, viewer):
        self.is_editor, self.is_for_client = viewer.edits(profile), True
        alike = replace(viewer.client, pk=0, name="", slug="")
        rows = _query(alike, tuple(audience_now())).rows(profile.pk, viewer.client.pk)
        self.badges = [Badge.from_row(*row) for row in rows]


@cache
def _query(alike, audience):
    def build(profile_pk, client_pk):
        viewer = Viewer.member_of(replace(alike, pk=client_pk))
        return (
            Certification.objects.visible_to(viewer)
            .filter(profile=profile_pk)
            .with_step()
            .for_display()
            .values_list(*COLUMNS)
        )

    return CompiledQuery(build)


@login_not_required
def profile(request, kind, slug):
    profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
    context = {
        "profile": profile,
        "is_editor": request.viewer.edits(profile),
        "positions": positions(profile),
        "members": [],
        "rail": UnloggedRail(profile, request.viewer),
    }
    return render(request, "marketplace/profile.html", context)
