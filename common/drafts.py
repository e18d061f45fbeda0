"""Nothing that a person typed or clicked is lost: what a browser sends is done, or kept as a draft for that person.

Each form carries a token that names the account it was shown to (`typed_by`, beside the CSRF token). If a form arrives
after the session ended, or after someone else signed in, it is kept for that account and shown to no other. A form
with errors is kept in the same way, and shown again by a GET, so that reload and Back never send anything twice.
"""

import inspect
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import (
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
    UnreadablePostError,
)
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone

from common.models import Draft, session_end
from common.redirects import with_query
from common.requests import Request
from common.translation import with_names

TYPED_BY = "typed_by"
DRAFT = "draft"
# What the site itself puts into a form or its address.
NOT_TYPED = {"csrfmiddlewaretoken", TYPED_BY, DRAFT}
SECRETS = ("password", "secret")  # parts of the names of fields that are never kept
WAITING = "drafts_waiting"
_signer = signing.TimestampSigner(salt="common.drafts")


def token_for(request: Request) -> str:
    """Return the token for a form shown to the signed-in account, or "" for a visitor."""
    if not request.user.is_authenticated:
        return ""
    if not hasattr(request, "typed_by_token"):
        request.typed_by_token = _signer.sign(str(request.user.pk))
    return request.typed_by_token


def typist(request: Request) -> int | None:
    """Return the key of the account that the sent form was shown to, or None without a valid token."""
    try:
        return int(_signer.unsign(request.POST.get(TYPED_BY, ""), max_age=settings.SESSION_COOKIE_AGE))
    except (signing.BadSignature, UnreadablePostError, ValueError):
        return None


def is_secret(request: Request) -> bool:
    """Return True for pages whose forms ask for passwords or codes: all account pages do, or lead to one that does."""
    match = request.resolver_match
    return match is not None and match.route.startswith("accounts/")


def _typed(request: Request) -> QueryDict:
    """Return what was sent, without what a draft must not hold."""
    typed = QueryDict(mutable=True)
    for name, values in request.POST.lists():
        if name not in NOT_TYPED and not any(part in name for part in SECRETS):
            typed.setlist(name, values)
    return typed


def keep(
    request: Request, user_pk: int | None, *, is_interrupted: bool, forms: Iterable[BaseForm] = ()
) -> Draft | None:
    """Keep what was sent for that account, replacing the draft it was typed in. Return the Draft.

    Return None if it must not or cannot be kept: it is secret, too long, or the account is gone.
    """
    if is_secret(request):
        return None
    fields = _typed(request).urlencode()
    if len(fields) > Draft.MOST_LETTERS or len(request.path) > Draft.LONGEST_PATH:
        return None
    if not get_user_model().objects.filter(pk=user_pk, is_active=True).exists():
        return None
    query = request.GET.copy()
    query.pop(DRAFT, None)
    draft = _draft_sent(request, user_pk).first() or Draft(user_id=user_pk, path=request.path)
    draft.query, draft.fields = query.urlencode(), fields
    draft.errors = json.dumps({form.prefix or "": _errors_of(form) for form in forms})
    draft.had_file, draft.is_interrupted = bool(request.FILES), is_interrupted
    draft.expires_at = session_end()
    draft.save()
    newest = Draft.objects.filter(user=user_pk).order_by("-expires_at", "pk")
    Draft.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[Draft.MOST_OF_ONE_PERSON :])).delete()
    return draft


def _errors_of(form: BaseForm) -> dict[str, list[str]]:
    return {name: [str(message) for message in errors] for name, errors in form.errors.items()}


