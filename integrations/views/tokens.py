"""A client's tokens for the API: listed, created and revoked by its admins."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.days import day
from common.translation import with_names
from integrations.access import for_admins_having
from integrations.forms import TokenForm
from integrations.models import AccessToken
from profiles.models import Client
from rollout.middleware import SignedInPolicyRequest
from sourcing import access

METHODS = ["GET", "HEAD", "POST"]


@for_admins_having(AccessToken)
@require_safe
def tokens(request: SignedInPolicyRequest) -> HttpResponse:
    own = AccessToken.objects.of(request.viewer.acts_for.pk).with_maker().select_related("made_by", "revoked_by")
    found = list(own)
    context = {
        "tokens": [token for token in found if not token.is_over],
        "over": [token for token in found if token.is_over],
    }
    return render(request, "integrations/tokens.html", context)


@access.for_admins
@reauthentication_required
@require_http_methods(METHODS)
@transaction.atomic
def new(request: SignedInPolicyRequest) -> HttpResponse:
    """Create a token. The answer shows it, this one time."""
    client = request.viewer.acts_for
    token = AccessToken(client_id=client.pk, made_by=request.user)
    form = drafts.form(request, TokenForm, instance=token)
    if request.method == "POST" and form.is_valid():
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        own = AccessToken.objects.of(client.pk)
        if own.filter(submission=form.cleaned_data["submission"]).exists():
            messages.info(request, "That token was created already. It was shown once and can't be shown again.")
            return redirect("integrations:tokens")
        if own.filter(revoked_at=None, expires_at__gt=timezone.now()).count() >= AccessToken.MOST:
            form.add_error(None, f"Your organization has {AccessToken.MOST} tokens. Revoke one first.")
        else:
            secret = token.draw()
            form.save()
            token.connect(secret)
            token.save(update_fields=["oauth"])
            return render(request, "integrations/token_made.html", {"token": token, "secret": secret}, status=201)
    return render(request, "integrations/token_new.html", {"form": form})


@for_admins_having(AccessToken)
@require_http_methods(METHODS)
def revoke(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Ask whether to revoke a token, and revoke it."""
    own = AccessToken.objects.of(request.viewer.acts_for.pk).filter(pk=pk)
    token = get_object_or_404(own)
    if request.method == "POST":
        own.revoke(by=request.user)
        messages.success(request, with_names("{} is revoked. Programs that use it are refused now.", token.name))
        return redirect("integrations:tokens")
    used = f"It was last used {day(token.last_used_on)}." if token.last_used_on else "It hasn't been used yet."
    context = {
        "heading": with_names("Revoke {}?", token.name),
        "message": f"Programs that use this token stop working at once. This can't be undone. {used}",
        "action": "Revoke token",
        "back": reverse("integrations:tokens"),
    }
    return render(request, "components/confirm.html", context)
