"""The people of an agency or a client: what both pages do, each with its own words and roles."""

from dataclasses import dataclass

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from profiles import members
from profiles.forms import InviteForm, RoleForm
from profiles.models import Client, Invitation


@dataclass(frozen=True)
class Place:
    """An agency or a client as one of its people sees it: `own` is their membership, `roles` those they may give."""

    place: object
    own: object
    roles: tuple
    url: str

    @property
    def manages(self):
        return bool(self.roles)

    def reaches(self, membership):
        """Whether they may change `membership`: nobody changes a role that they could not give."""
        return membership.role in self.roles

    def membership(self, pk):
        return get_object_or_404(self.place.memberships.select_related("user"), pk=pk)


def _back(place, request, words, level=messages.SUCCESS):
    messages.add_message(request, level, words)
    return redirect(place.url)


def people_page(request, place, template, context=None):
    """The list of people; a POST invites somebody."""
    invitation = Invitation(client=place.place) if isinstance(place.place, Client) else Invitation(profile=place.place)
    invitation.invited_by = request.user
    form = InviteForm(request.POST or None, instance=invitation, roles=place.roles)
    if request.method == "POST":
        if not place.manages:
            raise PermissionDenied
        if form.is_valid():
            if not ratelimit.consume(request, action="invite", user=request.user):
                return ratelimit.respond_429(request)
            members.invite(invitation, link=request.build_absolute_uri)
            return _back(place, request, f"An invitation is on its way to {invitation.email}.")
    people = list(place.place.memberships.select_related("user").order_by("pk"))
    for person in people:
        person.is_own = person.pk == place.own.pk
        person.may_change = place.manages and place.reaches(person)
    context = (context or {}) | {
        "place": place,
        "people": people,
        "form": form,
        "invitations": place.place.invitations.open() if place.manages else [],
    }
    return render(request, template, context)


def change_role(request, place, pk):
    membership = place.membership(pk)
    if not place.manages or not place.reaches(membership):
        raise PermissionDenied
    form = RoleForm(request.POST, roles=place.roles)
    if not form.is_valid():
        return _back(place, request, "Choose one of the roles.", messages.ERROR)
    try:
        members.change_role(membership, place.place, form.cleaned_data["role"])
    except members.LastInCharge:
        return _last_in_charge(request, place)
    name = membership.user.get_full_name()
    return _back(place, request, f"{name} is now {membership.get_role_display().lower()}.")


def remove(request, place, pk):
    """Remove somebody, or leave."""
    membership = place.membership(pk)
    leaves = membership.pk == place.own.pk
    if not leaves and not (place.manages and place.reaches(membership)):
        raise PermissionDenied
    name = membership.user.get_full_name()
    if request.method != "POST":
        context = {
            "heading": f"Leave {place.place.name}?" if leaves else f"Remove {name}?",
            "message": "Only a new invitation brings them back."
            if not leaves
            else "Only an invitation brings you back.",
            "action": "Leave" if leaves else "Remove",
            "back": place.url,
        }
        return render(request, "components/confirm.html", context)
    try:
        members.remove(membership, place.place)
    except members.LastInCharge:
        return _last_in_charge(request, place)
    if leaves:
        messages.success(request, f"You have left {place.place.name}.")
        return redirect("home")
    return _back(place, request, f"{name} is no longer a member.")


def _last_in_charge(request, place):
    role = members.in_charge(place.place).label.lower()
    return _back(
        place,
        request,
        f"{place.place.name} needs at least one {role}. Make somebody else {role} first.",
        messages.ERROR,
    )


def withdraw_invitation(request, place, pk):
    if not place.manages:
        raise PermissionDenied
    invitation = get_object_or_404(place.place.invitations, pk=pk)
    withdrawn = place.place.invitations.open().filter(pk=pk).update(withdrawn_at=timezone.now())
    if not withdrawn:
        return _back(place, request, "This invitation was answered or had ended already.", messages.INFO)
    return _back(place, request, f"The invitation to {invitation.email} is withdrawn.")


def own_membership(place, user):
    """`user`'s membership of `place`; 404 if there is none."""
    membership = place.memberships.filter(user=user).first()
    if membership is None:
        raise Http404
    return membership
