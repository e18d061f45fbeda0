"""What every operation of the API has in common: who is let in, how errors are told, pages and headers."""

import json
import uuid
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from integrations.api import auth, certifications, problems, site
from integrations.api.problems import Fault, Problem, Refused
from integrations.models import AccessToken
from sourcing.models import Shortlist
from tests.factories import CertificationFactory
from tests.integrations.programs import Program, admin_of
from tests.site import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(admin_of())


def problem(response):
    """The kind of an error, once it is clear that it is told like all others."""
    assert response["Content-Type"] == "application/problem+json"
    assert "no-store" in response["Cache-Control"]
    told = response.json()
    assert told["status"] == response.status_code
    [kind] = [kind for kind in Problem if kind.url == told["type"]]
    assert kind.status == response.status_code
    assert told["detail"]
    return kind


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer dcm_live_0", "Basic YTpi", "Bearer \x80\udc80", "Bearer " + "0" * 9000]
)
def test_without_a_valid_token_no_one_is_let_in(program, header):
    response = program.get("/certifications", authorization=header)

    assert problem(response) == Problem.NO_TOKEN
    assert response["WWW-Authenticate"].startswith('Bearer realm="api"')


def test_a_session_lets_no_one_in(program, client):
    sign_in(client, program.user, again=True)

    response = client.get("/api/v1/certifications")

    assert problem(response) == Problem.NO_TOKEN
    assert not response.cookies


@pytest.mark.parametrize(
    "end",
    [
        lambda token: AccessToken.objects.filter(pk=token.pk).revoke(by=token.made_by),
        lambda token: AccessToken.objects.filter(pk=token.pk).update(
            created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now()
        ),
        lambda token: token.made_by.client_memberships.all().delete(),
        lambda token: token.made_by.client_memberships.update(role="member"),
        lambda token: type(token.made_by).objects.filter(pk=token.made_by_id).update(is_active=False),
    ],
    ids=["revoked", "expired", "member gone", "no admin any more", "person inactive"],
)
def test_a_token_that_ended_is_as_one_that_never_was(program, end):
    never = program.get("/certifications", authorization="Bearer dcm_live_never")
    assert program.get("/certifications").status_code == 200

    end(program.token)

    response = program.get("/certifications")
    assert response.content == never.content
    assert response["WWW-Authenticate"] == never["WWW-Authenticate"]


def test_each_operation_needs_its_scope():
    program = Program(admin_of(), scopes=["shortlists:read"])

    response = program.get("/certifications")

    assert problem(response) == Problem.SCOPE
    assert response.json()["detail"] == "It needs the scope certifications:read."
    assert 'scope="certifications:read"' in response["WWW-Authenticate"]
    assert program.get("/shortlists").status_code == 200


def test_a_token_is_refused_from_another_address():
    assert problem(Program(admin_of(), networks=["203.0.113.0/24"]).get("/certifications")) == Problem.ADDRESS
    assert Program(admin_of(), networks=["127.0.0.0/8"]).get("/certifications").status_code == 200


def test_the_terms_come_first():
    assert problem(Program(admin_of(accepts=False)).get("/certifications")) == Problem.TERMS


def test_what_to_delete_is_told_before_new_terms_are_accepted():
    assert Program(admin_of(accepts=False)).results("/certifications/removed") == []


def test_the_day_of_the_last_use_is_kept(program):
    program.get("/certifications")

    program.token.refresh_from_db()
    assert program.token.last_used_on == timezone.now().date()


