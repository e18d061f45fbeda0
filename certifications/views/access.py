"""Who may open the pages of the section: the profile's editors. To everybody else they do not exist."""

import time
from functools import wraps

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.shortcuts import get_object_or_404

from certifications.models import Certification
from profiles.models import Profile

RECENT_SECONDS = 12 * 60 * 60


def editable(viewer):
    """The profiles that `viewer` edits."""
    return Profile.objects.filter(pk__in=viewer.managed_profile_ids)


def for_editors(view):
    """Calls `view` with the profile of the address, and with the record if the address names one; else 404."""

    @wraps(view)
    def wrapped(request, kind, slug, pk=None, **rest):
        profile = get_object_or_404(editable(request.viewer), kind=kind, slug=slug)
        with profile.in_its_time_zone():
            if pk is None:
                return view(request, profile, **rest)
            records = Certification.objects.visible_to(request.viewer, request.policy).filter(profile=profile)
            record = get_object_or_404(records.with_status(request.policy).with_step().for_display(), pk=pk)
            record.profile = profile
            return view(request, profile, record, **rest)

    return wrapped


def recently_signed_in(view):
    """To change something needs a password or code given within RECENT_SECONDS; else it is asked for first.

    What was posted is kept meanwhile by django-allauth, and done once the proof is given. Inside `for_editors`: to
    those who may not see the page nothing is said.
    """

    @wraps(view)
    def wrapped(request, *args):
        proofs = get_authentication_records(request, request.user)
        newest = max((proof["at"] for proof in proofs), default=0)
        if request.method == "POST" and time.time() - newest > RECENT_SECONDS:
            raise ReauthenticationRequired
        return view(request, *args)

    return wrapped
