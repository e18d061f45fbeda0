"""The page on which admins of a client set up how its members sign in."""

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.redirects import with_query
from common.translation import with_names
from integrations import access
from integrations.models import EmailDomain, IdentityProvider
from integrations.provider import Process, app_of
from integrations.sign_on import domains, testing
from integrations.sign_on.admitting import bound_to, shut_out_without
from integrations.sign_on.forms import AccessForm, DomainForm, OIDCForm, SAMLForm
from integrations.sign_on.saml import Ours
from profiles.models import Client, User
from profiles.viewer import SignedInRequest


def _provider(request: SignedInRequest) -> IdentityProvider | None:
    return IdentityProvider.objects.filter(client=request.viewer.acts_for.pk).select_related("client").first()


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: SignedInRequest) -> HttpResponse:
    """Show the domains and the provider, and take a domain to add."""
    client = request.viewer.acts_for
    form = drafts.form(request, DomainForm, instance=EmailDomain(client_id=client.pk, added_by=request.user))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, with_names("{} added. Verify it next.", form.instance.name))
        return redirect("integrations:sign_on")
    found = _provider(request)
    context = {
        "form": form,
        "domains": EmailDomain.objects.filter(client=client.pk),
        "provider": found,
        "start": request.build_absolute_uri(reverse("sign_on_leave", args=[client.slug])),
        "test": with_query(app_of(found).get_provider(request).get_login_url(request), process=Process.TEST)
        if found
        else "",
    }
    return render(request, "integrations/sign_on.html", context)


@access.for_admins
@drafts.act(lambda pk: "integrations:sign_on", "the domain isn't checked yet", "Check it again")
@reauthentication_required
def domain_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Look for the record of a domain in the DNS."""
    domain = get_object_or_404(EmailDomain, pk=pk, client=request.viewer.acts_for.pk)
    if not ratelimit.consume(request, action="domain_check", user=request.user):
        messages.error(request, "You've checked many times within an hour. Try again later.")
        return redirect("integrations:sign_on")
    try:
        domains.verify(domain)
    except domains.NotVerified as error:
        messages.error(request, str(error))
    else:
        messages.success(request, with_names("{} is verified.", domain.name))
    return redirect("integrations:sign_on")


@access.for_admins
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    domain = get_object_or_404(EmailDomain, pk=pk, client=request.viewer.acts_for.pk)
    if request.method == "POST":
        domain.delete()
        messages.success(request, with_names("{} removed.", domain.name))
        return redirect("integrations:sign_on")
    message = "Members with an address in this domain can't sign in through your provider anymore."
    if shut_out := shut_out_without(domain):
        members = "1 member doesn't have" if shut_out == 1 else f"{shut_out} members don't have"
        message += (
            f" {members} another way to sign in, because your organization requires sign-on. Stop requiring it first, "
            "or verify the domain that they move to."
        )
    context = {
        "heading": with_names("Remove {}?", domain.name),
        "message": message,
        "action": "Remove domain",
        "back": reverse("integrations:sign_on"),
    }
    return render(request, "components/confirm.html", context)


@access.for_admins
@require_safe
def provider(request: SignedInRequest) -> HttpResponse:
    """Ask for the protocol."""
    context = {"provider": _provider(request), "back": reverse("integrations:sign_on")}
    return render(request, "integrations/sign_on_provider.html", context)


@access.for_admins
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def oidc(request: SignedInRequest) -> HttpResponse:
    """Ask for the settings of a provider with OpenID Connect."""
    return _set_up(request, OIDCForm, "integrations/sign_on_oidc.html")


@access.for_admins
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def saml(request: SignedInRequest) -> HttpResponse:
    """Ask for the metadata of a provider with SAML."""
    return _set_up(request, SAMLForm, "integrations/sign_on_saml.html")


def _set_up(request: SignedInRequest, form_class: type[OIDCForm | SAMLForm], template: str) -> HttpResponse:
    client = Client.objects.get(pk=request.viewer.acts_for.pk)
    form = drafts.form(request, form_class, instance=_provider(request) or IdentityProvider(client=client))
    if request.method == "POST" and form.is_valid():
        if form.instance.pk is None:  # another click may have saved it since
            Client.objects.select_for_update(no_key=True).get(pk=client.pk)
            form.instance.pk = IdentityProvider.objects.filter(client=client).values_list("pk", flat=True).first()
        _save(form, request)
        messages.success(request, "Provider saved. Test it next.")
        return redirect("integrations:sign_on")
    context = {
        "form": form,
        "callback": request.build_absolute_uri(reverse("openid_connect_callback", args=[client.slug])),
        "ours": Ours.of(request, client.slug),
        "back": reverse("integrations:sign_on_provider"),
    }
    return render(request, template, context)


@access.for_admins
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def people(request: SignedInRequest) -> HttpResponse:
    """Ask whom the provider signs in."""
    found = get_object_or_404(IdentityProvider.objects.select_related("client"), client=request.viewer.acts_for.pk)
    was_enforced = found.is_enforced
    form = drafts.form(request, AccessForm, instance=found)
    if request.method == "POST" and form.is_valid():
        _save(form, request)
        if found.is_enforced and not was_enforced:
            User.objects.end_sessions(user.pk for user in bound_to(found) if user != request.user)
        messages.success(request, "Saved. It applies from the next sign-in on.")
        return redirect("integrations:sign_on")
    return render(request, "integrations/sign_on_people.html", {"form": form, "back": reverse("integrations:sign_on")})


def _save(form: OIDCForm | SAMLForm | AccessForm, request: SignedInRequest) -> None:
    form.instance.changed_by, form.instance.changed_at = request.user, timezone.now()
    form.save()


@access.for_admins
@require_safe
def tested(request: SignedInRequest) -> HttpResponse:
    """Show what the last test brought."""
    result = testing.tested(request)
    return render(
        request, "integrations/sign_on_tested.html", {"result": result, "back": reverse("integrations:sign_on")}
    )
