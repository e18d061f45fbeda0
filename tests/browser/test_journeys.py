"""Whole journeys in a real Chromium."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from certifications.catalogue import loader
from certifications.models import Certification
from profiles.models import Membership
from tests.factories import (
    PASSWORD,
    AgencyFactory,
    CertificationFactory,
    MembershipFactory,
    ProfileFactory,
)
from tests.site import client_person, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATER = (timezone.now().date() + timedelta(days=300)).isoformat()


@pytest.fixture(autouse=True)
def _catalogue(transactional_db):
    loader.load()


def add_two(page, profile):
    """What a freelancer does to add a minority and a woman certification."""
    page.goto(profile.get_absolute_url())
    page.get_by_role("link", name="Add a certification").click()
    page.get_by_label("Minority-owned").check()
    page.get_by_label("Woman-owned").check()
    page.get_by_role("button", name="Continue").click()
    enter(page, "MBE · Minority Business Enterprise", "NY-1234")
    enter(page, "WBE · Women's Business Enterprise", "WBE-77")
    confirm(page)
    page.get_by_role("link", name="Go to your profile").click()
    page.wait_for_url(profile.get_absolute_url())


def enter(page, certificate, number):
    """Choose a certificate, and enter what it says."""
    page.get_by_label(certificate).first.check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Certificate number").fill(number)
    page.get_by_label("Legal business name").fill("Quill and Ledger LLC")
    page.get_by_label("Expiration date").fill(LATER)
    page.get_by_role("button", name="Continue").click()


def confirm(page):
    """Leave who can see it as it is, and confirm all of it."""
    expect(page.get_by_label("Business and Enterprise clients")).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("My business is registered in the United States").check()
    page.get_by_role("button", name="Confirm and add").click()
    expect(page.get_by_role("heading", name="added")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(1440, "light", True), (390, "dark", True), (320, "light", False)]
)
def test_a_freelancer_adds_two_and_only_the_right_clients_see_them(visit, width, scheme, script):
    profile = ProfileFactory(owner=person())
    page = visit(profile.users.get(), width=width, scheme=scheme, script=script)

    add_two(page, profile)

    expect(page.get_by_text("Visible to Business and Enterprise clients")).to_have_count(2)
    for plan, is_shown in (("enterprise", True), ("business", True), ("plus", False), ("basic", False), (None, False)):
        other = visit(client_person(plan) if plan else None)
        other.goto(profile.get_absolute_url())
        assert (other.get_by_role("heading", name="Diversity certification").count() == 1) is is_shown
        assert (other.get_by_text("WBE-77", exact=True).count() == 1) is is_shown


def test_hiding_counts_on_the_clients_next_page_and_can_be_undone(visit):
    profile = AgencyFactory(owner=person())
    CertificationFactory(profile=profile, certificate__name="Agency certificate")
    client = visit(client_person("enterprise"))
    client.goto(profile.get_absolute_url())
    client.get_by_text("Details of CBE").click()
    expect(client.get_by_text("Agency certificate").first).to_be_visible()

    owner = visit(profile.users.get())
    owner.goto(f"{profile.get_absolute_url()}certifications/")
    owner.get_by_role("button", name="Show CBE").click()
    owner.get_by_role("button", name="Undo").wait_for()
    client.reload()
    expect(client.get_by_text("Agency certificate")).to_have_count(0)

    owner.get_by_role("button", name="Undo").click()
    owner.get_by_role("button", name="Show CBE", pressed=True).wait_for()
    client.reload()
    client.get_by_text("Details of CBE").click()
    expect(client.get_by_text("Agency certificate").first).to_be_visible()


def test_an_agencys_member_finds_no_controls(visit):
    agency = AgencyFactory()
    MembershipFactory(profile=agency, user=person(), role=Membership.Role.MEMBER)
    CertificationFactory(profile=agency)

    page = visit(agency.users.get())
    page.goto(agency.get_absolute_url())

    expect(page.get_by_role("link", name="Add")).to_have_count(0)
    expect(page.get_by_text("Diversity certification")).to_have_count(0)


def test_wrong_dates_are_told_and_keep_what_was_typed(visit, assert_accessible):
    profile = ProfileFactory(owner=person())
    page = visit(profile.users.get())
    page.goto(f"{profile.get_absolute_url()}certifications/add/?type=woman")
    page.get_by_label("Search by acronym or name").fill("nwboc")
    expect(page.get_by_text("State or local agency")).to_be_visible()
    expect(page.get_by_text("WBENC").first).not_to_be_visible()
    page.get_by_label("WBE · Women Business Enterprise").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Certificate number").fill("WBE-77")
    page.get_by_label("Issue date").fill("2026-01-01")
    page.get_by_label("Expiration date").fill("2025-01-01")

    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_text("Expiration date must be after the issue date").first).to_be_visible()
    expect(page.get_by_label("Certificate number")).to_have_value("WBE-77")
    assert_accessible(page)
    assert not Certification.objects.exists()


def test_preferring_not_to_say_and_back(visit):
    profile = ProfileFactory(owner=person())
    page = visit(profile.users.get())
    page.goto(profile.get_absolute_url())

    page.get_by_role("button", name="I don't want to disclose this information").click()
    expect(page.get_by_text("You chose not to disclose this.")).to_be_visible()
    page.get_by_role("button", name="Change").click()

    expect(page.get_by_role("link", name="Add a certification")).to_be_visible()


def test_an_agency_admin_adds_one_that_an_enterprise_client_sees_at_once(visit):
    agency = AgencyFactory()
    MembershipFactory(profile=agency, user=person(), role=Membership.Role.ADMIN)
    client = visit(client_person("enterprise"))
    client.goto(agency.get_absolute_url())
    expect(client.get_by_text("Diversity certification")).to_have_count(0)
    page = visit(agency.users.get())

    page.goto(agency.get_absolute_url())
    page.get_by_role("link", name="Add a certification").click()
    page.get_by_label("U.S. veteran-owned").check()
    page.get_by_role("button", name="Continue").click()
    enter(page, "VOSB · Veteran-Owned Small Business", "V-2201")
    confirm(page)
    expect(page.get_by_text("Visible to Business and Enterprise clients")).to_be_visible()

    client.reload()
    expect(client.get_by_role("heading", name="Diversity certification")).to_be_visible()
    client.get_by_text("Details of").click()
    expect(client.get_by_text("Quill and Ledger LLC")).to_be_visible()


def test_with_the_keyboard_alone_someone_signs_in_and_adds_one(visit):
    profile = ProfileFactory(owner=person())
    page = visit()
    page.goto("/accounts/login/")
    go_to(page, page.get_by_label("Email"))
    page.keyboard.type(profile.users.get().email)
    go_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("/")

    press(page, page.get_by_role("link", name="Your profile"))
    page.wait_for_url(profile.get_absolute_url())
    press(page, page.get_by_role("link", name="Add a certification"))
    go_to(page, page.get_by_label("Woman-owned"))
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Continue"))
    go_to(page, page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    press(page, page.get_by_role("button", name="Continue"))
    go_to(page, page.get_by_label("Legal business name"))
    page.keyboard.type("Quill and Ledger LLC")
    go_to(page, page.get_by_label("Certificate number"))
    page.keyboard.type("WBE-77")
    go_to(page, page.get_by_label("It doesn't expire"))
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Continue"))
    page.get_by_label("Only clients I choose").wait_for()
    press(page, page.get_by_role("button", name="Continue"))
    go_to(page, page.get_by_label("My business is registered in the United States"))
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Confirm and add"))
    page.get_by_role("heading", name="Certification added").wait_for()

    assert profile.certifications.get().number == "WBE-77"


def go_to(page, control):
    """Press the tab key until `control` has the focus."""
    control.wait_for()
    for _ in range(80):
        page.keyboard.press("Tab")
        if control.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The tab key never reaches {control}")


def press(page, control):
    go_to(page, control)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("script", [True, False])
def test_a_section_is_edited_and_the_change_is_seen_by_all(visit, script):
    profile = ProfileFactory(owner=person())
    page = visit(profile.users.get(), script=script)
    page.goto(profile.get_absolute_url())

    page.get_by_role("link", name="Edit the overview").click()
    page.get_by_role("textbox", name="Overview").fill("Two lines\nof what I do.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("of what I do.").wait_for()

    visitor = visit()
    visitor.goto(profile.get_absolute_url())
    expect(visitor.get_by_text("Two lines")).to_be_visible()
