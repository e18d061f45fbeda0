"""What operators see from outside: probes, request ids and the log, in which no person appears."""

import io
import json
import logging
import smtplib

import pytest
from django.db import IntegrityError, OperationalError
from django.db.migrations.recorder import MigrationRecorder

from common.mail import outbox
from marketplace import logs, probes
from profiles.models import Profile
from tests.factories import PASSWORD, CertificationFactory, ProfileFactory
from tests.site import client_person, person, sign_in

pytestmark = pytest.mark.django_db

SENT = "0123456789abcdef-proxy"


@pytest.fixture
def log():
    """The lines of JSON that are logged."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.Json())
    handler.addFilter(logs.Refusals())
    root, level = logging.getLogger(), logs.requests.level
    root.addHandler(handler)
    logs.requests.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    logs.requests.setLevel(level)


@pytest.fixture(autouse=True)
def _asked_anew():
    probes._answers.clear()


# Probes


def test_a_process_says_that_it_lives_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.text) == (200, "alive\n")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


def test_a_process_is_ready_when_the_database_answers_and_is_migrated(client):
    assert client.get("/readyz").text == "ready\n"


def test_a_process_is_not_ready_without_the_database(client, monkeypatch):
    def fail(*args):
        raise OperationalError("connection to server failed: password of site")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)

    response = client.get("/readyz")

    assert (response.status_code, response.text) == (503, "The database cannot be reached.\n")


def test_a_process_is_not_ready_before_its_migrations(client, monkeypatch):
    monkeypatch.setattr(probes, "_needed", lambda: {("profiles", "9999_later")})

    response = client.get("/readyz")

    assert (response.status_code, response.text) == (503, "Migrations are not applied.\n")


def test_frequent_readiness_checks_open_few_connections(client, monkeypatch):
    opened = []

    def applied(recorder):
        opened.append(recorder)
        return probes._needed()

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", applied)

    assert [client.get("/readyz").status_code for _ in range(20)] == [200] * 20
    assert len(opened) == 1


# Request ids


def test_an_id_from_the_proxy_is_logged_and_given_back(client, settings, log):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    response = client.get("/healthz", headers={"X-Request-ID": SENT})

    assert response["X-Request-ID"] == SENT
    assert [entry["request_id"] for entry in log()] == [SENT]


@pytest.mark.parametrize(
    ("proxies", "sent"), [(0, SENT), (1, "short"), (1, f"{SENT}\r\nSet-Cookie: a=b"), (1, "a" * 65)]
)
def test_an_id_of_another_form_is_replaced(proxies, sent, client, settings, log):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    response = client.get("/healthz", headers={"X-Request-ID": sent})

    assert "X-Request-ID" not in response
    [entry] = log()
    assert len(entry["request_id"]) == 32
    assert entry["request_id"] != sent


# The log


def test_a_request_is_a_line_with_its_route(client, log):
    client.get("/talent/?q=bookkeeper")

    [entry] = log()
    assert entry.pop("seconds") > 0
    assert entry.pop("time")
    assert entry.pop("request_id")
    assert entry == {
        "level": "INFO",
        "logger": "marketplace.requests",
        "message": "Answered",
        "method": "GET",
        "route": "directory",
        "status": 200,
    }


def test_nothing_in_the_log_is_about_a_person(client, log, monkeypatch, settings):
    client.raise_request_exception = False
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    profile = ProfileFactory(name="Leakname Leakson", slug="leakslug")
    record = CertificationFactory(profile=profile, number="LEAKNUMBER", legal_business_name="Leakfirm LLC")
    user = person(email="leakmail@example.test", name="Leakperson")
    path = profile.get_absolute_url()

    client.post("/accounts/login/", {"login": user.email, "password": "wrong-leakpassword"})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.get(f"{path}leakpath/")  # not found
    client.get(f"{path}edit/intro/")  # not allowed
    client.get(record.get_absolute_url())
    client.post(path, {"name": "leaktyped"}, headers={"X-Forwarded-For": "203.0.113.77"})
    sign_in(client, client_person("enterprise"))
    client.get(path)
    client.get("/sourcing/?q=leaksearch")
    with monkeypatch.context() as broken:

        def fail(*args, **kwargs):
            raise IntegrityError("DETAIL: Key (email)=(leakmail@example.test) already exists.") from KeyError("leakkey")

        broken.setattr(Profile.objects.__class__, "visible_to", fail)
        assert client.get(path).status_code == 500
    refused = smtplib.SMTPRecipientsRefused({"leakmail@example.test": (550, b"No leakmail here")})
    logging.getLogger(outbox.__name__).warning("Email %s was refused: %s", 7, refused)

    entries = log()
    assert all(len(entry["request_id"]) == 32 for entry in entries)
    written = json.dumps(entries).lower()
    assert "leak" not in written
    assert "203.0.113.77" not in written
    assert "integrityerror from keyerror" in written
    assert "smtprecipientsrefused" in written
    assert "marketplace/views.py" in written
    assert "not found: " in written
