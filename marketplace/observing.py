"""What operators learn of each request: an id to find it by, a line in the log, and measurements."""

import re
import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.hooks import Hook
from integrations.api.site import PREFIX
from marketplace import logs

LOOKS_RIGHT = re.compile(r"[0-9A-Za-z-]{16,64}")

# Called with each Answered, after the response is made.
answered = Hook()


class Answered(NamedTuple):
    """A request that was answered. Nothing in it tells who asked, or about whom."""

    method: str
    route: str
    status: int
    seconds: float


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take the request's id from the proxy, which gets it back with the response, or make one; log and measure."""

    def observe(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        sent = request.headers.get("X-Request-ID", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
        is_proxys = LOOKS_RIGHT.fullmatch(sent) is not None
        logs.request_id.set(sent if is_proxys else uuid.uuid4().hex)  # until the next: Django logs after this returns
        response = get_response(request)
        seconds = time.perf_counter() - started
        told = Answered(request.method or "", logs.route_of(request), response.status_code, seconds)
        answered(told)
        logs.requests.info("Answered", extra={"facts": told._asdict()})
        if is_proxys or request.path_info.startswith(PREFIX):  # which programs of clients log
            response["X-Request-ID"] = logs.request_id.get()
        return response

    return observe
