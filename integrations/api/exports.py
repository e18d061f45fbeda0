"""Files of a shortlist or a search: asking for one, seeing how far it is, and having it."""

import uuid
from datetime import datetime
from typing import Annotated

from allauth.core import ratelimit
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from common.mail.letters import absolute
from common.translation import plain
from integrations.api.auth import Bearer, Caller, caller_in_audience
from integrations.api.bodies import Body
from integrations.api.certifications import SearchFilters, form_of
from integrations.api.files import RESPONSE, response_with
from integrations.api.giving import Choice
from integrations.api.idempotency import PARAMETER, once
from integrations.api.paging import Asked, Page, page_of
from integrations.api.problems import Fault, Problem, Refused
from integrations.models import AccessToken
from sourcing import exports
from sourcing.exports.files import CONTENT_TYPES
from sourcing.models import Export, Shortlist

router = Router(auth=Bearer(AccessToken.Scope.EXPORTS), tags=["Exports"])


ExportId = Annotated[int, Path(description="The id of an export.")]


class ExportOut(Schema):
    """A file of certifications that the person who created the token asked for."""

    id: int
    subject: Annotated[str, Field(description="What it is of, in words.", examples=["Shortlist “Spring bids”"])]
    format: Export.Format
    state: Annotated[
        Choice,
        Field(description="One of waiting, running, done and failed.", examples=[{"code": "done", "label": "Ready"}]),
    ]
    asked_at: datetime
    as_of: Annotated[datetime | None, Field(description="When what it says was true. Null until it is done.")]
    rows: Annotated[int, Field(examples=[12])]
    is_cut: Annotated[bool, Field(description="True if there was more than a file holds.", examples=[False])]
    file: Annotated[
        str | None,
        Field(
            description="Where to download it. Null before it is done, and after 24 hours.",
            examples=[absolute("/api/v1/exports/1/file")],
        ),
    ]


class ExportedSearch(SearchFilters, Body):
    """The filters of a search to export."""


class NewExport(Body):
    """An export to create: of a shortlist, or else of a search."""

    format: Annotated[Export.Format, Field(description="The kind of file.")]
    shortlist: Annotated[uuid.UUID | None, Field(description="The id of a shortlist.")] = None
    search: Annotated[
        ExportedSearch | None,
        Field(
            description="Filters as those of listCertifications. Without any, everything is searched for.",
            examples=[None],
        ),
    ] = None


def _own(caller: Caller) -> QuerySet[Export]:
    """Return the exports of the person as whom the token acts. Others have theirs for themselves, as on the pages."""
    found = Export.objects.filter(client=caller.client_pk, user=caller.token.made_by)
    return found.defer("records")


def _out(export: Export) -> ExportOut:
    state = Export.State(export.state)
    return ExportOut(
        id=export.pk,
        subject=plain(exports.subject(export)),
        format=Export.Format(export.format),
        state=Choice(code=state.value, label=str(state.label)),
        asked_at=export.asked_at,
        as_of=export.as_of,
        rows=export.rows,
        is_cut=export.is_cut,
        file=absolute(f"/api/v1/exports/{export.pk}/file") if export.is_there else None,
    )


@router.post(
    "/exports",
    response={201: ExportOut},
    operation_id="createExport",
    summary="Create an export",
    description="It has what your organization may be shown at that moment. A small one is done right away. Of a "
    "larger one, ask for its state, or wait for the event `export.ready` of a webhook. The limits are the pages'.",
    openapi_extra={"parameters": [PARAMETER]},
)
@once(ExportOut)
def create(request: HttpRequest, asked: NewExport) -> ExportOut:
    caller = caller_in_audience(request)
    export = Export(client_id=caller.client_pk, user=caller.token.made_by, format=asked.format)
    if asked.shortlist and asked.search:
        raise Refused(Problem.INVALID, faults=[Fault("/body/search", "Name a shortlist or a search, not both.")])
    if asked.shortlist:
        kept = Shortlist.objects.of(caller.viewer).kept()
        exports.set_shortlist(export, get_object_or_404(kept, key=asked.shortlist))
    else:
        exports.set_search(export, form_of(caller, asked.search or ExportedSearch(), place="/body/search"))
    if not ratelimit.consume(request, action="export", user=caller.token.made_by):
        message = "You've created too many exports in the last hour. Try again later."
        raise Refused(Problem.INVALID, faults=[Fault("/body", message)])
    made = exports.ask(export, caller.viewer, caller.policy)
    return _out(_own(caller).get(pk=made.pk))


@router.get(
    "/exports",
    response=Page[ExportOut],
    operation_id="listExports",
    summary="List exports",
    description="The exports of the person who created the token, through the API or on the pages, the oldest first.",
)
def index(request: HttpRequest, asked: Asked) -> Page[ExportOut]:
    found = page_of(request, _own(caller_in_audience(request)), ("asked_at", "pk"), asked)
    return found.page([_out(one) for one in found.rows])


@router.get(
    "/exports/{export_id}",
    response=ExportOut,
    operation_id="getExport",
    summary="Get an export",
)
def export(request: HttpRequest, export_id: ExportId) -> ExportOut:
    return _out(get_object_or_404(_own(caller_in_audience(request)), pk=export_id))


@router.get(
    "/exports/{export_id}/file",
    operation_id="downloadExport",
    summary="Download the file of an export",
    description="It is there once the export is done. A file that says what may no longer be shown is not given out.",
    openapi_extra={"responses": {200: RESPONSE, Problem.GONE.status: Problem.GONE.reference}},
)
def file(request: HttpRequest, export_id: ExportId) -> HttpResponse:
    caller = caller_in_audience(request)
    own = get_object_or_404(_own(caller), pk=export_id, state=Export.State.DONE)
    if not own.is_there or not exports.is_still_true(own, caller.viewer, caller.policy):
        raise Refused(Problem.GONE)
    try:
        with own.file.open() as opened:
            return response_with(opened.read(), name=own.file_name, type=CONTENT_TYPES[own.format])
    except FileNotFoundError as error:  # removed just now
        raise Refused(Problem.GONE) from error
