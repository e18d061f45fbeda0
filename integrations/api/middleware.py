"""Answers requests of programs apart from those of people."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from integrations.api import site


def apart(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer what is below `/api/` without all that pages need: sessions, CSRF tokens, forms that wait, sign-in.

    So a cookie lets no program in, and no address of the API leads to a page.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        return site.respond(request) if request.path_info.startswith(site.PREFIX) else get_response(request)

    return answer
