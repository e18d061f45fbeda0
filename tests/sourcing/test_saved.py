"""Saved searches and their emails: new ones are told of once, by the rule as it is when the email goes out."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from certifications.data import erasure
from certifications.mail.sending import stop_link
from certifications.models import Block, Consent
from common.mail import outbox
from common.translation import plain
from sourcing import alerts, terms
from sourcing.forms.saved import SavedSearchForm
from sourcing.models import Export, SavedMatch, SavedSearch
from sourcing.models.shortlist import RESTORABLE_FOR
from sourcing.search import Search
from tests.factories import CertificateFactory, CertificationFactory, ProfileFactory, UserFactory
from tests.site import form_on

pytestmark = pytest.mark.django_db


def found(**values):
    """The profile of a record by which clients may find it."""
    return CertificationFactory(found=True, profile__headline="Bookkeeper", **values).profile


@pytest.fixture
def saved(cleo, client):
    """A search of Cleo's for bookkeepers, with an email once a day; one was found when she saved it."""
    found(profile__name="Known One")
    client.force_login(cleo)
    data = {"name": "Bookkeepers", "frequency": "daily"}
    assert client.post("/sourcing/searches/new/?q=bookkeeper&after=x&state=", data).status_code == 302
    return SavedSearch.objects.get()


def a_day_later():
    """Runs the command as if a day had passed; returns the emails it sent."""
    SavedSearch.objects.update(run_at=timezone.now() - timedelta(days=1))
    before = len(mail.outbox)
    call_command("due", verbosity=0)
    return mail.outbox[before:]


def test_a_search_is_saved_as_it_was_made_and_opens_again(saved, client):
    assert saved.query == "q=bookkeeper"

    page = client.get("/sourcing/searches/").text

    assert f'href="{saved.get_absolute_url()}"' in page
    assert "Known One" in client.get(saved.get_absolute_url()).text


def test_the_search_offers_to_be_saved_under_what_it_is_for(cleo, client):
    client.force_login(cleo)
    assert "/sourcing/searches/new/?q=bookkeeper&amp;state=NY" in client.get("/sourcing/?q=bookkeeper&state=NY").text

    page = client.get("/sourcing/searches/new/?q=bookkeeper&state=NY").text

    assert 'value="“bookkeeper”, New York"' in page


@pytest.mark.slow
def test_new_ones_are_told_of_once_and_the_mail_names_no_one(saved, cleo, client):
    assert a_day_later() == []
    found(profile__name="New One")

    [told] = a_day_later()

    assert told.to == [cleo.email]
    assert told.subject == "1 new result for “Bookkeepers”"
    assert "New One" not in told.body
    saved.refresh_from_db()
    assert saved.news_url in told.body
    page = client.get(saved.news_url).text
    assert "New One" in page
    assert "Known One" not in page
    assert "New in “Bookkeepers”" in plain(page)
    assert "<strong>1</strong> result" in page
    assert a_day_later() == []


@pytest.mark.slow
def test_not_before_its_time(saved):
    found()
    call_command("due", verbosity=0)
    assert mail.outbox == []

    SavedSearch.objects.update(frequency="weekly")
    assert a_day_later() == []
    SavedSearch.objects.update(run_at=timezone.now() - timedelta(days=7))
    call_command("due", verbosity=0)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("act", ["hide", "block", "unshare", "expire"])
def test_who_is_not_to_be_found_any_more_is_not_told_of(act, saved, cleo):
    profile = found()
    record = profile.certifications.get()
    match act:
        case "hide":
            record.hide()
        case "block":
            Block.objects.create(profile=profile, client=cleo.clients.get())
        case "unshare":
            Consent.objects.filter(profile=profile, purpose="find").update(is_given=False)
        case "expire":
            profile.certifications.update(expires_on=profile.today() - timedelta(days=1))

    assert a_day_later() == []
    assert not SavedMatch.objects.filter(profile=profile).exists()


