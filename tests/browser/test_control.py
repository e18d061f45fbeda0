"""Talent in control: an owner's tab and a client's tab side by side, in a real Chromium."""

import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from certifications.models import Certification, Concern
from tests.factories import PASSWORD, CertificationFactory, ClientFactory, ProfileFactory
from tests.site import add_second_factor, client_person, person, roll_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BADGE = "Diversity certification"
# With script on a wide window, and without it on a phone.
WAYS = [{"width": 1440}, {"width": 390, "script": False, "scheme": "dark"}]


@pytest.fixture
def profile(transactional_db):
    profile = ProfileFactory(owner=person(name="Fay Freeman"), name="Fay Freeman")
    CertificationFactory(profile=profile, certificate__acronym="WBE", certificate__name="Women's Business Enterprise")
    return profile


@pytest.fixture
def sees(visit, profile):
    """Whether the next page that a client of a plan, or of a user, is served shows the certification."""
    tabs = {}

    def ask(who="enterprise"):
        if who not in tabs:
            tabs[who] = visit(client_person(who) if isinstance(who, str) else who)
        tabs[who].goto(profile.get_absolute_url())
        return tabs[who].get_by_role("heading", name=BADGE).count() == 1

    return ask


def section(page, profile, path=""):
    page.goto(f"{profile.get_absolute_url()}certifications/{path}")


@pytest.mark.parametrize("way", WAYS)
def test_an_owner_sees_the_page_as_each_kind_of_viewer_is_served_it(way, visit, profile):
    ClientFactory(name="Bright Foods", plan="business")
    page = visit(profile.users.get(), **way)
    page.goto(profile.get_absolute_url())
    page.get_by_role("link", name="View as…").click()
    expect(page.get_by_role("heading", name=BADGE)).to_have_count(1)

    page.get_by_role("link", name="A Basic client").click()
    expect(page.get_by_text("Preview: Fay Freeman as a Basic client sees it")).to_be_visible()
    expect(page.get_by_role("heading", name=BADGE)).to_have_count(0)

    page.get_by_text("As a client you choose").click()
    page.get_by_label("Find a client").fill("bri")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Bright Foods").click()
    expect(page.get_by_text("as Bright Foods sees it")).to_be_visible()
    expect(page.get_by_role("heading", name=BADGE)).to_have_count(1)
    page.get_by_role("link", name="Leave the preview").click()
    page.wait_for_url(profile.get_absolute_url())


@pytest.mark.parametrize("way", WAYS)
def test_a_choice_of_audience_counts_on_the_clients_next_page(way, visit, profile, sees):
    named = client_person("business")
    name = named.clients.get().name
    page = visit(profile.users.get(), **way)
    assert sees("business")
    section(page, profile)
    page.get_by_role("link", name="Who can see it").click()
    page.get_by_label("Enterprise clients only").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Visible to Enterprise clients only").wait_for()
    assert not sees("business")
    assert sees("enterprise")

    page.get_by_role("link", name="Who can see it").click()
    page.get_by_label("Only clients I choose").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Find a client").wait_for()
    assert not sees("enterprise")
    page.wait_for_load_state()
    page.get_by_label("Find a client").fill(name)
    if way.get("script", True):
        page.get_by_role("button", name=f"Add {name}", exact=True).wait_for()  # found while typing
    else:
        page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name=f"Add {name}", exact=True).click()
    page.get_by_role("button", name=f"Remove {name}", exact=True).wait_for()
    assert sees(named)
    assert not sees("business")

    section(page, profile, f"{profile.certifications.get().pk}/")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row.get_by_text("Can see it")).to_be_visible()


def test_a_blocked_clients_next_page_has_no_trace(visit, profile, sees):
    blocked = client_person("enterprise")
    name = blocked.clients.get().name
    assert sees(blocked)
    page = visit(profile.users.get())
    section(page, profile, "blocks/")
    page.get_by_label("Find a client").fill(name)
    page.get_by_role("button", name=f"Block {name}", exact=True).click()
    page.get_by_role("button", name=f"Unblock {name}", exact=True).wait_for()

    assert not sees(blocked)
    assert sees("enterprise")

    page.get_by_role("button", name=f"Unblock {name}", exact=True).click()
    page.get_by_text(f"{name} is no longer blocked.").wait_for()
    assert sees(blocked)


@pytest.mark.parametrize("way", WAYS)
def test_one_click_hides_all_until_a_day_or_until_undone(way, visit, profile, sees):
    page = visit(profile.users.get(), **way)
    section(page, profile)
    page.get_by_role("button", name="Hide all certifications").click()
    page.get_by_role("heading", name="All certifications are hidden").wait_for()
    assert not sees()
    page.get_by_role("button", name="Show again", exact=True).click()
    page.get_by_text("Your certifications are no longer hidden").wait_for()
    assert sees()

    page.locator("summary", has_text="Hide until a date").click()
    page.get_by_label("Show again on").fill((profile.today() + timedelta(days=7)).isoformat())
    page.get_by_role("button", name="Hide all until then").click()
    page.get_by_role("heading", name="All certifications are hidden").wait_for()
    page.get_by_text("No client can see them until").wait_for()
    assert not sees()


