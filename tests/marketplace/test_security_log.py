"""The security log says what happened to which account, and names no one."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache

from marketplace.security_log import digest, log
from tests.factories import PASSWORD
from tests.site import person, sign_in, staff

pytestmark = pytest.mark.django_db

NEW = "another long passphrase"


@pytest.fixture(autouse=True)
def _no_limits_from_before():
    cache.clear()


@pytest.fixture
def told(caplog):
    """What is logged: the words and the facts of each entry."""
    caplog.set_level(logging.INFO, log.name)
    return lambda: [(entry.getMessage(), entry.facts) for entry in caplog.records if entry.name == log.name]


def test_signing_in_and_out_is_logged(client, told):
    user = person()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/logout/")

    assert told() == [
        ("Gave a password or code", {"account": user.pk, "method": "password"}),
        ("Signed in", {"account": user.pk}),
        ("Signed out", {"account": user.pk}),
    ]


@pytest.mark.parametrize("email", ["known@example.test", "Stranger@example.test"])
def test_a_failed_sign_in_is_logged_without_the_address(email, client, told, caplog):
    person(email="known@example.test")

    client.post("/accounts/login/", {"login": email, "password": "wrong"})

    assert told() == [("Failed to sign in", {"address": digest(email.lower())})]
    assert [entry.levelname for entry in caplog.records if entry.name == log.name] == ["WARNING"]
    assert "example" not in str(told())


def test_a_new_password_and_a_new_address_are_logged(client, told):
    user = person()
    sign_in(client, user, again=True)
    client.post("/accounts/email/", {"email": "new@example.test", "action_add": "Add"})
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert told() == [
        ("Asked to change the email address", {"account": user.pk}),
        ("Changed the password", {"account": user.pk}),
    ]


def test_removing_a_second_factor_is_logged(client, told):
    user = staff()
    sign_in(client, user, again=True)

    client.post("/accounts/2fa/totp/deactivate/")

    assert ("Removed a second factor", {"account": user.pk, "factor": "totp"}) in told()


def test_a_wrong_code_is_logged(client, told):
    user = staff()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})

    assert told()[-1] == ("Gave a wrong code", {"account": user.pk, "factor": "totp"})


def test_a_change_of_permissions_is_logged(client, told):
    user, other = staff(is_superuser=True), person()
    sign_in(client, user)
    path = f"/admin/profiles/user/{other.pk}/change/"
    page = client.get(path)
    shown = page.context["adminform"].form.initial
    fields: dict[str, Any] = {name: value for name, value in shown.items() if isinstance(value, str)}
    fields |= {"is_active": "on", "user_permissions": [Permission.objects.get(codename="view_certification").pk]}
    for inline in page.context["inline_admin_formsets"]:
        fields |= {f"{inline.formset.prefix}-TOTAL_FORMS": 0, f"{inline.formset.prefix}-INITIAL_FORMS": 0}

    assert client.post(path, fields).status_code == 302

    [(words, facts)] = told()
    assert words == "Change in the administration"
    assert facts == {"account": user.pk, "entry": facts["entry"], "model": "profiles.User"}
