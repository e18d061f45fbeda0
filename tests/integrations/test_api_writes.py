"""What programs do with shortlists, as members do on their pages, and once if they ask twice."""

import json
from datetime import timedelta
from threading import Thread

import pytest
from django.utils import timezone

from integrations.api.problems import Problem
from integrations.models import IdempotentRequest, idempotent
from sourcing.forms.shortlists import ShortlistForm
from sourcing.models import Shortlist, ShortlistEntry
from sourcing.models.shortlist import OfClientQuerySet
from tests.factories import ProfileFactory
from tests.integrations.programs import Program, admin_of
from tests.integrations.test_api import problem
from tests.site import in_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(admin_of())


def create(program, name="Bids", **headers):
    return program.send("POST", "/shortlists", json.dumps({"name": name}), **headers)


def test_a_program_creates_a_list_and_adds_and_removes_profiles(program):
    profile = ProfileFactory()
    made = create(program)
    assert made.status_code == 201
    entry = f"/shortlists/{made.json()['id']}/entries/freelancer/{profile.slug}"

    added, again = program.send("PUT", entry), program.send("PUT", entry)

    assert added.json() == again.json()
    held = Shortlist.objects.get()
    assert (held.name, held.client, held.created_by) == ("Bids", program.client, program.user)
    assert held.entries.get().added_by == program.user
    for _ in range(2):
        assert program.send("DELETE", entry).json()["profiles"] == 0
    assert ShortlistEntry.objects.get().removed_at  # to be restored on the page


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 81, "a\x00b", "\ud800", None, 7, ["a"], {"a": "b"}], ids=lambda name: ascii(name)[:9]
)
def test_a_name_that_is_none_is_pointed_at(program, name):
    response = create(program, name)

    assert problem(response) == Problem.INVALID
    assert response.json()["errors"][0]["pointer"] == "/body/name"
    assert not Shortlist.objects.exists()


@pytest.mark.parametrize(
    ("path", "sent", "pointers"),
    [
        ("/exports", {"format": "csv", "search": {"state": ["NY", "\ud800"]}}, ["/body/search/state/1"]),
        ("/exports", {"format": "\udfff", "search": {"skill": ["a\ud800"]}}, ["/body/format", "/body/search/skill/0"]),
        ("/exports", {"format": "csv", "search": {"\ud800": "a"}}, ["/body/search"]),
        ("/shortlists", {"name": "Bids", "a\ud800": {"b": ["\ud800"]}}, ["/body", "/body/a?/b/0"]),
        ("/shortlists", "\ud800", ["/body"]),
        ("/shortlists", [["\ud800"]], ["/body/0/0"]),
        ("/invitations", {"profiles": [{"kind": "agency", "slug": "\ud800"}]}, ["/body/profiles/0/slug"]),
        ("/invitations", {"profiles": [{"kind": "agency", "\ud800": 1}], "text": "a"}, ["/body/profiles/0"]),
    ],
    ids=ascii,
)
def test_half_a_character_is_refused_wherever_it_is(program, path, sent, pointers):
    response = program.send("POST", path, json.dumps(sent), **{"idempotency-key": "1"})

    assert problem(response) == Problem.INVALID
    assert sorted(fault["pointer"] for fault in response.json()["errors"]) == pointers
    assert "half a character" in response.json()["errors"][0]["message"]
    assert not IdempotentRequest.objects.exists()


def test_two_halves_make_a_character(program):  # as JSON in ASCII says it
    assert create(program, "😀").json()["name"] == "😀"


def test_a_body_may_be_nested_as_deep_as_it_likes(program):
    for deep in (900, 5_000, 49_000):
        assert program.send("POST", "/shortlists", "[" * deep + "]" * deep).status_code in (400, 422)


def test_a_name_is_taken_once(program):
    create(program)

    assert create(program).json()["errors"] == [
        {"pointer": "/body/name", "message": "Your organization already has a shortlist with this name"}
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 50_000, b"\xff", b"null", b"[]", b'{"name": 1e999}', b"9" * 5000])
def test_a_body_that_is_none_is_refused(program, body):
    response = program.send("POST", "/shortlists", body)

    assert problem(response) in {Problem.MALFORMED, Problem.INVALID}


