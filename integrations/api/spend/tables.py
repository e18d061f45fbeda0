"""The tables of an issued report, as files."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema
from pydantic import Field

from integrations.api.auth import Bearer, caller_in_audience
from integrations.api.certifications import Slug
from integrations.api.files import RESPONSE, response_with
from integrations.api.problems import Fault, Problem, Refused
from integrations.api.spend.reports import ReportNumber, report_of
from integrations.api.spend.shared import SUBJECT
from integrations.models import AccessToken
from sourcing.exports.files import TooManyRowsError
from sourcing.models import Export
from spend.packs import giving, making
from spend.packs.tables import Content

router = Router(auth=Bearer(AccessToken.Scope.EXPORTS), tags=[SUBJECT])


TableName = Annotated[Slug, Path(description="The name of a table of the report.")]


class ReportTableOut(Schema):
    """A table of a report that can be downloaded."""

    name: Annotated[str, Field(examples=["payments"])]
    title: Annotated[str, Field(examples=["Payments"])]
    note: Annotated[str, Field(description="How to read it.")]


class ReportTablesOut(Schema):
    """The tables of a report, those with sums first."""

    results: list[ReportTableOut]


@router.get(
    "/spend/reports/{number}/tables",
    response=ReportTablesOut,
    operation_id="listTablesOfReport",
    summary="List the tables of a report",
)
def tables(request: HttpRequest, number: ReportNumber) -> ReportTablesOut:
    caller = caller_in_audience(request)
    content = Content.of(report_of(caller, number), caller.policy)
    return ReportTablesOut(
        results=[
            ReportTableOut(name=table.name, title=table.title, note=table.note) for table in making.all_tables(content)
        ]
    )


@router.get(
    "/spend/reports/{number}/tables/{name}",
    operation_id="downloadTableOfReport",
    summary="Download a table of a report",
    description="The file that the page of the report gives. Who may no longer be named is left out.",
    openapi_extra={"responses": {200: RESPONSE}},
)
def table(
    request: HttpRequest,
    number: ReportNumber,
    name: TableName,
    format: Annotated[  # noqa: A002 (its name in the address)
        Export.Format | None, Query(description="The kind of file. It is csv by default.")
    ] = None,
) -> HttpResponse:
    caller = caller_in_audience(request)
    content = Content.of(report_of(caller, number), caller.policy)
    try:
        file = giving.table(content, name, format or Export.Format.CSV, viewer=caller.viewer)
    except TooManyRowsError as error:
        message = "A spreadsheet can't hold so many rows. Use csv."
        raise Refused(Problem.INVALID, faults=[Fault("/query/format", message)]) from error
    if file is None:
        raise Refused(Problem.NOT_FOUND)
    return response_with(file.content.read(), name=file.name, type=file.type)
