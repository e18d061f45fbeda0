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
    "type__name",
    "type__icon",
    "certificate__acronym",
    "certificate__name",
    "certificate__body__name",
    "other_body",
    "self_reported_at",
    "expires_on",
    "issued_on",
    "legal_business_name",
    "number",
)


class Badge(NamedTuple):
    """One certification in the words its readers see. A tuple, which templates unpack: looking up costs them more."""

    type: str
    icon: str
    label: str
    body: str
    reported: str
    expiry: str
    legal_business_name: str
    number: str
    issued: str
    # For its editors and for staff: who sees it, or why nobody does.
    status: str = ""
    is_unseen: bool = False

    @classmethod
    def of(cls, record, **status):
        """The badge of a record, saved or not."""
        return cls.from_row(*(attrgetter(column.replace("__", "."))(record) for column in COLUMNS), **status)

    @classmethod
    def with_status(cls, record):
        """The badge of a record that comes from `with_status`."""
        return cls.of(record, status=record.status, is_unseen=bool(record.unseen_because))

    @classmethod
    def from_row(
        cls, type, icon, acronym, name, body, other_body, reported, expires, issued, legal_name, number, **status
    ):
        """The badge of COLUMNS."""
        return cls(
            type=type,
            icon=icon,
            label=f"{acronym} · {name}" if acronym else name,
            body=other_body or body,
            reported=day(reported),
            expiry=f"Valid until {day(expires)}" if expires else "Does not expire",
            legal_business_name=legal_name,
            number=number,
            issued=day(issued),
            **status,
        )


def by_type(badges):
    """`badges`, sorted by type, as a list of (type, icon, its badges)."""
    return [(type, icon, list(group)) for (type, icon), group in groupby(badges, attrgetter("type", "icon"))]


def badges_for_clients(profile, viewer):
    """The badges of `profile` that `viewer` sees as a member of the client they act for. One query, or none."""
    if viewer.client is None:
        return []
    # The rule may tell clients apart by their key, which is bound anew each time, and by what is said here.
    alike = replace(viewer.client, pk=0, name="", slug="")
    query = _query(alike, tuple(audience_now()))
    return [Badge.from_row(*row) for row in query.rows(profile.pk, viewer.client.pk)] if query else []


@cache
def _query(alike, audience):
    """`visible_to` compiled for the members of clients alike, or None if it lets them see nothing at all."""

    def build(profile_pk, client_pk):
        viewer = Viewer.member_of(replace(alike, pk=client_pk))
        return Certification.objects.visible_to(viewer).filter(profile=profile_pk).for_display().values_list(*COLUMNS)

    return None if build(0, 0).query.is_empty() else CompiledQuery(build)
