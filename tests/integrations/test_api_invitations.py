"""Programs invite profiles to talk as members do on their pages, and read what came of it."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.test import override_settings

from certifications.models import Block
from integrations.api.problems import Problem
from sourcing.models import TalkInvitation, TalkMessage
from tests.factories import ProfileFactory, TalkInvitationFactory
from tests.integrations.programs import Program, admin_of
from tests.integrations.test_api import problem
from tests.site import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(admin_of())


@pytest.fixture
def profiles():
    return [ProfileFactory(name=name, owner=person(name=name)) for name in ("Ann Abel", "Bea Brown")]


@pytest.fixture
def send(program, profiles, django_capture_on_commit_callbacks):
    """Sends one message to the profiles; returns the response."""

    def send(by=program, to=profiles, headers=None, **values):
        body = {
            "profiles": [{"kind": profile.kind, "slug": profile.slug} for profile in to],
            "title": "Year-end accounts",
            "text": "From January on.",
            "answer_by": str(profiles[0].today() + timedelta(days=14)),
        }
        with django_capture_on_commit_callbacks(execute=True):
            return by.send("POST", "/invitations", json.dumps(body | values), **(headers or {}))

    return send


def invited():
    return sorted(TalkInvitation.objects.values_list("profile__name", flat=True))


def test_each_profile_gets_an_invitation_in_the_name_of_the_tokens_creator(send, program, profiles):
    response = send(budget=5000)

    assert response.status_code == 201
    told = response.json()
    assert [one["profile"]["name"] for one in told["sent"]] == ["Ann Abel", "Bea Brown"]
    assert told["not_sent"] == []
    first = TalkInvitation.objects.earliest("pk")
    assert (first.client, first.sent_by, first.budget) == (program.client, program.user, 5000)
    assert {to for sent in mail.outbox for to in sent.to} == {one.memberships.get().user.email for one in profiles}
    assert told["sent"][0] == program.get(f"/invitations/{first.pk}").json()
    assert [one["id"] for one in program.results("/invitations?limit=1")] == [one["id"] for one in told["sent"]]


def test_a_client_that_may_be_shown_nothing_invites_as_on_its_page(send):
    """Whom it invites says nothing of certifications, and no one accepts terms for it."""
    assert send(by=Program(admin_of("basic", accepts=False))).status_code == 201
    assert send(by=Program(admin_of(accepts=False))).status_code == 201


def test_the_same_key_sends_once(send):
    first, again = (send(headers={"idempotency_key": "k1"}) for _ in range(2))

    assert (first.status_code, first.content) == (201, again.content)
    assert TalkInvitation.objects.count() == len(mail.outbox) == 2


def test_a_profile_that_is_not_there_is_pointed_at_and_nothing_is_sent(send, profiles):
    hidden = ProfileFactory(is_active=False)

    response = send(to=[profiles[0], hidden])

    assert problem(response) == Problem.NOT_FOUND
    assert response.json()["errors"] == [{"pointer": "/body/profiles/1", "message": "There is no such profile."}]
    assert invited() == []


def test_a_profile_of_the_tokens_creator_is_not_invited(send, program, profiles):
    response = send(to=[profiles[0], ProfileFactory(owner=program.user)])

    assert problem(response) == Problem.INVALID
    assert response.json()["errors"][0]["pointer"] == "/body/profiles/1"
    assert invited() == []


def test_those_who_cannot_be_reached_are_named_with_the_reason(send, program, profiles):
    TalkInvitationFactory(client=program.client, profile=profiles[1], sent_by=program.user)

    told = send().json()
    again = send()

    waiting = (
        "Your organization is already awaiting their response. To send another invitation, withdraw that one first."
    )
    assert [one["profile"]["name"] for one in told["sent"]] == ["Ann Abel"]
    assert [(one["profile"]["name"], one["reason"]) for one in told["not_sent"]] == [("Bea Brown", waiting)]
    assert problem(again) == Problem.INVALID
    assert again.json()["errors"] == [
        {"pointer": f"/body/profiles/{number}", "message": waiting} for number in range(2)
    ]


def test_the_hourly_limit_of_the_pages_holds(send):
    with override_settings(ACCOUNT_RATE_LIMITS={"talk": "1/h/user"}):
        told = send().json()

    assert len(told["sent"]) == 1
    assert "too many invitations in the last hour" in told["not_sent"][0]["reason"]


def test_a_block_looks_like_an_invitation_that_was_sent(send, program, profiles):
    Block.objects.create(profile=profiles[1], client=program.client)

    told = send().json()

    assert [one["state"]["code"] for one in told["sent"]] == ["waiting", "waiting"]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("text", "a\x00b"),
        ("budget", 0),
        ("answer_by", "2020-01-01"),
        ("answer_by", "2999-01-01"),
        ("answer_by", "soon"),
        ("profiles", []),
    ],
)
def test_a_value_that_cannot_be_is_pointed_at(send, field, value):
    response = send(**{field: value})

    assert problem(response) == Problem.INVALID
    assert response.json()["errors"][0]["pointer"] == f"/body/{field}"
    assert invited() == []


def test_it_says_what_came_of_an_invitation(program):
    sent = TalkInvitationFactory(client=program.client)

    def state():
        return program.get(f"/invitations/{sent.pk}").json()["state"]["code"]

    states = [state()]
    TalkMessage.objects.create(invitation=sent, is_from_client=False, text="Which sites?")
    states.append(state())
    sent.respond("declined", by=person())
    states.append(state())
    sent.respond("accepted", by=person())
    states.append(state())

    assert states == ["waiting", "question", "declined", "accepted"]
    assert program.send("DELETE", f"/invitations/{sent.pk}").json()["state"]["code"] == "accepted"


def test_an_invitation_is_withdrawn_once(program):
    sent = TalkInvitationFactory(client=program.client)

    answers = [program.send("DELETE", f"/invitations/{sent.pk}") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["state"]["code"] == "withdrawn"


def test_it_no_longer_names_a_profile_that_is_not_available(program):
    sent = TalkInvitationFactory(client=program.client)
    type(sent.profile).objects.filter(pk=sent.profile.pk).update(is_active=False)

    assert program.get("/invitations").json()["results"][0]["profile"] is None


def test_another_clients_invitation_is_not_there(program):
    theirs = TalkInvitationFactory()

    for method in ("GET", "DELETE"):
        assert problem(program.send(method, f"/invitations/{theirs.pk}")) == Problem.NOT_FOUND
    theirs.refresh_from_db()
    assert theirs.withdrawn_at is None


def test_reading_does_not_allow_sending(send):
    reader = Program(admin_of(), scopes=["invitations:read"])

    assert problem(send(by=reader)) == Problem.SCOPE
    assert invited() == []


def test_number_of_queries_does_not_depend_on_how_many_were_sent(program, django_assert_num_queries):
    program.get("/invitations")
    for _ in range(2):
        TalkInvitationFactory.create_batch(2, client=program.client)
        with django_assert_num_queries(16):
            program.get("/invitations")