def test_reading_does_not_allow_writing():
    program = Program(admin_of(), scopes=["shortlists:read"])

    assert problem(create(program)) == Problem.SCOPE
    assert not Shortlist.objects.exists()


def test_a_client_that_may_be_shown_nothing_writes_nothing():
    program = Program(admin_of("basic"))

    assert problem(create(program)) == Problem.NOT_FOUND


def test_a_full_list_and_a_foreign_one_take_no_profile(program, monkeypatch):
    monkeypatch.setattr(ShortlistEntry, "MOST", 0)
    path = f"/entries/freelancer/{ProfileFactory().slug}"
    theirs = create(Program(admin_of())).json()["id"]

    assert problem(program.send("PUT", f"/shortlists/{create(program).json()['id']}{path}")) == Problem.INVALID
    assert problem(program.send("PUT", f"/shortlists/{theirs}{path}")) == Problem.NOT_FOUND
    assert problem(program.send("DELETE", f"/shortlists/{theirs}{path}")) == Problem.NOT_FOUND


def test_list_that_is_removed_meanwhile_is_not_there(program, monkeypatch):
    held = create(program).json()["id"]
    monkeypatch.setattr(OfClientQuerySet, "remove", lambda entries: Shortlist.objects.all().delete())

    assert problem(program.send("DELETE", f"/shortlists/{held}/entries/agency/a")) == Problem.NOT_FOUND


def test_the_same_request_with_the_same_key_is_done_once(program):
    first, again = create(program, idempotency_key="k1"), create(program, idempotency_key="k1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert Shortlist.objects.count() == 1
    assert create(Program(admin_of()), idempotency_key="k1").json()["id"] != first.json()["id"]


def test_a_key_is_for_one_request(program):
    create(program, idempotency_key="k1")

    response = create(program, "Others", idempotency_key="k1")

    assert problem(response) == Problem.INVALID
    assert response.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"
    for key in ("", "x" * 201, "é", "a b"):
        assert problem(create(program, "Third", idempotency_key=key)) == Problem.INVALID


def test_a_request_that_is_being_done_is_not_done_beside_it(program):
    create(program, idempotency_key="k1")
    IdempotentRequest.objects.update(body="")
    Shortlist.objects.all().delete()

    assert problem(create(program, idempotency_key="k1")) == Problem.CONFLICT

    IdempotentRequest.objects.update(begun_at=timezone.now() - timedelta(minutes=2))  # its worker died
    assert create(program, idempotency_key="k1").status_code == 201


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("fails", "kind"), [(False, Problem.CONFLICT), (True, Problem.FAILED)])
def test_slow_request_that_was_given_up_does_nothing(program, monkeypatch, fails, kind):
    """It neither creates the list nor forgets the request that took its place."""
    program._browser.raise_request_exception = False
    taken_over_at = timezone.now() + timedelta(minutes=2)
    made = ShortlistForm.made

    def slow(form):
        other = Thread(target=in_thread(lambda: IdempotentRequest.objects.update(begun_at=taken_over_at)))
        other.start()
        other.join()
        if fails:
            raise RuntimeError
        return made(form)

    monkeypatch.setattr(ShortlistForm, "made", slow)

    assert problem(create(program, idempotency_key="k1")) == kind

    assert not Shortlist.objects.exists()
    assert list(IdempotentRequest.objects.values_list("begun_at", "body")) == [(taken_over_at, "")]


def test_what_was_refused_can_be_asked_for_again_under_its_key(program):
    create(program)
    assert problem(create(program, idempotency_key="k1")) == Problem.INVALID
    Shortlist.objects.all().delete()

    assert create(program, idempotency_key="k1").status_code == 201


def test_keys_are_kept_for_a_day(program):
    create(program, idempotency_key="k1")
    create(program, "Others", idempotency_key="k2")
    IdempotentRequest.objects.filter(key="k1").update(begun_at=timezone.now() - timedelta(hours=25))

    assert idempotent.remove_old() == 1
    assert IdempotentRequest.objects.get().key == "k2"
