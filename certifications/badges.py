"""What a page says of certifications, and the query by which a client's members read it."""

from dataclasses import replace
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from certifications.models import Certification
from certifications.models.record import audience_now, day
from profiles.compiled import CompiledQuery
from profiles.viewer import Viewer

COLUMNS = (
    "pk",
    "type__name",
    "type__icon",
    "certificate__acronym",
    "certificate__name",
    "other_body",
    "certificate__body__name",
    "legal_business_name",
    "number",
    "issued_on",
    "expires_on",
    "self_reported_at",
)


class Badge(NamedTuple):
    """One certification as its readers see it."""

    pk: int | None
    type: str
    icon: str
    acronym: str
    name: str
    other_body: str
    catalogue_body: str
    legal_business_name: str
    number: str
    issued_on: object
    expires_on: object
    self_reported_at: object
    # For its editors and for staff: who sees it, or why nobody does.
    status: str = ""
    is_unseen: bool = False

    @classmethod
    def of(cls, record, **status):
        """The badge of a record, saved or not."""
        return cls(*(attrgetter(column.replace("__", "."))(record) for column in COLUMNS), **status)

    @classmethod
    def with_status(cls, record):
        """The badge of a record that comes from `with_status`."""
        return cls.of(record, status=record.status, is_unseen=bool(record.unseen_because))

    @property
    def label(self):
        return f"{self.acronym} · {self.name}" if self.acronym else self.name

    @property
    def body(self):
        return self.other_body or self.catalogue_body

    @property
    def reported(self):
        return day(self.self_reported_at)

    @property
    def issued(self):
        return day(self.issued_on)

    @property
    def expiry(self):
        return f"Valid until {day(self.expires_on)}" if self.expires_on else "Does not expire"


def by_type(badges):
    """`badges`, sorted by type, as a list of lists: one for each type."""
    return [list(group) for _, group in groupby(badges, attrgetter("type"))]


def badges_for_clients(profile, viewer):
    """The badges of `profile` that `viewer` sees as a member of the client they act for. One query, or none."""
    if viewer.client is None:
        return []
    # The rule may tell clients apart by their key, which is bound anew each time, and by what is said here.
    alike = replace(viewer.client, pk=0, name="", slug="")
    query = _query(alike, tuple(audience_now()))
    return [Badge(*row) for row in query.rows(profile.pk, viewer.client.pk)] if query else []


@cache
def _query(alike, audience):
    """`visible_to` compiled for the members of clients alike, or None if it lets them see nothing at all."""

    def build(profile_pk, client_pk):
        viewer = Viewer.member_of(replace(alike, pk=client_pk))
        return Certification.objects.visible_to(viewer).filter(profile=profile_pk).for_display().values_list(*COLUMNS)

    return None if build(0, 0).query.is_empty() else CompiledQuery(build)