@pytest.mark.slow
@pytest.mark.parametrize("act", ["hide", "block", "unshare"])
def test_who_is_new_is_told_of_the_saved_search_alone(act, saved, cleo, client):
    profile = found(profile__name="New One")
    ProfileFactory(name="Uncertified One", headline="Bookkeeper")
    a_day_later()
    saved.refresh_from_db()
    match act:
        case "hide":
            profile.certifications.get().hide()
        case "block":
            Block.objects.create(profile=profile, client=cleo.clients.get())
        case "unshare":
            Consent.objects.filter(profile=profile, purpose="find").update(is_given=False)

    page = client.get(saved.news_url)
    assert page.context["total"] == "0"
    everyone = {"Known One", "New One", "Uncertified One"}
    context = client.get(f"{saved.news_url}&everyone=on").context
    assert {profile.name for profile, _ in context["cards"]} == everyone
    assert context["total"] == "3"
    assert "New in" not in str(context["chips"])
    client.post(f"/sourcing/exports/new/?q=bookkeeper&everyone=on&new_in={saved.pk}", {"format": "csv"})
    assert Export.objects.get().rows == 3


@pytest.mark.slow
def test_who_is_new_by_one_type_is_not_told_by_another(cleo, client):
    client.force_login(cleo)
    first, second = CertificateFactory(), CertificateFactory()
    client.post(f"/sourcing/searches/new/?types={first.type_id}", {"name": "First", "frequency": "daily"})
    saved = SavedSearch.objects.get()
    record = CertificationFactory(found=True, profile__name="New One", certificate=first)
    CertificationFactory(found=True, profile=record.profile, certificate=second)
    CertificationFactory(found=True, profile__name="Another", certificate=second)
    assert len(a_day_later()) == 1
    saved.refresh_from_db()
    context = client.get(saved.news_url).context
    assert [profile.name for profile, _ in context["cards"]] == ["New One"]
    assert [profile.name for profile, _ in client.get(f"{saved.news_url}&sort=name").context["cards"]] == ["New One"]
    record.hide()

    context = client.get(saved.news_url).context

    assert context["total"] == "0"
    [chip] = context["loosened"]
    assert chip.found == "2 results"
    for address in (chip.url, f"/sourcing/?new_in={saved.pk}"):
        assert {profile.name for profile, _ in client.get(address).context["cards"]} == {"New One", "Another"}


@pytest.mark.slow
def test_another_frequency_loses_no_news(saved, client):
    found(profile__name="New One")

    client.post(f"/sourcing/searches/{saved.pk}/", {"name": saved.name, "frequency": "weekly"})

    saved.refresh_from_db()
    assert saved.frequency == "weekly"
    SavedSearch.objects.update(run_at=timezone.now() - timedelta(days=8))
    call_command("due", verbosity=0)
    assert [message.subject for message in mail.outbox] == ["1 new result for “Bookkeepers”"]


@pytest.mark.slow
def test_who_erases_all_during_a_run_leaves_no_match(saved, cleo, monkeypatch):
    profile = found(profile__name="New One")
    keys = Search.keys

    def erased_meanwhile(self, most):
        asked = keys(self, most)
        erasure.erase(profile, by=cleo)
        return asked

    monkeypatch.setattr(Search, "keys", erased_meanwhile)

    assert a_day_later() == []
    assert not SavedMatch.objects.filter(profile=profile).exists()


@pytest.mark.slow
def test_who_hides_after_the_mail_is_gone_from_what_it_leads_to(saved, client):
    profile = found(profile__name="New One")
    a_day_later()
    profile.certifications.get().hide()
    saved.refresh_from_db()

    page = client.get(saved.news_url).text

    assert "New One" not in page
    assert "<strong>0</strong> results" in page


@pytest.mark.parametrize("act", ["leave", "downgrade", "new terms", "closed account", "remove"])
def test_who_may_not_search_any_more_gets_no_mail(act, saved, cleo, monkeypatch):
    found()
    match act:
        case "leave":
            cleo.client_memberships.all().delete()
        case "downgrade":
            cleo.clients.update(plan="basic")
        case "new terms":
            monkeypatch.setitem(terms.TEXTS, "2027-01", ("Another point.",))
        case "closed account":
            cleo.is_active = False
            cleo.save()
        case "remove":
            SavedSearch.objects.filter(pk=saved.pk).remove()

    assert a_day_later() == []


