"""Signing in through the identity provider of one's organization."""

from allauth.account.internal.flows import reauthentication
from allauth.core import ratelimit
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from common.redirects import page_of_ours, with_query
from common.text import EmailField
from integrations.models import EmailDomain, IdentityProvider
from integrations.provider import OIDCAdapter, OrganizationOIDC, Process, app_of
from integrations.sign_on.adapter import find
from integrations.sign_on.admitting import provider_for, provider_of
from integrations.sign_on.oidc import BadProvider
from profiles.account_mail import AccountAdapter, confirmed_again
from profiles.viewer import SignedInRequest, ViewerRequest


class AddressForm(forms.Form):
    """The address whose domain tells the provider. Whether anyone has it makes no difference."""

    email = EmailField(
        label="Work email address",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"required": "Enter your work email address"},
    )

    def clean_email(self) -> IdentityProvider:
        """Return the provider of the domain."""
        email = self.cleaned_data["email"]
        found = provider_for(email)
        if found is None:
            raise forms.ValidationError(
                f"No organization has set up sign-in for {EmailDomain.of(email)}. Sign in with your password instead."
            )
        return found


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_on(request: ViewerRequest) -> HttpResponse:
    """Ask for the address whose domain tells the provider."""
    leads_to = page_of_ours(request, request.POST.get("next") or request.GET.get("next"))
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if ratelimit.consume(request, action="sign_on"):
            return _to_provider(form.cleaned_data["email"], leads_to)
        form.add_error("email", AccountAdapter.error_messages["too_many_login_attempts"])
    return render(request, "integrations/sign_on_start.html", {"form": form, "leads_to": leads_to})


def _to_provider(found: IdentityProvider, leads_to: str) -> HttpResponse:
    address = reverse("sign_on_leave", args=[found.client.slug])
    return redirect(with_query(address, next=leads_to) if leads_to else address)


@login_not_required
@require_safe
def leave(request: ViewerRequest, client: str) -> HttpResponse:
    """Lead to the provider by a page: our policy lets no form end at another site, not even by a redirect."""
    found = find(request, client)
    if found is None:
        raise Http404
    address = app_of(found).get_provider(request).get_login_url(request)
    if leads_to := page_of_ours(request, request.GET.get("next")):
        address = with_query(address, next=leads_to)
    response = render(request, "integrations/sign_on_leave.html", {"address": address})
    response["Refresh"] = f"0; url={address}"
    return response


@require_safe
def again(request: SignedInRequest) -> HttpResponse:
    """Ask someone to sign in at their provider again, and then go on with what they were doing."""
    if confirmed_again(request):
        return reauthentication.resume_request(request) or redirect("home")
    found = provider_of(request.user)
    if found is None:
        raise Http404
    address = app_of(found).get_provider(request).get_login_url(request)
    return redirect(with_query(address, process=Process.AGAIN, next=request.get_full_path()))


def _oidc(request: ViewerRequest, slug: str) -> OrganizationOIDC:
    found = find(request, slug)
    if found is None or found.protocol != IdentityProvider.Protocol.OIDC:
        raise Http404
    return app_of(found).get_provider(request)


@login_not_required
@require_safe
def oidc_login(request: ViewerRequest, provider_id: str) -> HttpResponse:
    """Send someone to the provider. A link does it, so that an organization's own start page can lead here."""
    provider = _oidc(request, provider_id)
    asked = request.GET.get("process", Process.SIGN_IN)
    if asked not in Process:
        raise Http404
    try:
        return provider.lead(request, Process(asked), page_of_ours(request, request.GET.get("next")))
    except BadProvider as error:
        return render_authentication_error(request, provider, exception=error)


@login_not_required
@require_safe
def oidc_callback(request: ViewerRequest, provider_id: str) -> HttpResponse:
    """Take who comes back from the provider."""
    _oidc(request, provider_id)
    return OAuth2CallbackView.adapter_view(OIDCAdapter(request, provider_id))(request)
