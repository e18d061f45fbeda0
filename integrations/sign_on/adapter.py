"""What allauth asks about sign-in through the identity providers of clients."""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthError, Provider
from django.contrib.auth.signals import user_login_failed
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from common.redirects import page_of_ours
from integrations.models import IdentityProvider
from integrations.provider import ClientLogin, Process, app_of
from integrations.sign_on import linking, testing
from integrations.sign_on.admitting import Refusal, Refused, admit, let_in
from profiles.models import User
from profiles.viewer import ViewerRequest

# How long ago someone who was asked to sign in again may have done so.
FRESH = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)  # by which the provider's clock may be ahead of ours


def find(request: ViewerRequest, slug: str) -> IdentityProvider | None:
    """Return the provider of a client, also one that is off to an admin of the client, who may test it."""
    found = IdentityProvider.objects.filter(client__slug=slug, client__is_active=True).select_related("client").first()
    return found if found and (found.is_on or testing.is_admin(request.viewer, found.client_id)) else None


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Knows the providers from our own table, and lets in whom `admitting` admits."""

    def list_apps(
        self, request: ViewerRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the provider of the client whose slug is asked for."""
        found = find(request, client_id or provider or "")
        return [app_of(found)] if found else []

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        return self.get_app(request, provider=provider, client_id=client_id).get_provider(request)

    def pre_social_login(self, request: ViewerRequest, sociallogin: ClientLogin) -> None:
        """Decide about someone whom a provider sent. Raises ImmediateHttpResponse unless they are to be signed in."""
        found = sociallogin.provider.app.identity_provider
        process = sociallogin.state.get("process")
        here = request.user if isinstance(request.user, User) and request.user.is_authenticated else None
        linked = sociallogin.user  # whose account the subject is
        if process == Process.TEST:
            testing.note(request, found, sociallogin.claims, linked=linked)
            raise ImmediateHttpResponse(redirect("integrations:sign_on_tested"))
        try:
            if not found.is_on or process not in Process:
                raise Refused(Refusal.OFF)
            admitted = admit(found, sociallogin.claims, linked=linked, here=here)
            if process == Process.AGAIN:
                raise ImmediateHttpResponse(self._confirmed(request, sociallogin, admitted.user))
            if here and not linked and admitted.user == here:
                leads_to = page_of_ours(request, sociallogin.state.get("next"))
                raise ImmediateHttpResponse(linking.ask(request, linking.Asked(found, sociallogin.claims, leads_to)))
            sociallogin.user = linked or let_in(found, sociallogin.claims, admitted)
        except (Refused, IntegrityError) as error:  # the second: they came twice at once, and one of them was first
            refusal = error.refusal if isinstance(error, Refused) else Refusal.FAILED
            raise ImmediateHttpResponse(answer(request, refusal, email=sociallogin.claims.email)) from error

    def _confirmed(self, request: ViewerRequest, sociallogin: ClientLogin, user: User | None) -> HttpResponse:
        """Note that it is still the person who is signed in here, and lead on. Raises Refused."""
        if user is None or user != request.user:
            raise Refused(Refusal.SOMEONE_ELSE)
        signed_in_at = sociallogin.claims.signed_in_at
        if signed_in_at is None or not -AHEAD <= timezone.now() - signed_in_at <= FRESH:
            raise Refused(Refusal.NOT_AGAIN)
        record_authentication(request, user, "socialaccount", reauthenticated=True)
        return redirect(page_of_ours(request, sociallogin.state.get("next")) or "home")

    def on_authentication_error(
        self,
        request: ViewerRequest,
        provider: Provider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Say that it didn't work; to an admin of the client, also why."""
        said = "The person canceled the sign-in there." if error == AuthError.CANCELLED else str(exception or "")
        details = said if testing.is_admin(request.viewer, provider.app.identity_provider.client_id) else ""
        raise ImmediateHttpResponse(answer(request, Refusal.FAILED, details=details))


def answer(request: HttpRequest, refusal: Refusal, *, email: str = "", details: str = "") -> HttpResponse:
    """Return the page that says why someone isn't signed in, and log it. `details` are for an admin of the client."""
    user_login_failed.send(sender=__name__, credentials={"email": email}, request=request)
    context = {"refusal": refusal, "details": details}
    return render(request, "integrations/sign_on_refused.html", context, status=403)
