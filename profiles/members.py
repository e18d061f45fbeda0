"""Who belongs to an agency or a client, kept so that there is always somebody in charge.

A place is a Profile (an agency's) or a Client; both have `memberships` with a `role`.
"""

from urllib.parse import unquote, urlsplit

from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import resolve
from django.utils import timezone

from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post_later
from common.redirects import page_of_ours
from profiles.models import Client, ClientMembership, Invitation, Membership

# What each role may give to others; nobody changes the role of somebody whose role they could not give.
_GIVES_IN_AGENCY = {
    Membership.Role.OWNER: (Membership.Role.MEMBER, Membership.Role.ADMIN, Membership.Role.OWNER),
    Membership.Role.ADMIN: (Membership.Role.MEMBER, Membership.Role.ADMIN),
    Membership.Role.MEMBER: (),
}
_GIVES_IN_CLIENT = {
    ClientMembership.Role.ADMIN: (ClientMembership.Role.MEMBER, ClientMembership.Role.ADMIN),
    ClientMembership.Role.MEMBER: (),
}


class LastInCharge(Exception):
    """The change would leave the place with nobody in charge."""


class NotAllowed(Exception):
    """Whoever asks for the change has no right to it (any more)."""


class Gone(Exception):
    """The membership or invitation to change is no longer there."""


def roles_given_by(membership):
    """The roles that `membership` may give, the least first; none if it manages nobody."""
    is_of_client = isinstance(membership, ClientMembership)
    return (_GIVES_IN_CLIENT if is_of_client else _GIVES_IN_AGENCY)[membership.role]


def in_charge(place):
    """The role that a place never goes without."""
    return ClientMembership.Role.ADMIN if isinstance(place, Client) else Membership.Role.OWNER


def _locked(place, membership, by):
    """`membership` and `by` as they are once the place is held, so that two in charge cannot leave at once."""
    type(place).objects.select_for_update(no_key=True).get(pk=place.pk)
    found = place.memberships.select_related("user").in_bulk([membership.pk, by.pk])
    if by.pk not in found:
        raise NotAllowed
    if membership.pk not in found:
        raise Gone
    return found[membership.pk], found[by.pk]


def _keep_one_in_charge(place, leaving):
    others = place.memberships.filter(role=in_charge(place)).exclude(pk=leaving.pk)
    if leaving.role == in_charge(place) and not others.exists():
        raise LastInCharge


@transaction.atomic
def change_role(place, membership, role, *, by):
    """Give `membership` another role; `by` is the membership of whoever does. Returns it as it is then.

    Raises NotAllowed, Gone or LastInCharge.
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
def remove(place, membership, *, by):
    """End `membership`, somebody else's or one's own. Raises NotAllowed, Gone or LastInCharge."""
    membership, by = _locked(place, membership, by)
    if membership != by and membership.role not in roles_given_by(by):
        raise NotAllowed
    _keep_one_in_charge(place, membership)
    membership.delete()


@transaction.atomic
def invite(invitation):
    """Save `invitation`, good from now on, and send its email."""
    invitation.created_at = timezone.now()
    invitation.save()
    post_later(invitation.email, write_invitation, invitation_pk=invitation.pk)


def write_invitation(to: str, *, invitation_pk: int) -> Letter | None:
    """The invitation, as long as it can be accepted."""
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


def is_for(invitation, user):
    """Whether it was sent to an address that is proven to be theirs."""
    return EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists()


@transaction.atomic
def accept(invitation, *, user):
    """Make `user`, whose address it was sent to, a member of the place; a member already stays what they are.

    Raises Gone if it was accepted, withdrawn or expired meanwhile.
    """
    if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
        raise Gone
    invitation.place.memberships.get_or_create(user=user, defaults={"role": invitation.role})


def invitation_followed(request):
    """The open invitation whose link led to the sign-in or sign-up page of `request`, or None.

    Its signed token, which only the email holds, is in the address that the page leads on to.
    """
    target = page_of_ours(request, request.POST.get("next") or request.GET.get("next", ""))
    match = resolve(unquote(urlsplit(target).path)) if target else None
    if match is None or match.view_name != "profiles:invitation":
        return None
    found = Invitation.from_token(match.kwargs["token"])
    return found if found and found.is_open else None
