"""What an OpenID provider says of itself and of a person: asked through `integrations.outward`, and checked."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
from django.core.cache import cache

from common.text import FORBIDDEN, readable
from integrations.outward import NoAnswer, fetch
from integrations.sign_on.claims import BadProvider, Claims

WELL_KNOWN = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# Signatures that only the provider can make. None at all, or one with a secret that both know, is refused.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CACHE_SECONDS = 600
FAILURE_SECONDS = 60
LEEWAY_SECONDS = 60


def configuration(issuer: str) -> dict[str, Any]:
    """Return what the provider says of itself, at most some minutes old. Raises BadProvider, also as a minute ago."""
    found = cache.get(_cache_key(issuer))
    if isinstance(found, str):
        raise BadProvider(found)
    return found or read_configuration(issuer)


def read_configuration(issuer: str) -> dict[str, Any]:
    """Return what the provider says of itself now, and remember it, or why it says nothing. Raises BadProvider."""
    try:
        found = _configuration(issuer)
    except BadProvider as error:
        cache.set(_cache_key(issuer), str(error), FAILURE_SECONDS)
        raise
    cache.set(_cache_key(issuer), found, CACHE_SECONDS)
    return found


def _cache_key(issuer: str) -> str:
    return f"oidc:{sha256(issuer.encode()).hexdigest()}"


def _configuration(issuer: str) -> dict[str, Any]:
    found = _read(f"{issuer.rstrip('/')}{WELL_KNOWN}")
    if str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise BadProvider(f"The provider calls itself {found.get('issuer')}. Enter that address instead.")
    for name in ENDPOINTS:
        if urlsplit(str(found.get(name, ""))).scheme not in {"https", "http"}:
            raise BadProvider(f"The provider doesn't say its {name}.")
    return found


def tokens(configuration: dict[str, Any], *, client: tuple[str, str], **asked: str) -> dict[str, Any]:
    """Return what the provider gives for a code. `client` is our ID and secret there. Raises BadProvider."""
    client_key, secret = client
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    methods = configuration.get("token_endpoint_auth_methods_supported")
    if isinstance(methods, list) and "client_secret_post" in methods:
        asked |= {"client_id": client_key, "client_secret": secret}
    else:
        basic = b64encode(f"{quote(client_key, safe='')}:{quote(secret, safe='')}".encode()).decode()
        headers["Authorization"] = f"Basic {basic}"
    body = urlencode({"grant_type": "authorization_code", **asked}).encode()
    return _read(str(configuration["token_endpoint"]), method="POST", body=body, headers=headers)


def claims(configuration: dict[str, Any], given: dict[str, Any], *, client_key: str) -> Claims:
    """Return who signed in, from the signed ID token; if it lacks the email, also from the provider's user info.

    Raises BadProvider.
    """
    said = _verified(configuration, str(given.get("id_token", "")), client_key)
    if not said.get("email") and configuration.get("userinfo_endpoint"):
        bearer = {"Authorization": f"Bearer {given.get('access_token', '')}"}
        more = _read(str(configuration["userinfo_endpoint"]), headers=bearer)
        if more.get("sub") != said["sub"]:
            raise BadProvider("The provider's user info is about someone else than its ID token.")
        said = more | said
    if FORBIDDEN.search(said["sub"]):
        raise BadProvider("The provider names the person by characters that can't be stored.")
    return Claims(
        subject=said["sub"],
        email=readable(str(said.get("email") or "")),
        is_verified=str(said["email_verified"]).lower() == "true" if "email_verified" in said else None,
        name=readable(str(said.get("name") or "")),
        signed_in_at=_moment(said.get("auth_time")),
    )


def _moment(seconds: Any) -> datetime | None:
    """Return the moment of a claim, or None if it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OSError, OverflowError, TypeError, ValueError):
        return None


def _verified(configuration: dict[str, Any], token: str, client_key: str) -> dict[str, Any]:
    """Return the claims of an ID token that the provider signed for us."""
    keys = _read(str(configuration["jwks_uri"]))
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
        usable = [key for key in jwt.PyJWKSet.from_dict(keys) if key_id in (None, key.key_id)]
        if len(usable) != 1:
            raise BadProvider("The provider signed with a key that it doesn't publish.")
        said = jwt.decode(
            token,
            usable[0],
            algorithms=ALGORITHMS,
            audience=client_key,
            issuer=str(configuration["issuer"]),
            leeway=LEEWAY_SECONDS,
            options={"require": ["aud", "exp", "iat", "iss", "sub"]},
        )
    except (jwt.PyJWTError, AttributeError, OverflowError, TypeError, ValueError) as error:
        raise BadProvider(f"The provider's ID token can't be trusted: {error}.") from error
    if said.get("azp", client_key) != client_key:
        raise BadProvider("The provider's ID token was made for another application.")
    return said


def _read(address: str, **asked: Any) -> dict[str, Any]:
    """Return the JSON object at an address of the provider."""
    host = urlsplit(address).hostname
    try:
        answer = fetch(address, **asked)
        found = json.loads(answer.body) if answer.body else None
    except NoAnswer as error:
        raise BadProvider(f"We can't read {address}: {error}.") from error
    except ValueError as error:
        raise BadProvider(f"What {host} answers at {address} isn't JSON.") from error
    if not isinstance(found, dict):
        raise BadProvider(f"What {host} answers at {address} isn't a JSON object.")
    if not answer.is_success:
        said = found.get("error_description") or found.get("error") or ""
        raise BadProvider(f"{host} refused with status {answer.status}. {said}".strip())
    return found
