"""The page that creates a profile."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common import drafts
from profiles.forms import SECTIONS, CreateForm
from profiles.models import Membership, Profile, User
from profiles.places import time_zone_hint, time_zone_name, time_zone_of
from profiles.viewer import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    """Create a freelancer's profile (one for each person) or an agency's page."""
    form = drafts.form(request, CreateForm, user=request.user)
    if form.is_valid():
        with transaction.atomic():
            # Held, so that two clicks make one profile.
            User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
            own = Profile.objects.filter(users=request.user, kind=form.cleaned_data["kind"])
            if form.cleaned_data["kind"] == Profile.Kind.AGENCY:
                own = own.filter(name=form.cleaned_data["name"])
            if found := own.first():
                messages.info(request, "You already have this profile.")
                return redirect(found)
            profile = form.save(commit=False)
            profile.slug = Profile.free_slug(profile.name)
            profile.time_zone = time_zone_of(profile.country, profile.state)
            profile.save()
            Membership.objects.create(user=request.user, profile=profile, role=Membership.Role.OWNER)
        messages.success(request, _created(profile))
        return redirect(profile)
    return render(request, "profiles/create.html", {"form": form})


def _created(profile: Profile) -> str:
    said = "Your profile is live. Add your details below."
    if profile.is_in_us and not time_zone_hint(profile.state):
        return said
    zone, where = time_zone_name(profile.time_zone), SECTIONS["details"].heading
    return f"{said} Your time zone is {zone}. If that's wrong, change it under “{where}.”"
