"""Sourcing as people do it: terms, a search, a saved one, a shortlist with two members, an invitation, a file."""

import io
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from profiles.models import ClientMembership
from sourcing import terms
from sourcing.models import SavedSearch, TalkInvitation
from tests.factories import CertificationFactory, CertificationTypeFactory, ClientMembershipFactory, ProfileFactory
from tests.site import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WAYS = [{"width": 390, "scheme": "dark"}, {"script": False}]


@pytest.fixture
def buyer():
    membership = ClientMembershipFactory(
        user=person(name="Cleo Chase"), client__name="Bright Foods", role=ClientMembership.Role.ADMIN
    )
    return membership.user


def certified(name, type, **values):
    profile = ProfileFactory(name=name, owner=person(name=name), headline="Bookkeeper for small firms", **values)
    certificate = {"certificate__type": type, "certificate__acronym": "WBE"}
    return CertificationFactory(profile=profile, found=True, **certificate)


@pytest.fixture
def assert_accessible(assert_accessible, way):
    """axe-core runs in the page, and cannot where scripts are off."""
    return (lambda page: None) if "script" in way else assert_accessible


def names_in(results):
    return results.get_by_role("article").get_by_role("heading").all_inner_texts()


@pytest.mark.parametrize("way", WAYS)
def test_from_the_terms_to_a_file(way, visit, buyer, assert_accessible):
    women, minority = (CertificationTypeFactory(name=name) for name in ("Woman-owned", "Minority-owned"))
    certified("Fay Freeman", women)
    certified("Cal Coast", women, state="CA")
    certified("Mo Mills", minority)
    page = visit(buyer, **way)

    page.goto("/sourcing/")
    page.get_by_label("How you will use this information").fill("To invite small businesses to our bids.")
    page.get_by_label("We accept these terms").check()
    page.get_by_role("button", name="Accept for Bright Foods").click()
    page.get_by_role("heading", name="Find certified businesses").wait_for()

    results = page.get_by_role("region", name="Results")
    page.get_by_label("Keywords").fill("book")
    if "width" in way:
        page.get_by_text("Filters").first.click()
    page.get_by_label("Woman-owned").check()
    page.get_by_label("New York").check()
    if "width" in way:
        page.get_by_role("button", name="Show results").click()
    else:
        page.get_by_role("button", name="Search").click()
    page.get_by_text("1 result", exact=True).wait_for()
    assert names_in(results) == ["Fay Freeman"]
    if "width" in way:
        assert "=&" not in f"{page.url}&"  # no field that is empty
    expect(results).to_contain_text("Self-reported")
    assert_accessible(page)

    page.get_by_role("link", name="Remove New York").click()
    page.get_by_text("2 results", exact=True).wait_for()

    page.get_by_role("link", name="Save search").click()
    page.get_by_label("Search name").fill("Women who keep books")
    page.get_by_label("Daily, when there are new results").check()
    page.get_by_role("button", name="Save search").click()
    page.get_by_text("“Women who keep books” saved.").wait_for()
    assert_accessible(page)

    nia = certified("Nia New", women)
    certified("Nora New", women)
    SavedSearch.objects.update(run_at=timezone.now() - timedelta(days=1))
    call_command("due", verbosity=0)
    [alert] = mail.outbox
    assert "New" not in alert.body
    page.goto(re.search(r"/sourcing/\?\S+", str(alert.body))[0])
    assert names_in(results) == ["Nora New", "Nia New"]

    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("button", name="Create export").click()
    page.get_by_role("heading", name="Ready").wait_for()
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    names = {row[0] for row in book["Certifications"].iter_rows(min_row=2, values_only=True)}
    assert names == {"Nora New", "Nia New"}

    nia.hide()
    page.get_by_role("link", name="Download").click()
    page.get_by_role("button", name="Create a new export").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Create a new export").click()
    page.get_by_role("heading", name="Ready").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert {row[0] for row in book["Certifications"].iter_rows(min_row=2, values_only=True)} == {"Nora New"}


def test_back_asks_the_server_and_nothing_that_was_found_stays_in_the_browser(visit, buyer):
    terms.accept(buyer.clients.get().pk, purpose="To invite.", by=buyer)
    women = CertificationTypeFactory(name="Woman-owned")
    fay = certified("Fay Freeman", women)
    certified("Cal Coast", women, state="CA")
    page = visit(buyer)
    results = page.get_by_role("region", name="Results")
    page.goto("/sourcing/")
    page.get_by_label("Woman-owned").check()
    page.wait_for_url("**types=*")
    expect(results.get_by_role("article")).to_have_count(2)
    page.get_by_label("California").check()
    page.get_by_text("1 result", exact=True).wait_for()
    fay.hide()

    page.go_back()

    page.get_by_text("1 result", exact=True).wait_for()
    assert names_in(results) == ["Cal Coast"]
    expect(page.get_by_label("Woman-owned")).to_be_checked()
    expect(page.get_by_label("California")).not_to_be_checked()
    assert "Cal Coast" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


