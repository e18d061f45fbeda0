"""Clients that an owner names or blocks: finding them, and saving the choice."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When

from certifications.models import Block, Certification, CertificationType, NamedClient, UnusedType
from common.searching import squashed_spellings
from profiles.models import Client, Profile

FEWEST_LETTERS = 2
MOST_FOUND = 10


def find(words: str, *, without: Iterable[Client] = (), plans: Iterable[str] | None = None) -> QuerySet[Client]:
    """Return clients whose name contains `words`, spelled as searches compare. Names that begin so come first.

    Fewer than FEWEST_LETTERS letters find none. With `plans`, only active clients on one of them are found.
    """
    spellings = squashed_spellings(words)
    if len(spellings[0]) < FEWEST_LETTERS:
        return Client.objects.none()
    # The key holds another spelling of the name after a space, and no other space.
    is_first = _any("startswith", spellings) | _any("contains", [f" {spelling}" for spelling in spellings])
    begins = Case(When(is_first, then=Value(0)), default=Value(1))
    found = Client.objects.filter(_any("contains", spellings)).exclude(pk__in=[client.pk for client in without])
    if plans is not None:
        found = found.filter(is_active=True, plan__in=plans)
    return found.order_by(begins, "name", "pk")[:MOST_FOUND]


def _any(lookup: str, spellings: Iterable[str]) -> Q:
    return Q(*((f"name_key__{lookup}", spelling) for spelling in spellings), _connector=Q.OR)


def blocked_by(profile: Profile) -> list[Client]:
    """Return the clients that `profile` blocks, by name. One query."""
    return list(Client.objects.filter(pk__in=Block.objects.filter(profile=profile).values("client")))


def named_for(record: Certification) -> list[Client]:
    """Return the clients that are named to see `record`, by name. One query."""
    return list(Client.objects.filter(pk__in=NamedClient.objects.filter(certification=record).values("client")))


@transaction.atomic
def block(profile: Profile, client: Client) -> bool:
    """Block a client. Return True if it was not blocked before."""
    return Block.objects.get_or_create(profile=profile, client=client)[1]


def unblock(profile: Profile, client: Client) -> bool:
    """Unblock a client. Return True if it was blocked before."""
    return bool(Block.objects.filter(profile=profile, client=client).delete()[0])


@transaction.atomic
def name(record: Certification, client: Client) -> bool:
    """Name a client. Return True if it was not named before."""
    return NamedClient.objects.get_or_create(certification=record, client=client)[1]


def unname(record: Certification, client: Client) -> bool:
    """Take a client's name off the record. Return True if it was named before."""
    return bool(NamedClient.objects.filter(certification=record, client=client).delete()[0])


def leave_unused(type: CertificationType) -> None:
    """Mark a new type as unused for every client that has chosen among the types, until the client chooses it."""
    chose = UnusedType.objects.exclude(type=type).order_by().values_list("client", flat=True).distinct()
    UnusedType.objects.bulk_create((UnusedType(client_id=pk, type=type) for pk in chose), ignore_conflicts=True)
