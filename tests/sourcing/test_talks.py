"""Invitations to talk: for certified and uncertified alike, answered once, and not for whom the owner blocked."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.utils import timezone

from certifications.models import Block
from certifications.sharing import clients
from common.translation import plain
from profiles.models import Client, Membership
from sourcing import talks
from sourcing.models import TalkInvitation, TalkMessage
from tests.factories import (
    AgencyFactory,
    CertificationFactory,
    ClientMembershipFactory,
    MembershipFactory,
    ProfileFactory,
    TalkInvitationFactory,
)
from tests.site import client_person, in_thread, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def fay():
    return person(name="Fay Freeman")


@pytest.fixture
def profile(fay):
    return ProfileFactory(name="Fay Freeman", owner=fay)


@pytest.fixture
def invitation(cleo, profile):
    return TalkInvitationFactory(client=cleo.clients.get(), profile=profile, sent_by=cleo)


@pytest.fixture
def send(cleo, client, django_capture_on_commit_callbacks):
    """Sends an invitation as Cleo does; returns the page that follows."""

    def send(profile, *, follow=True, **data):
        client.force_login(cleo)
        values = {
            "title": "Year-end accounts",
            "text": "From January on.",
            "budget": "12000",
            "answer_by": (profile.today() + timedelta(days=14)).isoformat(),
            "submission": str(uuid.uuid4()),
        }
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(f"/talks/invite{profile.get_absolute_url()}", values | data, follow=follow)

    return send


@pytest.fixture
def answer(fay, client, django_capture_on_commit_callbacks):
    """Answers or writes in the inbox as Fay does; returns the page that follows."""

    def answer(invitation, **data):
        client.force_login(fay)
        with django_capture_on_commit_callbacks(execute=True):
            values = {"text": "", "submission": str(uuid.uuid4())} | data
            return client.post(invitation.inbox_url, values, follow=True)

    return answer


def test_an_invitation_reaches_the_inbox_and_its_owners_by_mail(send, profile, fay, client):
    said = send(profile)

    assert "Sent to Fay Freeman." in plain(said.text)
    [told] = mail.outbox
    assert told.to == [fay.email]
    assert "Bright Foods would like to talk to Fay Freeman" in told.body
    client.force_login(fay)
    assert "You have 1 invitation from clients to answer" in client.get("/").text
    page = client.get("/inbox/").text
    assert "Year-end accounts" in page
    assert "Bright Foods" in page
    text = client.get(TalkInvitation.objects.get().inbox_url).text
    assert "From January on." in text
    assert "$12,000" in text
    assert f"{profile.get_absolute_url()}certifications/blocks/?q=Bright%20Foods" in text


def test_all_who_edit_an_agency_are_told_and_its_members_are_not(send, client):
    agency = AgencyFactory(owner=person(email="owner@example.test"))
    MembershipFactory(profile=agency, user=person(email="admin@example.test"), role=Membership.Role.ADMIN)
    member = person(email="member@example.test")
    MembershipFactory(profile=agency, user=member, role=Membership.Role.MEMBER)

    send(agency)

    assert sorted(address for told in mail.outbox for address in told.to) == [
        "admin@example.test",
        "owner@example.test",
    ]
    client.force_login(member)
    assert client.get(TalkInvitation.objects.get().inbox_url).status_code == 404
    assert "Year-end accounts" not in client.get("/inbox/").text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"title": ""}, "Enter a subject"),
        ({"text": " "}, "Describe what you need"),
        ({"budget": "0"}, "Enter a budget of at least $1"),
        ({"budget": "a lot"}, "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ({"budget": "12.50"}, "Enter whole dollars, without cents, like 13"),
        ({"answer_by": "2020-01-01"}, "Choose a future date"),
        ({"answer_by": "2999-01-01"}, "within 180 days"),
        ({"answer_by": "soon"}, "Enter a date, like 03/31/2027"),
        ({"title": "a\x07b"}, "a character that can"),
        ({"submission": "x"}, "Enter a valid UUID"),
    ],
)
def test_bad_input_is_said_next_to_the_field_and_nothing_is_lost(data, said, send, profile):
    page = send(profile, **data)

    assert said in page.text
    assert data.get("text") or "From January on." in page.text
    assert not TalkInvitation.objects.exists()


def test_a_second_click_sends_once(send, profile):
    once = str(uuid.uuid4())

    send(profile, submission=once)
    again = send(profile, submission=once)

    assert "Sent to Fay Freeman." in plain(again.text)
    assert len(mail.outbox) == TalkInvitation.objects.count() == 1


def test_two_clicks_before_the_first_answer_is_read_are_told_once(send, profile, client):
    submission = str(uuid.uuid4())
    for _ in range(2):
        send(profile, follow=False, submission=submission)

    assert client.get("/talks/").text.count("Sent to") == 1


@pytest.mark.django_db(transaction=True)
def test_of_clicks_at_the_same_moment_one_sends_and_each_is_led_to_it(cleo, profile):
    data = {"title": "Accounts", "text": "Now.", "answer_by": profile.today(), "submission": uuid.uuid4()}
    browsers = [Browser() for _ in range(4)]
    for browser in browsers:
        browser.force_login(cleo)

    @in_thread
    def click(browser):
        return browser.post(f"/talks/invite{profile.get_absolute_url()}", data).url

    with ThreadPoolExecutor(len(browsers)) as pool:
        with transaction.atomic():
            Client.objects.select_for_update().get()
            clicks = [pool.submit(click, browser) for browser in browsers]
            wait_for_waiting(len(clicks))
        led_to = [clicked.result() for clicked in clicks]

    assert led_to == [TalkInvitation.objects.get().get_absolute_url()] * 4


def wait_for_waiting(count):
    """Until so many others wait for what this transaction holds."""
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        while cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() < (count,):
            assert time.monotonic() < until
            time.sleep(0.01)


def test_another_text_in_the_form_that_was_sent_is_refused_and_kept(send, profile):
    once = str(uuid.uuid4())
    send(profile, submission=once)

    page = send(profile, submission=once, text="From March on.")

    assert "awaiting their response" in page.text
    assert "From March on.</textarea>" in page.text
    assert TalkInvitation.objects.get().text == "From January on."


def test_the_same_form_for_another_client_or_profile_sends_another(send, profile, cleo):
    once = str(uuid.uuid4())
    send(profile, submission=once)
    send(ProfileFactory(), submission=once)
    cleo.client_memberships.all().delete()
    ClientMembershipFactory(user=cleo, client__name="Tall Timber")

    assert "Sent to Fay Freeman." in plain(send(profile, submission=once).text)
    assert TalkInvitation.objects.count() == 3


@pytest.mark.slow
def test_a_client_waits_for_one_answer_at_a_time(send, profile):
    send(profile)

    assert "awaiting their response" in send(profile, title="Another").text
    assert "From January on." in send(profile, title="Another").text
    TalkInvitation.objects.update(answer_by=profile.today() - timedelta(days=1))
    assert "Sent to Fay Freeman." in plain(send(profile, title="Another").text)


@pytest.mark.slow
def test_who_declined_is_left_alone_for_a_month(send, answer, profile):
    send(profile)
    answer(TalkInvitation.objects.get(), answer="declined")

    assert "You can ask again from" in send(profile).text
    TalkInvitation.objects.update(answered_at=timezone.now() - TalkInvitation.COOL_DOWN)
    assert "Sent to Fay Freeman." in plain(send(profile).text)


def test_a_client_sends_so_many_a_day_and_no_more(send, monkeypatch):
    monkeypatch.setattr(talks, "MOST_A_DAY", 1)
    send(ProfileFactory())

    assert "has sent 1 invitations in the last 24 hours" in send(ProfileFactory()).text
    assert TalkInvitation.objects.count() == 1


def test_a_member_sends_so_many_an_hour_and_no_more(send, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "talk": "1/h/user"}
    send(ProfileFactory())

    assert "too many messages in the last hour" in send(ProfileFactory()).text


def test_the_form_tells_of_an_invitation_that_waits_and_leads_back_to_where_it_was_opened(invitation, cleo, client):
    client.force_login(cleo)
    form = f"/talks/invite{invitation.profile.get_absolute_url()}"
    told = f'<a href="{invitation.get_absolute_url()}">View invitation</a>'

    page = client.get(f"{form}?next=/sourcing/%3Fq=x").text
    assert told in page
    assert page.count('href="/sourcing/?q=x"') == 2
    assert 'href="https://elsewhere.test' not in client.get(f"{form}?next=https://elsewhere.test/").text

    invitation.withdraw()
    assert told not in client.get(form).text


@pytest.mark.slow
def test_it_looks_and_does_the_same_for_certified_hidden_and_blocking_profiles(send, cleo, client):
    profiles = [ProfileFactory(name="Same Name", owner=person()) for _ in range(3)]
    CertificationFactory(profile=profiles[1], found=True)
    Block.objects.create(profile=profiles[2], client=cleo.clients.get())
    CertificationFactory(profile=profiles[2], found=True)

    def seen(profile):
        client.force_login(cleo)
        texts = [client.get(f"/talks/invite{profile.get_absolute_url()}").text, send(profile).text]
        sent = TalkInvitation.objects.get(profile=profile)
        texts += [client.get("/talks/").text, client.get(sent.get_absolute_url()).text]
        TalkInvitation.objects.filter(pk=sent.pk).update(client=ClientMembershipFactory(user=person()).client)
        marks = (f"talks/{sent.pk}/", profile.slug)
        return [_plain(text, marks) for text in texts]

    assert seen(profiles[0]) == seen(profiles[1]) == seen(profiles[2])


def _plain(text, marks):
    for mark in marks:
        text = text.replace(mark, "MARK")
    return [line for line in text.splitlines() if "csrf" not in line and "submission" not in line]


@pytest.mark.parametrize("which", ["the client", "another client of the sender"])
def test_of_who_is_blocked_nothing_arrives(which, send, profile, fay, cleo, client):
    blocked = cleo.clients.get() if which == "the client" else ClientMembershipFactory(user=cleo).client
    TalkInvitationFactory(profile=profile, title="Of another client")
    Block.objects.create(profile=profile, client=blocked)

    assert "Sent to Fay Freeman." in plain(send(profile).text)

    assert mail.outbox == []
    client.force_login(fay)
    page = client.get("/inbox/").text
    assert "Of another client" in page
    assert "Year-end accounts</a>" not in page
    sent = TalkInvitation.objects.get(sent_by=cleo)
    assert client.get(sent.inbox_url).status_code == 404
    assert "You have 1 invitation from clients" in client.get("/").text
    client.force_login(cleo)
    client.post(sent.get_absolute_url(), {"text": "Hello?", "submission": str(uuid.uuid4())})
    assert mail.outbox == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # the history tells when each transaction began
def test_what_was_sent_while_a_block_stood_arrives_at_no_time(send, answer, invitation, profile, cleo, fay, client):
    answer(invitation, answer="accepted", text="Yes.")
    sender = invitation.client
    other = ProfileFactory(name="Ned North", owner=fay)

    def write(text):
        client.force_login(cleo)
        client.post(invitation.get_absolute_url(), {"text": text, "submission": str(uuid.uuid4())})

    for blocked in (profile, other):
        clients.block(blocked, sender)
    write("Sent in vain.")
    send(other)
    for blocked in (profile, other):
        assert clients.unblock(blocked, sender)
    write("Sent after it.")

    client.force_login(fay)
    thread = client.get(invitation.inbox_url).text
    assert "Sent after it." in thread
    assert "Sent in vain." not in thread
    assert client.get(TalkInvitation.objects.get(profile=other).inbox_url).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("which", ["the client", "another client of the sender", "another client of the writer"])
def test_who_is_blocked_after_the_answer_is_heard_of_no_more_and_cannot_tell(
    which, answer, invitation, cleo, bo, fay, client, django_capture_on_commit_callbacks
):
    blocked = invitation.client
    if which != "the client":
        blocked = ClientMembershipFactory(user=cleo if "sender" in which else bo).client
    writer = cleo if which == "the client" else bo

    def written(text):
        client.force_login(writer)
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(
                invitation.get_absolute_url(), {"text": text, "submission": str(uuid.uuid4())}, follow=True
            ).text

    answer(invitation, answer="accepted", text="Yes.")
    written("Good.")
    Block.objects.create(profile=invitation.profile, client=blocked)
    mail.outbox.clear()

    page = written("Hello?")

    assert "Sent." in page
    assert [text for text in ("Yes.", "Good.", "Hello?") if text in page] == ["Yes.", "Good.", "Hello?"]
    assert mail.outbox == []
    client.force_login(fay)
    shown = client.get(invitation.inbox_url)
    assert [message.text for message in shown.context["thread"]] == ["Yes.", "Good."]
    # What its colleagues write arrives, if only the writer is blocked.
    assert ("you won't see new messages from them" in shown.text) == ("writer" not in which)
    assert [message.text for message in answer(invitation, text="Bye.").context["thread"]] == ["Yes.", "Good.", "Bye."]


def test_accepting_with_a_message_tells_who_asked(answer, invitation, cleo, client):
    said = answer(invitation, answer="accepted", text="Call me on Monday.")

    assert "Accepted. We told Bright Foods" in plain(said.text)
    [told] = mail.outbox
    assert told.to == [cleo.email]
    assert told.subject == "Fay Freeman accepted your invitation"
    client.force_login(cleo)
    text = client.get(invitation.get_absolute_url()).text
    assert "Accepted" in text
    assert "Call me on Monday." in text


@pytest.mark.slow
def test_asking_first_leaves_the_answer_open_and_the_client_replies(
    answer, invitation, cleo, fay, client, django_capture_on_commit_callbacks
):
    assert "Question awaiting an answer" in answer(invitation, text="How many sites?").text
    assert mail.outbox[0].to == [cleo.email]
    assert "How many sites?" in mail.outbox[0].body

    client.force_login(cleo)
    for page in (invitation.get_absolute_url(), "/talks/"):
        assert "Question awaiting an answer" in client.get(page).text
    with django_capture_on_commit_callbacks(execute=True):
        client.post(invitation.get_absolute_url(), {"text": "Two.", "submission": str(uuid.uuid4())})

    assert mail.outbox[1].to == [fay.email]
    assert "Awaiting a response" in client.get("/talks/").text
    client.force_login(fay)
    for page in (invitation.inbox_url, "/inbox/"):
        assert "Awaiting a response" in client.get(page).text
    assert "Accepted" in answer(invitation, answer="accepted").text


@pytest.mark.slow
def test_a_question_that_only_who_is_blocked_answered_still_waits(answer, invitation, bo, fay, client):
    answer(invitation, text="How many sites?")
    Block.objects.create(profile=invitation.profile, client=ClientMembershipFactory(user=bo).client)
    client.force_login(bo)
    client.post(invitation.get_absolute_url(), {"text": "Two.", "submission": str(uuid.uuid4())})

    assert "Awaiting a response" in client.get("/talks/").text
    client.force_login(fay)
    for page in (invitation.inbox_url, "/inbox/"):
        text = client.get(page).text
        assert "Question awaiting an answer" in text
        assert "Two." not in text


@pytest.mark.slow
def test_a_question_needs_words_and_is_sent_once(answer, invitation):
    assert "Enter a message" in answer(invitation).text
    once = str(uuid.uuid4())
    answer(invitation, text="How many?", submission=once)
    answer(invitation, text="How many?", submission=once)

    assert TalkMessage.objects.count() == len(mail.outbox) == 1


@pytest.mark.slow
def test_another_text_in_a_form_that_was_sent_is_sent_too(answer, invitation, cleo, client):
    once = str(uuid.uuid4())
    answer(invitation, text="How many sites?", submission=once)
    answer(invitation, text="And from when?", submission=once)
    assert "Accepted. We told Bright Foods" in plain(
        answer(invitation, answer="accepted", text="Yes.", submission=once).text
    )
    client.force_login(cleo)
    for text in ("Two.", "From January on."):
        client.post(invitation.get_absolute_url(), {"text": text, "submission": once})

    said = [(message.is_from_client, message.text) for message in TalkMessage.objects.all()]
    assert said == [
        (False, "How many sites?"),
        (False, "And from when?"),
        (False, "Yes."),
        (True, "Two."),
        (True, "From January on."),
    ]


@pytest.mark.slow
def test_a_second_click_on_accept_is_told_the_same_and_sends_nothing_twice(answer, invitation):
    once = str(uuid.uuid4())
    answer(invitation, text="Call me on Monday.", submission=once)  # and with the browser's "Back":
    for _ in range(2):
        said = answer(invitation, answer="accepted", text="Call me on Monday.", submission=once)
        assert "Accepted. We told Bright Foods" in plain(said.text)
    assert "Accepted. We told Bright Foods" in plain(answer(invitation, answer="accepted").text)

    assert [message.text for message in TalkMessage.objects.all()] == ["Call me on Monday."]
    assert len(mail.outbox) == 2
    page = answer(invitation, answer="accepted", text="Or on Tuesday.", submission=once)
    assert "Nothing was sent" in page.text
    assert "Or on Tuesday.</textarea>" in page.text


@pytest.mark.slow
def test_a_no_can_become_a_yes_in_time_and_not_the_reverse(answer, invitation):
    answer(invitation, answer="declined")
    assert "Accepted" in answer(invitation, answer="accepted").text

    said = answer(invitation, answer="declined", text="No.")

    assert "Nothing was sent" in said.text
    invitation.refresh_from_db()
    assert invitation.answer == "accepted"
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("gone", ["withdrawn", "too late"])
def test_what_is_withdrawn_or_over_cannot_be_answered(gone, answer, invitation, cleo, client):
    if gone == "withdrawn":
        client.force_login(cleo)
        said = client.post(f"{invitation.get_absolute_url()}withdraw/", follow=True)
        assert "Invitation withdrawn." in said.text
    else:
        TalkInvitation.objects.update(answer_by=timezone.now().date() - timedelta(days=2))

    said = answer(invitation, answer="accepted", text="Yes.")

    assert "Nothing was sent" in said.text
    assert mail.outbox == []
    assert not TalkMessage.objects.exists()


def test_what_is_answered_cannot_be_withdrawn(answer, invitation, cleo, client):
    answer(invitation, answer="accepted")
    client.force_login(cleo)

    assert "Nothing changed" in client.post(f"{invitation.get_absolute_url()}withdraw/", follow=True).text
    assert TalkInvitation.objects.get().withdrawn_at is None


def test_no_one_else_reads_or_answers(invitation, client):
    for user in (person(), client_person("enterprise"), client_person("basic")):
        client.force_login(user)
        for path in (invitation.get_absolute_url(), f"{invitation.get_absolute_url()}withdraw/", invitation.inbox_url):
            response = client.post(path, {"answer": "accepted", "submission": str(uuid.uuid4())})
            assert response.status_code == 404
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.withdrawn_at) == ("", None)


def test_who_left_the_client_gets_no_mail(answer, invitation, cleo):
    cleo.client_memberships.all().delete()

    answer(invitation, answer="accepted")

    assert mail.outbox == []


def test_no_one_invites_themselves_or_who_is_gone(cleo, client):
    own, gone = ProfileFactory(owner=cleo), ProfileFactory(is_active=False)
    client.force_login(cleo)

    assert client.get(f"/talks/invite{own.get_absolute_url()}").status_code == 403
    assert client.get(f"/talks/invite{gone.get_absolute_url()}").status_code == 404
    assert "/talks/invite/" not in client.get(own.get_absolute_url()).text


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("talk_answer_complete", {"answer": "accepted"}),
        ("talk_budget_positive", {"budget": 0}),
    ],
)
def test_the_database_refuses_half_an_answer(constraint, values, invitation):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        TalkInvitation.objects.update(**values)


def test_the_database_keeps_one_open_and_no_empty_message(invitation):
    with pytest.raises(IntegrityError, match="talk_open_once"), transaction.atomic():
        TalkInvitationFactory(client=invitation.client, profile=invitation.profile)
    with pytest.raises(IntegrityError, match="talk_message_says_something"), transaction.atomic():
        TalkMessage.objects.create(invitation=invitation, is_from_client=True, text="")


@pytest.mark.parametrize("page", ["/inbox/", "/talks/"])
def test_lists_cost_the_same_however_long(page, cleo, fay, profile, client, django_assert_num_queries):
    client.force_login(fay if page == "/inbox/" else cleo)
    for _ in range(2):
        TalkInvitationFactory(profile=profile)
        TalkInvitationFactory(client=cleo.clients.get())
        client.get(page)
        with django_assert_num_queries(5 if page == "/inbox/" else 6):
            client.get(page)
