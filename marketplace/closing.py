"""Deleting an account: what goes with it, what stays, and what has to be settled first."""

from typing import NamedTuple

from django.db import transaction

from certifications.data import erasure
from common import unwanted
from common.mail.letters import letter
from common.mail.outbox import post
from profiles.members import Place, PlaceMembership, in_charge, membership_ended
from profiles.models import Invitation, Profile, User


class InTheWay(Exception):
    """The person is the last one in charge of a place that has other members."""


class Closing(NamedTuple):
    """What deleting an account does. `goes` are the profiles that no one else is a member of."""

    goes: list[Profile]
    stays: list[Place]
    in_the_way: list[Place]


def closing_of(user: User) -> Closing:
    """Return what deleting the account of `user` does now."""
    closing = Closing([], [], [])
    for own in user.memberships.select_related("profile").order_by("pk"):
        if own.profile.memberships.exclude(pk=own.pk).exists():
            _settle(closing, own.profile, own)
        else:
            closing.goes.append(own.profile)
    for place in user.client_memberships.select_related("client").order_by("pk"):
        _settle(closing, place.client, place)
    return closing


def _settle(closing: Closing, place: Place, own: PlaceMembership) -> None:
    others = place.memberships.exclude(pk=own.pk)
    is_last = own.role == in_charge(place) and others.exists() and not others.filter(role=own.role).exists()
    (closing.in_the_way if is_last else closing.stays).append(place)


@transaction.atomic
def close(user: User) -> None:
    """Delete the account of `user` and the profiles that only they belong to, and confirm it by email.

    Raise InTheWay if an agency or a client would be left without anyone in charge.
    """
    # Held, so that of two in charge who leave at once, the second sees that no one else is left.
    for own in user.memberships.select_related("profile").order_by("profile"):
        Profile.objects.select_for_update(no_key=True).get(pk=own.profile_id)
    for place in user.client_memberships.select_related("client").order_by("client"):
        type(place.client).objects.select_for_update(no_key=True).get(pk=place.client_id)
    closing = closing_of(user)
    if closing.in_the_way:
        raise InTheWay
    for profile in closing.goes:
        erasure.erase(profile, by=user)
        if profile.photo:
            unwanted.delete_later("default", str(profile.photo.name))
        profile.delete()
    Invitation.objects.filter(email__iexact=user.email).delete()
    post(user.email, letter("account/closed", {"recipient": user, "profiles": [place.name for place in closing.goes]}))
    for own in (*user.memberships.all(), *user.client_memberships.all()):
        membership_ended(own)
    user.delete()
