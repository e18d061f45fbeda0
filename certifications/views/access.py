"""Access to the pages of the section: for the profile's editors. For everyone else they do not exist."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404

from certifications.models import Certification, Consent
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.middleware import SignedInPolicyRequest

type View = Callable[..., HttpResponseBase]

RECENT_SECONDS = 12 * 60 * 60


def editable(viewer: Viewer) -> QuerySet[Profile]:
    """Return the profiles that `viewer` edits."""
    return Profile.objects.filter(pk__in=viewer.managed_profile_ids)


def for_editors(view: View) -> View:
    """Call `view` with the profile of the address, and the record if the address names one. Else answer 404."""

    @wraps(view)
    def wrapped(
        request: SignedInPolicyRequest, kind: str, slug: str, pk: int | None = None, **rest: Any
    ) -> HttpResponseBase:
        place = request.viewer.edited_at(kind, slug)
        if place is None:
            raise Http404
        consents = Consent.objects.filter(profile=OuterRef("pk"))
        profiles = Profile.objects.annotate(has_added=Exists(consents))  # read by the side navigation
        profile = get_object_or_404(profiles, pk=place.pk)
        with profile.in_its_time_zone():
            if pk is None:
                return view(request, profile, **rest)
            records = Certification.objects.visible_to(request.viewer, request.policy).filter(profile=profile)
            record = get_object_or_404(records.with_status(request.policy).with_step().for_display(), pk=pk)
            record.profile = profile
            return view(request, profile, record, **rest)

    return wrapped


def recently_signed_in(view: View) -> View:
    """Ask for the password or a code before a POST, unless one was given within RECENT_SECONDS.

    django-allauth keeps the POST meanwhile and repeats it after the proof. Goes inside `for_editors`, so that people
    who may not see the page learn nothing.
    """

    @wraps(view)
    def wrapped(request: SignedInPolicyRequest, *args: Any) -> HttpResponseBase:
        proofs = get_authentication_records(request, request.user)
        newest = max((proof["at"] for proof in proofs), default=0)
        if request.method == "POST" and time.time() - newest > RECENT_SECONDS:
            raise ReauthenticationRequired
        return view(request, *args)

    return wrapped
