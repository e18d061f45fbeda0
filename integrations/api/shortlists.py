"""A client's shortlists: which profiles are on them, and their certifications."""

import uuid
from datetime import datetime
from typing import Annotated

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet, StringAgg, TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from integrations.api import conditions
from integrations.api.auth import Bearer, caller_in_audience, caller_of
from integrations.api.bodies import Body
from integrations.api.certifications import InPathKind, InPathSlug
from integrations.api.giving import CertificationOut, ProfileOut, give, records_for, shown
from integrations.api.idempotency import PARAMETER, once
from integrations.api.paging import Asked, Page, page_of
from integrations.api.problems import Fault, Problem, Refused
from integrations.models import AccessToken
from profiles.models import Profile
from sourcing import shortlists
from sourcing.forms.shortlists import ShortlistForm
from sourcing.models import Shortlist, ShortlistEntry

router = Router(tags=["Shortlists"])
READS = Bearer(AccessToken.Scope.SHORTLISTS)
WRITES = Bearer(AccessToken.Scope.SHORTLISTS_WRITE)


ShortlistId = Annotated[uuid.UUID, Path(description="The id of a shortlist.")]


class ShortlistOut(Schema):
    """A list of profiles that members of your organization keep together."""

    id: Annotated[uuid.UUID, Field(description="Stays the same.")]
    name: Annotated[str, Field(examples=["Spring bids"])]
    created_at: datetime
    profiles: Annotated[int, Field(description="How many entries it has.", examples=[12])]
    version: Annotated[
        str,
        Field(description="Differs once its entries or their notes do.", examples=["9a0364b9e99bb480dd25e1f0284c8555"]),
    ]


class EntryOut(Schema):
    """An entry of a shortlist."""

    profile: Annotated[ProfileOut | None, Field(description="Null once the profile is not available anymore.")]
    note: Annotated[str, Field(examples=["Call in March"])]
    added_at: datetime


def _own(request: HttpRequest) -> QuerySet[Shortlist]:
    kept = Q(entries__isnull=False, entries__removed_at=None)
    parts = (Cast("entries__pk", TextField()), Value(":"), Cast("entries__note_version", TextField()))
    entry = Concat(*parts, output_field=TextField())
    entries = StringAgg(entry, Value(",", TextField()), filter=kept, order_by="entries__pk")
    lists = Shortlist.objects.of(caller_of(request).viewer).kept()
    return lists.annotate(count=Count("entries", filter=kept), version=MD5(Coalesce(entries, Value("", TextField()))))


def _out(shortlist: Shortlist) -> ShortlistOut:
    count: int = shortlist.count  # type: ignore[attr-defined] # by `_own`
    version: str = shortlist.version  # type: ignore[attr-defined] # by `_own`
    return ShortlistOut(
        id=shortlist.key, name=shortlist.name, created_at=shortlist.created_at, profiles=count, version=version
    )


@router.get(
    "/shortlists",
    auth=READS,
    response=Page[ShortlistOut],
    operation_id="listShortlists",
    summary="List shortlists",
    description="The shortlists of your organization, the oldest first.",
)
def lists(request: HttpRequest, asked: Asked) -> Page[ShortlistOut]:
    found = page_of(request, _own(request), ("created_at", "pk"), asked)
    return found.page([_out(one) for one in found.rows])


@router.get(
    "/shortlists/{shortlist_id}",
    auth=READS,
    response=ShortlistOut,
    operation_id="getShortlist",
    summary="Get a shortlist",
)
def shortlist(request: HttpRequest, shortlist_id: ShortlistId) -> ShortlistOut:
    return _out(get_object_or_404(_own(request), key=shortlist_id))


@router.get(
    "/shortlists/{shortlist_id}/entries",
    auth=READS,
    response=Page[EntryOut],
    operation_id="listEntriesOfShortlist",
    summary="List the profiles on a shortlist",
    description="The entries of a shortlist with their notes, the oldest first. They say nothing of certifications.",
)
def entries(request: HttpRequest, shortlist_id: ShortlistId, asked: Asked) -> Page[EntryOut]:
    held = get_object_or_404(_own(request), key=shortlist_id)
    rows = held.entries.kept().select_related("profile")
    found = page_of(request, rows, ("added_at", "pk"), asked)
    results = [_entry(entry) for entry in found.rows]
    return found.page(results)