@pytest.mark.slow
def test_a_profile_that_erases_its_data_leaves_no_match(saved):
    profile = found()
    a_day_later()
    assert SavedMatch.objects.filter(profile=profile).exists()

    erasure.erase(profile, by=UserFactory())

    assert not SavedMatch.objects.filter(profile=profile).exists()


def test_a_search_of_everyone_tells_of_the_uncertified_too(cleo, client):
    client.force_login(cleo)
    client.post("/sourcing/searches/new/?everyone=on", {"name": "All", "frequency": "daily"})
    ProfileFactory()

    assert [told.subject for told in a_day_later()] == ["1 new result for “All”"]


@pytest.mark.slow
def test_one_click_in_the_mail_stops_it(saved, client):
    found()
    [told] = a_day_later()
    path = stop_link("alert", saved.pk)
    assert path in told.extra_headers["List-Unsubscribe"]
    client.logout()

    assert "emails about this search" in client.get(path).text
    client.post(path)

    found()
    assert a_day_later() == []


def test_an_email_that_waits_is_not_sent_once_it_is_stopped(saved, mailoutbox):
    found()
    SavedSearch.objects.update(run_at=timezone.now() - timedelta(days=1))
    assert alerts.post_due() == {"alerts": 1, "failed": 0}
    alerts.stop(saved.pk)

    outbox.send_waiting.call()

    assert mailoutbox == []


@pytest.mark.slow
def test_a_search_that_finds_too_many_has_no_mails_and_says_so(saved, client, monkeypatch):
    monkeypatch.setattr(alerts, "MOST", 1)
    found()
    wide = client.post("/sourcing/searches/new/", {"name": "Wide", "frequency": "daily"})
    assert "This search has more than 1 results" in wide.text
    assert not SavedSearch.objects.filter(name="Wide").exists()

    [told] = a_day_later()

    assert told.subject == "“Bookkeepers” has too many results for alerts"
    assert a_day_later() == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": ""}, "Enter the search name"),
        ({"name": "bookKEEPERS"}, "already have a saved search with this name"),
        ({"name": "A", "frequency": "hourly"}, "not one of the available choices"),
    ],
)
def test_bad_input_is_said_next_to_the_field(data, said, saved, client):
    assert said in client.post("/sourcing/searches/new/?q=x", data).text
    assert SavedSearch.objects.count() == 1


def test_the_database_keeps_names_apart(saved):
    with pytest.raises(IntegrityError, match="saved_search_name_once"), transaction.atomic():
        SavedSearch.objects.create(client=saved.client, user=saved.user, name="BOOKKEEPERS")


def edit(client, saved, **values):
    """Posts the page of a saved search with `values` changed; `saved` is as it was when the page was opened."""
    shown = {"name": saved.name, "frequency": saved.frequency}
    return client.post(
        f"/sourcing/searches/{saved.pk}/", {f"initial-{name}": value for name, value in shown.items()} | shown | values
    )


def test_the_page_says_what_it_was_opened_with(saved, client):
    page = client.get(f"/sourcing/searches/{saved.pk}/").text

    assert '<input type="hidden" name="initial-name" value="Bookkeepers"' in page
    assert '<input type="hidden" name="initial-frequency" value="daily"' in page


def test_a_new_name_takes_back_nothing_that_was_done_since_the_page_was_opened(saved, client):
    client.post(stop_link("alert", saved.pk))

    edit(client, saved, name="Accounts")

    saved.refresh_from_db()
    assert (saved.name, saved.frequency) == ("Accounts", "")


def test_an_edit_that_races_other_writers_writes_its_own_fields_only(saved, client, monkeypatch):
    news_at = timezone.now()
    SavedSearch.objects.update(run_at=None, frequency="")

    def run_meanwhile(form):
        SavedSearch.objects.update(news_at=news_at)
        return form.cleaned_data

    monkeypatch.setattr(SavedSearchForm, "clean", run_meanwhile)
    edit(client, saved, name="Accounts", frequency="weekly")

    saved.refresh_from_db()
    assert (saved.name, saved.frequency, saved.news_at) == ("Accounts", "weekly", news_at)
    assert saved.run_at is not None


