"""The members of an agency or a client, changed so that someone is always in charge.

A place is a Profile (an agency's) or a Client; both have `memberships` with a `role`.
"""

from urllib.parse import unquote, urlsplit

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import resolve
from django.utils import timezone

from common.hooks import Hook
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post_later
from common.redirects import page_of_ours
from profiles.models import Client, ClientMembership, Invitation, Membership, Profile, User

# Called with each membership that ends, in the transaction that ends it.
membership_ended = Hook()

type Place = Profile | Client
type PlaceMembership = Membership | ClientMembership
type Role = Membership.Role | ClientMembership.Role

# The roles that each role may give to others. No one changes the role of a member whose role they could not give.
_GIVES_IN_AGENCY: dict[str, tuple[Role, ...]] = {
    Membership.Role.OWNER: (Membership.Role.MEMBER, Membership.Role.ADMIN, Membership.Role.OWNER),
    Membership.Role.ADMIN: (Membership.Role.MEMBER, Membership.Role.ADMIN),
    Membership.Role.MEMBER: (),
}
_GIVES_IN_CLIENT: dict[str, tuple[Role, ...]] = {
    ClientMembership.Role.ADMIN: (ClientMembership.Role.MEMBER, ClientMembership.Role.ADMIN),
    ClientMembership.Role.MEMBER: (),
}


def admins_of(client_pk: int) -> QuerySet[User]:
    """Return the active admins of a client."""
    role = ClientMembership.Role.ADMIN
    return User.objects.filter(
        is_active=True, client_memberships__client=client_pk, client_memberships__role=role
    ).order_by("pk")


class LastInCharge(Exception):
    """The change would leave no one in charge of the place."""


class NotAllowed(Exception):
    """The person who asks for the change has no right to it (any more)."""


class Gone(Exception):
    """The membership or invitation to change no longer exists."""


def roles_given_by(membership: PlaceMembership) -> tuple[Role, ...]:
    """Return the roles that `membership` may give, lowest first; none if it manages no one."""
    is_of_client = isinstance(membership, ClientMembership)
    return (_GIVES_IN_CLIENT if is_of_client else _GIVES_IN_AGENCY)[membership.role]


def in_charge(place: Place) -> Role:
    """Return the role that at least one member of the place must have."""
    return ClientMembership.Role.ADMIN if isinstance(place, Client) else Membership.Role.OWNER


def _locked(place: Place, membership: PlaceMembership, by: PlaceMembership) -> tuple[PlaceMembership, PlaceMembership]:
    """Return `membership` and `by` as they are once the place is locked, so that two in charge cannot leave at once."""
    type(place).objects.select_for_update(no_key=True).get(pk=place.pk)
    found = place.memberships.select_related("user").in_bulk([membership.pk, by.pk])
    if by.pk not in found:
        raise NotAllowed
    if membership.pk not in found:
        raise Gone
    return found[membership.pk], found[by.pk]


def _keep_one_in_charge(place: Place, leaving: PlaceMembership) -> None:
    others = place.memberships.filter(role=in_charge(place)).exclude(pk=leaving.pk)
    if leaving.role == in_charge(place) and not others.exists():
        raise LastInCharge


@transaction.atomic
def change_role(place: Place, membership: PlaceMembership, role: str, *, by: PlaceMembership) -> PlaceMembership:
    """Give `membership` another role, and return it. `by` is the membership of the person who does it.

    Raise NotAllowed, Gone or LastInCharge.
    """
    membership, by = _locked(place, membership, by)
    gives = roles_given_by(by)
    if membership.role not in gives or role not in gives:
        raise NotAllowed
    if role != in_charge(place):
        _keep_one_in_charge(place, membership)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove(place: Place, membership: PlaceMembership, *, by: PlaceMembership) -> None:
    """End `membership`, another person's or one's own. Raise NotAllowed, Gone or LastInCharge."""
    membership, by = _locked(place, membership, by)
    if membership != by and membership.role not in roles_given_by(by):
        raise NotAllowed
    _keep_one_in_charge(place, membership)
    end(membership)


@transaction.atomic
def end(membership: PlaceMembership) -> None:
    """End `membership`, whoever is in charge then."""
    membership_ended(membership)
    membership.delete()


@transaction.atomic
def invite(invitation: Invitation) -> None:
    """Save `invitation`, valid from now on, and send its email."""
    invitation.created_at = timezone.now()
    invitation.save()
    post_later(invitation.email, write_invitation, invitation_pk=invitation.pk)


def write_invitation(to: str, *, invitation_pk: int) -> Letter | None:
    """Write the invitation, as long as it can be accepted."""
    open_ones = Invitation.objects.open().select_related("profile", "client", "invited_by")
    invitation = open_ones.filter(pk=invitation_pk).first()
    if invitation is None:
        return None
    context = {
        "invitation": invitation,
        "link": absolute(invitation.get_absolute_url()),
        "days": Invitation.LASTS.days,
    }
    return letter("profiles/invitation", context)


def is_for(invitation: Invitation, user: User) -> bool:
    """Return True if it was sent to a confirmed address of `user`."""
    return EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists()


@transaction.atomic
def accept(invitation: Invitation, *, user: User) -> None:
    """Make `user`, whose address it was sent to, a member of the place; an existing member keeps their role.

    Raise Gone if it was accepted, withdrawn or expired meanwhile.
    """
    if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
        raise Gone
    invitation.place.memberships.get_or_create(user=user, defaults={"role": invitation.role})


def invitation_followed(request: HttpRequest) -> Invitation | None:
    """Return the open invitation whose link led to the sign-in or sign-up page of `request`.

    Its signed token, which only the email contains, is in the address that the page leads to afterward.
    """
    target = page_of_ours(request, request.POST.get("next") or request.GET.get("next", ""))
    match = resolve(unquote(urlsplit(target).path)) if target else None
    if match is None or match.view_name != "profiles:invitation":
        return None
    found = Invitation.from_token(match.kwargs["token"])
    return found if found and found.is_open else None
