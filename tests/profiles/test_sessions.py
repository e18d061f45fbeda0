"""How long a person stays signed in, and what ends their other sessions."""

import time
from datetime import timedelta

import pytest
from django.test import Client as Browser

from profiles.sessions import LIMITS, LIMITS_OF_STAFF, PRECISION, SEEN_AT
from tests.factories import PASSWORD
from tests.site import person, sign_in, staff

pytestmark = pytest.mark.django_db

PAGE = "/accounts/notifications/"
MOMENT = timedelta(minutes=1)


def was_used(browser, ago):
    session = browser.session
    session[SEEN_AT] = time.time() - ago.total_seconds()
    session.save()


def is_signed_in(browser):
    return browser.get(PAGE).status_code == 200


@pytest.mark.parametrize(("make", "limits"), [(person, LIMITS), (staff, LIMITS_OF_STAFF)])
def test_a_session_ends_at_its_longest_age(make, limits, client):
    user = make()
    sign_in(client, user, ago=(limits.longest - MOMENT).total_seconds())
    assert is_signed_in(client)

    sign_in(client, user, ago=(limits.longest + MOMENT).total_seconds())
    assert not is_signed_in(client)
    assert "sessionid" not in client.cookies or not client.cookies["sessionid"].value


@pytest.mark.parametrize(("make", "limits"), [(person, LIMITS), (staff, LIMITS_OF_STAFF)])
def test_a_session_ends_when_it_is_not_used(make, limits, client):
    sign_in(client, make())
    was_used(client, limits.idle - MOMENT)
    assert is_signed_in(client)
    assert time.time() - client.session[SEEN_AT] < 60

    was_used(client, limits.idle + MOMENT)
    assert not is_signed_in(client)


def test_the_last_use_is_not_written_at_every_request(client):
    sign_in(client, person())
    was_used(client, PRECISION - MOMENT)
    seen_at = client.session[SEEN_AT]

    assert is_signed_in(client)

    assert client.session[SEEN_AT] == seen_at


def test_the_use_of_a_session_counts_from_the_sign_in(client):
    client.post("/accounts/login/", {"login": person().email, "password": PASSWORD})

    assert time.time() - client.session[SEEN_AT] < 60


def test_a_new_password_ends_all_other_sessions(client):
    user = person()
    elsewhere = Browser()
    sign_in(client, user)
    sign_in(elsewhere, user)
    new = "another long passphrase"

    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert [is_signed_in(client), is_signed_in(elsewhere)] == [True, False]


def test_a_closed_account_is_signed_out_at_once(client):
    user = person()
    sign_in(client, user)
    user.is_active = False
    user.save()

    assert not is_signed_in(client)


def test_signing_out_ends_the_session_on_the_server(client):
    sign_in(client, person())
    key = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    client.cookies["sessionid"] = key

    assert not is_signed_in(client)


def test_a_sign_in_changes_the_key_of_the_session(client):
    user = person()
    client.get("/accounts/login/")
    session = client.session
    session["begun"] = "as a visitor"
    session.save()
    client.cookies["sessionid"] = key = session.session_key

    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != key


def test_the_password_given_again_changes_the_key_of_the_session(client):
    sign_in(client, person())
    key = client.cookies["sessionid"].value

    client.post(f"/accounts/reauthenticate/?next={PAGE}", {"password": PASSWORD})

    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != key


@pytest.mark.parametrize("path", [PAGE, "/talent/", "/admin/"])
def test_every_page_offers_to_sign_out(path, client):
    sign_in(client, staff())

    assert 'action="/accounts/logout/"' in client.get(path).text or 'action="/admin/logout/"' in client.get(path).text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/email/", {"email": "new@example.test", "action_add": "Add"}),
        ("/accounts/2fa/totp/activate/", {"code": "123456"}),
    ],
)
def test_how_one_signs_in_is_changed_only_after_the_password_is_given_again(path, fields, client):
    sign_in(client, person())

    assert client.post(path, fields).url.startswith("/accounts/reauthenticate/")