def test_an_edit_that_races_a_removal_brings_nothing_back_and_says_so(saved, client, monkeypatch):
    def remove_meanwhile(form):
        SavedSearch.objects.remove()
        return form.cleaned_data

    monkeypatch.setattr(SavedSearchForm, "clean", remove_meanwhile)
    page = edit(client, saved, name="Accounts")

    assert "This search was removed" in page.text
    assert 'value="Accounts"' in page.text
    saved.refresh_from_db()
    assert saved.name == "Bookkeepers"
    assert saved.removed_at is not None


def test_it_is_renamed_stopped_removed_and_brought_back(saved, client):
    url = f"/sourcing/searches/{saved.pk}/"

    assert edit(client, saved, name="Accounts", frequency="").status_code == 302
    saved.refresh_from_db()
    assert (saved.name, saved.frequency) == ("Accounts", "")
    removed = client.post(f"{url}remove/", follow=True).text
    assert "“Accounts” removed." in plain(removed)
    for gone in (client.get(url, follow=True), client.post(f"{url}remove/", follow=True)):
        assert "“Accounts” was already removed." in plain(gone.text)
        assert f'action="{url}restore/"' in gone.text
    assert "“Accounts” restored." in plain(client.post(f"{url}restore/", follow=True).text)


def test_what_is_typed_about_a_removed_search_is_shown_again(saved, client):
    url = f"/sourcing/searches/{saved.pk}/"
    fields = form_on(client, url)
    SavedSearch.objects.remove()

    page = client.post(url, fields | {"name": "Accounts", "frequency": ""})

    assert page.status_code == 410
    assert "This search was removed" in page.text
    assert 'value="Accounts"' in page.text


def test_a_search_removed_too_long_ago_to_come_back_is_gone_and_what_is_typed_is_kept(saved, client):
    url = f"/sourcing/searches/{saved.pk}/"
    fields = form_on(client, url)
    SavedSearch.objects.update(removed_at=timezone.now() - RESTORABLE_FOR)

    assert client.get(url).status_code == 404
    page = client.post(url, fields | {"name": "Year-end accounts", "frequency": ""}, follow=True)

    assert "was removed, or you can no longer change it" in page.text
    assert "Year-end accounts" in page.text


@pytest.mark.parametrize("query", ["q=bookkeeper", "sort=relevance&q=+Bookkeeper&state=&match=any"])
def test_saving_a_search_again_names_the_one_that_is_there(query, saved, client):
    assert "You already saved this search as" in client.get(f"/sourcing/searches/new/?{query}").text
    for another in ("q=bookkeeper&state=CA", "q=books", "q=bookkeeper&sort=name"):
        assert "already saved" not in client.get(f"/sourcing/searches/new/?{another}").text
    SavedSearch.objects.remove()
    assert "already saved" not in client.get(f"/sourcing/searches/new/?{query}").text


@pytest.mark.slow
def test_the_link_of_an_email_counts_nothing_but_who_is_new(saved, client):
    assert any(facet.count for facet in client.get(saved.get_absolute_url()).context["types"])
    found(profile__name="New One")
    a_day_later()
    saved.refresh_from_db()

    page = client.get(saved.news_url)

    assert page.context["total"] == "1"
    assert not any(facet.count for facet in [*page.context["types"], *page.context["states"].others])
    assert page.context["states"].first == []
    assert f'<a href="{saved.get_absolute_url()}">Show all of its results</a>' in page.text


@pytest.mark.slow
def test_a_colleague_sees_none_of_it(saved, bo, client):
    client.force_login(bo)
    found()
    a_day_later()
    saved.refresh_from_db()

    assert 'class="picks__item"' not in client.get("/sourcing/searches/").text
    for path in ("", "remove/", "restore/"):
        assert client.post(f"/sourcing/searches/{saved.pk}/{path}", {"name": "Mine"}).status_code == 404
    assert "Bookkeepers" not in client.get(saved.news_url).text
