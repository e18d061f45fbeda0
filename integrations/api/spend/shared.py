"""What the operations about spend share: who asks, amounts, and codes with their words."""

from collections.abc import Iterable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from certifications.models import ClientView, Step
from certifications.sharing import seen_by
from integrations.api.auth import Bearer, Caller, caller_of
from integrations.api.giving import Choice
from integrations.api.problems import Problem, Refused
from integrations.models import AccessToken
from rollout.audience import is_in_audience
from spend.totals import Amount, shown

READS = Bearer(AccessToken.Scope.SPEND)
SUBJECT = "Spend"


class Money(Schema):
    """An amount, exact to the cent."""

    amount: Annotated[str, Field(pattern=r"^-?\d+\.\d\d$", examples=["1250.00"])]
    currency: Annotated[str, Field(examples=["USD"])]

    @classmethod
    def of(cls, amount: Amount, currency: str) -> "Money":
        return cls(amount=f"{shown(amount):f}", currency=currency)


def caller_in_audience(request: HttpRequest) -> Caller:
    """Return who asks. A client that may be shown no certifications has no spend with certified businesses either."""
    caller = caller_of(request)
    if not is_in_audience(caller.viewer.client, caller.policy):
        raise Refused(Problem.NOT_FOUND)
    return caller


def choice_of(choice: Any) -> Choice:
    return Choice(code=str(choice.value), label=str(choice.label))


def level_of(level: int) -> Choice:
    return Choice(code=Step(level).name.lower(), label=Step(level).label)


def note_given(caller: Caller, profiles: Iterable[int]) -> None:
    """Note in the owners' logs that the client was given their certificates."""
    if given := set(profiles):
        seen_by.note_many(given, caller.viewer, surface=ClientView.Surface.API, filters={})