def _key_of(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None


def _draft_sent(request: Request, user_pk: int | None) -> QuerySet[Draft]:
    """Return the draft that the sent form was shown from: a queryset of at most one."""
    return Draft.objects.filter(pk=_key_of(request.POST.get(DRAFT, "")), user=user_pk, path=request.path)


def asked_for(request: Request) -> Draft | None:
    """Return the Draft that the address names, if it is the signed-in person's own. No query if it names none."""
    if not hasattr(request, "draft"):
        key = _key_of(request.GET.get(DRAFT, ""))
        is_possible = key is not None and request.user.is_authenticated
        request.draft = Draft.objects.of(request.user).filter(pk=key).first() if is_possible else None
    return request.draft


def begun(request: Request, field: str) -> Draft | None:
    """Return the newest draft that was left at this address with `field` answered, unless the address names a draft.

    For a form of several screens, which a person may come back to. One that a lost session interrupted is told of by
    `waiting`.
    """
    if request.method != "GET" or DRAFT in request.GET:
        return None
    left = Draft.objects.of(request.user).filter(path=request.path, is_interrupted=False).order_by("-expires_at")
    return next((draft for draft in left if draft.data.get(field)), None)


def data(request: Request, at: str | None = None) -> QueryDict | None:
    """Return what was sent to the address `at` (default: this one), by this POST or in the draft it names."""
    at = at or request.path
    if request.method == "POST" and request.path == at:
        return request.POST
    draft = asked_for(request)
    return draft.data if draft and draft.path == at else None


def form[F: BaseForm](request: Request, form_class: type[F], *, at: str | None = None, **kwargs: Any) -> F:
    """Return a `form_class` for the address `at` (default: this one), with what was sent to it, or with its draft.

    Shown from a draft it lists its errors and is never valid: only sending it again saves what was typed.
    """
    at = at or request.path
    if request.method == "POST" and request.path == at:
        filled = _filled(request)
        which = form_class, kwargs.get("prefix")
        if which not in filled:  # asked for again to show the page, it still says what was found wrong
            filled[which] = form_class(request.POST, request.FILES, **kwargs)
        return cast(F, filled[which])
    draft = asked_for(request)
    if draft is None or draft.path != at:
        return form_class(**kwargs)
    shown = form_class(draft.data, **kwargs)
    draft.restore_errors(shown)
    shown.is_valid = lambda: False
    request.shown_draft = draft
    _filled(request)[form_class, kwargs.get("prefix")] = shown
    return shown


def _filled(request: Request) -> dict[tuple[type[BaseForm], str | None], BaseForm]:
    """Return the forms filled by what was sent, or by its draft, by class and prefix."""
    if not hasattr(request, "filled_forms"):
        request.filled_forms = {}
    return request.filled_forms


def has_errors(request: Request) -> bool:
    """Return True if a form on this page has to be corrected."""
    return any(form.errors for form in _filled(request).values())


def see_again(request: Request, **extra: Any) -> HttpResponse | None:
    """Keep what was sent and redirect to the page that shows it, with `extra` in its query. None if it is not kept."""
    draft = keep(request, request.user.pk, is_interrupted=False, forms=_filled(request).values())
    if draft is None:
        return None
    return HttpResponseRedirect(draft.address(draft=draft.pk, **extra), status=303)


def after(request: Request, response: HttpResponse) -> HttpResponse:
    """Return the answer to a POST: a GET shows a form to correct; the draft of what was done is deleted."""
    if getattr(request, "is_undone", False):  # the draft is what was kept just now
        return response
    forms = _filled(request).values()
    if response.status_code == 200 and forms and not request.htmx:
        return see_again(request) or response
    if response.status_code in (200, 201, 204, 302) and not has_errors(request) and request.POST.get(DRAFT):
        forget(request, _draft_sent(request, request.user.pk))
    return response


def shown_apart(request: Request) -> HttpResponse | None:
    """Show what was typed on a page of its own, because a view raised that its page is gone or closed to this person.

    Return None if nothing was typed. A view that answers by itself says more about the reason.
    """
    if request.method != "POST":
        draft = asked_for(request)
    elif typist(request) == request.user.pk and any(Draft.texts_in(_typed(request))):
        request.is_undone = True
        draft = keep(request, request.user.pk, is_interrupted=False)
    else:
        draft = None
    return go(request, draft.address_if_gone) if draft else None


def forget(request: Request, drafts: QuerySet[Draft]) -> None:
    """Delete `drafts`, and the session's note that some wait, if none does."""
    drafts.delete()
    if request.session.get(WAITING) and not Draft.objects.of(request.user).waiting().exists():
        del request.session[WAITING]


def look_for_waiting(request: Request | None, user: AbstractBaseUser, **kwargs: Any) -> None:
    """At sign-in, note in the session if drafts wait, so that all other pages need no query."""
    if request is not None and Draft.objects.of(user).waiting().exists():
        request.session[WAITING] = True


def waiting(request: Request) -> list[Draft]:
    """Return the drafts that a lost session interrupted. No query if none waits."""
    return list(Draft.objects.of(request.user).waiting()) if request.session.get(WAITING) else []


def remove_expired() -> int:
    """Delete the drafts whose session would have ended. Return how many."""
    return Draft.objects.filter(expires_at__lte=timezone.now()).delete()[0]


# Without the session that a form was shown in


def interrupted(request: Request) -> HttpResponse:
    """Answer a POST that cannot be done as sent, because its session ended or another one began.

    It is kept for the account that the form was shown to, and that account is led to it.
    """
    typed_by = typist(request)
    request.is_undone = True
    draft = keep(request, typed_by, is_interrupted=True) if typed_by else None
    if not request.user.is_authenticated:
        what_next = (
            "isn't saved yet. Sign in to pick up where you left off" if draft else "isn't done. Sign in and do it again"
        )
        messages.warning(request, f"You were signed out, so this {what_next}.")
        return to_sign_in(request, draft.get_absolute_url() if draft else request.get_full_path())
    if typed_by != request.user.pk:
        messages.warning(request, "That page was opened with another account, so nothing was changed.")
        return go(request, resolve_url(settings.LOGIN_REDIRECT_URL))
    if draft is None:
        messages.warning(request, "That page had expired. Try again.")
        return go(request, request.path)
    request.session[WAITING] = True
    return go(request, draft.get_absolute_url())


def to_sign_in(request: Request, address: str) -> HttpResponse:
    """Lead to the sign-in page, and from there to `address`."""
    return go(request, redirect_to_login(address).url)


def go(request: Request, address: str) -> HttpResponse:
    """Redirect the whole page, even in a request by htmx, which would follow a plain redirect itself."""
    return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else redirect(address)


# One click


def act(
    page: Callable[..., Any], undone: str = "", button: str = ""
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a view that buttons or small forms of another page post to. Stands inside the permission checks.

    `page` makes the address of that page from the view's own arguments; a GET leads there. After a lost session, a GET
    first says that the action was not done, in the words of `undone` (a format string over the view's arguments), with
    a `button` that does it. Without words the view takes a form, and `page` shows it with what was typed.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        arguments = inspect.signature(view)

        @wraps(view)
        def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method not in {"GET", "HEAD"}:
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            given = arguments.bind(request, *args, **kwargs).arguments
            draft = asked_for(request)
            address = resolve_url(page(*args, **kwargs))
            if draft is None or draft.path != request.path:
                return redirect(address)
            if not (undone and draft.is_interrupted):
                return redirect(with_query(address, draft=draft.pk))
            return render(
                request,
                "drafts/undone.html",
                {"draft": draft, "undone": with_names(undone, **given), "button": button, "back": address},
            )

        return wrapped

    return decorate
