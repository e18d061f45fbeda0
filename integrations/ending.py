"""Tells by email that a token will expire soon: its maker, or the admins of a client whose directory uses it."""

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from common.days import day
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post_later
from integrations.models import AccessToken, DirectoryToken
from profiles.members import admins_of
from profiles.models import User

DAYS = (14, 3)  # before its end, unless it is made later than that

type Token = AccessToken | DirectoryToken


class Kind(NamedTuple):
    """Tokens of one model, and the page where its client makes them."""

    model: type[Token]
    page: str


KINDS = {
    "access": Kind(AccessToken, "integrations:tokens"),
    "directory": Kind(DirectoryToken, "integrations:directory"),
}


def post_due() -> int:
    """Post the emails that are due. Of those of one token, only the last. Return their number."""
    now = timezone.now()
    soon = Q()
    for days in DAYS:
        period = timedelta(days=days)
        is_not_told = Q(announced_days=None) | Q(announced_days__gt=days)
        soon |= Q(is_not_told, expires_at__lte=now + period, created_at__lte=F("expires_at") - period)
    return sum(
        _announce(name, token) for name, kind in KINDS.items() for token in kind.model.objects.in_force().filter(soon)
    )


@transaction.atomic
def _announce(kind: str, token: Token) -> int:
    """Post the email about a token, unless another run did. Return to how many people."""
    days = min(days for days in DAYS if token.expires_at - timezone.now() <= timedelta(days=days))
    as_seen = KINDS[kind].model.objects.filter(pk=token.pk, announced_days=token.announced_days)
    if not as_seen.update(announced_days=days):
        return 0
    readers = list(_readers(token))
    for user in readers:
        post_later(user.email, write, kind=kind, token_pk=token.pk, user_pk=user.pk)
    return len(readers)


def _readers(token: Token) -> QuerySet[User]:
    if isinstance(token, AccessToken):
        return User.objects.filter(pk=token.made_by_id)
    return admins_of(token.client_id)


def write(to: str, *, kind: str, token_pk: int, user_pk: int) -> Letter | None:
    """Return the email that a token expires soon, or None if it doesn't work any more, or is not the reader's."""
    found = KINDS[kind].model.objects.in_force().select_related("client").filter(pk=token_pk).first()
    recipient = _readers(found).filter(pk=user_pk).first() if found else None
    if found is None or recipient is None:
        return None
    context = {
        "recipient": recipient,
        "token": found,
        "client": found.client,
        "ends_on": day(found.expires_at),
        "is_of_directory": isinstance(found, DirectoryToken),
        "link": absolute(reverse(KINDS[kind].page)),
    }
    return letter("integrations/token_ends", context)
