"""Linking the account of someone who is signed in here to a client's provider. They are asked first.

Otherwise a link to the provider would be enough to give it an account that belongs to others as well.
"""

import time
from typing import NamedTuple

from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.shortcuts import redirect

from common.mail.letters import letter
from common.mail.outbox import post
from integrations.models import IdentityProvider
from integrations.sign_on.admitting import Refusal, Refused, admit, let_in
from integrations.sign_on.claims import Claims
from profiles.models import User
from profiles.viewer import ViewerRequest

SESSION_KEY = "sign_on_link"
SECONDS = 300  # to answer in


class Asked(NamedTuple):
    """What someone is asked: to link their account to who signed in at `found`. After it comes `leads_to`, or ""."""

    found: IdentityProvider
    claims: Claims
    leads_to: str


def ask(request: ViewerRequest, asked: Asked) -> HttpResponse:
    """Keep in the session who signed in at the provider, and lead to the page that asks."""
    request.session[SESSION_KEY] = {
        "provider": asked.found.pk,
        "key": asked.found.key,
        "claims": asked.claims._replace(signed_in_at=None),
        "leads_to": asked.leads_to,
        "until": time.time() + SECONDS,
    }
    return redirect("sign_on_link")


def asked(request: ViewerRequest) -> Asked | None:
    """Return what someone was asked minutes ago, if the provider is still in use with the same settings."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["until"] < time.time():
        return None
    found = IdentityProvider.objects.in_use().filter(pk=kept["provider"]).first()
    if found is None or found.key != kept["key"]:
        return None
    return Asked(found, Claims(*kept["claims"]), kept["leads_to"])


def link(asked: Asked, user: User) -> None:
    """Link the account of `user`, and tell them by email. Raises Refused if that may not be by now."""
    account = (
        SocialAccount.objects.filter(provider=asked.found.key, uid=asked.claims.uid).select_related("user").first()
    )
    admitted = admit(asked.found, asked.claims, linked=account.user if account else None, here=user)
    if admitted.user != user:
        raise Refused(Refusal.SOMEONE_ELSE)
    let_in(asked.found, asked.claims, admitted)
    if account is None:
        post(user.email, letter("integrations/linked", {"recipient": user, "client": asked.found.client}))
