"""The rule's answer about profiles that the listing proposes: the certifications by which each may be found."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet

from certifications.for_clients import ClientQuery
from certifications.models import Certification
from common.compiled import CompiledQuery, among
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy


class Record(NamedTuple):
    """A certification by which a profile may be found: the columns of the rule's answer. Keys are primary keys.

    `card` holds the columns of CARD, if they were asked for.
    """

    pk: int
    type: int
    certificate: int
    expires_on: date | None
    does_not_expire: bool
    step: int
    profile: int
    card: tuple[Any, ...] = ()


COLUMNS = Record._fields[:-1]
# What a card shows of a profile.
CARD = ("id", "kind", "slug", "name", "headline", "skills", "hourly_rate", "country", "state", "city", "photo")


def _findable(viewer: Viewer, policy: RolloutPolicy, profile_pk: int, *, with_step: bool, with_card: bool) -> QuerySet:
    found = Certification.objects.findable_by(viewer, policy).filter(among("profile", [profile_pk])).order_by()
    found = found.with_step() if with_step else found.as_self_reported()
    card = [f"profile__{name}" for name in CARD] if with_card else []
    return found.values_list(*COLUMNS, *card)


# To derive the step takes long, and so does to bring what cards show: both only where they are asked for.
_QUERIES = {
    (with_step, with_card): ClientQuery(partial(_findable, with_step=with_step, with_card=with_card), keys=1)
    for with_step in (False, True)
    for with_card in (False, True)
}


def found_by(
    viewer: Viewer, policy: RolloutPolicy, profile_keys: Iterable[int], *, with_step: bool, with_card: bool
) -> list[Record]:
    """Return the records by which `viewer` may find these profiles. One query, for no profiles as well.

    `with_step`: each with its evidence step, which is 0 otherwise.
    """
    rows = _QUERIES[with_step, with_card].rows(viewer, policy, list(profile_keys))
    if not with_card:
        return [Record(*row) for row in rows]
    width = len(COLUMNS)
    return [Record(*row[:width], card=row[width:]) for row in rows]


def active_profiles(profile_keys: Iterable[int]) -> list[Profile]:
    """Return the active ones of these profiles, with what a card shows. One query, for none as well."""
    return [profile_of(card) for card in _active_cards.rows(list(profile_keys))]


@CompiledQuery
def _active_cards(profile_pk: int) -> QuerySet:
    return Profile.objects.active().filter(among("pk", [profile_pk])).order_by().values_list(*CARD)


def profile_of(card: tuple[Any, ...]) -> Profile:
    """Return the Profile of a card's columns."""
    return Profile.from_db("default", CARD, card)
