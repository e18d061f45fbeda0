"""Cards, profiles and lists tell what the own client has done with a profile, and nothing of another client's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.models import Block
from profiles.models import Client, Profile
from sourcing import shortlists, terms
from sourcing.models import Shortlist, ShortlistEntry, TalkInvitation, TalkMessage
from tests.factories import CertificationFactory, ClientMembershipFactory, ProfileFactory, TalkInvitationFactory
from tests.site import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile():
    return CertificationFactory(profile=ProfileFactory(name="Fay Freeman", owner=person()), found=True).profile


@pytest.fixture
def buyer(cleo):
    return cleo.clients.get()


@pytest.fixture
def listed(cleo, buyer):
    """Puts a profile on a list of Cleo's client; returns the entry."""

    def put(profile, name="Q1 RFP"):
        chosen, _ = Shortlist.objects.get_or_create(client=buyer, name=name)
        return shortlists.add(chosen, profile, by=cleo)[0]

    return put


def pages(profile):
    return ["/sourcing/", "/talent/", profile.get_absolute_url()]


def test_cards_and_profiles_name_the_lists_and_mark_a_note(profile, listed, cleo, client):
    entry = listed(profile)
    entry.write_note("Free in June.", by=cleo, version=0)
    listed(profile, "Autumn")
    client.force_login(cleo)

    for path in pages(profile):
        text = client.get(path).text
        assert f'href="/sourcing/entries/{entry.pk}/note/">On <bdi translate="no">Q1 RFP</bdi>, with a note</a>' in text
        assert 'On <bdi translate="no">Autumn</bdi></a>' in text
        assert "Free in June." not in text
    place = client.get(f"/sourcing/entries/{entry.pk}/note/").url
    assert place == f"/sourcing/shortlists/{entry.shortlist_id}/?page=1#entry-{entry.pk}"


def test_a_list_names_the_other_lists_and_not_itself(profile, listed, cleo, client):
    entry = listed(profile)
    listed(profile, "Autumn")
    client.force_login(cleo)

    text = client.get(f"/sourcing/shortlists/{entry.shortlist_id}/").text

    assert 'On <bdi translate="no">Autumn</bdi>' in text
    assert 'On <bdi translate="no">Q1 RFP</bdi>' not in text


def test_a_comparison_names_the_other_lists_and_the_invitation(profile, listed, buyer, cleo, client):
    entry = listed(profile)
    listed(profile, "Autumn")
    TalkInvitationFactory(client=buyer, profile=profile)
    client.force_login(cleo)

    text = client.get(f"/sourcing/shortlists/{entry.shortlist_id}/compare/", {"entry": entry.pk}).text

    assert 'On <bdi translate="no">Autumn</bdi>' in text
    assert 'On <bdi translate="no">Q1 RFP</bdi>' not in text
    assert "awaiting a response</a>" in text


def test_of_many_lists_three_are_named(profile, listed, cleo, client):
    for name in "ABCDE":
        listed(profile, name)
    client.force_login(cleo)

    text = client.get("/sourcing/").text

    assert text.count('On <bdi translate="no">') == 3
    assert "and 2 more shortlists" in text


@pytest.mark.parametrize("gone", ["entry", "list"])
def test_what_was_removed_is_not_told(gone, profile, listed, cleo, client):
    entry = listed(profile)
    client.force_login(cleo)
    assert all("Q1 RFP" in client.get(path).text for path in pages(profile))

    if gone == "entry":
        ShortlistEntry.objects.filter(pk=entry.pk).remove()
    else:
        Shortlist.objects.filter(pk=entry.shortlist_id).remove()

    assert not any("Q1 RFP" in client.get(path).text for path in pages(profile))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "awaiting a response"),
        ({"answer": "accepted", "answered_at": timezone.now()}, "accepted"),
        ({"answer": "declined", "answered_at": timezone.now()}, "declined"),
        ({"answer_by": timezone.now().date() - timedelta(days=3)}, "no response in time"),
    ],
)
def test_the_last_invitation_tells_where_it_stands(changed, words, profile, buyer, cleo, client):
    TalkInvitationFactory(
        client=buyer,
        profile=profile,
        answer="declined",
        answered_at=timezone.now(),
        sent_at=timezone.now() - timedelta(days=40),
    )
    invitation = TalkInvitationFactory(client=buyer, profile=profile, **changed)
    sent = f"{invitation.sent_on:%b} {invitation.sent_on.day}"
    client.force_login(cleo)

    for path in pages(profile):
        text = client.get(path).text
        assert f'<a href="{invitation.get_absolute_url()}">Invited {sent}, {words}</a>' in text
        assert text.count("Invited ") == 1


@pytest.mark.slow
def test_an_invitation_has_the_date_of_the_owner_on_every_page(profile, buyer, cleo, client):
    """A day late in UTC: 9 p.m. of November 27 in Honolulu."""
    Profile.objects.filter(pk=profile.pk).update(time_zone="Pacific/Honolulu")
    year = timezone.now().year - 1
    sent_at = datetime(year, 11, 28, 7, tzinfo=UTC)
    invitation = TalkInvitationFactory(
        client=buyer, profile=profile, sent_at=sent_at, answer="accepted", answered_at=sent_at
    )
    invitation.messages.create(is_from_client=True, text="Thank you.", sent_at=sent_at)
    client.force_login(cleo)
    texts = [client.get(path).text for path in ["/talks/", invitation.get_absolute_url(), *pages(profile)]]
    client.force_login(profile.users.get())
    texts += [client.get(path).text for path in ["/inbox/", invitation.inbox_url]]

    assert [text for text in texts if f"Nov 27, {year}" not in text or f"Nov 28, {year}" in text] == []
    assert f"Nov 27, {year}, 9:00 PM HST" in texts[-1]


