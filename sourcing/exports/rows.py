"""The rows of an export: one for each certification that may be shown, in the order of the list."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import batched
from typing import NamedTuple

from django.http import QueryDict

from certifications.models import Certification
from certifications.models.record_queries import CertificationQuerySet
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.exports.columns import Line, Row
from sourcing.forms.search import SourcingForm
from sourcing.models import Export, ShortlistEntry

MOST = 10_000
BATCH = 500


class Source(NamedTuple):
    """The profiles and records to export: the keys of profiles in order, one more than MOST if there are more."""

    keys: list[int]
    records: Callable[[Iterable[int]], CertificationQuerySet]
    # Profiles without a certification that may be shown have a row, too.
    has_all: bool


def source(export: Export, viewer: Viewer, policy: RolloutPolicy) -> Source:
    """Return the Source of `export` as `viewer` has it under `policy`."""

    def all_of(keys: Iterable[int]) -> CertificationQuerySet:
        return Certification.objects.findable_by(viewer, policy).filter(profile__in=keys)

    if export.shortlist_name is not None:
        entries = ShortlistEntry.objects.kept().filter(shortlist=export.shortlist_id, profile__isnull=False)
        if export.entries is not None:
            entries = entries.filter(pk__in=export.entries)
        return Source(list(entries.values_list("profile", flat=True)[: MOST + 1]), all_of, has_all=True)
    form = SourcingForm(QueryDict(export.query), viewer=viewer, policy=policy)
    search = form.search
    everyone = search.filters.everyone
    # A saved search may be gone by now, or a type not used any more. What cannot be read narrows nothing: the page says
    # so, but a file would hold what no one asked for.
    keys = search.keys(MOST + 1) if form.searched_for.keys() == export.filters.keys() else []

    def fitting(keys: Iterable[int]) -> CertificationQuerySet:
        return all_of(keys).filter(pk__in=search.fitting(keys))

    return Source(keys, all_of if everyone else fitting, has_all=everyone)


def batches(found: Source, as_of: datetime) -> Iterator[list[Line]]:
    """Return the lines of a Source by BATCH profiles."""
    for keys in batched(found.keys[:MOST], BATCH):
        profiles = Profile.objects.active().only("kind", "slug", "name").in_bulk(keys)
        by_profile: dict[int, list[Certification]] = {}
        for record in found.records(profiles).with_step().for_display():
            by_profile.setdefault(record.profile_id, []).append(record)
        lines = []
        for key in keys:
            profile = profiles.get(key)
            if profile is None:
                continue
            records = by_profile.get(key, [])
            lines += [Line(profile, record, as_of) for record in records]
            if not records and found.has_all:
                lines.append(Line(profile, None, as_of))
        yield lines


def rows_of(records: Iterable[int], viewer: Viewer, policy: RolloutPolicy, as_of: datetime) -> dict[int, Row]:
    """Return the rows, by key, of those of these certifications that `viewer` may be shown in a file. One query."""
    found = Certification.objects.findable_by(viewer, policy).filter(pk__in=records).with_step().for_display()
    return {record.pk: Line(record.profile, record, as_of).row() for record in found.select_related("profile")}
