"""The parts of a profile's page, with one query for each."""

from typing import NamedTuple

from django.db.models import QuerySet

from common.compiled import CompiledQuery
from profiles.models import Membership, Profile, WorkHistory


class Position(NamedTuple):
    """An entry of the work history, to read."""

    pk: int
    title: str
    organization: str
    started_in: int
    ended_in: int | None
    description: str


@CompiledQuery
def _positions(profile_pk: int) -> QuerySet:
    return WorkHistory.objects.filter(profile=profile_pk).values_list(*Position._fields)


def positions(profile: Profile) -> list[Position]:
    """Return the work history of `profile`, newest first. One query."""
    return [Position(*row) for row in _positions.rows(profile.pk)]


def public_members(agency: Profile) -> QuerySet[Profile]:
    """Return the freelancer profiles of an agency's members, by name. One query."""
    people = Membership.objects.filter(profile=agency).values("user")
    return (
        Profile.objects.active()
        .filter(kind=Profile.Kind.FREELANCER, memberships__user__in=people)
        .only("kind", "slug", "name", "headline", "photo")
        .order_by("name", "pk")
    )


PARTS = 6  # what a complete profile has filled in


class MissingPart(NamedTuple):
    """A section of the editor that has something left to fill in, and what to do there."""

    section: str
    words: str


def missing_parts(profile: Profile) -> list[MissingPart]:
    """Return which of the PARTS a profile lacks to be complete, in the page's order."""
    parts = [
        ("photo", "Add a logo" if profile.is_agency else "Add a photo", not profile.photo),
        ("intro", "Add a headline", not profile.headline),
        ("overview", "Write an overview", not profile.overview),
        ("skills", "Add your skills", not profile.skills),
        ("details", "Set your hourly rate", profile.hourly_rate is None),
        ("details", "Add your languages", not profile.languages),
    ]
    return [MissingPart(section, words) for section, words, is_missing in parts if is_missing]
