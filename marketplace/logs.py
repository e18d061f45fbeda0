"""What the log says: of each request an id, and in JSON nothing about any person."""

import copy
import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

request_id: ContextVar[str] = ContextVar("request_id", default="")
requests = logging.getLogger("marketplace.requests")


class Refusals(logging.Filter):
    """Logs a refused request in one line, without a traceback: nothing is broken."""

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record = copy.copy(record)  # other handlers may tell more
            record.exc_info = None
        return record


class Json(logging.Formatter):
    """Writes each entry as one line of JSON.

    An address of the site may name a person, and so may an exception: it quotes an email address, or the values of a
    row. In their places stand the name of the route, and the exception's class and the lines it came through.
    """

    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record, request),
        }
        if number := request_id.get():
            entry["request_id"] = number
        if record.exc_info and record.exc_info[1]:
            entry["error"] = _class_names(record.exc_info[1])
            entry["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[1].__traceback__)
            ]
        return json.dumps(entry | getattr(record, "facts", {}))


def _message(record: logging.LogRecord, request: HttpRequest | None) -> str:
    if not isinstance(record.args, tuple):
        return record.getMessage()
    path = getattr(request, "path", None)
    said = tuple(route_of(request) if request and value == path else _impersonal(value) for value in record.args)
    return record.msg % said if said else str(record.msg)


def _impersonal(value: Any) -> Any:
    return _class_names(value) if isinstance(value, BaseException) else value


def _class_names(error: BaseException) -> str:
    """Return the class of an exception, and of the one that caused it."""
    name = type(error).__name__
    return f"{name} from {type(error.__cause__).__name__}" if error.__cause__ else name


def route_of(request: HttpRequest) -> str:
    """Return the name of the route that a request took, or "" if none did."""
    return request.resolver_match.view_name if request.resolver_match else ""
