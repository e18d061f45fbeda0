"""The goals of a fiscal year, and how far a client is with each."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from integrations.api.auth import caller_in_audience
from integrations.api.giving import Choice
from integrations.api.spend.shared import READS, SUBJECT, Money
from spend import sums
from spend.goals import Basis
from spend.models.goals import YEARS
from spend.views.asked import Asked
from spend.views.goals import goal_rows

router = Router(auth=READS, tags=[SUBJECT])


class GoalOut(Schema):
    """A goal, and how far your organization is with it today."""

    id: int
    type: Annotated[Choice | None, Field(description="Null for any certified business.")]
    percent: Annotated[str | None, Field(description="If the goal is a percent.")]
    basis: Annotated[
        str,
        Field(
            description="What the target is: an amount, or a percent of one of the bases.",
            json_schema_extra={"enum": [basis.value for basis in Basis]},
        ),
    ]
    target: Money
    counted: Money
    due: Annotated[Money, Field(description="What an even pace reaches by today.")]
    missing: Money
    pace: Choice


class GoalsOut(Schema):
    """The goals of a fiscal year, the one for any certified business first."""

    fiscal_year: int
    starts_on: date
    ends_on: date
    base: Annotated[Money, Field(description="What was paid on the marketplace so far.")]
    addressable: Annotated[Money | None, Field(description="Addressable spend, if it is entered for the whole year.")]
    results: list[GoalOut]


@router.get(
    "/spend/goals",
    response=GoalsOut,
    operation_id="getGoals",
    summary="Get the goals of a fiscal year",
    description="The goals of your organization and what counts toward each of them now.",
)
def goals(
    request: HttpRequest,
    year: Annotated[
        int | None, Query(ge=YEARS.start, le=YEARS[-1], description="The fiscal year, by the year in which it ends.")
    ] = None,
) -> GoalsOut:
    caller = caller_in_audience(request)
    asked = Asked.of_client(caller.client_pk, year or 0)
    totals = sums.current(asked.client, asked.period, rules=asked.rules, policy=caller.policy).totals
    currency = asked.rules.currency
    return GoalsOut(
        fiscal_year=asked.year,
        **asked.period._asdict(),
        base=Money.of(totals.base.amount, currency),
        addressable=Money.of(asked.addressable, currency) if asked.addressable is not None else None,
        results=[
            GoalOut(
                id=row.goal.pk,
                type=Choice(code=row.goal.type.key, label=row.goal.type.name) if row.goal.type else None,
                percent=f"{row.goal.percent:f}" if row.goal.percent is not None else None,
                basis=row.made.basis.value,
                target=Money.of(row.made.target, currency),
                counted=Money.of(row.made.actual, currency),
                due=Money.of(row.made.due, currency),
                missing=Money.of(row.made.missing, currency),
                pace=Choice(code=row.made.pace.name.lower(), label=row.pace),
            )
            for row in goal_rows(asked, totals)
        ],
    )
