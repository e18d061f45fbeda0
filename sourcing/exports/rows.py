"""What an export holds: one row for each certification that may be shown, in the order of the list."""

from datetime import date
from itertools import batched
from typing import NamedTuple

from django.http import QueryDict

from certifications.models import Certification, Step
from common.mail.letters import absolute
from profiles.models import Profile
from sourcing.forms import SourcingForm
from sourcing.models import ShortlistEntry

MOST = 10_000
BATCH = 500


class Row(NamedTuple):
    """One line of the file. A profile without a certification that may be shown has one, empty but for its own part."""

    profile: str
    page: str
    legal_business_name: str = ""
    type: str = ""
    certificate: str = ""
    certifying_body: str = ""
    number: str = ""
    issued: date | None = None
    expires: date | None = None
    does_not_expire: str = ""
    renewal_filed: date | None = None
    evidence_step: str = ""
    evidence_date: date | None = None


class Source(NamedTuple):
    """What is exported: keys of profiles in order (list, one more than MOST if there are more), and whose records."""

    keys: list
    records: object
    # Whether profiles without a certification that may be shown have a row, too.
    has_all: bool


def source(export, viewer):
    """The Source of `export` as `viewer` has it now."""

    def all_of(keys):
        return Certification.objects.findable_by(viewer).filter(profile__in=keys)

    if "shortlist" in export.filters:
        entries = ShortlistEntry.objects.kept().filter(shortlist=export.shortlist_id, profile__isnull=False)
        return Source(list(entries.values_list("profile", flat=True)[: MOST + 1]), all_of, has_all=True)
    form = SourcingForm(QueryDict(export.query), viewer=viewer)
    search = form.search
    types, everyone = search.filters.types, search.filters.everyone
    # A saved search may be gone by now, or a type not used any more. What cannot be read narrows nothing: the page says
    # so, but a file would hold what nobody asked for.
    keys = search.keys(MOST + 1) if form.searched_for.keys() == export.filters.keys() else []

    def fitting(keys):
        return all_of(keys).filter(pk__in=[r.pk for r in search.records(keys) if not types or r.type in types])

    return Source(keys, all_of if everyone else fitting, has_all=everyone)


class Line(NamedTuple):
    """A Row, and the key of the certification that it is of, or None."""

    row: Row
    record: int | None
    profile: int


def batches(found):
    """The lines of a Source by BATCH profiles: lists of Line."""
    for keys in batched(found.keys[:MOST], BATCH):
        profiles = Profile.objects.active().only("kind", "slug", "name").in_bulk(keys)
        by_profile = {}
        for record in found.records(profiles).with_step().for_display():
            by_profile.setdefault(record.profile_id, []).append(record)
        lines = []
        for key in keys:
            profile = profiles.get(key)
            if profile is None:
                continue
            lines += [Line(_row(profile, record), record.pk, key) for record in by_profile.get(key, [])]
            if key not in by_profile and found.has_all:
                lines.append(Line(Row(profile.name, absolute(profile.get_absolute_url())), None, key))
        yield lines


def rows_of(records, viewer):
    """The Row of each of these certifications (keys) that `viewer` may be shown in a file, by key: dict. One query."""
    found = Certification.objects.findable_by(viewer).filter(pk__in=records).with_step().for_display()
    return {record.pk: _row(record.profile, record) for record in found.select_related("profile")}


def _row(profile, record):
    return Row(
        profile=profile.name,
        page=absolute(profile.get_absolute_url()),
        legal_business_name=record.legal_business_name,
        type=record.type.name,
        certificate=record.label,
        certifying_body=record.body_name,
        number=record.number,
        issued=record.issued_on,
        expires=record.expires_on,
        does_not_expire="yes" if record.does_not_expire else "no",
        renewal_filed=record.renewal_filed_on,
        evidence_step=Step(record.step).label,
        evidence_date=record.known_on,
    )
