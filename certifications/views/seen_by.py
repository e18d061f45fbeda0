"""The viewer log that a profile's editors read, and the weekly email about it."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certifications.models import DigestSubscription
from certifications.sharing import seen_by
from certifications.sharing.chart import chart_of
from certifications.views.access import for_editors
from certifications.views.actions import page_url
from common import drafts
from common.forms import OnOffForm
from common.redirects import back
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest


class OlderForm(forms.Form):
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)


@require_safe
@for_editors
def log(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    form = OlderForm(request.GET)
    before = form.cleaned_data["before"] if form.is_valid() else None
    days, older = seen_by.log(profile, before=before)
    weeks = seen_by.weeks(profile, until=profile.today())
    context = {
        "profile": profile,
        "days": days,
        "older": older,
        "is_first_page": before is None,
        "chart": chart_of(weeks) if before is None else None,
        "gets_digest": DigestSubscription.objects.filter(profile=profile, user=request.user).exists(),
    }
    return render(request, "certifications/seen_by.html", context)


@for_editors
@drafts.act(lambda profile: page_url(profile, "seen_by"), "your choice of emails isn't saved yet", "Save it")
def digest(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Turn the weekly email on or off for the person who asks."""
    form = OnOffForm(request.POST)
    if form.is_valid() and form.cleaned_data["on"]:
        DigestSubscription.objects.get_or_create(profile=profile, user=request.user)
        messages.success(
            request, "We'll email you once a week, if a client viewed your certifications in the week before."
        )
    else:
        DigestSubscription.objects.filter(profile=profile, user=request.user).delete()
        messages.success(request, "The weekly email is off.")
    return back(request, page_url(profile, "seen_by"))
