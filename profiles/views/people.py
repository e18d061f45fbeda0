"""The people of an agency or a client: what both pages do, each with its own words and roles."""

from dataclasses import dataclass

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from common import drafts
from common.translation import with_names
from profiles import members
from profiles.forms import InviteForm, RoleForm
from profiles.models import Client, Invitation


@dataclass(frozen=True)
class Place:
    """An agency or a client as one of its people sees it.

    `own` is their membership, `url` the page of its people and `template` what that page is made of.
    """

    place: object
    own: object
    url: str
    template: str

    @property
    def roles(self):
        return members.roles_given_by(self.own)

    @property
    def manages(self):
        return bool(self.roles)

    def membership(self, pk):
        return get_object_or_404(self.place.memberships.select_related("user"), pk=pk)


def place_of(request, place, url, template):
    """`place` as the signed-in person sees it; 404 to who does not belong to it."""
    own = place.memberships.filter(user=request.user).first()
    if own is None:
        raise Http404
    return Place(place, own, url, template)


def _back(place, request, words, level=messages.SUCCESS):
    messages.add_message(request, level, words)
    return redirect(place.url)


def people_page(request, place):
    """The list of people; a POST invites someone, or gives a role and has to be corrected."""
    form = None
    if place.manages:
        kind = "client" if isinstance(place.place, Client) else "profile"
        invitation = Invitation(**{kind: place.place}, invited_by=request.user)
        form = drafts.form(request, InviteForm, at=place.url, instance=invitation, roles=place.roles)
    elif request.method == "POST":
        raise PermissionDenied
    if form and form.is_valid():
        if not ratelimit.consume(request, action="invite", user=request.user):
            form.add_error(None, "You have sent many invitations within the hour. Send this one later.")
        else:
            members.invite(invitation)
            return _back(place, request, with_names("An invitation is on its way to {}.", invitation.email))
    people = list(place.place.memberships.select_related("user").order_by("pk"))
    for person in people:
        person.is_own = person.pk == place.own.pk
        person.may_change = person.role in place.roles
        person.role_form = _role_form(request, place, person) if person.may_change else None
    context = {
        "place": place,
        "people": people,
        "form": form,
        "invitations": place.place.invitations.open().order_by("email", "pk") if place.manages else [],
    }
    return render(request, place.template, context)


def _role_form(request, place, membership):
    """What gives `membership` another role."""
    address = f"{place.url}{membership.pk}/role/"
    return drafts.form(request, RoleForm, at=address, membership=membership, roles=place.roles)


def change_role(request, place, pk):
    membership = place.membership(pk)
    if membership.role not in place.roles:
        raise PermissionDenied
    form = _role_form(request, place, membership)
    if not form.is_valid():
        return people_page(request, place)
    try:
        membership = members.change_role(place.place, membership, form.cleaned_data["role"], by=place.own)
    except members.NotAllowed as error:
        raise PermissionDenied from error
    except members.Gone:
        return _gone(request, place, membership)
    except members.LastInCharge:
        form.add_error("role", _last_in_charge(place))
        return people_page(request, place)
    said = f"{{}} is now {membership.get_role_display().lower()}."
    return _back(place, request, with_names(said, membership.user.get_full_name()))


def remove(request, place, pk):
    """Remove somebody, or leave."""
    membership = place.membership(pk)
    leaves = membership.pk == place.own.pk
    if not leaves and membership.role not in place.roles:
        raise PermissionDenied
    name = membership.user.get_full_name()
    if request.method != "POST":
        context = {
            "heading": with_names("Leave {}?", place.place.name) if leaves else with_names("Remove {}?", name),
            "message": "Only a new invitation brings you back."
            if leaves
            else "They lose access at once. Only a new invitation brings them back.",
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
        messages.success(request, with_names("You have left {}.", place.place.name))
        return redirect("home")
    return _back(place, request, with_names("{} is no longer a member.", name))


def _gone(request, place, membership):
    said = with_names("{} was no longer a member.", membership.user.get_full_name())
    return _back(place, request, said, messages.INFO)


def _last_in_charge(place):
    role = members.in_charge(place.place).label.lower()
    return f"{place.place.name} needs at least one {role}. Make someone else {role} first."


def resend_invitation(request, place, pk):
    """Send an open invitation once more, good for another seven days."""
    invitation = _invitation(place, pk)
    if not ratelimit.consume(request, action="invite", user=request.user):
        return _back(place, request, "You have sent many invitations within the hour. Try later.", messages.ERROR)
    members.invite(invitation)
    return _back(place, request, with_names("The invitation is on its way to {} again.", invitation.email))


def withdraw_invitation(request, place, pk):
    invitation = _invitation(place, pk)
    place.place.invitations.open().filter(pk=pk).update(withdrawn_at=timezone.now())
    return _back(place, request, with_names("The invitation to {} is withdrawn.", invitation.email))


def _invitation(place, pk):
    """The open invitation of that key, for who may give its role."""
    if not place.manages:
        raise PermissionDenied
    invitation = get_object_or_404(place.place.invitations.open(), pk=pk)
    if invitation.role not in place.roles:
        raise PermissionDenied
    return invitation
