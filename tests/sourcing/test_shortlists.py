"""Shortlists: shared within a client, of two members at once nothing is lost, and nothing is told that is hidden."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.html import escape

from certifications.models import Block, ClientView
from certifications.sharing import seen_by
from common.translation import plain
from profiles.models import Profile
from sourcing import shortlists, terms
from sourcing.models import Shortlist, ShortlistEntry
from sourcing.models.shortlist import RESTORABLE_FOR
from sourcing.views import shortlists as shortlist_views
from tests.factories import CertificationFactory, ClientMembershipFactory, ProfileFactory
from tests.site import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def shortlist(cleo):
    return Shortlist.objects.create(client=cleo.clients.get(), name="Spring bids", created_by=cleo)


@pytest.fixture
def entry(shortlist, cleo):
    return shortlists.add(shortlist, ProfileFactory(name="Fay Freeman"), by=cleo)[0]


def page(shortlist):
    return f"/sourcing/shortlists/{shortlist.pk}/"


def noted(browser, entry, note, version=0, **kwargs):
    return browser.post(f"/sourcing/entries/{entry.pk}/note/", {"note": note, "version": version}, **kwargs)


def test_a_list_is_made_and_a_colleague_sees_it(cleo, bo, client):
    client.force_login(cleo)
    made = client.post("/sourcing/shortlists/", {"name": "Spring bids"}, follow=True)
    assert "No profiles yet" in made.text

    client.force_login(bo)
    assert "Spring bids" in client.get("/sourcing/shortlists/").text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Enter the shortlist name"),
        ("spring BIDS", "already has a shortlist with this name"),
        ("a\x00b", "a character that can"),
    ],
)
def test_a_bad_name_is_said_next_to_the_field(name, said, shortlist, cleo, client):
    client.force_login(cleo)

    for url in ("/sourcing/shortlists/", page(Shortlist.objects.create(client=shortlist.client, name="Other"))):
        assert said in client.post(url, {"name": name}).text
    assert Shortlist.objects.count() == 2


def test_the_database_keeps_names_and_entries_apart(entry):
    with pytest.raises(IntegrityError, match="shortlist_name_once_a_client"), transaction.atomic():
        Shortlist.objects.create(client=entry.shortlist.client, name="SPRING bids")
    with pytest.raises(IntegrityError, match="shortlist_entry_once"), transaction.atomic():
        ShortlistEntry.objects.create(shortlist=entry.shortlist, profile=entry.profile)


def test_another_client_finds_none_of_it(entry, client):
    other = ClientMembershipFactory(user=person()).user
    terms.accept(other.clients.get().pk, purpose="To look.", by=other)
    client.force_login(other)

    assert "Spring bids" not in client.get("/sourcing/shortlists/").text
    for path in (page(entry.shortlist), f"{page(entry.shortlist)}compare/?entry={entry.pk}"):
        assert client.get(path).status_code == 404
    for path in (page(entry.shortlist), f"{page(entry.shortlist)}remove/", f"{page(entry.shortlist)}restore/"):
        assert client.post(path, {"name": "Mine"}).status_code == 404
    for act in ("note", "move", "remove", "restore"):
        assert client.post(f"/sourcing/entries/{entry.pk}/{act}/", {"note": "x", "version": 0}).status_code == 404
    assert "Spring bids" not in client.get(f"/sourcing/save{entry.profile.get_absolute_url()}").text
    foreign = {"shortlist": entry.shortlist_id}
    assert "That shortlist is gone." in client.post(f"/sourcing/save{entry.profile.get_absolute_url()}", foreign).text


def test_from_a_card_someone_is_added_once_and_can_be_taken_off_again(shortlist, cleo, client):
    profile = ProfileFactory(name="Fay Freeman")
    client.force_login(cleo)
    save = f"/sourcing/save{profile.get_absolute_url()}"
    assert "Spring bids" in client.get(save).text

    added = client.post(save, {"shortlist": shortlist.pk, "next": "/sourcing/?q=x"}, follow=True)
    again = client.post(save, {"shortlist": shortlist.pk}, follow=True)

    assert added.request["QUERY_STRING"] == "q=x"
    assert "Fay Freeman added to Spring bids." in plain(added.text)
    assert "Fay Freeman is already on Spring bids." in plain(again.text)
    entry = ShortlistEntry.objects.get()
    assert (entry.profile, entry.added_by) == (profile, cleo)
    assert "Added" in client.get(save).text
    assert f"/sourcing/entries/{entry.pk}/remove/" in added.text  # the way back


def test_a_link_to_elsewhere_leads_to_the_profile_instead(shortlist, cleo, client):
    profile = ProfileFactory()
    client.force_login(cleo)
    data = {"shortlist": shortlist.pk, "next": "https://elsewhere.test/"}

    assert client.post(f"/sourcing/save{profile.get_absolute_url()}", data).url == profile.get_absolute_url()


def test_a_new_list_is_made_with_its_first_entry(cleo, client):
    profile = ProfileFactory()
    client.force_login(cleo)
    save = f"/sourcing/save{profile.get_absolute_url()}"

    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sourcing/?q=x"}
    response = client.post(save, {"name": "Autumn"}, headers=headers)

    assert "added to Autumn" in plain(response.text)
    assert "<html" not in response.text
    entry = ShortlistEntry.objects.get()
    assert entry.shortlist.name == "Autumn"
    assert f'action="/sourcing/entries/{entry.pk}/remove/"' in response.text  # its undo, back to the search
    assert 'name="next" value="/sourcing/?q=x"' in response.text
    assert "already has a shortlist with this name" in client.post(save, {"name": "autumn"}).text


def test_of_two_notes_at_once_neither_is_lost(entry, cleo, bo, client):
    client.force_login(bo)
    noted(client, entry, "Bo called: free in June.")

    client.force_login(cleo)
    response = noted(client, entry, "Cleo asks for two references.")

    assert "Bo Brand changed this note while you were writing" in response.text
    assert "Bo called: free in June." in response.text
    assert "Cleo asks for two references.</textarea>" in response.text
    entry.refresh_from_db()
    assert (entry.note, entry.noted_by) == ("Bo called: free in June.", bo)
    assert noted(client, entry, "Free in June; two references.", version=1).status_code == 302
    entry.refresh_from_db()
    assert entry.note == "Free in June; two references."


def test_a_second_click_on_save_is_no_conflict(entry, cleo, client):
    client.force_login(cleo)

    assert noted(client, entry, "Free in June.").status_code == 302
    assert noted(client, entry, "Free in June.").status_code == 302


def test_a_note_too_long_is_refused_and_kept(entry, cleo, client):
    client.force_login(cleo)

    response = noted(client, entry, "x" * 1001)

    assert "at most 1,000 characters" in response.text
    assert "x" * 1001 in response.text


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Cleo asks for two references.", "Bo Brand changed this note while you were writing"),
        ("x" * 1001, "at most 1,000"),
    ],
)
def test_a_note_that_was_not_saved_is_kept_also_on_a_later_page(note, said, shortlist, cleo, bo, client, monkeypatch):
    monkeypatch.setattr(shortlist_views, "PER_PAGE", 2)
    entries = [shortlists.add(shortlist, ProfileFactory(), by=cleo)[0] for _ in range(5)]
    ShortlistEntry.objects.update(added_at=timezone.now())  # as of one moment, so that the key decides
    entries[1].write_note("Bo called: free in June.", by=bo, version=0)
    client.force_login(cleo)

    response = noted(client, entries[1], note)

    assert [shown.entry for shown, _, _ in response.context["rows"]] == [entries[2], entries[1]]
    kept = response.text.split(f'id="entry-{entries[1].pk}"')[1].split("</article>")[0]
    assert said in kept
    assert f"{note}</textarea>" in kept
    assert f'rel="next" href="{page(shortlist)}?page=3"' in response.text
    again = noted(client, entries[1], "Free in June; two references.", version=1)
    assert again.url == f"{page(shortlist)}?page=2#entry-{entries[1].pk}"
    assert "Free in June; two references." in client.get(again.url).text


def test_an_entry_moves_with_its_note(entry, cleo, client):
    other = Shortlist.objects.create(client=entry.shortlist.client, name="Autumn")
    entry.write_note("Free in June.", by=cleo, version=0)
    client.force_login(cleo)

    move = f"/sourcing/entries/{entry.pk}/move/?from={entry.shortlist_id}"
    assert f'action="{move}"' in client.get(page(entry.shortlist)).text

    said = client.post(move, {"shortlist": other.pk}, follow=True).text

    assert "Moved to Autumn, with its note." in plain(said)
    entry.refresh_from_db()
    assert (entry.shortlist, entry.note) == (other, "Free in June.")


def test_a_move_is_undone_by_its_message(entry, cleo, client):
    before = entry.shortlist
    other = Shortlist.objects.create(client=before.client, name="Autumn")
    client.force_login(cleo)
    move = f"/sourcing/entries/{entry.pk}/move/?from={before.pk}"
    said = client.post(move, {"shortlist": other.pk}, follow=True).text
    assert "Moved to Autumn." in plain(said)  # it has no note
    undo = f"/sourcing/entries/{entry.pk}/move/?shortlist={before.pk}&from={other.pk}"
    assert f'action="{escape(undo)}"' in said

    assert client.post(undo, {"next": page(before)}).url == page(before)

    entry.refresh_from_db()
    assert entry.shortlist == before


def test_what_a_colleague_has_moved_meanwhile_is_not_moved_again_from_a_stale_page(entry, cleo, client):
    before = entry.shortlist
    other, third = (Shortlist.objects.create(client=before.client, name=name) for name in ("Autumn", "Winter"))
    shortlists.move(entry, other)
    client.force_login(cleo)

    move = f"/sourcing/entries/{entry.pk}/move/?from={before.pk}"
    response = client.post(move, {"shortlist": third.pk}, follow=True)

    assert "Not moved. " in response.text
    assert response.redirect_chain[-1][0] == page(before)
    entry.refresh_from_db()
    assert entry.shortlist == other


@pytest.mark.parametrize("act", ["move on", "move back", "remove", "remove the list"])
def test_the_undo_of_a_move_takes_back_nothing_that_a_colleague_did_since(act, entry, cleo, client):
    before = entry.shortlist
    other, third = (Shortlist.objects.create(client=before.client, name=name) for name in ("Autumn", "Winter"))
    shortlists.move(entry, other)
    moved = ShortlistEntry.objects.filter(pk=entry.pk)
    match act:
        case "move on":
            moved.update(shortlist=third)
        case "move back":
            moved.update(shortlist=before)
        case "remove":
            moved.remove()
        case "remove the list":
            Shortlist.objects.filter(pk=before.pk).remove()
    kept = moved.values().get()
    client.force_login(cleo)

    said = client.post(
        f"/sourcing/entries/{entry.pk}/move/?shortlist={before.pk}&from={other.pk}", {"next": page(other)}, follow=True
    )

    assert "Not moved. " in said.text
    assert moved.values().get() == kept


def test_someone_on_a_list_can_be_invited_from_there_while_available(entry, cleo, client):
    client.force_login(cleo)
    invite = f'href="/talks/invite{entry.profile.get_absolute_url()}?next={page(entry.shortlist)}"'
    assert invite in client.get(page(entry.shortlist)).text

    Profile.objects.update(is_active=False)

    assert invite not in client.get(page(entry.shortlist)).text


def test_an_entry_that_is_there_already_is_not_moved_and_not_lost(entry, cleo):
    other = Shortlist.objects.create(client=entry.shortlist.client, name="Autumn")
    shortlists.add(other, entry.profile, by=cleo)

    assert not shortlists.move(entry, other)
    assert ShortlistEntry.objects.kept().count() == 2


def test_of_two_moves_the_second_finds_it_gone(entry):
    first, second = (Shortlist.objects.create(client=entry.shortlist.client, name=name) for name in ("A", "B"))
    stale = ShortlistEntry.objects.get()

    assert shortlists.move(entry, first)
    assert not shortlists.move(stale, second)
    entry.refresh_from_db()
    assert entry.shortlist == first


def test_removing_can_be_undone_and_tells_so(entry, cleo, client):
    entry.write_note("Free in June.", by=cleo, version=0)
    client.force_login(cleo)

    removed = client.post(f"/sourcing/entries/{entry.pk}/remove/", follow=True).text
    assert "No profiles yet" in removed
    assert f"/sourcing/entries/{entry.pk}/restore/" in removed
    again = client.post(f"/sourcing/entries/{entry.pk}/remove/", follow=True).text  # a second click, or a colleague's
    assert "Nothing changed. It was already removed." in again
    assert f"/sourcing/entries/{entry.pk}/restore/" in again

    back = client.post(f"/sourcing/entries/{entry.pk}/restore/", follow=True).text
    assert "Restored to the shortlist." in back
    assert "Free in June." in back
    assert "Nothing changed" in client.post(f"/sourcing/entries/{entry.pk}/restore/", follow=True).text


def test_an_entry_added_anew_is_not_doubled_by_the_undo(entry, cleo, client):
    client.force_login(cleo)
    client.post(f"/sourcing/entries/{entry.pk}/remove/")
    shortlists.add(entry.shortlist, entry.profile, by=cleo)

    said = client.post(f"/sourcing/entries/{entry.pk}/restore/", follow=True).text

    assert "Remove that one first" in said
    assert ShortlistEntry.objects.kept().count() == 1


@pytest.mark.slow
def test_of_two_new_names_at_once_neither_is_lost(shortlist, cleo, bo, client):
    client.force_login(bo)
    client.post(page(shortlist), {"name": "Bids of spring", "was": "Spring bids"})
    client.force_login(cleo)

    response = client.post(page(shortlist), {"name": "Bids", "was": "Spring bids"})

    assert 'translate="no">Bids of spring</h1>' in response.text
    assert "Someone renamed it to “Bids of spring”" in response.text
    assert 'value="Bids"' in response.text
    assert '<input type="hidden" name="was" value="Bids of spring"' in response.text
    assert Shortlist.objects.get().name == "Bids of spring"
    for _ in range(2):  # a second click is no conflict
        again = client.post(page(shortlist), {"name": "Bids", "was": "Bids of spring"}, follow=True)
        assert "Renamed to Bids." in plain(again.text)
    assert '<input type="hidden" name="was" value="Bids"' in again.text
    assert Shortlist.objects.get().name == "Bids"


def test_a_list_removed_by_a_colleague_takes_no_one_and_comes_back_whole(entry, cleo, bo, client):
    client.force_login(bo)
    client.post(f"{page(entry.shortlist)}remove/")
    client.force_login(cleo)
    said = client.post(f"/sourcing/save{entry.profile.get_absolute_url()}", {"shortlist": entry.shortlist_id}).text
    assert "That shortlist is gone." in said
    for gone in (page(entry.shortlist), f"{page(entry.shortlist)}compare/"):
        told = client.get(gone, follow=True)
        assert told.redirect_chain == [("/sourcing/shortlists/", 302)]
        assert "“Spring bids” was already removed." in plain(told.text)
        assert f'action="{page(entry.shortlist)}restore/"' in told.text

    client.post(f"{page(entry.shortlist)}restore/")

    assert "Fay Freeman" in client.get(page(entry.shortlist)).text


@pytest.mark.parametrize("removed", ["entry", "list"])
def test_a_note_on_what_a_colleague_removed_comes_back_with_it(removed, entry, cleo, client):
    client.force_login(cleo)
    chosen = {"entry": ShortlistEntry.objects, "list": Shortlist.objects}[removed]
    chosen.remove()

    said = noted(client, entry, "Free in June.", follow=True).text

    assert "while you were writing. Your note was saved with it." in said
    undo = f"/sourcing/entries/{entry.pk}/restore/" if removed == "entry" else f"{page(entry.shortlist)}restore/"
    assert f'action="{undo}"' in said
    client.post(undo)
    assert "Free in June." in client.get(page(entry.shortlist)).text


def test_a_note_that_cannot_be_saved_on_what_was_removed_is_given_back(entry, cleo, bo, client):
    entry.write_note("Bo called.", by=bo, version=0)
    ShortlistEntry.objects.remove()
    client.force_login(cleo)

    said = noted(client, entry, "Free in June.", follow=True).text

    assert "Your note wasn&#x27;t saved." in said
    assert "You wrote: “Free in June.”" in said
    said = client.post(f"/sourcing/entries/{entry.pk}/note/", follow=True).text
    assert "Nothing was saved." in said
    assert "None" not in said
    entry.refresh_from_db()
    assert entry.note == "Bo called."


def test_what_was_removed_long_ago_is_deleted(entry):
    ShortlistEntry.objects.update(removed_at=timezone.now() - RESTORABLE_FOR)

    assert shortlists.remove_old() == 1
    assert not ShortlistEntry.objects.exists()


def test_a_full_list_says_so(entry, cleo, client, monkeypatch):
    monkeypatch.setattr(ShortlistEntry, "MOST", 1)
    client.force_login(cleo)

    said = client.post(f"/sourcing/save{ProfileFactory().get_absolute_url()}", {"shortlist": entry.shortlist_id}).text

    assert "Spring bids is full" in said


def test_the_list_shows_what_the_rule_shows_now_and_the_owner_reads_of_it(shortlist, cleo, client):
    record = CertificationFactory()
    shortlists.add(shortlist, record.profile, by=cleo)
    client.force_login(cleo)

    assert (
        "Businesses can see that your organization viewed their certification on a shortlist"
        in client.get("/sourcing/shortlists/").text
    )
    assert record.type.name in client.get(page(shortlist)).text
    assert [log.clients for log in seen_by.log(record.profile)[0]] == [[("Bright Foods", "On a list of theirs", 1)]]

    Block.objects.create(profile=record.profile, client=shortlist.client)
    shown = client.get(page(shortlist)).text
    assert record.profile.name in shown
    assert record.type.name not in shown
    assert "No certification is visible to you." in shown


def test_who_asks_for_the_headers_alone_was_shown_nothing(shortlist, cleo, client):
    entry, _ = shortlists.add(shortlist, CertificationFactory().profile, by=cleo)
    client.force_login(cleo)

    for path in (page(shortlist), f"{page(shortlist)}compare/?entry={entry.pk}"):
        assert client.head(path).status_code == 200
    assert not ClientView.objects.exists()


def test_who_never_had_a_certification_looks_like_who_hides_it(shortlist, cleo, client):
    hidden, never = CertificationFactory(profile=ProfileFactory(name="Same Name")), ProfileFactory(name="Same Name")
    hidden.hide()
    client.force_login(cleo)

    def seen(profile):
        entry, _ = shortlists.add(shortlist, profile, by=cleo)
        text = client.get(page(shortlist)).text
        ShortlistEntry.objects.filter(pk=entry.pk).delete()
        for mark, value in (("SLUG", profile.slug), ("AVATAR", profile.avatar_class), ("PK", entry.pk)):
            text = text.replace(str(value), mark)
        return text[text.index("<article") : text.index("</article>")].split("csrfmiddlewaretoken")[0]

    assert seen(hidden.profile) == seen(never)


@pytest.mark.parametrize("gone", ["taken down", "deleted"])
def test_an_entry_that_is_gone_says_so_and_not_why(gone, entry, cleo, client):
    entry.write_note("Free in June.", by=cleo, version=0)
    profile = entry.profile
    if gone == "deleted":
        profile.delete()
    else:
        profile.is_active = False
        profile.save()
    client.force_login(cleo)

    for path in (page(entry.shortlist), f"{page(entry.shortlist)}compare/?entry={entry.pk}"):
        text = client.get(path).text
        assert "No longer available" in text
        assert "Fay Freeman" not in text
        assert "Free in June." in text


def test_each_picker_on_a_page_has_labels_of_its_own(cleo, client):
    client.force_login(cleo)
    profiles = [CertificationFactory(found=True).profile for _ in range(2)]

    for profile in profiles:
        picker = client.get(f"/sourcing/save{profile.get_absolute_url()}", headers={"HX-Request": "true"}).text
        assert f'for="{profile.pk}_name"' in picker
        assert f'id="{profile.pk}_name"' in picker


@pytest.mark.slow
def test_up_to_four_stand_side_by_side(shortlist, cleo, client):
    entries = [shortlists.add(shortlist, CertificationFactory().profile, by=cleo)[0] for _ in range(5)]
    client.force_login(cleo)
    keys = [f"entry={entry.pk}" for entry in entries]

    four = client.get(f"{page(shortlist)}compare/?{'&'.join(keys[:4])}").text

    for entry in entries[:4]:
        assert entry.profile.name in four
        assert entry.profile.certifications.get().type.name in four
    assert entries[4].profile.name not in four
    for query in ("", "&".join(keys), "entry=x", "entry=99999999999999999999"):
        response = client.get(f"{page(shortlist)}compare/?{query}", follow=True)
        assert "Select up to 4 profiles to compare." in response.text
        is_many = query.count("entry") > 1
        assert ("You selected 5." in response.text) == is_many
        assert response.text.count('form="ticked" checked>') == (5 if is_many else 0)


def test_the_page_costs_the_same_however_long_the_list(shortlist, cleo, client, django_assert_num_queries):
    client.force_login(cleo)
    for length in (1, 4):
        while shortlist.entries.count() < length:
            shortlists.add(shortlist, CertificationFactory().profile, by=cleo)
        client.get(page(shortlist))
        with django_assert_num_queries(14):
            client.get(page(shortlist))
