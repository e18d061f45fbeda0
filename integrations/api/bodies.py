"""What programs send to have something created."""

from ninja import Schema
from pydantic import ConfigDict


class Body(Schema):
    """A body of a request. What it doesn't know is refused: a misspelled name would do what no one asked for."""

    model_config = ConfigDict(extra="forbid")
