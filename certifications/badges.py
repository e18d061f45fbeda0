"""What a page says of certifications, and the query by which a client's members read it."""

from dataclasses import replace
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Exists

from certifications.models import Certification, Step
from certifications.models.record import audience_now, day
from certifications.sharing import seen_by
from profiles.compiled import CompiledQuery
from profiles.viewer import Viewer

COLUMNS = (
    "type__name",
    "type__icon",
    "certificate__acronym",
    "certificate__name",
    "certificate__body__name",
    "other_body",
    "step",
    "step_on",
    "self_reported_at",
    "expires_on",
    "renewal_filed_on",
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
    step_icon: str
    known: str
    expiry: str
    renewal: str
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
        cls, type, icon, acronym, name, body, other_body, step, step_on, reported, expires, filed, issued,
        legal_name, number, **status,
    ):  # fmt: skip
        """The badge of COLUMNS."""
        until = f"Expiry date {day(expires)}" if filed else f"Valid until {day(expires)}"
        return cls(
            type=type,
            icon=icon,
            label=f"{acronym} · {name}" if acronym else name,
            body=other_body or body,
            step_icon=Step(step).icon,
            known=f"{Step(step).label} {day(step_on or reported)}",
            expiry=until if expires else "Does not expire",
            renewal=f"Renewal in progress, filed {day(filed)}" if filed else "",
            legal_business_name=legal_name,
            number=number,
            issued=day(issued),
            **status,
        )


def by_type(badges):
    """`badges`, sorted by type, as a list of (type, icon, its badges)."""
    return [(type, icon, list(group)) for (type, icon), group in groupby(badges, attrgetter("type", "icon"))]


def badges_for_clients(profile, viewer):
    """What `viewer` sees of `profile` as a member of the client they act for. One query, or none.

    Returns the badges, and whether it is noted already that this person was shown them today.
    """
    if viewer.client is None:
        return [], True
    clients = [viewer.client.pk, *(pk for pk in viewer.client_ids if pk != viewer.client.pk)]
    # The rule may tell clients apart by their keys, which are bound anew each time, and by what is said here.
    alike = replace(viewer.client, pk=0, name="", slug="")
    query = _query(alike, len(clients), tuple(audience_now()))
    if query is None:
        return [], True
    rows = query.rows(profile.pk, seen_by.reader_key(viewer), *clients)
    return [Badge.from_row(*row[1:]) for row in rows], not rows or rows[0][0]


def badges_by_profile(profile_keys, viewer):
    """What `viewer` sees of several profiles as a member of the client they act for: {key: badges}. One query."""
    records = Certification.objects.visible_to(viewer.as_member()).filter(profile__in=profile_keys)
    rows = records.with_step().for_display().values_list("profile", *COLUMNS)
    found = {}
    for profile, *columns in rows:
        found.setdefault(profile, []).append(Badge.from_row(*columns))
    return found


@cache
def _query(alike, clients, audience):
    """`visible_to` compiled for the members of clients alike, or None if it lets them see nothing at all."""

    def build(profile_pk, reader, *client_pks):
        viewer = Viewer.member_of(replace(alike, pk=client_pks[0]))
        viewer.client_memberships = [replace(alike, pk=pk) for pk in client_pks]
        records = Certification.objects.visible_to(viewer).filter(profile=profile_pk).with_step().for_display()
        noted = Exists(seen_by.is_noted(profile_pk, client_pks[0], reader))
        return records.annotate(noted=noted).values_list("noted", *COLUMNS)

    is_empty = build(0, 0, *range(1, clients + 1)).query.is_empty()
    return None if is_empty else CompiledQuery(build, keys=clients + 2)
