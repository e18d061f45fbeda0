"""Passwords and codes: what is asked for, how it is compared, and that each code works once."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import get_adapter
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client as Browser

from profiles import two_step
from profiles.two_step import SECRETS
from tests.factories import PASSWORD
from tests.site import TOTP_SECRET, add_second_factor, person, sign_in, staff

pytestmark = pytest.mark.django_db

NEW = "  Another long passphrase, with ü and a space at its end "


@pytest.fixture(autouse=True)
def _no_limits_from_before():
    cache.clear()


def signs_in(user, password):
    browser = Browser()
    browser.post("/accounts/login/", {"login": user.email, "password": password})
    return "_auth_user_id" in browser.session


def give_code(user, code):
    """Sign in with the password, then with `code`: whether that signs in."""
    browser = Browser()
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" not in browser.session
    browser.post("/accounts/2fa/authenticate/", {"code": code})
    return "_auth_user_id" in browser.session


def test_the_password_is_changed_only_with_the_current_one(client):
    user = person()
    sign_in(client, user)

    client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})

    assert signs_in(user, PASSWORD)


def test_a_password_is_compared_exactly_as_it_was_typed(client):
    user = person()
    sign_in(client, user)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert [signs_in(user, typed) for typed in (NEW.strip(), NEW.lower(), NEW[:20], NEW)] == [False, False, False, True]


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_a_password_is_hidden_and_may_be_filled_in_by_the_browser(path, client):
    [field] = re.findall(r"<input[^>]*name=\"password1?\"[^>]*>", client.get(path).text)

    assert 'type="password"' in field
    assert 'autocomplete="off"' not in field
    assert "onpaste" not in field


def test_a_password_chosen_by_email_does_not_skip_the_second_factor(client):
    user = staff()
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    page = client.get(f"/accounts/password/reset/key/{key}/")
    client.post(page.url, {"password1": NEW, "password2": NEW})
    assert "_auth_user_id" not in client.session

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not signs_in(user, NEW)


def test_the_link_to_a_new_password_works_once(client):
    user = person()
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    page = client.get(f"/accounts/password/reset/key/{key}/")
    client.post(page.url, {"password1": NEW, "password2": NEW})

    assert client.get(f"/accounts/password/reset/key/{key}/").status_code == 200  # says that it no longer works


def test_a_one_time_code_works_once(monkeypatch):
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([1]))
    user = staff()
    code = totp.format_hotp_value(totp.hotp_value(TOTP_SECRET, 1))

    assert [give_code(user, code) for _ in range(2)] == [True, False]


def test_new_recovery_codes_come_without_a_message_and_turning_off_says_so(client):
    sign_in(client, staff(), again=True)
    page = "/accounts/2fa/"

    new = client.post(f"{page}recovery-codes/generate/", follow=True)
    off = client.post(f"{page}totp/deactivate/", follow=True)

    assert new.redirect_chain == [(f"{page}recovery-codes/", 302)]
    assert "has been generated" not in new.text
    assert "Two-step sign-in is off." in off.text


def test_a_recovery_code_works_once():
    user = staff()
    [code, *_] = RecoveryCodes.activate(user).get_unused_codes()

    assert [give_code(user, code) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("make", [add_second_factor, lambda user: RecoveryCodes.activate(user).instance])
def test_a_second_factor_is_sealed_and_survives_a_change_of_the_key(make, settings):
    factor = make(person())
    [name] = factor.data.keys() & SECRETS
    before = get_adapter().decrypt(factor.data[name])
    assert before not in factor.data[name]
    assert two_step.seal_anew() == 0

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-0123456789-0123456789-0123456789-0123456789"
    assert [two_step.seal_anew() for _ in range(2)] == [1, 0]

    settings.SECRET_KEY_FALLBACKS = []
    factor.refresh_from_db()
    assert get_adapter().decrypt(factor.data[name]) == before


def test_no_code_fits_a_second_factor_that_no_key_reads(settings, monkeypatch):
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([1]))
    user = staff()
    codes = RecoveryCodes.activate(user).get_unused_codes()
    settings.SECRET_KEY = "another-key-0123456789-0123456789-0123456789-0123456789"

    assert not give_code(user, totp.format_hotp_value(totp.hotp_value(TOTP_SECRET, 1)))
    assert not give_code(user, codes[0])


def test_recovery_codes_are_shown_once(client):
    user = staff()
    codes = RecoveryCodes.activate(user).get_unused_codes()
    sign_in(client, user, again=True)
    page = "/accounts/2fa/recovery-codes/"

    assert [codes[0] in client.get(page).text for _ in range(2)] == [True, False]
    assert client.get(f"{page}download/").status_code == 403