def test_an_invitation_of_another_year_names_it(profile, buyer, cleo, client):
    sent_at = timezone.now().replace(year=timezone.now().year - 1, month=3, day=5, hour=18)
    TalkInvitationFactory(client=buyer, profile=profile, sent_at=sent_at, answer="accepted", answered_at=timezone.now())
    client.force_login(cleo)

    assert f"Invited Mar 5, {sent_at.year}, accepted" in client.get("/sourcing/").text


def test_a_question_is_told_and_a_withdrawn_invitation_is_not(profile, buyer, cleo, client):
    invitation = TalkInvitationFactory(client=buyer, profile=profile)
    TalkMessage.objects.create(invitation=invitation, is_from_client=False, text="How many sites?")
    client.force_login(cleo)
    assert "question awaiting an answer</a>" in client.get("/sourcing/").text

    TalkInvitation.objects.update(withdrawn_at=timezone.now())

    assert not any("Invited " in client.get(path).text for path in pages(profile))


def test_to_a_blocked_client_its_invitation_looks_as_unanswered_as_any(profile, buyer, cleo, client):
    TalkInvitationFactory(client=buyer, profile=profile)
    client.force_login(cleo)
    Block.objects.create(profile=profile, client=buyer)

    assert "awaiting a response" in client.get(profile.get_absolute_url()).text


def test_nothing_of_another_clients_is_told(profile, listed, buyer, client):
    entry = listed(profile)
    TalkInvitationFactory(client=buyer, profile=profile)
    other = ClientMembershipFactory(user=person(), client__name="Alder Foods")
    terms.accept(other.client_id, purpose="To invite small businesses.", by=other.user)
    client.force_login(other.user)
    before = [client.get(path).text for path in pages(profile)]
    assert all(profile.name in text for text in before)

    assert not any("Q1 RFP" in text or "Invited " in text or "dealings" in text for text in before)
    assert client.get(f"/sourcing/entries/{entry.pk}/note/").status_code == 404


def test_a_client_on_any_plan_reads_its_own_and_others_nothing(profile, listed, buyer, cleo, client):
    listed(profile)
    TalkInvitationFactory(client=buyer, profile=profile)
    for plan in ("basic", "plus"):
        Client.objects.filter(pk=buyer.pk).update(plan=plan)
        client.force_login(cleo)
        for path in ("/talent/", profile.get_absolute_url()):
            text = client.get(path).text
            assert 'On <bdi translate="no">Q1 RFP</bdi>' in text
            assert "awaiting a response</a>" in text
    Client.objects.filter(pk=buyer.pk).update(is_active=False)
    assert not any("dealings" in client.get(path).text for path in ("/talent/", profile.get_absolute_url()))
    client.logout()
    assert not any("dealings" in client.get(path).text for path in ("/talent/", profile.get_absolute_url()))


def test_the_owners_preview_as_a_client_tells_nothing_of_its_lists(profile, listed, buyer, client):
    listed(profile)
    TalkInvitationFactory(client=buyer, profile=profile)
    client.force_login(profile.users.get())

    shown = client.get(f"{profile.get_absolute_url()}preview/", {"client": buyer.slug})

    assert shown.status_code == 200
    assert "Q1 RFP" not in shown.text
    assert "Invited " not in shown.text


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/sourcing/", "/talent/", "compare"])
def test_a_page_costs_the_same_queries_whatever_was_done(path, listed, buyer, cleo, client):
    client.force_login(cleo)
    entries, counts = [], []
    for length in (1, 4):
        while len(entries) < length:
            entries.append(listed(CertificationFactory(found=True).profile))
            listed(entries[-1].profile, f"List {len(entries)}")
            TalkInvitationFactory(client=buyer, profile=entries[-1].profile)
        ticked = "&".join(f"entry={entry.pk}" for entry in entries)
        address = path if path != "compare" else f"/sourcing/shortlists/{entries[0].shortlist_id}/compare/?{ticked}"
        client.get(address)  # whoever is new is noted
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).text.count('class="dealings"') == length
        counts.append(len(captured))

    assert len(set(counts)) == 1


def test_cancel_puts_back_the_button_alone_and_leads_where_one_was(profile, cleo, client):
    client.force_login(cleo)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sourcing/?q=fay"}

    put_back = client.get(f"/sourcing/save{profile.get_absolute_url()}?cancel", headers=headers).text

    assert "?next=/sourcing/%3Fq%3Dfay" in put_back or "?next=%2Fsourcing%2F%3Fq%3Dfay" in put_back
    assert "data-focus" in put_back
    assert "Contact" not in put_back


def test_a_click_elsewhere_puts_back_the_button_and_leaves_the_focus(profile, cleo, client):
    client.force_login(cleo)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sourcing/"}

    put_back = client.get(f"/sourcing/save{profile.get_absolute_url()}?cancel=away", headers=headers).text

    assert "Shortlist" in put_back
    assert "data-focus" not in put_back


def test_an_invitation_that_was_sent_from_a_list_leads_back_to_it(profile, listed, cleo, client):
    page = f"/sourcing/shortlists/{listed(profile).shortlist_id}/"
    client.force_login(cleo)
    values = {
        "title": "Year-end accounts",
        "text": "From January on.",
        "answer_by": (profile.today() + timedelta(days=14)).isoformat(),
        "submission": "2f1e7b58-6f0a-4c1f-8a53-0a3f1a4f3c11",
    }

    sent = client.post(f"/talks/invite{profile.get_absolute_url()}?next={page}", values)

    assert sent.url == page
    assert "awaiting a response" in client.get(page).text
