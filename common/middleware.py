"""A person who is signed out, or signed in with another account than the page was shown to, loses nothing they sent."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from common import drafts
from common.redirects import page_of_ours, with_query
from common.requests import Request


class SignedInMiddleware(LoginRequiredMiddleware):
    """Django's middleware, which also keeps what a lost session interrupts (`common.drafts`)."""

    def process_view(
        self, request: Request, view_func: Callable[..., Any], view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is None and request.method == "POST" and not drafts.is_secret(request):
            typed_by = drafts.typist(request)
            if typed_by and request.user.pk != typed_by:
                return drafts.interrupted(request)
        return answer

    def handle_no_permission(self, request: Request, view_func: Callable[..., Any]) -> HttpResponseBase:
        if request.method == "POST":
            return drafts.interrupted(request)
        if request.htmx:
            stood_on = page_of_ours(request, request.htmx.current_url)
            return drafts.to_sign_in(request, stood_on or request.get_full_path())
        return super().handle_no_permission(request, view_func)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        return drafts.shown_apart(request) if isinstance(exception, Http404 | PermissionDenied) else None

    def process_response(self, request: Request, response: HttpResponse) -> HttpResponse:
        return drafts.after(request, response) if request.method == "POST" else response


def csrf_failure(request: Request, reason: str = "") -> HttpResponseBase:
    """Keep a form of an earlier sign-in for its account, open an expired sign-in page anew, and refuse any other."""
    if drafts.typist(request):
        return drafts.interrupted(request)
    if drafts.is_secret(request) and reason != REASON_NO_CSRF_COOKIE:  # as after signing in in another tab
        is_signed_in = request.user.is_authenticated
        messages.info(request, "You are already signed in." if is_signed_in else "That page had expired. Try again.")
        leads_to = page_of_ours(request, request.POST.get("next", ""))
        return redirect(with_query(request.get_full_path(), **({"next": leads_to} if leads_to else {})))
    context = {"no_cookie": reason == REASON_NO_CSRF_COOKIE}
    return render(request, "403_csrf.html", context, status=403)


def not_allowed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give a response to a refused method a page to read; Django's own is empty."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            page = HttpResponse(render_to_string("405.html"), status=405, headers={"Allow": response["Allow"]})
            page["Cache-Control"] = "no-store"
            return page
        return response

    return answer
