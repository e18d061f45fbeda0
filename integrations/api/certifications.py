"""Certifications: those that a client may be shown, and those that its system has to delete again."""

import uuid
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Annotated

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import Field

from certifications.models import Certificate, Certification, CertificationType, CertifyingBody, Step
from certifications.models.record_queries import CertificationQuerySet
from common.compiled import among
from integrations.api.auth import Bearer, Caller, caller_of
from integrations.api.giving import NEW, CertificationOut, give, records_for, shown
from integrations.api.paging import Asked, Page, Paged, Slice, page_of, walk
from integrations.api.problems import Fault, Problem, Refused
from integrations.models import AccessToken, Given
from profiles.models import Profile, User
from profiles.viewer import Viewer
from sourcing.forms.search import SourcingForm
from sourcing.search import Search, narrowed

router = Router(auth=Bearer(AccessToken.Scope.CERTIFICATIONS), tags=["Certifications"])
# What was written before a moment may be seen only after it. So changes of so long before it are given as well.
OVERLAP = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

Slug = Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{1,100}$")]
# Not the class itself: the payments have another one of that name, and the document has one place for both.
KindCode = Annotated[str, Field(pattern="^[a-z]{1,20}$", json_schema_extra={"enum": Profile.Kind.values})]
LevelCode = Annotated[
    str, Field(pattern="^[a-z_]{1,20}$", json_schema_extra={"enum": [step.name.lower() for step in Step]})
]
# The two parts of the address of a profile.
InPathKind = Annotated[KindCode, Path(description="The kind of profile.")]
InPathSlug = Annotated[Slug, Path(description="The last part of the profile's address.")]


class SearchFilters(Schema):
    """The filters of the search."""

    q: Annotated[str, Field(max_length=200, description="Words of the profile, as in the search.")] = ""
    type: Annotated[list[Slug], Field(max_length=20, description="Codes of types. Any of them fits.")] = []
    certificate: Annotated[Slug | None, Field(description="The code of a certificate.")] = None
    certifier: Annotated[Slug | None, Field(description="The code of a certifier.")] = None
    level: Annotated[LevelCode | None, Field(description="The lowest verification level.")] = None
    valid_until: Annotated[date | None, Field(description="Valid through this day at least.")] = None
    skill: Annotated[list[str], Field(max_length=10, description="Skills. The profile has all of them.")] = []
    kind: Annotated[KindCode | None, Field(description="The kind of profile.")] = None
    state: Annotated[list[str], Field(max_length=60, description="U.S. states, like NY. Any of them fits.")] = []
    rate_from: Annotated[int | None, Field(ge=0, le=9999, description="The lowest hourly rate in USD.")] = None
    rate_to: Annotated[int | None, Field(ge=0, le=9999, description="The highest hourly rate in USD.")] = None


class Filters(SearchFilters, Paged):
    """The filters of the search, and the moment of an earlier request."""

    updated_since: Annotated[
        datetime | None,
        Field(
            description="Only what changed or became visible since then. Some may come that you know already.",
            examples=["2026-11-01T00:00:00Z"],
        ),
    ] = None


# The names of the fields of the search's form, by those of the API, where they differ.
FIELDS = {"type": "types", "certifier": "body", "level": "step", "skill": "skills"}
NAMES = {field: name for name, field in FIELDS.items()}
CATALOGUE = {"type": CertificationType, "certificate": Certificate, "certifier": CertifyingBody}


def form_of(caller: Caller, asked: SearchFilters, *, place: str = "/query") -> SourcingForm:
    """Return the form of the search page that reads the filters. Refuse what it can't read, at its `place`."""
    query = QueryDict(mutable=True)
    faults = []
    for name, model in CATALOGUE.items():
        value = getattr(asked, name)
        codes = value if isinstance(value, list) else [value] if value else []
        keys = dict(model.objects.filter(key__in=codes).values_list("key", "pk"))  # type: ignore[attr-defined]
        faults += [Fault(f"{place}/{name}", f"There is no {name} “{code}”.") for code in codes if code not in keys]
        query.setlist(FIELDS.get(name, name), [str(keys[code]) for code in codes if code in keys])
    if asked.level:
        steps = {step.name.lower(): step for step in Step}
        if asked.level not in steps:
            faults.append(Fault(f"{place}/level", f"Use one of {', '.join(steps)}."))
        elif steps[asked.level]:
            query["step"] = str(int(steps[asked.level]))
    query.setlist("skills", [",".join(asked.skill)] if asked.skill else [])
    query.setlist("state", asked.state)
    for name in ("q", "valid_until", "kind", "rate_from", "rate_to"):
        value = getattr(asked, name)
        if value not in (None, ""):
            query[name] = str(value)
    form = SourcingForm(query, viewer=caller.viewer, policy=caller.policy)
    if not form.is_valid():
        faults += [
            Fault(f"{place}/{NAMES.get(field, field)}", str(message))
            for field, messages in form.errors.items()
            for message in messages
        ]
    if faults:
        raise Refused(Problem.INVALID, faults=faults)
    return form


