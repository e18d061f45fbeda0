"""The cache policy of every response."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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
