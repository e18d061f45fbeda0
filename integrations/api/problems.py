"""Errors of the API, all told alike: as RFC 9457 says, in `application/problem+json`."""

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from django.http import HttpResponse

from common.mail.letters import absolute

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 30


class Problem(Enum):
    """What can be wrong with a request: the end of the address that explains it, the status, the title, what to do."""

    def __init__(self, slug: str, status: int, title: str, remedy: str) -> None:
        self.slug, self.status, self.title, self.remedy = slug, status, title, remedy

    MALFORMED = "malformed", 400, "The request can't be read", "Compare it with the reference."
    NO_TOKEN = (
        "token",
        401,
        "A valid access token is needed",
        "Send the header “Authorization: Bearer” with a token of your organization that still works.",
    )
    SCOPE = "scope", 403, "The token may not do this", "Create a token with the scope that the message names."
    ADDRESS = (
        "address",
        403,
        "The token may not be used from this address",
        "Call from an address on the token's list, or create a token with the addresses you call from.",
    )
    TERMS = (
        "terms",
        403,
        "The terms of sourcing are not accepted",
        "An admin of your organization accepts them on the page “Sourcing”.",
    )
    NOT_FOUND = (
        "not-found",
        404,
        "There is nothing at this address",
        "Maybe there never was, or your organization may not be shown it. The answer is the same.",
    )
    METHOD = "method", 405, "The address doesn't take this method", "The header “Allow” names those that it takes."
    CONFLICT = (
        "conflict",
        409,
        "The first request with this key is still being done",
        "Send it again in a few seconds, and you get its answer.",
    )
    GONE = (
        "gone",
        410,
        "The file is no longer available",
        "Files are available for 24 hours, and only while all that they say may be shown. Create a new export.",
    )
    CHANGED = (
        "changed",
        412,
        "It changed meanwhile",
        "Get it again, look at what is different, and send the request with the new ETag.",
    )
    TOO_LARGE = "too-large", 413, "The request is too large", "Send less at a time."
    INVALID = (
        "invalid",
        422,
        "Something in the request isn't valid",
        "Each entry of “errors” points at a value and says what is wrong with it.",
    )
    TOO_MANY = (
        "too-many",
        429,
        "Too many requests",
        "Wait for the seconds in the header “Retry-After”. The header “RateLimit” says how many requests are left.",
    )
    FAILED = "failed", 500, "Something went wrong on our side", "Send the request again. It is safe to repeat a GET."
    UNAVAILABLE = (
        "unavailable",
        503,
        "The service is unavailable for a moment",
        "Send the request again after the seconds in the header “Retry-After”.",
    )

    @property
    def url(self) -> str:
        """The address that explains it."""
        return absolute(f"/developers/errors/#{self.slug}")

    @property
    def response_name(self) -> str:
        """The name of its response in the OpenAPI document."""
        return "".join(part.title() for part in self.name.split("_"))

    @property
    def reference(self) -> dict[str, str]:
        """A reference to that response, for the operations that say themselves that they may answer so."""
        return {"$ref": f"#/components/responses/{self.response_name}"}


class Fault(NamedTuple):
    """A value of a request that is wrong: a JSON Pointer to it, which begins with its place, and a sentence."""

    pointer: str
    message: str


class Refused(Exception):
    """The request is not done. Raised anywhere below an operation, it becomes the response."""

    def __init__(
        self, problem: Problem, detail: str = "", *, faults: Sequence[Fault] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(problem.title)
        self.problem, self.detail, self.faults, self.headers = problem, detail, faults, headers or {}


def body_of(problem: Problem, detail: str = "", faults: Sequence[Fault] = ()) -> dict[str, Any]:
    """Return what the body of an error says."""
    told = {"type": problem.url, "title": problem.title, "status": problem.status, "detail": detail or problem.remedy}
    return told | ({"errors": [fault._asdict() for fault in faults]} if faults else {})


def response_of(refused: Refused) -> HttpResponse:
    """Return the response that tells what was refused. Half a character, which can't be told, becomes “?”."""
    told = json.dumps(body_of(refused.problem, refused.detail, refused.faults), ensure_ascii=False)
    body = told.encode(errors="replace")
    return HttpResponse(body, status=refused.problem.status, content_type=CONTENT_TYPE, headers=refused.headers)
