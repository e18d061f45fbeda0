"""The terms that a client's admin accepts, and the types that its members use."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common import drafts
from common.redirects import back, page_of_ours
from common.translation import with_names
from profiles.models import ClientMembership
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, terms
from sourcing.forms.terms import TermsForm, UsedTypesForm
from sourcing.models import TermsAcceptance


@access.for_clients
@require_http_methods(["GET", "HEAD", "POST"])
def accept_terms(request: SignedInPolicyRequest) -> HttpResponse:
    client = request.viewer.acts_for
    version, points = terms.newest()
    accepted = TermsAcceptance.objects.filter(client=client.pk, version=version).select_related("accepted_by").first()
    form = drafts.form(request, TermsForm)
    asked = drafts.data(request) or request.GET
    if request.method == "POST":
        if not client.is_admin:
            raise PermissionDenied
        if accepted or form.is_valid():
            if not accepted:
                terms.accept(client.pk, purpose=form.cleaned_data["purpose"], by=request.user)
                messages.success(request, with_names("Terms accepted. Everyone at {} can now search.", client.name))
            return back(request, "sourcing:search")
    admins = ClientMembership.objects.filter(client=client.pk, role=ClientMembership.Role.ADMIN).select_related("user")
    context = {
        "client": client,
        "version": version,
        "points": points,
        "accepted": accepted,
        "form": form,
        "next": page_of_ours(request, asked.get("next", "")),
        "admins": [membership.user for membership in admins],
    }
    return render(request, "sourcing/terms.html", context)


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def types(request: SignedInPolicyRequest) -> HttpResponse:
    client = request.viewer.acts_for
    if request.method == "POST":
        access.lock_types(client.pk)  # so the form compares with what another admin saved at the same moment
    used = access.used_types(client.pk)
    form = drafts.form(request, UsedTypesForm, initial={"types": list(used)})
    if request.method == "POST" and form.is_valid():
        if access.use_types(client.pk, form.cleaned_data["types"]):
            messages.success(request, "Saved. Takes effect right away.")
        return redirect("sourcing:types")
    return render(request, "sourcing/types.html", {"client": client, "form": form})
