"""What a stranger may try: guessing, asking who has an account; and the headers that guard each answer."""

import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache

from profiles.models import User
from tests.factories import PASSWORD
from tests.site import Site, person, sign_in, staff

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_limits_from_before():
    cache.clear()


def test_too_many_wrong_passwords_are_stopped_before_any_is_hashed(client, monkeypatch):
    user = person()
    hashed = []
    check = User.check_password

    def count(self, raw):
        hashed.append(raw)
        return check(self, raw)

    monkeypatch.setattr(User, "check_password", count)
    for number in range(5):
        client.post("/accounts/login/", {"login": user.email, "password": f"wrong {number}"})
    assert len(hashed) == 5

    response = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert "Too many tries" in response.text
    assert len(hashed) == 5
    assert "_auth_user_id" not in client.session


@pytest.mark.slow
def test_many_sign_ins_from_one_address_are_stopped_with_a_friendly_page(client):
    answers = [
        client.post("/accounts/login/", {"login": f"nobody{number}@example.test", "password": "wrong"})
        for number in range(31)
    ]

    assert answers[-1].status_code == 429
    assert "Too many" in answers[-1].text or "too many" in answers[-1].text


def test_the_admin_has_no_sign_in_of_its_own(client):
    response = client.post("/admin/login/", {"username": "a@example.test", "password": "wrong"})

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/login/", {"login": "{email}", "password": "wrong"}),
        ("/accounts/password/reset/", {"email": "{email}"}),
        (
            "/accounts/signup/",
            {"name": "Sam", "email": "{email}", "password1": "a Long passphrase 9", "purpose": "client"},
        ),
    ],
)
def test_no_one_can_ask_who_has_an_account(path, fields, client):
    person(email="known@example.test")

    answers = []
    for email in ("known@example.test", "other@example.test"):
        response = client.post(path, {name: value.format(email=email) for name, value in fields.items()})
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.text).replace(email, "")
        answers.append((response.status_code, response.headers.get("Location"), text))
        client.cookies.clear()

    assert answers[0] == answers[1]


@pytest.mark.slow
def test_every_page_is_guarded_by_its_headers(client):
    site = Site()
    site.add_certifications()
    client.force_login(site.root)
    for path in ["/", "/talent/", site.freelancer.get_absolute_url(), "/admin/", "/accounts/2fa/", "/no/such/page/"]:
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for directive in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert directive in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


IN_PRODUCTION = """
import json, django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("collectstatic", interactive=False, verbosity=0)
ask = lambda path, **extra: Client(headers={"host": "example.com"}).get(path, **extra)
page, plain = ask("/accounts/login/", secure=True), ask("/")
cookies = {name: [m["secure"], m["path"], m["domain"], m["httponly"]] for name, m in page.cookies.items()}
print(json.dumps({"status": page.status_code, "headers": dict(page.headers), "cookies": cookies,
                  "plain": [plain.status_code, plain["Location"]]}))
"""


@pytest.mark.slow
def test_in_production_cookies_and_transport_are_locked_down(tmp_path):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.production", "STATIC_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", IN_PRODUCTION], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["status"] == 200
    assert answer["cookies"] == {"__Host-csrf": [True, "/", "", True]}
    assert answer["headers"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert answer["plain"] == [301, "https://example.com/"]


def test_a_refusal_is_logged_in_a_line_and_a_failure_with_its_traceback(client):
    sign_in(client, staff())
    handlers = logging.getLogger().handlers
    [console] = [one for one in handlers if isinstance(one, logging.StreamHandler) and one.formatter and one.filters]
    log = io.StringIO()
    printed = console.setStream(log)
    try:
        assert client.get("/admin/impact/tally/").status_code == 403
        refused = log.getvalue()
        try:
            raise ValueError
        except ValueError:
            logging.getLogger("django.request").exception("Broken", extra={"status_code": 500})
    finally:
        console.setStream(printed)

    assert re.fullmatch(r".* WARNING django.request: Forbidden .*: /admin/impact/tally/\n", refused)
    assert "Traceback" in log.getvalue()