def _entry(entry: ShortlistEntry) -> EntryOut:
    is_there = entry.profile is not None and entry.profile.is_active
    profile = ProfileOut.of(entry.profile) if entry.profile and is_there else None
    return EntryOut(profile=profile, note=entry.note, added_at=entry.added_at)


@router.get(
    "/shortlists/{shortlist_id}/certifications",
    auth=Bearer(AccessToken.Scope.CERTIFICATIONS),
    response=Page[CertificationOut],
    operation_id="listCertificationsOfShortlist",
    summary="List the certifications of a shortlist",
    description="Those of the profiles on it that your organization may be shown now, in the order in which they "
    "changed. It needs the scope certifications:read.",
)
def of_shortlist(request: HttpRequest, shortlist_id: ShortlistId, asked: Asked) -> Page[CertificationOut]:
    caller = caller_of(request)
    held = get_object_or_404(_own(request), key=shortlist_id)
    on_it = held.entries.kept().filter(profile__isnull=False).values("profile")
    found = page_of(request, shown(records_for(caller).filter(profile__in=on_it)), ("changed", "pk"), asked)
    return found.page(give(caller, found.rows))


# What members do on the page of a list


class NewShortlist(Body):
    """A shortlist to create."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=80,
            description="No other shortlist of your organization has it.",
            examples=["Spring bids"],
        ),
    ]


@router.post(
    "/shortlists",
    auth=WRITES,
    response={201: ShortlistOut},
    operation_id="createShortlist",
    summary="Create a shortlist",
    openapi_extra={"parameters": [PARAMETER]},
)
@once(ShortlistOut)
def create(request: HttpRequest, asked: NewShortlist) -> ShortlistOut:
    caller = caller_in_audience(request)
    form = ShortlistForm(
        {"name": asked.name}, instance=Shortlist(client_id=caller.client_pk, created_by=caller.token.made_by)
    )
    made = form.made()
    if made is None:
        faults = [Fault("/body/name", str(message)) for messages in form.errors.values() for message in messages]
        raise Refused(Problem.INVALID, faults=faults)
    return _out(_own(request).get(pk=made.pk))


def _to_change(request: HttpRequest, key: uuid.UUID) -> Shortlist:
    """Return a shortlist that no one else changes through the API until the transaction ends."""
    kept = Shortlist.objects.of(caller_in_audience(request).viewer).kept()
    get_object_or_404(kept.select_for_update(no_key=True), key=key)
    held = get_object_or_404(_own(request), key=key)
    conditions.demand(request, _out(held))
    return held


@router.put(
    "/shortlists/{shortlist_id}/entries/{kind}/{slug}",
    auth=WRITES,
    response=EntryOut,
    operation_id="addToShortlist",
    summary="Add a profile to a shortlist",
    description="If it is on the list already, nothing changes.",
    openapi_extra=conditions.described("getShortlist"),
)
@transaction.atomic
def add(request: HttpRequest, shortlist_id: ShortlistId, kind: InPathKind, slug: InPathSlug) -> EntryOut:
    held = _to_change(request, shortlist_id)
    profile = get_object_or_404(Profile.objects.active(), kind=kind, slug=slug)
    try:
        entry, _ = shortlists.add(held, profile, by=caller_of(request).token.made_by)
    except ValidationError as error:
        raise Refused(Problem.INVALID, faults=[Fault("/path/shortlist_id", str(error.message))]) from error
    return _entry(entry)


@router.delete(
    "/shortlists/{shortlist_id}/entries/{kind}/{slug}",
    auth=WRITES,
    response=ShortlistOut,
    operation_id="removeFromShortlist",
    summary="Remove a profile from a shortlist",
    description="Members can restore it on the list's page for 30 days. If it isn't on the list, nothing changes.",
    openapi_extra=conditions.described("getShortlist"),
)
@transaction.atomic
def remove(request: HttpRequest, shortlist_id: ShortlistId, kind: InPathKind, slug: InPathSlug) -> ShortlistOut:
    held = _to_change(request, shortlist_id)
    held.entries.filter(profile__kind=kind, profile__slug=slug).remove()
    return _out(get_object_or_404(_own(request), pk=held.pk))
