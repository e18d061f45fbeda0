"""Client organizations that an owner names or blocks: finding them, and keeping the choice."""

from django.db import transaction
from django.db.models import Case, Q, Value, When

from certifications.models import Block, NamedClient, UnusedType
from common.searching import squashed_spellings
from profiles.models import Client

FEWEST_LETTERS = 2
MOST_FOUND = 10


def find(words, *, without=(), plans=None):
    """Clients whose name has `words` in it, as searches compare, those that begin so first.

    None for fewer than FEWEST_LETTERS letters.
    With `plans`, only those that are active and on one of them.
    """
    spellings = squashed_spellings(words)
    if len(spellings[0]) < FEWEST_LETTERS:
        return Client.objects.none()
    # The other spelling of a name stands after a space, the only one in its key.
    is_first = _any("startswith", spellings) | _any("contains", [f" {spelling}" for spelling in spellings])
    begins = Case(When(is_first, then=Value(0)), default=Value(1))
    found = Client.objects.filter(_any("contains", spellings)).exclude(pk__in=[client.pk for client in without])
    if plans is not None:
        found = found.filter(is_active=True, plan__in=plans)
    return found.order_by(begins, "name", "pk")[:MOST_FOUND]


def _any(lookup, spellings):
    return Q(*((f"name_key__{lookup}", spelling) for spelling in spellings), _connector=Q.OR)


def blocked_by(profile) -> list:
    """The clients that `profile` blocks, by name: list of Client. One query."""
    return list(Client.objects.filter(pk__in=Block.objects.filter(profile=profile).values("client")))


def named_for(record) -> list:
    """The clients that were named to see `record`, by name: list of Client. One query."""
    return list(Client.objects.filter(pk__in=NamedClient.objects.filter(certification=record).values("client")))


@transaction.atomic
def block(profile, client):
    """Returns whether it was not blocked before."""
    return Block.objects.get_or_create(profile=profile, client=client)[1]


def unblock(profile, client) -> bool:
    """Returns whether it was blocked before."""
    return bool(Block.objects.filter(profile=profile, client=client).delete()[0])


@transaction.atomic
def name(record, client):
    """Returns whether it was not named before."""
    return NamedClient.objects.get_or_create(certification=record, client=client)[1]


def unname(record, client) -> bool:
    """Returns whether it was named before."""
    return bool(NamedClient.objects.filter(certification=record, client=client).delete()[0])


def leave_unused(type) -> None:
    """Have every client that chose its types not use a new one, until it says so: it chose among those it knew."""
    chose = UnusedType.objects.exclude(type=type).order_by().values_list("client", flat=True).distinct()
    UnusedType.objects.bulk_create((UnusedType(client_id=pk, type=type) for pk in chose), ignore_conflicts=True)
