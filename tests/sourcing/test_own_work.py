"""Clients that are shown no certifications at present: they keep what they wrote, without badges, and are told why."""

import pytest

from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import shortlists, terms
from sourcing.models import Export, SavedSearch, Shortlist
from tests.factories import CertificationFactory
from tests.site import client_person, form_on, roll_out

pytestmark = pytest.mark.django_db
TOLD = "Your organization can't see them right now. Everything else works as usual."


def stop(client):
    roll_out(is_paused=True)


def show_no_one(client):
    roll_out(plans=[])


def hold_out(client):
    keys = (f"key {number}" for number in range(10_000))
    policies = (RolloutPolicy(holdout_key=key, holdout_percent=1) for key in keys)
    roll_out(holdout_percent=1, holdout_key=next(found.holdout_key for found in policies if found.holds_out(client.pk)))


def downgrade(client):
    Client.objects.filter(pk=client.pk).update(plan=Client.Plan.BASIC)


@pytest.fixture
def record():
    return CertificationFactory(found=True)


@pytest.fixture
def kept(cleo, record):
    """What a client wrote while it was shown certifications, by the address where it is read."""
    client = Viewer(cleo).client
    shortlist = Shortlist.objects.create(client_id=client.pk, name="Spring bids", created_by=cleo)
    entry, _ = shortlists.add(shortlist, record.profile, by=cleo)
    entry.write_note("Asked for references.", by=cleo, version=entry.note_version)
    SavedSearch.objects.create(client_id=client.pk, user=cleo, name="Bookkeepers", query="q=book")
    Export.objects.create(client_id=client.pk, user=cleo, format="csv", query="q=book", searched_for="book")
    return {
        "/sourcing/shortlists/": "Spring bids",
        f"/sourcing/shortlists/{shortlist.pk}/": "Asked for references.",
        f"/sourcing/shortlists/{shortlist.pk}/compare/?entry={entry.pk}": "Asked for references.",
        "/sourcing/searches/": "Bookkeepers",
        "/sourcing/exports/": "book",
        "/talks/": "Invitations",
    }


@pytest.mark.parametrize("become", [stop, hold_out])
def test_a_form_that_was_open_when_showing_stopped_is_answered_with_the_reason(become, cleo, client):
    client.force_login(cleo)
    url = "/sourcing/exports/new/?q=book"
    fields = form_on(client, url)
    become(Viewer(cleo).client)

    told = client.post(url, fields | {"format": "csv", "name": "All of them"})

    assert "typed_by" in fields
    assert told.status_code == 403
    assert TOLD in told.text
    assert not Export.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("become", [stop, show_no_one, hold_out, downgrade])
def test_what_a_client_wrote_is_still_read_without_badges_and_it_is_told_why(become, kept, cleo, record, client):
    client.force_login(cleo)
    assert record.type.name in "".join(client.get(path).text for path in kept)

    become(Viewer(cleo).client)

    for path, words in kept.items():
        page = client.get(path)
        assert page.status_code == 200, path
        assert words in page.text
        assert TOLD in page.text
        assert record.number not in page.text
        assert record.type.name not in page.text
    home = client.get("/").text
    assert TOLD in home
    assert "/sourcing/shortlists/" in home


@pytest.mark.parametrize("become", [stop, show_no_one, hold_out, downgrade])
@pytest.mark.parametrize(
    "path", ["/sourcing/", "/sourcing/?q=book", "/sourcing/terms/", "/sourcing/types/", "/sourcing/exports/new/"]
)
def test_what_needs_certifications_says_why_it_is_not_there(become, path, kept, cleo, record, client):
    become(Viewer(cleo).client)
    client.force_login(cleo)

    for page in (client.get(path), client.post(path), client.get(path, headers={"HX-Request": "true"})):
        assert page.status_code == 403
        assert TOLD in page.text
        assert record.profile.name not in page.text
    assert page.headers["HX-Refresh"] == "true"


def test_a_file_is_not_given_out_meanwhile(kept, cleo, client):
    client.force_login(cleo)
    pk = Export.objects.get().pk
    stop(None)

    assert client.get(f"/sourcing/exports/{pk}/file/").status_code == 403
    assert "Not available now" in client.get("/sourcing/exports/").text


def test_every_reason_is_told_in_the_same_words(kept, cleo, client):
    client.force_login(cleo)
    pages = []
    for become in (hold_out, stop, show_no_one):
        become(Viewer(cleo).client)
        pages.append(client.get("/sourcing/").text.split("<main")[1])

    assert pages == [pages[0]] * 3


@pytest.mark.parametrize("plan", ["basic", "plus"])
def test_a_client_that_never_had_it_still_finds_nothing_there(plan, kept, client):
    client.force_login(client_person(plan))

    for path in [*kept, "/sourcing/"]:
        if not path.startswith("/talks/"):
            assert client.get(path).status_code == 404
    assert TOLD not in client.get("/").text


def test_a_note_can_be_changed_meanwhile(kept, cleo, client):
    client.force_login(cleo)
    stop(None)
    entry = Shortlist.objects.get().entries.get()

    client.post(f"/sourcing/entries/{entry.pk}/note/", {"note": "They answered.", "version": entry.note_version})

    entry.refresh_from_db()
    assert entry.note == "They answered."


def test_terms_of_an_older_version_count_too(cleo, client, monkeypatch):
    monkeypatch.setitem(terms.TEXTS, "2027-01", ("Another point.",))
    client.force_login(cleo)
    stop(None)

    assert client.get("/sourcing/shortlists/").status_code == 200
