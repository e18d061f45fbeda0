"""What a page says of certifications, and the query by which a client's members read it."""

from functools import cache, partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from certifications.for_clients import ClientQuery
from certifications.models import Certification, ClientView, Step
from certifications.models.local_days import ended
from certifications.sharing import seen_by
from common.compiled import among
from common.days import day

COLUMNS = (
    "type__name",
    "type__icon",
    "certificate__acronym",
    "certificate__name",
    "certificate__body__name",
    "other_name",
    "other_body",
    "step",
    "known_on",
    "expires_on",
    "has_ended",
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
        cls, type, icon, acronym, name, body, other_name, other_body, step, known_on, expires, has_ended, filed,
        issued, legal_name, number, **status,
    ):  # fmt: skip
        """The badge of COLUMNS."""
        until = f"{'Expired' if has_ended else 'Valid until'} {day(expires)}"
        return cls(
            type=type,
            icon=icon,
            label=other_name or (f"{acronym} · {name}" if acronym else name),
            body=other_body or body,
            step_icon=Step(step).icon,
            known=f"{Step(step).label} {day(known_on)}",
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


def rows(records, *first):
    """The columns `first` and then COLUMNS of `records`, in the order in which a rail lists them."""
    return records.with_step().for_display().annotate(has_ended=ended()).values_list(*first, *COLUMNS)


@partial(ClientQuery, keys=2)
def _of_one(viewer, profile_pk, reader):
    records = Certification.objects.visible_to(viewer).filter(profile=profile_pk)
    noted = Exists(seen_by.is_noted(profile_pk, viewer.client.pk, reader))
    return rows(records.annotate(noted=noted), "noted")


@cache
def _of_many(surface):
    def build(viewer, profile_pk, reader):
        allowed = Certification.objects.visible_to
        if surface == ClientView.Surface.SEARCH:  # of everyone, too: a badge there tells who is certified
            allowed = Certification.objects.findable_by
        records = allowed(viewer).filter(among("profile", [profile_pk]))
        noted = Exists(seen_by.is_noted(OuterRef("profile"), viewer.client.pk, reader, surface=surface))
        return rows(records.annotate(noted=noted), "profile", "noted")

    return ClientQuery(build, keys=2)


def badges_for_clients(profile, viewer):
    """What `viewer` sees of `profile` as a member of the client they act for. One query, or none.

    Returns the badges, and whether it is noted already that this person was shown them today.
    """
    found = _of_one.rows(viewer, profile.pk, _reader(viewer))
    return [Badge.from_row(*row[1:]) for row in found], not found or found[0][0]


def badges_by_profile(profile_keys, viewer, *, surface):
    """What `viewer` sees of several profiles as a member of the client they act for. One query, or none.

    In a search that is what they may be found by, elsewhere what they show.

    Returns {key: badges}, and the keys of those of which it is not noted yet that this person was shown them there
    (a `ClientView.Surface`) today.
    """
    found, unnoted = {}, set()
    for profile, is_noted, *columns in _of_many(surface).rows(viewer, list(profile_keys), _reader(viewer)):
        found.setdefault(profile, []).append(Badge.from_row(*columns))
        if not is_noted:
            unnoted.add(profile)
    return found, unnoted


def _reader(viewer):
    return seen_by.reader_key(viewer) if viewer.client else 0
