"""Tokens that last an hour, by OAuth's client credentials (RFC 6749, 4.4). allauth does the protocol."""

from allauth.core import ratelimit
from allauth.idp.oidc import views
from allauth.idp.oidc.models import Client
from django.contrib.auth.decorators import login_not_required
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST


@csrf_exempt
@login_not_required
@require_POST
def token(request: HttpRequest) -> HttpResponseBase:
    """Give a program a token for the API. Its secret is checked slowly, so an address may try a few a minute."""
    if request.POST.get("grant_type") != Client.GrantType.CLIENT_CREDENTIALS:
        return _refused("unsupported_grant_type", 400)
    if not ratelimit.consume(request, action="oauth"):
        return _refused("temporarily_unavailable", 429)
    try:
        return views.token(request)
    except DataError:  # a zero byte, which the database takes in no text
        return _refused("invalid_request", 400)


def _refused(error: str, status: int) -> JsonResponse:
    return JsonResponse({"error": error}, status=status, headers={"Cache-Control": "no-store"})