@pytest.mark.parametrize("way", WAYS)
def test_two_members_keep_a_shortlist_and_lose_nothing(way, visit, buyer, assert_accessible):
    client = buyer.clients.get()
    terms.accept(client.pk, purpose="To invite.", by=buyer)
    colleague = ClientMembershipFactory(user=person(name="Bo Brand"), client=client).user
    type = CertificationTypeFactory(name="Woman-owned")
    for name in ("Fay Freeman", "Cal Coast"):
        certified(name, type)
    cleo, bo = visit(buyer, **way), visit(colleague, **way)

    cleo.goto("/sourcing/")
    cleo.get_by_role("link", name="Shortlist Fay Freeman").click()
    cleo.get_by_label("Shortlist name").fill("Spring bids")
    cleo.get_by_role("button", name="Create and add").click()
    cleo.get_by_text("Fay Freeman added to Spring bids.").wait_for()

    bo.goto("/sourcing/")
    bo.get_by_role("link", name="Shortlist Cal Coast").click()
    bo.get_by_role("button", name="Add to Spring bids").click()
    bo.get_by_text("Cal Coast added to Spring bids.").wait_for()

    for page in (cleo, bo):
        page.goto("/sourcing/shortlists/")
        page.get_by_role("link", name="Spring bids").click()
        page.get_by_text("Add a note on Fay Freeman").click()
    for page, note, told in (
        (bo, "Free in June.", "Note saved."),
        (cleo, "Ask for references.", "Bo Brand changed this note while you were writing."),
    ):
        page.get_by_label("Note").and_(page.locator(":visible")).fill(note)
        page.get_by_role("button", name="Save note").and_(page.locator(":visible")).click()
        page.get_by_text(told).first.wait_for()
    expect(cleo.locator("main")).to_contain_text("Free in June.")
    expect(cleo.get_by_label("Note").and_(cleo.locator(":visible"))).to_have_value("Ask for references.")
    assert_accessible(cleo)

    bo.get_by_label("Select Fay Freeman").check()
    bo.get_by_label("Select Cal Coast").check()
    bo.get_by_role("button", name="Compare selected").click()
    bo.get_by_role("heading", name="Compare").wait_for()
    assert bo.get_by_role("columnheader").all_inner_texts()[-2:] == ["Cal Coast", "Fay Freeman"]
    assert_accessible(bo)
    bo.go_back()
    bo.get_by_label("Select Fay Freeman").check()
    bo.get_by_label("Select Cal Coast").check()
    bo.get_by_role("button", name="Remove selected").click()
    bo.get_by_text("2 profiles removed from the shortlist.").wait_for()
    bo.get_by_role("button", name="Undo").click()
    bo.get_by_text("2 profiles restored to the shortlist.").wait_for()
    bo.get_by_text("More for Cal Coast").click()
    bo.get_by_role("button", name="Remove Cal Coast").click()
    bo.get_by_role("button", name="Undo").click()
    bo.get_by_text("Restored to the shortlist.").wait_for()


@pytest.mark.parametrize("way", WAYS)
def test_an_invitation_is_asked_about_and_accepted(way, visit, buyer, assert_accessible):
    terms.accept(buyer.clients.get().pk, purpose="To invite.", by=buyer)
    fay = person(name="Fay Freeman")
    profile = ProfileFactory(name="Fay Freeman", owner=fay)  # without any certification
    cleo, owner = visit(buyer, **way), visit(fay, **way)

    cleo.goto(profile.get_absolute_url())
    cleo.get_by_role("link", name="Contact Fay Freeman").click()
    cleo.get_by_label("Subject").fill("Year-end accounts for two sites")
    cleo.get_by_label("What you need").fill("From January on.")
    cleo.get_by_label("Estimated total budget").fill("12000")
    cleo.get_by_role("button", name="Send invitation").click()
    cleo.get_by_text("Enter the date you need a response by").first.wait_for()
    expect(cleo.get_by_label("What you need")).to_have_value("From January on.")
    cleo.get_by_label("Respond by").fill((profile.today() + timedelta(days=14)).isoformat())
    cleo.get_by_role("button", name="Send invitation").click()
    cleo.get_by_text("Sent to Fay Freeman.").wait_for()
    assert mail.outbox[-1].to == [fay.email]
    cleo.goto(TalkInvitation.objects.get().get_absolute_url())

    owner.goto("/")
    owner.get_by_role("link", name="Open inbox").click()
    owner.get_by_role("link", name="Year-end accounts for two sites").click()
    owner.get_by_label("Message").fill("How large are they?")
    owner.get_by_role("button", name="Ask a question first").click()
    owner.get_by_text("Sent to Bright Foods.").wait_for()
    cleo.reload()
    cleo.get_by_text("How large are they?").wait_for()
    owner.get_by_role("button", name="Accept").click()
    owner.get_by_text("Accepted. We told Bright Foods").wait_for()
    assert_accessible(owner)
    cleo.reload()
    cleo.get_by_text("Accepted", exact=True).wait_for()
    assert_accessible(cleo)


@pytest.mark.parametrize("way", WAYS)
def test_several_results_are_contacted_with_one_message(way, visit, buyer, assert_accessible):
    terms.accept(buyer.clients.get().pk, purpose="To invite.", by=buyer)
    type = CertificationTypeFactory(name="Woman-owned")
    profiles = [certified(name, type).profile for name in ("Fay Freeman", "Cal Coast", "Nia New")]
    page = visit(buyer, **way)

    page.goto("/sourcing/?sort=name")
    expect(page.get_by_role("button", name="Contact selected")).to_be_hidden()
    page.get_by_label("Select Fay Freeman").check()
    page.get_by_label("Select Cal Coast").check()
    page.get_by_role("button", name="Contact selected").click()
    page.get_by_role("heading", name="Contact several profiles").wait_for()
    assert_accessible(page)
    page.get_by_label("Subject").fill("Year-end accounts")
    page.get_by_label("What you need").fill("From January on.")
    page.get_by_label("Respond by").fill((profiles[0].today() + timedelta(days=14)).isoformat())
    page.get_by_role("button", name="Send invitations").click()
    page.get_by_text("Sent to 2 profiles.").wait_for()

    expect(page).to_have_url(re.compile(r"/sourcing/\?sort=name"))
    expect(page.get_by_role("link", name=re.compile("^Invited .*, awaiting a response$"))).to_have_count(2)
    expect(page.get_by_role("link", name="Contact Nia New")).to_be_visible()
    assert_accessible(page)
