"""Signing in through the identity provider of one's organization."""

from allauth.account.internal.flows import reauthentication
from allauth.core.internal import ratelimit
from allauth.socialaccount.helpers import complete_social_login, render_authentication_error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.sessions import LoginSession
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from common.redirects import page_of_ours, with_query
from common.text import EmailField
from common.translation import with_names
from integrations.models import EmailDomain, IdentityProvider
from integrations.provider import OIDCAdapter, Organization, Process, app_of
from integrations.sign_on import linking, saml, testing
from integrations.sign_on.adapter import answer, find
from integrations.sign_on.admitting import Refused, provider_for, provider_of
from integrations.sign_on.claims import BadProvider
from profiles.account_mail import confirmed_again
from profiles.models import Client
from profiles.viewer import SignedInRequest, ViewerRequest

ANSWER_SECONDS = 60  # that an answer of a provider waits for the browser, which is led on right away


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
    if refused := ratelimit.consume_or_429(request, app="allauth.account", action="sign_on"):
        return refused  # whether or not the domain has a provider, which no one is to find out for many
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _to_provider(form.cleaned_data["email"], leads_to)
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


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: SignedInRequest) -> HttpResponse:
    """Ask someone whether the provider that they have just signed in at may sign in as them."""
    asked = linking.asked(request)
    if asked is None:
        if request.method == "POST":
            messages.warning(request, "That took too long. Sign in with your organization again.")
        return redirect("sign_on")
    client = asked.found.client
    if request.method == "POST":
        del request.session[linking.SESSION_KEY]
        try:
            linking.link(asked, request.user)
        except Refused as error:
            return answer(request, error.refusal, email=asked.claims.email)
        messages.success(request, with_names("Your account is linked to {}.", client.name))
        return redirect(asked.leads_to or "home")
    context = {
        "heading": with_names("Link your account to {}?", client.name),
        "message": with_names(
            "You signed in at {0} as {1}. Its identity provider can then sign in as you, and see and change all that "
            "you can, also outside {0}.",
            client.name,
            asked.claims.email,
        ),
        "action": "Link account",
        "back": reverse("home"),
    }
    return render(request, "components/confirm.html", context)


def _provider(request: ViewerRequest, slug: str, protocol: IdentityProvider.Protocol) -> Organization:
    """Return the provider of a client. Raises Http404 if it has none with this protocol that the viewer may use."""
    found = find(request, slug)
    if found is None or found.protocol != protocol:
        raise Http404
    return app_of(found).get_provider(request)


def _lead(request: ViewerRequest, provider: Organization) -> HttpResponse:
    """Send someone to the provider. A link does it, so that an organization's own start page can lead here."""
    asked = request.GET.get("process", Process.SIGN_IN)
    if asked not in Process:
        raise Http404
    if refused := ratelimit.consume_or_429(request, app="allauth.account", action="sign_on_lead", limit_get=True):
        return refused
    try:
        return provider.lead(request, Process(asked), page_of_ours(request, request.GET.get("next")))
    except BadProvider as error:
        return render_authentication_error(request, provider, exception=error)


@login_not_required
@require_safe
def oidc_login(request: ViewerRequest, provider_id: str) -> HttpResponse:
    return _lead(request, _provider(request, provider_id, IdentityProvider.Protocol.OIDC))


@login_not_required
@require_safe
def oidc_callback(request: ViewerRequest, provider_id: str) -> HttpResponse:
    """Take who comes back from the provider."""
    _provider(request, provider_id, IdentityProvider.Protocol.OIDC)
    return OAuth2CallbackView.adapter_view(OIDCAdapter(request, provider_id))(request)


@login_not_required
@require_safe
def saml_login(request: ViewerRequest, organization_slug: str) -> HttpResponse:
    return _lead(request, _provider(request, organization_slug, IdentityProvider.Protocol.SAML))


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def saml_acs(request: ViewerRequest, organization_slug: str) -> HttpResponse:
    """Keep a form that the provider let the browser send, and lead to where the browser sends its session, too.

    It comes from another site, so the browser leaves our session's cookie out.
    """
    has_saml = IdentityProvider.objects.filter(protocol=IdentityProvider.Protocol.SAML, client__is_active=True)
    get_object_or_404(has_saml, client__slug=organization_slug)
    if request.method != "POST":
        return redirect("sign_on")
    if refused := ratelimit.consume_or_429(request, app="allauth.account", action="sign_on_answer"):
        return refused
    if int(request.META.get("CONTENT_LENGTH") or 0) > saml.MOST_LETTERS:
        raise SuspiciousOperation("No provider answers that much.")
    response = redirect("saml_finish_acs", organization_slug)
    kept = _answers(request)
    kept.store["answer"] = request.POST.get("SAMLResponse", "")
    kept.store.set_expiry(ANSWER_SECONDS)
    kept.save(response)
    response.cookies[kept.cookie_name]["httponly"] = True
    return response


def _answers(request: ViewerRequest) -> LoginSession:
    """Return the session in which an answer waits for the browser's next request."""
    return LoginSession(request, "saml_acs_session", "saml-acs-session")


@login_not_required
@require_safe
def saml_finish(request: ViewerRequest, organization_slug: str) -> HttpResponse:
    """Take who came back from the provider, once, if this browser was sent there."""
    provider = _provider(request, organization_slug, IdentityProvider.Protocol.SAML)
    kept = _answers(request)
    sent = kept.store.get("answer")
    kept.delete()
    if sent is None:
        return render_authentication_error(request, provider)
    try:
        said = saml.answer(request, provider.app.identity_provider, sent)
        login = provider.sociallogin_from_response(request, said.claims)
        login.state = provider.unstash_redirect_state(request, said.request_id)
    except BadProvider as error:
        return render_authentication_error(request, provider, exception=error)
    except PermissionDenied:
        error = BadProvider("The provider's answer isn't to a request from this browser.")
        return render_authentication_error(request, provider, exception=error)
    return complete_social_login(request, login)


@login_not_required
@require_safe
def saml_metadata(request: ViewerRequest, organization_slug: str) -> HttpResponse:
    """Return what an organization enters at its provider. Before it has one here, only its admins read it."""
    client = get_object_or_404(Client, slug=organization_slug, is_active=True)
    has_saml = IdentityProvider.objects.filter(client=client, protocol=IdentityProvider.Protocol.SAML).exists()
    if not has_saml and not testing.is_admin(request.viewer, client.pk):
        raise Http404
    return HttpResponse(saml.our_metadata(request, client.slug), content_type="application/samlmetadata+xml")
