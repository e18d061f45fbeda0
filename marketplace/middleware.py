"""The headers that guard every response, its cache policy, and the time zone in which staff read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from marketplace import time_zones

# Beside those that Django has settings for.
GUARDS = {
    "Cross-Origin-Resource-Policy": "same-origin",  # no other site embeds our pages, photos or files
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Server": "marketplace",  # not the program behind it
}


def guard(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Add GUARDS to every response, those of files and errors included."""

    def add_guards(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in GUARDS.items():
            response.headers[name] = value
        return response

    return add_guards


def cache_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep every page that may differ by viewer out of all caches, and let visitors' pages be revalidated."""

    def set_policy(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "Cache-Control" not in response:
            session = getattr(request, "session", None)
            is_personal = response.cookies or (session is not None and not session.is_empty())
            response["Cache-Control"] = "private, no-store" if is_personal else "no-cache"
        return response

    return set_policy


class StaffTimeZone:
    """Middleware: the administration states times, and reads them, in the zone of the reader's clock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        with timezone.override(time_zones.of(request)):
            return self.get_response(request)
