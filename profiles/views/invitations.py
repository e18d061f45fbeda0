"""The page that answers an invitation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common.translation import with_names
from profiles import members
from profiles.models import Invitation
from profiles.viewer import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: SignedInRequest, token: str) -> HttpResponse:
    """Show what is offered, with the button that accepts it. An invalid link says so, whatever the reason."""
    found = Invitation.from_token(token)
    if found is None:
        return _over(request)
    if found.place.memberships.filter(user=request.user).exists():
        messages.info(request, with_names("You're already a member of {}.", found.place.name))
        return redirect(found.place)
    if not found.is_open:
        return _over(request)
    is_yours = members.is_for(found, request.user)
    if request.method == "POST" and is_yours:
        try:
            members.accept(found, user=request.user)
        except members.Gone:
            return _over(request)
        messages.success(request, with_names("Welcome to {}.", found.place.name))
        return redirect(found.place)
    context = {"invitation": found, "is_yours": is_yours}
    return render(request, "profiles/invitation.html", context, status=403 if request.method == "POST" else 200)


def _over(request: SignedInRequest) -> HttpResponse:
    return render(request, "profiles/invitation_over.html", status=404)
