"""Creates once what a program asks for twice: by the header Idempotency-Key."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from integrations.api.auth import caller_of
from integrations.api.problems import Fault, Problem, Refused
from integrations.models import IdempotentRequest

HEADER = "Idempotency-Key"
LONGEST = 200
MARKS = "[!-~]+"  # what is printed, in ASCII
# A request that is not done by then was given up by a worker that died.
GIVEN_UP_AFTER = timedelta(minutes=1)
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST, "pattern": f"^{MARKS}$"},
    "description": "Any text of your own for this request, such as a UUID. Sent again with the same key within 24 "
    "hours, the request is not done again and gets the same answer.",
}


def once[Made: Schema](made: type[Made]) -> Callable[[Callable[..., Made]], Callable[..., Made]]:
    """Decorate an operation that makes a `made`: do it once for each key that a token sends.

    The same request under the same key gets the same answer. Another one is refused, and so is the same one while the
    first is being done.
    """

    def decorate(operation: Callable[..., Made]) -> Callable[..., Made]:
        @wraps(operation)
        def wrapped(request: HttpRequest, **values: Any) -> Made:
            if HEADER not in request.headers:
                return operation(request, **values)
            told = _begun(request)
            if told.body:
                return made.model_validate_json(told.body)
            mine = IdempotentRequest.objects.filter(pk=told.pk, begun_at=told.begun_at, body="")
            try:
                with transaction.atomic():
                    result = operation(request, **values)
                    if not mine.update(body=result.model_dump_json()):
                        raise Refused(Problem.CONFLICT)  # this one was given up meanwhile, and another one does it
            except BaseException:
                mine.delete()  # what was not done can be asked for again
                raise
            return result

        return wrapped

    return decorate


def _fault(message: str) -> Refused:
    return Refused(Problem.INVALID, faults=[Fault(f"/header/{HEADER}", message)])


def _begun(request: HttpRequest) -> IdempotentRequest:
    """Return the request under its key, which is done if it has a body. Else it is this one that does it."""
    key = request.headers[HEADER]
    if len(key) > LONGEST or not re.fullmatch(MARKS, key):
        raise _fault(f"Use up to {LONGEST} letters, digits and marks.")
    digest = sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    token = caller_of(request).token
    told, is_first = IdempotentRequest.objects.get_or_create(token=token, key=key, defaults={"request_digest": digest})
    if told.request_digest != digest:
        raise _fault("This key was sent with another request.")
    if is_first or told.body:
        return told
    now = timezone.now()
    given_up = IdempotentRequest.objects.filter(pk=told.pk, body="", begun_at=told.begun_at)
    if told.begun_at > now - GIVEN_UP_AFTER or not given_up.update(begun_at=now):
        raise Refused(Problem.CONFLICT)
    told.begun_at = now
    return told