def test_taking_a_consent_back_counts_and_a_wider_audience_is_asked_about_quietly(visit, profile, sees):
    page = visit(profile.users.get())
    section(page, profile, "consent/")
    page.get_by_role("button", name="Turn off “Show certifications on my profile”").click()
    page.get_by_text("“Show certifications on my profile” is off.").wait_for()
    assert not sees()
    page.get_by_role("button", name="Agree and turn on “Show certifications on my profile”").click()
    page.get_by_text("“Show certifications on my profile” is on.").wait_for()
    assert sees()

    roll_out(["plus", "business", "enterprise"])
    section(page, profile)
    expect(page.get_by_role("heading", name="We have a question for you")).to_be_visible()
    assert not sees("plus")
    page.get_by_role("button", name="No, don't change anything").click()
    page.get_by_text("Nothing changes, and we won't ask you this again").wait_for()
    expect(page.get_by_role("heading", name="We have a question for you")).to_have_count(0)
    assert not sees("plus")


@pytest.mark.parametrize("way", WAYS)
def test_an_owner_finds_out_who_looked(way, visit, profile, assert_accessible):
    page = visit(profile.users.get(), **way)
    section(page, profile, "seen-by/")
    expect(page.get_by_text("No clients yet.")).to_be_visible()
    user = client_person("enterprise")
    client = visit(user)
    client.goto(profile.get_absolute_url())
    expect(client.get_by_text("can see that someone at your organization viewed this, but not who")).to_be_visible()

    page.reload()
    expect(page.get_by_text(user.clients.get().name).first).to_be_visible()
    assert user.email not in page.content()
    if way.get("script", True):
        assert_accessible(page)
    page.get_by_role("button", name="Turn on the weekly email").click()
    expect(page.get_by_role("button", name="Turn off the weekly email")).to_be_visible()


def test_a_renewal_in_progress_is_declared_shown_and_put_into_the_calendar(visit, profile, sees):
    Certification.objects.update(expires_on=profile.today() - timedelta(days=2))
    assert not sees()
    page = visit(profile.users.get())
    section(page, profile, f"{profile.certifications.get().pk}/")
    page.get_by_role("link", name="I filed for renewal").click()
    page.get_by_label("Filing date").fill((profile.today() - timedelta(days=30)).isoformat())
    page.get_by_role("button", name="Save").click()
    page.get_by_text("You filed for renewal on").wait_for()
    assert sees()

    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert "BEGIN:VEVENT" in download.value.path().read_text()


def test_history_copy_and_erasure(visit, profile, sees):
    page = visit(profile.users.get())
    section(page, profile)
    for is_shown in (True, False):
        switch = page.get_by_role("button", name="Show WBE", pressed=is_shown)
        switch.click()
        switch.wait_for(state="detached")
    page.get_by_role("link", name="History").click()
    page.get_by_text("Shown again").first.wait_for()
    page.get_by_role("link", name="Your data").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download for programs (JSON)").click()
    copied = json.loads(download.value.path().read_text())
    assert len(copied["tables"]["certification"]["rows"]) == 1

    assert sees()
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(profile.users.get().email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("/")
    section(page, profile, "copy/")
    page.get_by_role("link", name="Delete my certification data").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Delete everything listed here").check()
    page.get_by_role("button", name="Delete my certification data").click()
    page.get_by_text("All your certification data is deleted").wait_for()

    assert not sees()
    assert not Certification.objects.exists()


def test_a_concern_goes_from_the_badge_to_staff_and_back(visit, profile):
    staff = person(is_staff=True, is_superuser=True)
    add_second_factor(staff)
    client = visit(client_person("enterprise"), width=390)
    client.goto(profile.get_absolute_url())
    client.get_by_role("link", name="What the levels mean").click()
    expect(client.get_by_role("heading", name="What we never ask for")).to_be_visible()
    client.go_back()
    client.get_by_role("link", name="Report a concern").click()
    client.get_by_role("button", name="Send report").click()
    expect(client.get_by_text("Choose what it's about").first).to_be_visible()
    client.get_by_label("Something shown isn't true").check()
    client.get_by_label("In your words").fill("The register does not list it.")
    client.get_by_role("button", name="Send report").click()
    expect(client.get_by_text("With our staff")).to_be_visible()

    page = visit(staff)
    page.goto(f"/admin/certifications/concern/{Concern.objects.get().pk}/change/")
    expect(page.get_by_text("The register does not list it.")).to_be_visible()
    page.get_by_role("button", name="Close this concern").last.click()
    page.get_by_label("Outcome").select_option("unfounded")
    page.get_by_label("Note to the reporter").fill("The register lists it since Monday.")
    page.get_by_role("button", name="Close Concern").click()
    page.get_by_text("is closed. We emailed the person who reported it.").wait_for()

    client.reload()
    expect(client.get_by_text("We looked into it and found no reason to act")).to_be_visible()
    expect(client.get_by_text("The register lists it since Monday.")).to_be_visible()
