"""Who belongs to an agency or a client, kept so that there is always somebody in charge.

A place is a Profile (an agency's) or a Client; both have `memberships` with a `role`.
"""

from functools import partial

from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from profiles.models import Client, ClientMembership, Invitation, Membership


class LastInCharge(Exception):
    """The change would leave the place with nobody in charge."""


def in_charge(place):
    """The role that a place never goes without."""
    return ClientMembership.Role.ADMIN if isinstance(place, Client) else Membership.Role.OWNER


def _lock(place):
    """Hold the place until the end of the transaction, so that two in charge cannot leave at once."""
    type(place).objects.select_for_update(no_key=True).get(pk=place.pk)


def _keep_one_in_charge(place, leaving):
    others = place.memberships.filter(role=in_charge(place)).exclude(pk=leaving.pk)
    if leaving.role == in_charge(place) and not others.exists():
        raise LastInCharge(place)


@transaction.atomic
def change_role(membership, place, role):
    """Give `membership` another role. Raises LastInCharge."""
    _lock(place)
    membership.refresh_from_db()
    if role != in_charge(place):
        _keep_one_in_charge(place, membership)
    membership.role = role
    membership.save(update_fields=["role"])


@transaction.atomic
def remove(membership, place):
    """End `membership`. Raises LastInCharge."""
    _lock(place)
    membership.refresh_from_db()
    _keep_one_in_charge(place, membership)
    membership.delete()


def invite(invitation, *, link):
    """Save `invitation` and send its mail once it is saved. `link`: makes an absolute address of a path."""
    invitation.save()
    transaction.on_commit(partial(_send, invitation, link(invitation.get_absolute_url())))


def _send(invitation, address):
    context = {"invitation": invitation, "address": address, "days": Invitation.LASTS.days}
    send_mail(
        f"Join {invitation.place.name} on Marketplace",
        render_to_string("profiles/mail/invitation.txt", context),
        None,
        [invitation.email],
    )


@transaction.atomic
def accept(invitation, *, user):
    """Make `user`, whose address it was sent to, a member of the place. Harmless if they are one."""
    memberships = invitation.place.memberships
    memberships.get_or_create(user=user, defaults={"role": invitation.role})
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=timezone.now())
