"""The Directory page of a client, for its admins: what connects the directory, whom it named, and what groups give."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.translation import with_names
from integrations import access
from integrations.models import DirectoryGroup, DirectoryPerson, DirectoryToken, EmailDomain
from integrations.scim.access import Standing, changing, with_standing
from integrations.scim.forms import GroupForm
from profiles.models import Client
from rollout.middleware import SignedInPolicyRequest

PER_PAGE = 50


def _page(pk: UUID | None = None) -> str:
    return reverse("integrations:directory")


@access.for_admins
@require_safe
def page(request: SignedInPolicyRequest) -> HttpResponse:
    client = request.viewer.acts_for
    people = with_standing(DirectoryPerson.objects.filter(client=client.pk)).order_by("user_name_key")
    shown = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "root": request.build_absolute_uri(reverse("integrations:scim_root", args=[client.slug])).rstrip("/"),
        "tokens": DirectoryToken.objects.in_force().filter(client=client.pk).select_related("made_by"),
        "most": DirectoryToken.MOST,
        "groups": [GroupForm(instance=group) for group in DirectoryGroup.objects.filter(client=client.pk)],
        "page": shown,
        "people": [(person, Standing.of(person)) for person in shown],
        "MEMBER": Standing.MEMBER,
        "has_domain": EmailDomain.objects.verified().filter(client=client.pk).exists(),
    }
    return render(request, "integrations/directory.html", context)


@access.for_admins
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def token_new(request: SignedInPolicyRequest) -> HttpResponse:
    """Ask whether to create a token. The answer shows it, this one time."""
    client = request.viewer.acts_for
    if request.method != "POST":
        return render(request, "integrations/directory_token_new.html")
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if DirectoryToken.objects.in_force().filter(client=client.pk).count() >= DirectoryToken.MOST:
        messages.error(request, f"Your directory has {DirectoryToken.MOST} tokens. Revoke one first.")
        return redirect("integrations:directory")
    token, secret = DirectoryToken.make(client.pk, by=request.user)
    return render(request, "integrations/directory_token.html", {"token": token, "secret": secret}, status=201)


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Ask whether to revoke a token, and revoke it."""
    own = DirectoryToken.objects.filter(client=request.viewer.acts_for.pk, pk=pk)
    token = get_object_or_404(own)
    if request.method == "POST":
        own.revoke(by=request.user)
        messages.success(request, with_names("The token that ends in {} is revoked.", token.ending))
        return redirect("integrations:directory")
    context = {
        "heading": with_names("Revoke the token that ends in {}?", token.ending),
        "message": (
            "Your directory can then change nothing here with it. Whoever has access keeps it. This can't be undone."
        ),
        "action": "Revoke token",
        "back": reverse("integrations:directory"),
    }
    return render(request, "components/confirm.html", context)


@access.for_admins
@drafts.act(_page, "the role of the group isn't changed yet", "Change the role")
def group_role(request: SignedInPolicyRequest, pk: UUID) -> HttpResponse:
    """Choose which role the people of a group have here."""
    client = request.viewer.acts_for.pk
    with changing(client):
        group = get_object_or_404(DirectoryGroup, client=client, pk=pk)
        form = GroupForm(request.POST, instance=group)
        if form.is_valid():
            form.save()
            words = "People in {} are admins now." if group.role else "{} makes no one an admin now."
            messages.success(request, with_names(words, group.name))
    return redirect("integrations:directory")