@router.get(
    "/certifications",
    response=Page[CertificationOut],
    operation_id="listCertifications",
    summary="List certifications",
    description="The certifications that your organization may be shown now.",
)
def certifications(request: HttpRequest, asked: Query[Filters]) -> Page[CertificationOut]:
    caller = caller_of(request)
    records = records_for(caller)
    search = form_of(caller, asked).search
    if asked.model_fields_set <= Paged.model_fields.keys():
        found = page_of(request, shown(records), ("pk",), asked)
    else:
        # The listing proposes profiles by what they hide, too, and no index has the moment at which each record changed
        # for this client. So a page looks at so many records that the client may see, and ends.
        proposed = records.filter(profile__in=narrowed(search.filters).values("profile"))
        if asked.updated_since:
            proposed = proposed.filter(changed__gte=_since(asked.updated_since))
        fitting, known = partial(_fitting, search, proposed), partial(_among, records)
        walked = walk(request, Certification.objects.all(), fitting, asked, known=known)
        rows = shown(records).filter(pk__in=walked.rows).order_by("pk")
        found = Slice(list(rows), walked.next, walked.previous)
    return found.page(give(caller, found.rows))


def _among(records: CertificationQuerySet, keys: list[int]) -> set[int]:
    """Return those of `keys` that are of `records`."""
    return set(records.filter(among("pk", keys)).values_list("pk", flat=True))


def _fitting(search: Search, proposed: CertificationQuerySet, keys: list[int]) -> set[int]:
    """Return those of `keys` that are of `proposed` and by which `search` finds a profile."""
    profiles = dict(proposed.filter(among("pk", keys)).values_list("pk", "profile"))
    return profiles.keys() & search.fitting(set(profiles.values()))


def _since(given: datetime) -> datetime:
    """Return the moment from which on something is new to a program that asks for what is new since `given`."""
    if given.year <= EARLIEST.year:
        return EARLIEST  # far from the first moment that can be written, of which no earlier one can be made
    if given.year >= NEW.year:
        return NEW
    moment = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)  # not every zone can be stored
    return moment - OVERLAP


class RemovedOut(Schema):
    """A certification to delete from your system."""

    id: uuid.UUID
    removed_at: Annotated[datetime, Field(description="When it was found that you may not be shown it anymore.")]


class Since(Paged):
    since: Annotated[
        datetime | None,
        Field(description="Leave out what was removed before then.", examples=["2026-11-01T00:00:00Z"]),
    ] = None


@router.get(
    "/certifications/removed",
    auth=Bearer(AccessToken.Scope.CERTIFICATIONS, needs_terms=False),
    response=Page[RemovedOut],
    operation_id="listRemovedCertifications",
    summary="List certifications to delete",
    description="What the API gave your organization, and may not show it anymore, whatever the reason. Delete it "
    "from your system. It answers before your organization accepts a new version of the terms, too.",
)
def removed(request: HttpRequest, asked: Query[Since]) -> Page[RemovedOut]:
    caller = caller_of(request)
    now = timezone.now()
    given = Given.objects.filter(client=caller.client_pk)
    if asked.since:
        given = given.filter(Q(gone_at=None) | Q(gone_at__gte=_since(asked.since)))
    found = walk(request, given, partial(_gone, caller), asked)
    rows = Given.objects.filter(pk__in=found.rows)
    rows.filter(gone_at=None).update(gone_at=now)
    results = [RemovedOut(id=row.key, removed_at=row.gone_at or now) for row in rows.order_by("pk")]
    return found.page(results)


def _gone(caller: Caller, keys: list[int]) -> set[int]:
    """Return the keys, of rows of what the caller's client was given, of those that it may not be shown any more.

    The tokens of a client share what it was given, and an owner may have blocked another client of one token's maker.
    So a certification is gone once none of the tokens in force gives it, and each of them is told the same.
    """
    left = dict(Given.objects.filter(among("pk", keys)).values_list("pk", "certification"))
    tokens = AccessToken.objects.in_force().of(caller.client_pk)
    reading = tokens.filter(scopes__contains=[AccessToken.Scope.CERTIFICATIONS])
    makers = User.objects.filter(pk__in=reading.values("made_by"))
    viewers = [Viewer(maker, acting_for=caller.client_pk) for maker in makers]
    for viewer in {frozenset(viewer.client_ids): viewer for viewer in viewers}.values():
        findable = Certification.objects.findable_by(viewer, caller.policy)
        visible = _among(findable, [certification for certification in left.values() if certification])
        left = {pk: certification for pk, certification in left.items() if certification not in visible}
    return set(left)


@router.get(
    "/profiles/{kind}/{slug}/certifications",
    response=Page[CertificationOut],
    operation_id="listCertificationsOfProfile",
    summary="List the certifications of a profile",
    description="Those that your organization may be shown now. None looks the same as none that you may be shown.",
)
def of_profile(request: HttpRequest, kind: InPathKind, slug: InPathSlug, asked: Asked) -> Page[CertificationOut]:
    caller = caller_of(request)
    profile = get_object_or_404(Profile.objects.active(), kind=kind, slug=slug)
    found = page_of(request, shown(records_for(caller).filter(profile=profile)), ("changed", "pk"), asked)
    return found.page(give(caller, found.rows))
