"""What the operations about spend share: amounts, and codes with their words."""

from collections.abc import Iterable
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from certifications.models import ClientView, Step
from certifications.sharing import seen_by
from integrations.api.auth import Bearer, Caller
from integrations.api.giving import Choice
from integrations.models import AccessToken
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


def choice_of(choice: Any) -> Choice:
    return Choice(code=str(choice.value), label=str(choice.label))


def level_of(level: int) -> Choice:
    return Choice(code=Step(level).name.lower(), label=Step(level).label)


def note_given(caller: Caller, profiles: Iterable[int]) -> None:
    """Note in the owners' logs that the client was given their certificates."""
    if given := set(profiles):
        seen_by.note_many(given, caller.viewer, surface=ClientView.Surface.API, filters={})
