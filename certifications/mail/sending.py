"""Email about a profile's certifications: who gets it, what it is about, and how it is stopped."""

from typing import Any

from django.core import signing
from django.db import transaction
from django.urls import reverse

from certifications.models import SentMail
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post, post_later
from profiles.models import Membership, Profile, User

SALT = "certifications.mail.stop"


def stop_link(kind, *keys):
    """The path under which one kind of email, about one row and to one person, is stopped without signing in."""
    return reverse("certifications:stop_mail", args=[signing.Signer(salt=SALT).sign_object([kind, *keys])])


def read_stop_link(token):
    """(kind, keys) of a stop link, or None if it is forged. It never expires: an old email must be stoppable."""
    try:
        kind, *keys = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    return kind, keys


def about(profile_pk):
    """What emails about the certifications of a profile are filed under, so that an erasure deletes those that wait."""
    return f"certifications of {profile_pk}"


def letter_about(profile: Profile, name: str, context: dict[str, Any], *, stop: str = "") -> Letter:
    """Return the email called `name` about `profile`, with the moments by the clock of the profile's owner."""
    with profile.in_its_time_zone():
        return letter(name, {"profile": profile, **context}, stop=stop)


def editors_of(profile, roles=Membership.EDITORS):
    """The people who edit a profile (or its key), or those of them in one of `roles`. One query."""
    return User.objects.filter(memberships__profile=profile, memberships__role__in=roles, is_active=True).order_by("pk")


@transaction.atomic
def post_once(key, profile_pk, to, writer, **arguments):
    """`post_later`, unless an email of that `key` was posted before, here or elsewhere. Returns whether it was.

    `writer` is called with the key as well.
    """
    _, is_new = SentMail.objects.get_or_create(key=key, defaults={"profile_id": profile_pk})
    if is_new:
        post_later(to, writer, about=about(profile_pk), key=key, **arguments)
    return is_new


def tell_owners(profile, what, *, by):
    """After the commit, tell the profile's owners that `by` (a user) changed who may see its certifications."""
    link = absolute(reverse("certifications:section", args=[profile.kind, profile.slug]))
    for owner in editors_of(profile, [Membership.Role.OWNER]):
        context = {"recipient": owner, "what": what, "by": by, "link": link}
        post(owner.email, letter_about(profile, "certifications/changed", context), about=about(profile.pk))