def test_a_program_that_asks_too_often_is_told_when_to_ask_again(program, monkeypatch):
    monkeypatch.setattr(auth, "REQUESTS", 2)
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: 1_000_000_010.0))

    answers = [program.get("/certifications") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit"] for answer in answers] == [f'"token";r={left};t=10' for left in (1, 0, 0)]
    assert answers[2]["RateLimit-Policy"] == auth.POLICY
    assert problem(answers[2]) == Problem.TOO_MANY
    assert answers[2]["Retry-After"] == "10"
    assert "Retry-After" not in answers[1].headers
    assert Program(admin_of()).get("/certifications").status_code == 200


def test_count_that_the_cache_dropped_begins_again(program, monkeypatch):
    monkeypatch.setattr(auth.cache, "add", lambda *args, **values: True)

    answers = [program.get("/certifications") for _ in range(2)]

    assert [answer["RateLimit"].split(";")[1] for answer in answers] == [f"r={auth.REQUESTS - n}" for n in (1, 2)]


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v1/", "/api/v2/certifications", "/api/v1/nothing/"])
def test_an_address_that_is_none_is_answered_for_programs(client, path):
    assert problem(client.get(path)) == Problem.NOT_FOUND


def test_a_method_that_is_not_taken_is_told_with_those_that_are(program):
    response = program.send("POST", "/certifications", b"{}")

    assert problem(response) == Problem.METHOD
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    options = program.send("OPTIONS", "/certifications")
    assert (options.status_code, options["Allow"], options.content) == (204, "GET, HEAD, OPTIONS", b"")


def test_head_is_answered_as_get_without_the_body(program):
    CertificationFactory(found=True)
    program.get("/certifications")

    got, head = program.get("/certifications"), program.send("HEAD", "/certifications")

    assert (head.status_code, head.content) == (200, b"")
    assert {name: head[name] for name in ("ETag", "Content-Length")} == {
        name: got[name] for name in ("ETag", "Content-Length")
    }


@pytest.mark.parametrize("path", ["/api/v1/certifications", f"/api/v1/shortlists/{uuid.UUID(int=0)}/entries/agency/a"])
def test_head_has_no_body_if_it_is_refused(path):
    response = site.respond(RequestFactory().head(path))

    assert response.status_code in {401, 405}
    assert response.content == b""


def test_what_is_the_same_is_not_sent_again(program):
    CertificationFactory.create_batch(2, found=True)
    first = program.get("/certifications?limit=1")
    first = program.get("/certifications?limit=1")

    again = program.get("/certifications?limit=1", if_none_match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again["RateLimit"].startswith('"token";r=')
    assert first["Cache-Control"] == again["Cache-Control"] == "private, no-store"
    assert first["X-Request-ID"] != again["X-Request-ID"]


def test_pages_lead_forward_and_back(program):
    for _ in range(5):
        CertificationFactory(found=True)
    every = [row["number"] for row in program.results("/certifications?limit=200")]
    assert len(every) == 5

    assert [row["number"] for row in program.results("/certifications?limit=2")] == every
    first = program.get("/certifications?limit=2").json()
    second = program.get(first["next"]).json()
    third = program.get(second["next"]).json()
    assert [len(page["results"]) for page in (first, second, third)] == [2, 2, 1]
    assert (first["previous"], third["next"]) == (None, None)
    assert program.get(third["previous"]).json()["results"] == second["results"]
    back = program.get(second["previous"]).json()
    assert (back["results"], back["previous"]) == (first["results"], None)
    assert program.get(back["next"]).json()["results"] == second["results"]


def test_a_cursor_is_of_one_client_and_one_list(program):
    CertificationFactory.create_batch(2, found=True)
    cursor = program.get("/certifications?limit=1").json()["next"]

    for response in (
        Program(admin_of()).get(cursor),
        program.get(cursor.replace("/certifications", "/shortlists")),
        program.get(f"{cursor}x"),
        program.get("/certifications?cursor=abc"),
        program.get("/certifications?cursor=%C3%A4%00"),
    ):
        assert problem(response) == Problem.INVALID
        assert response.json()["errors"][0]["pointer"] == "/query/cursor"


def test_a_cursor_of_an_earlier_key_is_read(program, settings):
    CertificationFactory.create_batch(2, found=True)
    cursor = program.get("/certifications?limit=1").json()["next"]

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-0123456789-0123456789"

    assert len(program.get(cursor).json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        (f"limit={'9' * 5000}", "/query/limit"),
        ("limit=abc", "/query/limit"),
        ("updatedsince=2026-11-01T00:00:00Z", "/query/updatedsince"),
        ("updated_since=yesterday", "/query/updated_since"),
        ("type=unheard-of", "/query/type"),
        ("type=a%00b", "/query/type/0"),
        ("certifier=nobody", "/query/certifier"),
        ("level=best", "/query/level"),
        ("level=", "/query/level"),
        ("q=a%00b", "/query/q"),
        ("state=ZZ", "/query/state"),
        ("state=%ED%A0%80", "/query/state"),
        ("valid_until=2026-02-30", "/query/valid_until"),
        ("rate_from=9&rate_to=1", "/query/rate_to"),
    ],
)
def test_what_is_wrong_is_pointed_at(program, query, pointer):
    response = program.get(f"/certifications?{query}")

    assert problem(response) == Problem.INVALID
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00-16:45", "2026-01-01T00:00:00"],
)
def test_any_moment_can_be_asked_for(program, moment):
    assert program.get(f"/certifications?updated_since={moment}").status_code == 200
    assert program.get(f"/certifications/removed?since={moment}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/shortlists/5f0c2b9e-6f0e-4b53-9d8e-0c8f7f1d2a34",
        "/shortlists/1",
        "/shortlists/%00",
        "/profiles/freelancer/no-one/certifications",
        "/profiles/robot/no-one/certifications",
        "/profiles/freelancer/a%00b/certifications",
        "/profiles/freelancer/%ED%A0%80/certifications",
    ],
)
def test_what_is_not_there_is_told_alike_whatever_was_asked_for(program, path):
    response = program.get(path)

    assert problem(response) == Problem.NOT_FOUND
    assert response.content == program.get(f"/shortlists/{uuid.uuid4()}/certifications").content


