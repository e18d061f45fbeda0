"""The pages that join the apps: the start page, the directory, a profile with its rails, and the error pages."""

import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from certifications.rail import Rail
from certifications.sharing import seen_by
from certifications.sharing.forms import ClientSearchForm, PreviewForm
from certifications.sharing.viewers import absent, kinds_for, place_of
from certifications.views.access import editable
from common import databases, files
from common.translation import untranslated
from marketplace import found
from marketplace.home import own_clients, own_profiles
from profiles import directory as talent
from profiles.models import Invitation, Profile
from profiles.pages import positions, public_members
from profiles.viewer import Viewer
from rollout.middleware import PolicyRequest, SignedInPolicyRequest
from rollout.models import RolloutPolicy
from sourcing import dealings
from sourcing.models import TalkInvitation

RETRY_AFTER_SECONDS = 10


@login_not_required
@require_safe
def home(request: PolicyRequest) -> HttpResponse:
    """Show a visitor what the marketplace is, and a member their profiles and clients."""
    viewer = request.viewer
    if viewer.user is None:
        return render(request, "marketplace/welcome.html")
    own = own_profiles(viewer, request.policy)
    context = {
        "own_profiles": own,
        "own_clients": own_clients(viewer, request.policy),
        "talks": TalkInvitation.objects.for_editors(viewer).waiting().count() if own else 0,
        "memberships": [place for place in viewer.memberships if not place.is_editor],
        "invitations": Invitation.objects.open()
        .filter(email__iexact=viewer.user.email)
        .select_related("profile", "client"),
    }
    return render(request, "marketplace/home.html", context)


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "marketplace/terms.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "marketplace/privacy.html")


@login_not_required
@require_safe
@vary_on_headers("HX-Request")
def directory(request: PolicyRequest) -> HttpResponse:
    """Show the public directory. Members of a client see its dealings on the cards."""
    context = talent.search(request.GET)
    dealings.look_up(context["profiles"], request.viewer)
    template = "profiles/directory.html#results" if request.htmx else "profiles/directory.html"
    return render(request, template, context)


@login_not_required
@require_safe
def profile(request: PolicyRequest, kind: str, slug: str) -> HttpResponse:
    profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
    with profile.in_its_time_zone():
        context = _profile_context(profile, request.viewer, request.policy)
        context["found_as"] = found.found_of(profile)
        if not context["is_editor"]:
            dealings.look_up([profile], request.viewer)
        response = render(request, "marketplace/profile.html", context)
    if not context["rail"].is_noted and request.method == "GET":
        seen_by.note(profile, request.viewer, request)
    return response


def _profile_context(profile: Profile, viewer: Viewer, policy: RolloutPolicy) -> dict[str, Any]:
    return {
        "profile": profile,
        "is_editor": viewer.edits(profile),
        "positions": positions(profile),
        "members": public_members(profile) if profile.is_agency else [],
        "rail": Rail(profile, viewer, policy),
    }


@require_safe
def preview(request: SignedInPolicyRequest, kind: str, slug: str) -> HttpResponse:
    """Show editors their own page as someone else sees it: `?as=` a kind of viewer, or `?client=` a slug."""
    profile = get_object_or_404(editable(request.viewer), kind=kind, slug=slug)
    search = ClientSearchForm(request.GET if "q" in request.GET else None)
    form = PreviewForm(request.GET)
    form.is_valid()
    client = form.cleaned_data.get("client")
    kinds = kinds_for(profile)
    chosen = form.cleaned_data.get("as")
    chosen = chosen if chosen in kinds else "enterprise"
    label, viewer = kinds[chosen]
    viewer = Viewer.member_of(place_of(client)) if client else viewer
    context = _profile_context(profile, viewer, request.policy) | {
        "is_preview": True,
        "absent": absent(profile, viewer, request.policy),
        "who": untranslated(client.name) if client else f"{label[0].lower()}{label[1:]}",
        "exists": Profile.objects.visible_to(viewer).filter(pk=profile.pk).exists(),
        "chosen": "client" if client else chosen,
        "viewed_client": client,
        "kinds": [(key, label) for key, (label, _) in kinds.items()],
        "search": search,
        "found": search.found(without=[]),
    }
    with profile.in_its_time_zone():
        return render(request, "marketplace/preview.html", context)


def _failure(template: str, status: int) -> HttpResponse:
    """Return an error page, rendered without database, session or request, since any of them may have failed."""
    response = HttpResponse(render_to_string(template), status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Respond with 400, or with 413 if the body was too large and the person has to send less."""
    # Django's own default renders with the request, and raises again when the body's charset is the problem.
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _failure("413.html", 413)
    return _failure("400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failure("403.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _failure("404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Respond with 500, or with 503 and Retry-After while the database or the files are unavailable."""
    error = sys.exc_info()[1]
    if files.is_unavailable(error) or databases.is_unavailable(error):
        response = _failure("503.html", 503)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return _failure("500.html", 500)
