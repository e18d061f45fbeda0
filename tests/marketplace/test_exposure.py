"""What is not there for anyone: the source, folders as lists, measurements, other methods, data in cookies."""

import pytest
from django.test import Client, RequestFactory

from marketplace import time_zones
from tests.factories import PASSWORD
from tests.site import person, sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/.git/HEAD", "/.env", "/manage.py", "/marketplace/settings.py", "/static/", "/photos/", "/media/", "/private/",
        "/metrics", "/mail/", "/api/", "/static/../manage.py", "/static/%2e%2e/manage.py",
    ],
)  # fmt: skip
def test_what_is_not_for_people_is_not_found(path, client):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/talent/", "/accounts/login/", "/healthz"])
def test_the_method_trace_is_not_answered(path, client):
    assert client.trace(path).status_code in {403, 405}


@pytest.mark.parametrize("path", ["/talent/", "/accounts/login/", "/static/icons.svg", "/none/"])
def test_no_other_origin_is_allowed_to_read(path, client):
    response = client.get(path, headers={"origin": "https://other.example"})

    response.getvalue()  # which closes a file
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/accounts/logout/", "/accounts/password/change/", "/accounts/sessions/"])
def test_a_form_without_its_token_is_refused(path):
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, person())

    answer = browser.post(path, {"password": PASSWORD})

    assert "_auth_user_id" in browser.session
    assert answer.status_code in {302, 403}
    assert browser.get("/accounts/notifications/").status_code == 200


def test_messages_are_not_kept_in_a_cookie(client):
    sign_in(client, person())

    client.post("/accounts/logout/")

    assert set(client.cookies) == {"sessionid"}
    assert "re signed out." in client.get("/").text


@pytest.mark.parametrize(("is_secure", "zone"), [(True, "America/Chicago"), (False, "America/Denver")])
def test_with_tls_the_time_zone_is_read_from_a_cookie_of_this_host_alone(is_secure, zone):
    request = RequestFactory().get("/admin/", secure=is_secure)
    request.COOKIES = {"__Host-time_zone": "America/Chicago", "time_zone": "America/Denver"}

    assert str(time_zones.of(request)) == zone
