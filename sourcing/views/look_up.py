"""Looking up a certificate in hand."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certifications.badges import badges_by_profile, by_type
from certifications.models import ClientView
from certifications.sharing import seen_by
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, dealings
from sourcing.forms.look_up import LookUpForm
from sourcing.look_up import MOST, find


@access.with_terms
@require_safe
def look_up(request: SignedInPolicyRequest) -> HttpResponse:
    viewer = request.viewer
    form = LookUpForm(request.GET if "q" in request.GET else None)
    context = {"form": form, "is_asked": form.is_valid(), "most": MOST}
    if context["is_asked"]:
        text = form.cleaned_data["q"]
        profiles = find(viewer, request.policy, text)
        shown = profiles[:MOST]
        badges, unnoted = badges_by_profile(
            [profile.pk for profile in shown], viewer, request.policy, surface=ClientView.Surface.SEARCH
        )
        if unnoted and request.method == "GET":
            seen_by.note_many(unnoted, viewer, surface=ClientView.Surface.SEARCH, filters={"look_up": text})
        dealings.look_up(shown, viewer)
        context["cards"] = [(profile, by_type(badges[profile.pk])) for profile in shown if profile.pk in badges]
        context["has_more"] = len(profiles) > MOST
    return render(request, "sourcing/look_up.html", context)
