"""Writes that are done only if nothing changed since the program read it: by the header If-Match."""

from hashlib import sha256

from django.http import HttpRequest
from django.utils.http import parse_etags
from ninja import Schema
from ninja.renderers import JSONRenderer

from integrations.api.problems import Problem, Refused

HEADER = "If-Match"


def described(read_by: str) -> dict[str, object]:
    """Return what the OpenAPI document adds to a write whose condition is on what the operation `read_by` gives."""
    header = {
        "in": "header",
        "name": HEADER,
        "required": False,
        "schema": {"type": "string", "maxLength": 1000, "pattern": "^[!-~]+$"},
        "description": f"The ETag of {read_by}. If that has another by now, the answer is 412 and nothing is done.",
    }
    return {"parameters": [header], "responses": {Problem.CHANGED.status: Problem.CHANGED.reference}}


def etag_of(content: bytes) -> str:
    """Return what tells the body of a response from any other."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def demand(request: HttpRequest, now: Schema) -> None:
    """Refuse a request with the header if a GET gives something else `now`. Call it with what that is about locked."""
    if HEADER not in request.headers:
        return
    named = parse_etags(request.headers[HEADER])
    content = JSONRenderer().render(request, now.model_dump(), response_status=200)
    if named != ["*"] and etag_of(content.encode()) not in named:
        raise Refused(Problem.CHANGED)
