"""The API as a whole: its operations, and what every response of it has in common."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from common import databases
from common.keys import key_of
from integrations.api import certifications, exports, invitations, shortlists
from integrations.api.conditions import etag_of
from integrations.api.problems import RETRY_AFTER_SECONDS, Fault, Problem, Refused, response_of
from integrations.api.spend import goals, payments, reports, tables

logger = logging.getLogger("django.request")
PREFIX = "/api/"
MOST_BYTES = 100_000  # of a body
ASKED = "asked"  # the name of the argument of operations that has all parameters of a list

api = NinjaAPI(
    title="Marketplace API",
    version="1",
    description="Certifications, shortlists, invitations, files and spend for the programs of your organization. A "
    "program is given what the member who created its token may be shown at that moment.",
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
)
for part in (certifications, shortlists, invitations, exports, reports, tables, payments, goals):
    api.add_router("", part.router)


def _all_known(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a parameter that `operation` does not have: a misspelled filter would give what no one asked for."""

    @wraps(operation)
    def wrapped(request: HttpRequest, **values: Any) -> Any:
        known = {
            name
            for argument, value in values.items()
            for name in (type(value).model_fields if isinstance(value, Schema) else [argument])
        }
        if unknown := request.GET.keys() - known:
            message = "There is no such parameter."
            raise Refused(Problem.INVALID, faults=[Fault(f"/query/{name}", message) for name in sorted(unknown)])
        return operation(request, **values)

    return wrapped


api.add_decorator(_all_known)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return response_of(error)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return response_of(Refused(Problem.NOT_FOUND))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Tell what is wrong with values. A value of the address that can't be one names nothing: 404."""
    if any(fault["loc"][0] == "path" for fault in error.errors):
        return response_of(Refused(Problem.NOT_FOUND))
    places = [[str(part) for part in fault["loc"] if part != ASKED] for fault in error.errors]
    faults = [Fault(f"/{'/'.join(place)}", fault["msg"]) for place, fault in zip(places, error.errors, strict=True)]
    return response_of(Refused(Problem.INVALID, faults=faults))


@api.exception_handler(HttpError)
def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
    return response_of(Refused(Problem.MALFORMED))


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error


def respond(request: HttpRequest) -> HttpResponse:
    """Return the response to a request below PREFIX. Whatever it is, it is never a page."""
    try:
        response = _answer(request)
    except Refused as refused:
        response = response_of(refused)
    except Http404:
        response = response_of(Refused(Problem.NOT_FOUND))
    except (RequestDataTooBig, UnreadablePostError):
        response = response_of(Refused(Problem.TOO_LARGE))
    except (DisallowedHost, SuspiciousOperation):
        response = response_of(Refused(Problem.MALFORMED))
    except Exception as error:
        logger.exception("An operation of the API failed.", extra={"request": request, "status_code": 500})
        got_request_exception.send(sender=None, request=request)
        is_away = databases.is_unavailable(error)
        after = {"Retry-After": str(RETRY_AFTER_SECONDS)} if is_away else {}
        response = response_of(Refused(Problem.UNAVAILABLE if is_away else Problem.FAILED, headers=after))
    return _finished(request, response)


def _answer(request: HttpRequest) -> HttpResponse:
    request.get_host()  # refuses one that is not ours
    try:
        match = resolve(request.path_info)
    except Resolver404:
        raise Refused(Problem.NOT_FOUND) from None
    request.resolver_match = match
    is_head = request.method == "HEAD"
    if key_of(request.headers.get("Content-Length", "")) > MOST_BYTES:
        raise Refused(Problem.TOO_LARGE)
    if is_head:
        request.method = "GET"
    try:
        response = match.func(request, *match.args, **match.kwargs)
    finally:
        if is_head:
            request.method = "HEAD"
    if response.status_code == 405:
        takes = set(response["Allow"].split(", "))
        allow = ", ".join(sorted(takes | {"OPTIONS"} | ({"HEAD"} if "GET" in takes else set())))
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": allow})
        return response_of(Refused(Problem.METHOD, headers={"Allow": allow}))
    return response


def _finished(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Add what every response has: no cache keeps it, and a program can ask whether it is still the same."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    response.headers["Vary"] = "Authorization"
    response.headers["Content-Length"] = str(len(response.content))
    if response.status_code == 200:
        etag = response.headers["ETag"] = etag_of(response.content)
        if request.method == "GET":
            response = get_conditional_response(request, etag=etag, response=response)
        if response.status_code == Problem.CHANGED.status:
            return _finished(request, response_of(Refused(Problem.CHANGED)))
    rate = getattr(request, "rate", None)
    for name, value in (rate.headers if rate else {}).items():  # a 304 has them, too
        response.headers[name] = value
    if request.method == "HEAD":
        response.content = b""
    return response
