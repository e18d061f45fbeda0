"""Who calls the API: a token in the request's header decides, and nothing else of the request."""

import time
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from allauth.account.adapter import get_adapter
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token as OAuthToken
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from integrations.api.problems import Problem, Refused
from integrations.models import AccessToken
from integrations.models.token import digest_of
from profiles.viewer import Viewer
from rollout.audience import is_in_audience
from rollout.models import RolloutPolicy
from sourcing import terms

REQUESTS, SECONDS = 300, 60  # so many in so long, for each token
POLICY = f'"token";q={REQUESTS};w={SECONDS}'


class Rate(NamedTuple):
    """What a token has left of its requests: how many, the seconds until it has all again, and if it asked for more."""

    left: int
    wait: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell it (draft-ietf-httpapi-ratelimit-headers)."""
        told = {
            "RateLimit-Policy": POLICY,
            "RateLimit": f'"token";r={self.left};t={self.wait}',
        }
        return told | ({"Retry-After": str(self.wait)} if self.is_over else {})


@dataclass(frozen=True)
class Caller:
    """Who calls: a token, the viewer that it acts as, and the policy in force."""

    token: AccessToken
    viewer: Viewer
    policy: RolloutPolicy

    @property
    def client_pk(self) -> int:
        return self.token.client_id


class ApiRequest(HttpRequest):
    """A request to the API, once its token was read."""

    auth: Caller
    rate: Rate


def caller_of(request: HttpRequest) -> Caller:
    """Return who calls an operation."""
    return cast(ApiRequest, request).auth


def caller_in_audience(request: HttpRequest) -> Caller:
    """Return who asks, if their client may be shown certifications. What others have no page of isn't there."""
    caller = caller_of(request)
    if not is_in_audience(caller.viewer.client, caller.policy):
        raise Refused(Problem.NOT_FOUND)
    return caller


class Bearer(HttpBearer):
    """Lets in whoever has a token in force with this scope, of a client that accepted the terms if these are needed."""

    def __init__(self, scope: AccessToken.Scope, *, needs_terms: bool = True) -> None:
        super().__init__()
        self.scope, self.needs_terms = scope, needs_terms
        self.openapi_security_schema["description"] = "An access token, which an admin of your organization creates."

    def __call__(self, request: HttpRequest) -> Any:
        found = super().__call__(request)
        if found is None:
            raise Refused(Problem.NO_TOKEN, headers={"WWW-Authenticate": 'Bearer realm="api"'})
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        found, scopes = _found(token)
        viewer = Viewer(found.made_by, acting_for=found.client_id) if found else None
        client = viewer.client if viewer else None
        if found is None or viewer is None or client is None or client.pk != found.client_id:
            wrong = 'Bearer realm="api", error="invalid_token"'
            raise Refused(Problem.NO_TOKEN, headers={"WWW-Authenticate": wrong})
        cast(ApiRequest, request).rate = rate = _taken(found)
        if rate.is_over:
            raise Refused(Problem.TOO_MANY)
        if not found.may_come_from(_address_of(request)):
            raise Refused(Problem.ADDRESS)
        if self.scope not in scopes:
            lacks = f'Bearer realm="api", error="insufficient_scope", scope="{self.scope}"'
            detail = f"It needs the scope {self.scope}."
            raise Refused(Problem.SCOPE, detail, headers={"WWW-Authenticate": lacks})
        policy = RolloutPolicy.in_force()
        if self.needs_terms and is_in_audience(client, policy) and not terms.is_accepted(client.pk):
            raise Refused(Problem.TERMS)
        found.note_use(timezone.now())
        return Caller(found, viewer, policy)


def _address_of(request: HttpRequest) -> str:
    """Return the IP address that a request comes from, or "" if no one says it."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return ""


def _found(secret: str) -> tuple[AccessToken | None, list[str]]:
    """Return the token in force that `secret` is, or that it was given for by OAuth, and the scopes that it has."""
    in_force = AccessToken.objects.in_force().select_related("made_by")
    if secret.startswith(AccessToken.PREFIX):
        found = in_force.filter(digest=digest_of(secret)).first()
        return found, found.scopes if found else []
    given = OAuthToken.objects.valid().filter(hash=digest_of(secret), type=OAuthToken.Type.ACCESS_TOKEN).first()
    return (in_force.filter(oauth=given.client_id).first(), given.get_scopes()) if given else (None, [])


def _taken(token: AccessToken) -> Rate:
    """Count this request against the token's limit, in the cache that all workers share. Return what is left of it."""
    now = int(time.time())
    key = f"api:{token.pk}:{now // SECONDS}"
    cache.add(key, 0, timeout=2 * SECONDS)
    try:
        count = cache.incr(key)
    except ValueError:  # the cache dropped it meanwhile
        cache.set(key, count := 1, timeout=2 * SECONDS)
    return Rate(left=max(0, REQUESTS - count), wait=SECONDS - now % SECONDS, is_over=count > REQUESTS)


def remove_old() -> int:
    """Delete what OAuth gave and what has no use any more. Returns how many rows."""
    over = Q(access_token=None) | Q(access_token__revoked_at__isnull=False) | Q(access_token__expires_at__lte=Now())
    tokens, _ = OAuthToken.objects.expired().delete()
    clients, _ = OAuthClient.objects.filter(over).delete()
    return tokens + clients
