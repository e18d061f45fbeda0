"""Answering an invitation."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from profiles import members
from profiles.models import Invitation


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token):
    """What is offered, and the button that accepts it. A link that no longer holds says so, whatever the reason."""
    found = Invitation.from_token(token)
    if found is None:
        return render(request, "profiles/invitation_over.html", status=404)
    is_yours = request.user.email.lower() == found.email.lower()
    if request.method == "POST" and is_yours:
        members.accept(found, user=request.user)
        messages.success(request, f"Welcome to {found.place.name}.")
        return redirect(found.place)
    return render(request, "profiles/invitation.html", {"invitation": found, "is_yours": is_yours})