def test_another_clients_shortlist_does_not_exist(program):
    theirs = Shortlist.objects.create(client=admin_of().clients.get(), name="Theirs")

    for path in ("", "/entries", "/certifications"):
        response = program.get(f"/shortlists/{theirs.key}{path}")
        assert response.content == program.get(f"/shortlists/{uuid.uuid4()}{path}").content
    assert program.results("/shortlists") == []


def test_a_large_body_and_a_foreign_host_are_refused(program):
    assert problem(program.send("POST", "/certifications", b"x" * 100_001)) == Problem.TOO_LARGE
    assert problem(program.get("/certifications", host="other.example")) == Problem.MALFORMED
    assert problem(program.send("POST", "/certifications", b"{}", content_length="-1")) == Problem.METHOD


@pytest.mark.parametrize(
    ("error", "kind"), [(RuntimeError("broken"), Problem.FAILED), (OperationalError("away"), Problem.UNAVAILABLE)]
)
def test_what_fails_is_told_without_its_reason(program, error, kind, caplog):
    program._browser.raise_request_exception = False
    with patch.object(certifications, "give", side_effect=error):
        response = program.get("/certifications")

    assert problem(response) == kind
    assert b"broken" not in response.content
    assert ("Retry-After" in response.headers) == (kind == Problem.UNAVAILABLE)


def test_every_error_can_be_told():
    told = problems.response_of(Refused(Problem.INVALID, "a\ud800", faults=[Fault("/\udfff", "é\udc80")])).content

    assert (json.loads(told)["detail"], json.loads(told)["errors"]) == ("a?", [{"pointer": "/?", "message": "é?"}])


def test_no_response_of_the_api_is_for_a_browser(program):
    for response in (program.get("/certifications"), Browser().get("/api/v1/certifications")):
        assert not response.cookies
        assert "json" in response["Content-Type"]
        assert response["Vary"] == "Authorization"
        assert "Location" not in response.headers
        json.loads(response.content)
