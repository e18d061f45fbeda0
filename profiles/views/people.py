"""The members of an agency or a client: what both pages do, each with its own words and roles."""

from dataclasses import dataclass
from typing import Any, cast

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from common import drafts
from common.text import with_article
from common.translation import with_names
from profiles import members
from profiles.forms import InviteForm, RoleForm
from profiles.members import PlaceMembership, Role
from profiles.models import Client, Invitation
from profiles.viewer import SignedInRequest


@dataclass(frozen=True)
class Place:
    """An agency or a client as one of its members sees it.

    `own` is their membership, `page` the name of the page of its members, with which the names of its acts begin.
    """

    place: members.Place
    own: PlaceMembership
    page: str

    @property
    def url(self) -> str:
        return reverse(f"profiles:{self.page}", args=[self.place.slug])

    def address(self, act: str, pk: int) -> str:
        """Return the address of an act on one of the memberships or invitations."""
        return reverse(f"profiles:{self.page}_{act}", args=[self.place.slug, pk])

    @property
    def roles(self) -> tuple[Role, ...]:
        return members.roles_given_by(self.own)

    @property
    def manages(self) -> bool:
        return bool(self.roles)

    def membership(self, pk: int) -> PlaceMembership:
        return get_object_or_404(self.memberships(), pk=pk)

    def memberships(self) -> QuerySet[PlaceMembership]:
        """Return the memberships of the place, each with its user."""
        return cast(QuerySet[PlaceMembership], self.place.memberships.select_related("user"))


@dataclass(frozen=True)
class Person:
    """A member as the page lists them. Without a `role_form`, the reader cannot change their role or remove them."""

    membership: PlaceMembership
    place: Place
    role_form: RoleForm | None

    @property
    def pk(self) -> int:
        return self.membership.pk

    @property
    def is_own(self) -> bool:
        return self.pk == self.place.own.pk

    @property
    def role_url(self) -> str:
        return self.place.address("role", self.pk)

    @property
    def remove_url(self) -> str:
        return self.place.address("remove", self.pk)


@dataclass(frozen=True)
class Invited:
    """A person whose invitation is open, as the page lists them."""

    invitation: Invitation
    place: Place

    @property
    def resend_url(self) -> str:
        return self.place.address("resend", self.invitation.pk)

    @property
    def withdraw_url(self) -> str:
        return self.place.address("withdraw", self.invitation.pk)


def place_of(request: SignedInRequest, place: members.Place, page: str) -> Place:
    """Return `place` as the signed-in person sees it. Raise Http404 if they do not belong to it."""
    own = place.memberships.filter(user=request.user).first()
    if own is None:
        raise Http404
    return Place(place, own, page)


def _page(place: Place, **kwargs: Any) -> str:
    return place.url


def _back(place: Place, request: SignedInRequest, words: str, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, words)
    return redirect(place.url)


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: SignedInRequest, place: Place) -> HttpResponse:
    """List the members. A POST invites a person, or gives a role and has to be corrected."""
    form = None
    if place.manages:
        kind = "client" if isinstance(place.place, Client) else "profile"
        invitation = Invitation(**{kind: place.place}, invited_by=request.user)
        form = drafts.form(request, InviteForm, at=place.url, instance=invitation, roles=place.roles)
    elif request.method == "POST":
        raise PermissionDenied
    if form and form.is_valid():
        if not ratelimit.consume(request, action="invite", user=request.user):
            form.add_error(None, "You've sent many invitations within an hour. Try again later.")
        else:
            members.invite(invitation)
            return _back(place, request, with_names("Invitation sent to {}.", invitation.email))
    memberships = place.memberships().order_by("pk")
    invitations = place.place.invitations.open().order_by("email", "pk") if place.manages else []
    context = {
        "place": place,
        "people": [Person(one, place, _role_form(request, place, one)) for one in memberships],
        "form": form,
        "invited": [Invited(invitation, place) for invitation in invitations],
    }
    return render(request, f"profiles/{place.page}.html", context)


