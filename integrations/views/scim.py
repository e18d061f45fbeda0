"""The directory service of a client: SCIM 2.0 at /scim/v2/<client>/, for its directory alone."""

import json
from typing import Any

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import PayloadTooLargeException, SCIMException, UnauthorizedException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from scim2_server.service import ScimService

from integrations.models import DirectoryToken
from integrations.models.token import digest_of
from integrations.scim.provider import PROVIDER
from integrations.scim.storage import Directory

SERVICE = ScimService(PROVIDER)
PREFIX = "Bearer "


class TooManyRequests(SCIMException):
    """The directory of this client asks too often."""

    status = 429


@csrf_exempt
@login_not_required
def scim(request: HttpRequest, client: str, path: str) -> HttpResponse:
    """Serve one request of the protocol. Without a token of this client, no answer tells whether there is one."""
    try:
        asked = ScimRequest(
            method=request.method or "",
            base_url=request.build_absolute_uri(reverse("integrations:scim_root", args=[client])),
            path=f"/{path}",
            query=request.GET.dict(),
            headers=dict(request.headers),
            body=request.body,
        )
        return _written(_served(request, client, asked))
    except RequestDataTooBig:
        return _written(SERVICE.error_response(PayloadTooLargeException()))
    except (SCIMException, ValidationError) as error:
        return _written(SERVICE.error_response(error))


def _served(request: HttpRequest, client: str, asked: ScimRequest) -> ScimResponse:
    with PROVIDER:
        operation = SERVICE.match(asked).operation
    key = 0
    if operation is not Operation.service_provider_config:  # which the standard leaves open to all
        token = _token(request, client)
        if not ratelimit.consume(request, action="scim", key=str(token.client_id)):
            raise TooManyRequests(detail="Too many requests. Try again in a minute.")
        key = token.client_id
    return ScimHandler(SERVICE, Directory(key)).handle(asked)


def _token(request: HttpRequest, client: str) -> DirectoryToken:
    """Return the token of the request, used today. Raises UnauthorizedException."""
    header = request.headers.get("Authorization", "")
    digest = digest_of(header.removeprefix(PREFIX)) if header.startswith(PREFIX) else ""
    token = DirectoryToken.objects.in_force().filter(client__slug=client, digest=digest).first()
    if token is None:
        raise UnauthorizedException(detail="The token is missing, wrong, expired or revoked.")
    token.note_use(timezone.now())
    return token


def _written(response: ScimResponse) -> HttpResponse:
    body: Any = b"" if response.body is None else json.dumps(response.body)
    return HttpResponse(body, status=response.status, headers=response.headers | {"Cache-Control": "no-store"})
