"""What programs send to have something created."""

import re
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, model_validator

from integrations.api.problems import Fault, Problem, Refused

HALF = re.compile("[\ud800-\udfff]")  # of a character: JSON can say one alone, and no text has it


class Body(Schema):
    """A body of a request. What it doesn't know is refused: a misspelled name would do what no one asked for."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _refuse_halves(cls, sent: Any) -> Any:
        """Refuse halves of characters, wherever they are. They can be neither kept nor told."""
        if faults := _halves(sent):
            raise Refused(Problem.INVALID, faults=faults)
        return sent


def _halves(sent: Any) -> list[Fault]:
    """Return what has half a character: a text, or a name in an object."""
    faults = []
    left = [("/body", sent)]
    while left:  # without recursion, since a program may nest as deep as it likes
        pointer, value = left.pop()
        if isinstance(value, str) and HALF.search(value):
            faults.append(Fault(pointer, "This has half a character: a surrogate without its other half."))
        elif isinstance(value, list):
            left += [(f"{pointer}/{place}", item) for place, item in enumerate(value)]
        elif isinstance(value, dict):
            if any(HALF.search(name) for name in value):
                faults.append(Fault(pointer, "A name in it has half a character: a surrogate without its other half."))
            left += [(f"{pointer}/{name}", item) for name, item in value.items()]
    return faults
