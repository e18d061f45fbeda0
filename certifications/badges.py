"""Badges: certifications as pages show them, and the query that reads them for the members of a client."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet

from certifications.details import Detail, details_of
from certifications.for_clients import ClientQuery
from certifications.models import Certification, ClientView, Step
from certifications.models.record_queries import CertificationQuerySet
from certifications.sharing import seen_by
from common.compiled import among
from common.days import day
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy

EXPIRES_SOON = timedelta(days=60)
# The fields of a badge that are columns of other tables, with the paths to them.
JOINED = {
    "type_name": "type__name",
    "type_icon": "type__icon",
    "acronym": "certificate__acronym",
    "certificate_name": "certificate__name",
    "certificate_body": "certificate__body__name",
    "body_short_name": "certificate__body__short_name",
    "directory_url": "certificate__body__register_url",
}


class Badge(NamedTuple):
    """One certification as a page shows it. Each field without a default is a column of the query."""

    type_name: str
    type_icon: str
    acronym: str
    certificate_name: str
    certificate_body: str
    body_short_name: str
    directory_url: str
    other_name: str
    other_body: str
    step: int
    known_on: date
    expires_on: date | None
    time_left: timedelta | None
    renewal_filed_on: date | None
    issued_on: date | None
    legal_business_name: str
    number: str
    # For its editors and for staff: words that say who can see it, or why no one can.
    status: str = ""
    is_unseen: bool = False
    is_hidden: bool = False
    pk: int | None = None

    @classmethod
    def of(cls, record: Certification, **status: Any) -> "Badge":
        """Return the badge of a record, saved or not."""
        paths = (JOINED.get(column, column).replace("__", ".") for column in COLUMNS)
        return cls(*(attrgetter(path)(record) for path in paths), **status)

    @classmethod
    def with_status(cls, record: Certification) -> "Badge":
        """Return the badge of a record from `with_status`."""
        return cls.of(
            record,
            status=record.status,
            is_unseen=bool(record.unseen_because),
            is_hidden=record.is_hidden,
            pk=record.pk,
        )

    @property
    def label(self) -> str:
        catalogued = f"{self.acronym} · {self.certificate_name}" if self.acronym else self.certificate_name
        return self.other_name or catalogued

    @property
    def body(self) -> str:
        return self.other_body or self.certificate_body

    @property
    def short(self) -> str:
        """What it is called and who issued it, as short as the two are known: "WBE · WBENC"."""
        name = self.other_name or self.acronym or self.certificate_name
        return f"{name} · {self.other_body or self.body_short_name or self.certificate_body}"

    @property
    def level(self) -> Step:
        """Its verification level."""
        return Step(self.step)

    @property
    def known(self) -> str:
        return f"{self.level.label} {day(self.known_on)}"

    @property
    def known_day(self) -> str:
        return day(self.known_on)

    @property
    def has_ended(self) -> bool:
        return self.time_left is not None and self.time_left < timedelta(0)

    @property
    def ends_soon(self) -> bool:
        """True in its last EXPIRES_SOON days."""
        return self.time_left is not None and timedelta(0) <= self.time_left <= EXPIRES_SOON

    @property
    def days_left(self) -> str:
        """How long it is still valid, to read: "Expires in 25 days"."""
        days = self.time_left.days if self.time_left else 0
        return {0: "Expires today", 1: "Expires tomorrow"}.get(days, f"Expires in {days} days")

    @property
    def expiry(self) -> str:
        if self.expires_on is None:
            return "Doesn't expire"
        return f"{'Expired' if self.has_ended else 'Valid until'} {day(self.expires_on)}"

    @property
    def expires_day(self) -> str:
        return day(self.expires_on) if self.expires_on else ""

    @property
    def renewal(self) -> str:
        return f"Renewal filed {day(self.renewal_filed_on)}" if self.renewal_filed_on else ""

    @property
    def details(self) -> list[Detail]:
        return [
            Detail("Certificate", self.other_name or self.certificate_name, is_name=True),
            Detail("Issued by", self.body, is_name=True),
            *details_of(self),
            Detail(f"{self.level.label} since", self.known_day),
        ]

    @property
    def directory(self) -> str:
        """The address of the certifier's public directory, or "" if it has none or its name was typed."""
        return "" if self.other_body else self.directory_url


COLUMNS = [column for column in Badge._fields if column not in Badge._field_defaults]


class TypeGroup(NamedTuple):
    """The badges of one type, as a page shows them together."""

    name: str
    icon: str
    badges: list[Badge]


def by_type(badges: Iterable[Badge]) -> list[TypeGroup]:
    """Return `badges`, which are sorted by type, in groups."""
    types = groupby(badges, attrgetter("type_name", "type_icon"))
    return [TypeGroup(name, icon, list(group)) for (name, icon), group in types]


def rows(records: CertificationQuerySet, *first: str) -> QuerySet:
    """Return the columns `first` and then those of a Badge for each of `records`, in the order of a rail."""
    joined = {name: F(path) for name, path in JOINED.items()}
    return records.with_step().with_time_left().for_display().annotate(**joined).values_list(*first, *COLUMNS)


@partial(ClientQuery, keys=2)
def _of_one(viewer: Viewer, policy: RolloutPolicy, profile_pk: int, reader: int) -> QuerySet:
    records = Certification.objects.visible_to(viewer, policy).filter(profile=profile_pk)
    noted = Exists(seen_by.is_noted(profile_pk, viewer, reader))
    return rows(records.annotate(noted=noted), "noted")


@cache
def _of_many(surface: ClientView.Surface) -> ClientQuery:
    def build(viewer: Viewer, policy: RolloutPolicy, profile_pk: int, reader: int) -> QuerySet:
        allowed = Certification.objects.visible_to
        if surface == ClientView.Surface.SEARCH:  # even without a filter, a badge in a search reveals who is certified
            allowed = Certification.objects.findable_by
        records = allowed(viewer, policy).filter(among("profile", [profile_pk]))
        noted = Exists(seen_by.is_noted(OuterRef("profile"), viewer, reader, surface=surface))
        return rows(records.annotate(noted=noted), "profile", "noted")

    return ClientQuery(build, keys=2)


def badges_for_clients(profile: Profile, viewer: Viewer, policy: RolloutPolicy) -> tuple[list[Badge], bool]:
    """Return the badges of `profile` that `viewer` sees as a member of the client they act for. One query, or none.

    The second value is True if nothing is left to note: no badge was shown, or today's view is noted already.
    """
    found = _of_one.rows(viewer, policy, profile.pk, _readers(viewer))
    return [Badge(*columns) for _, *columns in found], not found or found[0][0]


def badges_by_profile(
    profile_keys: Iterable[int], viewer: Viewer, policy: RolloutPolicy, *, surface: ClientView.Surface
) -> tuple[dict[Any, list[Badge]], set[int]]:
    """Return the badges of several profiles that `viewer` sees as a member of the client they act for, by profile key.

    A search shows the certifications that the profiles may be found by, all other pages those that they show. The
    second value holds the keys of the profiles whose view on this surface today is not noted yet. One query, or none.
    """
    found: dict[Any, list[Badge]] = {}
    unnoted = set()
    for profile, is_noted, *columns in _of_many(surface).rows(viewer, policy, list(profile_keys), _readers(viewer)):
        found.setdefault(profile, []).append(Badge(*columns))
        if not is_noted:
            unnoted.add(profile)
    return found, unnoted


def _readers(viewer: Viewer) -> list[int]:
    return seen_by.reader_keys(viewer) if viewer.client else []
