"""One message to several profiles: an invitation for each, once, and whoever could not be reached is named."""

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.test import override_settings

from certifications.models import Block
from common.translation import plain
from sourcing.models import Shortlist, TalkInvitation
from tests.factories import ClientMembershipFactory, MembershipFactory, ProfileFactory, TalkInvitationFactory
from tests.site import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def profiles():
    return [ProfileFactory(name=name, owner=person(name=name)) for name in ("Ann Abel", "Bea Brown", "Cy Cole")]


@pytest.fixture
def address(profiles):
    return "/talks/invite/?next=/talks/&" + "&".join(f"profile={profile.pk}" for profile in profiles)


@pytest.fixture
def send(cleo, client, profiles, address, django_capture_on_commit_callbacks):
    """Sends one message to the profiles as Cleo does; returns the page that follows."""

    def send(**data):
        client.force_login(cleo)
        values = {
            "profiles": [profile.pk for profile in profiles],
            "title": "Year-end accounts",
            "text": "From January on.",
            "answer_by": (profiles[0].today() + timedelta(days=14)).isoformat(),
            "submission": str(uuid.uuid4()),
        }
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, values | data, follow=True)

    return send


def invited():
    return sorted(TalkInvitation.objects.values_list("profile__name", flat=True))


def test_each_profile_gets_an_invitation_of_its_own(send, profiles):
    page = send()

    assert page.request["PATH_INFO"] == "/talks/"
    assert "Sent to 3 profiles." in page.text
    assert invited() == ["Ann Abel", "Bea Brown", "Cy Cole"]
    assert sorted(address for told in mail.outbox for address in told.to) == sorted(
        profile.memberships.get().user.email for profile in profiles
    )
    assert all(len(told.to) == 1 for told in mail.outbox)
    assert set(TalkInvitation.objects.values_list("title", "text")) == {("Year-end accounts", "From January on.")}


def test_a_second_click_sends_nothing_twice(send):
    submission = str(uuid.uuid4())

    send(submission=submission)
    page = send(submission=submission)

    assert "Sent to 3 profiles." in page.text
    assert TalkInvitation.objects.count() == len(mail.outbox) == 3


def test_only_those_still_ticked_are_invited(send, profiles):
    send(profiles=[profiles[1].pk])

    assert invited() == ["Bea Brown"]


def test_no_one_else_can_be_ticked(send, profiles):
    page = send(profiles=[profiles[0].pk, ProfileFactory().pk])

    assert "Select a valid choice" in page.text
    assert invited() == []


def test_those_who_cannot_be_reached_are_named_with_the_reason(send, cleo, profiles):
    TalkInvitationFactory(client=cleo.clients.get(), profile=profiles[1], sent_by=cleo)

    page = plain(send().text)

    assert "Sent to 2 profiles." in page
    assert "Not sent to Bea Brown: Your organization is already awaiting their response." in page


def test_who_awaits_an_answer_already_is_not_ticked_at_first(client, cleo, profiles, address):
    TalkInvitationFactory(client=cleo.clients.get(), profile=profiles[1], sent_by=cleo)
    client.force_login(cleo)

    context = client.get(address).context

    assert context["ticked"] == {str(profiles[0].pk), str(profiles[2].pk)}


def test_a_block_looks_like_an_invitation_that_was_sent(send, cleo, profiles):
    Block.objects.create(profile=profiles[1], client=cleo.clients.get())

    assert "Sent to 3 profiles." in send().text
    assert invited() == ["Ann Abel", "Bea Brown", "Cy Cole"]
    assert len(mail.outbox) == 2


def test_each_invitation_counts_against_the_rate_limit_once(send):
    submission = str(uuid.uuid4())
    with override_settings(ACCOUNT_RATE_LIMITS={"talk": "2/h/user"}):
        page = plain(send(submission=submission).text)
        again = plain(send(submission=submission).text)

    assert "Sent to 2 profiles." in page
    for said in (page, again):
        assert "Not sent to Cy Cole: You've sent too many invitations in the last hour." in said
    assert invited() == ["Ann Abel", "Bea Brown"]


def test_if_no_one_can_be_reached_the_form_stays_with_what_was_written(send):
    with override_settings(ACCOUNT_RATE_LIMITS={"talk": "0/h/user"}):
        page = send()

    assert "sent too many invitations in the last hour." in page.text
    assert "From January on." in page.text
    assert invited() == []


def test_entries_of_a_shortlist_can_be_chosen_but_no_other_clients(client, cleo, profiles):
    own = Shortlist.objects.create(client=cleo.clients.get(), name="Spring")
    theirs = Shortlist.objects.create(client=ClientMembershipFactory().client, name="Autumn")
    mine, other = own.entries.create(profile=profiles[0]), theirs.entries.create(profile=profiles[1])
    client.force_login(cleo)

    page = client.get(f"/talks/invite/?entry={mine.pk}&entry={other.pk}")

    assert page.context["recipients"] == [profiles[0]]


def test_one_does_not_invite_ones_own_profile(client, cleo, profiles):
    MembershipFactory(profile=profiles[0], user=cleo, role="admin")
    client.force_login(cleo)

    page = client.get(f"/talks/invite/?profile={profiles[0].pk}&profile={profiles[1].pk}")

    assert page.context["recipients"] == [profiles[1]]


@pytest.mark.parametrize("number", [0, 21])
def test_without_anyone_or_with_too_many_one_is_led_back(number, client, cleo):
    keys = [ProfileFactory().pk for _ in range(number)]
    client.force_login(cleo)

    page = client.get("/talks/invite/", {"profile": keys, "next": "/sourcing/exports/"}, follow=True)

    assert page.request["PATH_INFO"] == "/sourcing/exports/"
    assert "Select 1 to 20 profiles to contact." in page.text


def test_a_form_to_be_corrected_keeps_what_was_written(send):
    page = send(answer_by="2020-01-01")

    assert "Choose a future date" in page.text
    assert "From January on." in page.text
