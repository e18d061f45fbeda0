"""Email about a profile's certifications: its recipients, its subject matter, and how it is stopped."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from certifications.models import SentMail
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post, post_later
from profiles.models import Membership, Profile, User

SALT = "certifications.mail.stop"


def stop_link(kind: str, *keys: int) -> str:
    """Return the path that stops one kind of email about one row to one person, without signing in."""
    return reverse("certifications:stop_mail", args=[signing.Signer(salt=SALT).sign_object([kind, *keys])])


def read_stop_link(token: str) -> tuple[str, list[int]] | None:
    """Return the kind and the keys of a stop link, or None if it is forged. Links never expire."""
    try:
        kind, *keys = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    return kind, keys


def about(profile_pk: int) -> str:
    """Return the subject that the outbox files emails about a profile under. An erasure deletes the unsent ones."""
    return f"certifications of {profile_pk}"


def letter_about(profile: Profile, name: str, context: dict[str, Any], *, stop: str = "") -> Letter:
    """Return the email called `name` about `profile`, with times in the profile's time zone."""
    with profile.in_its_time_zone():
        return letter(name, {"profile": profile, **context}, stop=stop)


def editors_of(profile: Profile | int, roles: Iterable[str] = Membership.EDITORS) -> QuerySet[User]:
    """Return the active editors of a profile (or its key), or those in one of `roles`. One query."""
    return User.objects.filter(memberships__profile=profile, memberships__role__in=roles, is_active=True).order_by("pk")


class DueEmail(NamedTuple):
    """An email about a profile's certifications that is sent once, since no other has its `key`.

    `writer` is called as in `post_later`, with the key as well.
    """

    key: str
    profile_pk: int
    to: str
    writer: Callable[..., Letter | None]
    arguments: dict[str, Any]


@transaction.atomic
def post_once(email: DueEmail) -> bool:
    """Post an email, unless one with its key was posted before by any machine. Return True if it was posted now."""
    _, is_new = SentMail.objects.get_or_create(key=email.key, defaults={"profile_id": email.profile_pk})
    if is_new:
        post_later(email.to, email.writer, about=about(email.profile_pk), key=email.key, **email.arguments)
    return is_new


def notify_other_editors(profile: Profile, done: str, *, by: User) -> None:
    """After the commit, email the profile's other owners and admins what `by` has `done`."""
    link = absolute(reverse("certifications:section", args=[profile.kind, profile.slug]))
    for editor in editors_of(profile).exclude(pk=by.pk):
        context = {"recipient": editor, "done": done, "by": by, "link": link}
        post(editor.email, letter_about(profile, "certifications/edited", context), about=about(profile.pk))


def notify_owners(profile: Profile, what: str, *, by: User) -> None:
    """After the commit, email the profile's owners that `by` changed who may see its certifications."""
    link = absolute(reverse("certifications:section", args=[profile.kind, profile.slug]))
    for owner in editors_of(profile, [Membership.Role.OWNER]):
        context = {"recipient": owner, "what": what, "by": by, "link": link}
        post(owner.email, letter_about(profile, "certifications/changed", context), about=about(profile.pk))
