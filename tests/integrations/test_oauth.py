"""Tokens that last an hour: they may do what the access token may that they were given for, as long as it may."""

import base64
import re
from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token as OAuthToken
from django.core.management import call_command
from django.utils import timezone

from integrations.models import AccessToken
from profiles.models import ClientMembership
from tests.integrations.test_tokens import NEW, fields

pytestmark = [pytest.mark.django_db, pytest.mark.page]

ENDPOINT = "/oauth/token"
READ = "/api/v1/shortlists"


@pytest.fixture
def made(client, admin):
    """An access token for two scopes, and its secret."""
    page = client.post(NEW, fields(scopes=["certifications:read", "shortlists:read"]))
    token = AccessToken.objects.get()
    assert token.oauth_id in page.text
    client.logout()
    return token, re.search(r"dcm_live_[0-9a-f]{64}", page.text).group()


def ask(client, made, *, basic=True, **values):
    token, secret = made
    pair = base64.b64encode(f"{token.oauth_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"} if basic else {}
    return client.post(ENDPOINT, {"grant_type": "client_credentials"} | values, headers=headers)


def status_of(client, secret, path=READ):
    return client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code


@pytest.mark.parametrize("basic", [True, False])
def test_a_program_gets_a_token_for_an_hour(basic, client, made):
    token, secret = made
    values = {} if basic else {"client_id": token.oauth_id, "client_secret": secret}

    given = ask(client, made, basic=basic, **values).json()

    assert (given["token_type"], given["expires_in"], set(given["scope"].split())) == (
        "Bearer",
        3600,
        set(token.scopes),
    )
    assert status_of(client, given["access_token"]) == 200
    assert OAuthToken.objects.get().hash != given["access_token"]
    OAuthToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert status_of(client, given["access_token"]) == 401


def test_it_may_ask_for_less_and_never_for_more(client, made):
    narrow = ask(client, made, scope="certifications:read").json()["access_token"]

    assert status_of(client, narrow, "/api/v1/certifications") == 200
    assert status_of(client, narrow) == 403
    assert ask(client, made, scope="spend:read").json()["error"] == "invalid_scope"


@pytest.mark.parametrize("end", ["revoked", "expired", "member", "networks"])
def test_it_ends_with_the_access_token(end, client, made, admin):
    given = ask(client, made).json()["access_token"]
    assert status_of(client, given) == 200
    now = timezone.now()
    match end:
        case "revoked":
            AccessToken.objects.update(revoked_at=now)
        case "expired":
            AccessToken.objects.update(created_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
        case "member":
            ClientMembership.objects.all().delete()
        case "networks":
            AccessToken.objects.update(networks=["203.0.113.0/24"])

    assert status_of(client, given) == (403 if end == "networks" else 401)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"client_id": "none", "client_secret": "none"}, "invalid_client"),
        ({"client_id": "a\x00b", "client_secret": "none"}, "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
    ],
)
def test_anything_else_is_refused_in_the_words_of_oauth(values, error, client, made):
    answer = ask(client, made, basic=False, **values)

    assert (answer.status_code, answer.json()["error"]) == (401 if error == "invalid_client" else 400, error)
    assert not OAuthToken.objects.exists()


def test_an_address_may_try_a_few_secrets_a_minute(client, made, settings):
    settings.ACCOUNT_RATE_LIMITS = {"oauth": "2/m/ip"}

    answers = [ask(client, (made[0], "wrong")).status_code for _ in range(3)]

    assert answers == [401, 401, 429]


def test_the_hourly_run_deletes_what_is_over(client, made):
    ask(client, made)
    OAuthToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    call_command("due", verbosity=0)
    assert not OAuthToken.objects.exists()
    assert OAuthClient.objects.exists()

    AccessToken.objects.update(revoked_at=timezone.now())
    call_command("due", verbosity=0)

    assert not OAuthClient.objects.exists()
    assert AccessToken.objects.exists()