def _role_form(request: SignedInRequest, place: Place, membership: PlaceMembership) -> RoleForm | None:
    """Return the form that gives `membership` another role, or None if the reader cannot change it."""
    if membership.role not in place.roles:
        return None
    address = place.address("role", membership.pk)
    return drafts.form(request, RoleForm, at=address, membership=membership, roles=place.roles)


@drafts.act(_page, "the role isn't changed yet", "Change the role")
def change_role(request: SignedInRequest, place: Place, pk: int) -> HttpResponseBase:
    membership = place.membership(pk)
    form = _role_form(request, place, membership)
    if form is None:
        raise PermissionDenied
    if not form.is_valid():
        return people(request, place)
    try:
        membership = members.change_role(place.place, membership, form.cleaned_data["role"], by=place.own)
    except members.NotAllowed as error:
        raise PermissionDenied from error
    except members.Gone:
        return _gone(request, place, membership)
    except members.LastInCharge:
        form.add_error("role", _last_in_charge(place))
        return people(request, place)
    said = f"{{}} is now {with_article(membership.get_role_display().lower())}."
    return _back(place, request, with_names(said, membership.user.get_full_name()))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    """Remove a member, or leave."""
    membership = place.membership(pk)
    leaves = membership.pk == place.own.pk
    if not leaves and membership.role not in place.roles:
        raise PermissionDenied
    name = membership.user.get_full_name()
    if request.method != "POST":
        context = {
            "heading": with_names("Leave {}?", place.place.name) if leaves else with_names("Remove {}?", name),
            "message": "To come back, you'll need a new invitation."
            if leaves
            else "They lose access right away. To come back, they'll need a new invitation.",
            "action": "Leave" if leaves else "Remove",
            "back": place.url,
        }
        return render(request, "components/confirm.html", context)
    try:
        members.remove(place.place, membership, by=place.own)
    except members.NotAllowed as error:
        raise PermissionDenied from error
    except members.Gone:
        return _gone(request, place, membership)
    except members.LastInCharge:
        return _back(place, request, _last_in_charge(place), messages.ERROR)
    if leaves:
        messages.success(request, with_names("You left {}.", place.place.name))
        return redirect("home")
    return _back(place, request, with_names("{} is no longer a member.", name))


def _gone(request: SignedInRequest, place: Place, membership: PlaceMembership) -> HttpResponse:
    said = with_names("{} was already removed.", membership.user.get_full_name())
    return _back(place, request, said, messages.INFO)


def _last_in_charge(place: Place) -> str:
    role = members.in_charge(place.place).label.lower()
    return f"{place.place.name} needs at least one {role}. Make someone else {with_article(role)} first."


@drafts.act(_page, "the invitation isn't sent again yet", "Send it again")
def resend_invitation(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    """Send an open invitation once more, valid for another seven days."""
    invitation = _invitation(place, pk)
    if not ratelimit.consume(request, action="invite", user=request.user):
        return _back(place, request, "You've sent many invitations within an hour. Try again later.", messages.ERROR)
    members.invite(invitation)
    return _back(place, request, with_names("Invitation sent to {} again.", invitation.email))


@drafts.act(_page, "the invitation isn't canceled yet", "Cancel the invitation")
def withdraw_invitation(request: SignedInRequest, place: Place, pk: int) -> HttpResponse:
    invitation = _invitation(place, pk)
    place.place.invitations.open().filter(pk=pk).update(withdrawn_at=timezone.now())
    return _back(place, request, with_names("Invitation to {} canceled.", invitation.email))


def _invitation(place: Place, pk: int) -> Invitation:
    """Return the open invitation with that key, if the person may give its role."""
    if not place.manages:
        raise PermissionDenied
    invitation = get_object_or_404(place.place.invitations.open(), pk=pk)
    if invitation.role not in place.roles:
        raise PermissionDenied
    return invitation
