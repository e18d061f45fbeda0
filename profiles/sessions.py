"""How long a person stays signed in: no longer than a limit, and less without any request."""

import time
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import authentication_step_completed, user_logged_in
from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from profiles.models import User

SEEN_AT = "seen_at"
# How precisely the last request is known: it is written no more often than this.
PRECISION = timedelta(minutes=5)


class Limits(NamedTuple):
    """How long a session lasts, and how long it lasts without a request."""

    longest: timedelta
    idle: timedelta


# Why these: docs/operations.md, "Sessions".
LIMITS = Limits(longest=timedelta(days=30), idle=timedelta(days=14))
LIMITS_OF_STAFF = Limits(longest=timedelta(hours=12), idle=timedelta(hours=1))


class LimitedSessions(AuthenticationMiddleware):
    """Django's middleware, which also ends a session that is too old or was not used for too long."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_user_of, request))


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    user = get_user(request)
    if not isinstance(user, User):
        return AnonymousUser()
    now = time.time()
    records = get_authentication_records(request, user)
    age = timedelta(seconds=now - records[0]["at"] if records else 0)
    idle = timedelta(seconds=now - request.session.get(SEEN_AT, now))
    limits = LIMITS_OF_STAFF if user.is_staff else LIMITS
    if age > limits.longest or idle > limits.idle:
        request.session.flush()
        return AnonymousUser()
    if idle > PRECISION:
        _note_use(request.session)
    return user


def _note_use(session: SessionBase) -> None:
    session[SEEN_AT] = time.time()


def _begin(sender: type[User], request: HttpRequest, **_: Any) -> None:
    _note_use(request.session)


def _renew(sender: type[User], request: HttpRequest, reauthenticated: bool = False, **_: Any) -> None:
    """Give the session another key once the password or a code was given again."""
    if reauthenticated:
        request.session.cycle_key()


user_logged_in.connect(_begin)
authentication_step_completed.connect(_renew)
