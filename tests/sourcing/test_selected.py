"""What is done at once with the profiles selected on a shortlist: all of them, or told which not, and undone."""

import re
from html import unescape

import pytest

from common.translation import plain
from sourcing import shortlists
from sourcing.models import Export, Shortlist, ShortlistEntry
from tests.factories import ProfileFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring(cleo):
    return Shortlist.objects.create(client=cleo.clients.get(), name="Spring bids", created_by=cleo)


@pytest.fixture
def autumn(spring):
    return Shortlist.objects.create(client=spring.client, name="Autumn")


@pytest.fixture
def entries(spring, cleo):
    profiles = [ProfileFactory(name=name) for name in ("Fay Freeman", "Cal Coast", "Nia New")]
    return [shortlists.add(spring, profile, by=cleo)[0] for profile in profiles]


@pytest.fixture
def select(client, cleo, spring):
    """Presses a button of the selection for some entries; returns the page that follows."""
    client.force_login(cleo)

    def select(do, entries, **more):
        data = {"do": do, "entry": [entry.pk for entry in entries], **more}
        return client.post(f"/sourcing/shortlists/{spring.pk}/selected/", data, follow=True)

    return select


def undo_of(page):
    """Return the address that the message's Undo posts to."""
    [address] = re.findall(r'action="([^"]+do=[^"]+)"', page.text)
    return unescape(address)


def on(shortlist):
    return {entry.profile.name for entry in shortlist.entries.kept()}


def test_selected_profiles_are_removed_and_brought_back(spring, entries, select, client):
    removed = select("remove", entries[:2])

    assert "2 profiles removed from the shortlist." in removed.text
    assert on(spring) == {"Nia New"}

    restored = client.post(undo_of(removed), follow=True)

    assert "2 profiles restored to the shortlist." in restored.text
    assert on(spring) == {"Fay Freeman", "Cal Coast", "Nia New"}
    assert "Nothing changed." in client.post(undo_of(removed), follow=True).text


def test_the_undo_leaves_out_who_was_added_again(spring, entries, select, client, cleo):
    removed = select("remove", entries[:2])
    shortlists.add(spring, entries[0].profile, by=cleo)

    assert "1 profile restored to the shortlist." in client.post(undo_of(removed), follow=True).text
    assert spring.entries.kept().count() == 3


def test_selected_profiles_are_moved_with_their_notes_and_back(spring, autumn, entries, select, client, cleo):
    entries[0].write_note("Free in June.", by=cleo, version=0)

    moved = select("move", entries[:2], shortlist=autumn.pk)

    assert "2 profiles moved to Autumn." in plain(moved.text)
    assert on(autumn) == {"Fay Freeman", "Cal Coast"}
    assert autumn.entries.get(pk=entries[0].pk).note == "Free in June."

    assert "2 profiles moved to Spring bids." in plain(client.post(undo_of(moved), follow=True).text)
    assert on(spring) == {"Fay Freeman", "Cal Coast", "Nia New"}


def test_who_cannot_be_moved_stays_and_is_counted(spring, autumn, entries, select, cleo):
    shortlists.add(autumn, entries[0].profile, by=cleo)

    moved = select("move", entries[:2], shortlist=autumn.pk)

    assert "1 profile moved to Autumn." in plain(moved.text)
    assert "1 profile not moved." in moved.text
    assert on(spring) == {"Fay Freeman", "Nia New"}


def test_no_more_are_moved_than_find_room(autumn, entries, select, monkeypatch):
    monkeypatch.setattr(ShortlistEntry, "MOST", 1)

    moved = select("move", entries, shortlist=autumn.pk)

    assert "1 profile moved to Autumn." in plain(moved.text)
    assert "2 profiles not moved." in moved.text


def test_an_entry_of_a_deleted_profile_is_moved_as_well(autumn, entries, select):
    ShortlistEntry.objects.filter(pk=entries[0].pk).update(profile=None)

    assert "1 profile moved to Autumn." in plain(select("move", entries[:1], shortlist=autumn.pk).text)


@pytest.mark.parametrize(
    ("do", "heading"),
    [("compare", "Compare"), ("contact", "Contact several profiles"), ("export", "Create an export")],
)
def test_selected_profiles_are_taken_to_the_page_for_them(do, heading, entries, select):
    page = select(do, entries[:2], next="/sourcing/shortlists/", page="1")

    assert f"<h1>{heading}</h1>" in page.text or f">{heading}</h1>" in page.text
    assert page.request["QUERY_STRING"].count("entry=") == 2


def test_an_export_of_selected_profiles_holds_no_others(spring, entries, select, client):
    address = select("export", entries[:2]).request["PATH_INFO"] + f"?shortlist={spring.pk}"
    address += "".join(f"&entry={entry.pk}" for entry in entries[:2])

    page = client.post(address, {"format": "csv"}, follow=True)

    assert "Shortlist “Spring bids”, 2 selected" in plain(page.text)
    export = Export.objects.get()
    assert export.rows == 2
    content = b"".join(client.get(f"{export.get_absolute_url()}file/").streaming_content).decode()
    assert "Fay Freeman" in content
    assert "Nia New" not in content


@pytest.mark.parametrize("do", ["contact", "move", "remove", "restore", "", "fly"])
def test_without_a_selection_nothing_happens(do, spring, entries, select):
    assert "Select at least one profile." in select(do, []).text
    assert spring.entries.kept().count() == 3


def test_entries_of_another_list_are_left_alone(autumn, entries, select, cleo):
    other = shortlists.add(autumn, ProfileFactory(name="Pat Park"), by=cleo)[0]

    assert "Nothing changed." in select("remove", [other]).text
    assert on(autumn) == {"Pat Park"}


def test_a_second_click_exports_nothing_twice(entries, spring, client, cleo):
    client.force_login(cleo)
    address = f"/sourcing/exports/new/?shortlist={spring.pk}"
    [key] = re.findall(r'name="submission" value="([^"]+)"', client.get(address).text)

    first, second = (client.post(address, {"format": "csv", "submission": key}) for _ in range(2))

    assert first.url == second.url
    assert Export.objects.count() == 1
