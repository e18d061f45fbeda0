"""Helpers for trying the site. Their addresses exist with DEBUG on only, and each view checks that again."""

import email
import email.message
import email.policy
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import islice
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from common import drafts
from common.redirects import back
from common.requests import Request
from devtools.demo.accounts import ACCOUNTS, Account
from profiles.models import User

MAILS_SHOWN = 50
# What Django's file-based backend writes after each message.
MAIL_END = b"\n" + b"-" * 79 + b"\n"


def debug_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEBUG:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def accounts() -> list[Account]:
    """Return the demo's accounts that are in the database: none before it is loaded."""
    loaded = set(_users().values_list("email", flat=True))
    return [account for account in ACCOUNTS if account.email in loaded]


def _users() -> QuerySet[User]:
    return User.objects.filter(email__in=[account.email for account in ACCOUNTS])


@login_not_required
@debug_only
@drafts.act(lambda: "account_login")
def sign_in(request: Request) -> HttpResponse:
    """Sign in as one of the demo's people without a password: POST `email`, and `next` if wanted."""
    user = get_object_or_404(_users(), email=request.POST.get("email", ""))
    login(request, user)
    record_authentication(request, user, method="password")  # as signing in with it would
    return back(request, settings.LOGIN_REDIRECT_URL)


@login_not_required
@require_safe
@never_cache
@debug_only
@csp_override({"default-src": [CSP.SELF], "style-src": [CSP.SELF, CSP.UNSAFE_INLINE]})  # an email has its own styles
def mail(request: HttpRequest) -> HttpResponse:
    """The mail that the site sent, newest first, in both of its forms."""
    return render(request, "demo/mail.html", {"mails": list(islice(_mails(), MAILS_SHOWN))})


def _mails() -> Iterator[dict[str, Any]]:
    files = settings.MAIL_DIR.glob("*.log") if settings.MAIL_DIR.exists() else []
    for file in sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True):
        for raw in reversed(file.read_bytes().split(MAIL_END)):
            if raw.strip():
                message = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
                yield {
                    "from": message["From"],
                    "to": message["To"],
                    "subject": message["Subject"],
                    "date": message["Date"].datetime if message["Date"] else None,
                    "text": _part(message, "plain"),
                    "html": _part(message, "html"),
                }


def _part(message: email.message.EmailMessage, form: str) -> str:
    part = message.get_body([form])
    return part.get_content() if part else ""
