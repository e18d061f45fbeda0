"""Who may open the pages of the section: the profile's editors. To everybody else they do not exist."""

from functools import wraps

from django.shortcuts import get_object_or_404

from certifications.models import Certification
from profiles.models import Profile


def for_editors(view):
    """Calls `view` with the profile of the address, and with the record if the address names one; else 404."""

    @wraps(view)
    def wrapped(request, kind, slug, pk=None):
        managed = Profile.objects.filter(pk__in=request.viewer.managed_profile_ids)
        profile = get_object_or_404(managed, kind=kind, slug=slug)
        if pk is None:
            return view(request, profile)
        records = Certification.objects.visible_to(request.viewer).filter(profile=profile)
        record = get_object_or_404(records.with_status().select_related("type", "certificate__body"), pk=pk)
        record.profile = profile
        return view(request, profile, record)

    return wrapped
