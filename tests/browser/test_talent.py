"""What freelancers and agencies ran into on first use, in a real Chromium."""

import pytest
from playwright.sync_api import expect

from certifications.catalogue import loader
from certifications.models import Certificate
from profiles.models import User
from tests.factories import AgencyFactory, CertificationFactory, ClientMembershipFactory, ProfileFactory
from tests.site import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPEN = ["State or local agency", "A different certifying organization"]
# What is typed -> acronyms of the certificates found (the two open choices always stay), by type.
SEARCHES = {
    "woman": {
        "WBENC": {"WBE", "WOSB"},
        "nwboc": {"WBE", "WOSB", "EDWOSB"},
        "USWCC": {"WOSB"},
        "SBA": {"WOSB", "EDWOSB"},
        "womens business enterprise": {"WBE", "WOSB"},
        "enterprise women’s": {"WBE", "WOSB"},
        "WÓMEN-OWNED small": {"WOSB", "EDWOSB"},
        "women owned small": {"WOSB", "EDWOSB"},
        "us womens chamber": {"WOSB"},
        "U.S. Women's Chamber": {"WOSB"},
        "texas": set(),
        "Rhode Island": set(),
        "city": set(),
        "CPUC": set(),
    },
    "minority": {"NMSDC": {"MBE"}, "mbe nmsdc": {"MBE"}, "by-black": {"ByBlack"}},
    "veteran": {"VetBiz": {"VOSB", "SDVOSB"}, "VBA": {"VOSB", "SDVOSB"}, "veteranowned small": {"VOSB", "SDVOSB"}},
    "disability": {"disability in": {"DOBE", "V-DOBE", "SDV-DOBE"}, "Disability:IN": {"DOBE", "V-DOBE", "SDV-DOBE"}},
}


@pytest.fixture
def profile(transactional_db):
    loader.load()
    return ProfileFactory(owner=person(name="Fay Freeman"), name="Fay Freeman")


def test_the_certificate_is_found_by_what_people_know_it_by(visit, profile):
    page = visit(profile.users.get())
    for type, searches in SEARCHES.items():
        page.goto(f"{profile.get_absolute_url()}certifications/add/?chosen=1&type={type}")
        box = page.get_by_role("searchbox", name="Search by acronym or name")
        if not box.count():  # a short list needs none
            assert Certificate.objects.filter(type__key=type).count() < 6
            continue
        for typed, acronyms in searches.items():
            box.fill(typed)
            lines = page.locator("[data-filter-options] label:visible").all_inner_texts()
            assert {line.split(" · ")[0].strip() for line in lines} - set(OPEN) == acronyms, typed
            assert [line.strip() for line in lines][-2:] == OPEN
            expect(page.get_by_text("No match.")).to_be_hidden()
        box.fill("zzz")
        expect(page.locator(".options__none")).to_have_text(
            "No match. Try the certifier's initials, like WBENC, "
            "or choose “State or local agency” or “A different certifying organization”."
        )


def test_a_search_without_a_hit_says_so_where_one_is_chosen(visit, profile):
    record = CertificationFactory(profile=profile, certificate=Certificate.objects.get(key="wbenc-wbe"))
    page = visit(profile.users.get(), width=390)
    page.goto(f"{record.get_absolute_url()}edit/")
    page.get_by_role("button", name="Change certificate").click()
    expect(page.locator("[data-filter-options] label").first).to_contain_text("WBENC, Women's Business")

    page.get_by_role("searchbox", name="Search by acronym or name").fill("zzz")

    expect(page.get_by_text("No match.")).to_be_visible()
    expect(page.locator("[data-filter-options] label:visible")).to_have_count(3)


def test_without_script_the_whole_list_is_there_and_the_chosen_one_in_sight(visit, profile):
    page = visit(profile.users.get(), script=False)
    page.goto(f"{profile.get_absolute_url()}certifications/add/?chosen=1&type=woman")
    expect(page.locator("[data-filter-options] label")).to_have_count(
        Certificate.objects.filter(type__key="woman").count()
    )
    expect(page.get_by_label("U.S. Women's Chamber of Commerce")).not_to_be_visible()
    page.get_by_text("Show 4 more").click()
    page.get_by_label("U.S. Women's Chamber of Commerce").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Back").click()

    expect(page.get_by_label("U.S. Women's Chamber of Commerce")).to_be_visible()
    expect(page.get_by_label("U.S. Women's Chamber of Commerce")).to_be_checked()


def test_a_change_of_place_shows_on_the_whole_page_at_once(visit, profile):
    profile.country, profile.state = "CA", ""
    profile.save()
    page = visit(profile.users.get())
    page.goto(profile.get_absolute_url())
    expect(page.get_by_text("If your business is registered in the U.S.")).to_be_visible()
    page.get_by_role("link", name="Edit rate, languages and location").click()
    page.get_by_label("Country").select_option("Puerto Rico")
    page.get_by_label("Hourly rate").fill("85")

    page.get_by_role("button", name="Save").click()

    header = page.locator(".profile__header")
    expect(header).to_contain_text("Puerto Rico, United States")
    expect(header).to_contain_text("$85/hr")
    expect(page.get_by_role("link", name="Add a certification")).to_be_visible()
    expect(page.get_by_text("If your business is registered in the U.S.")).to_have_count(0)


def test_a_section_that_is_open_keeps_its_text_when_another_is_saved(visit, profile):
    page = visit(profile.users.get())
    page.goto(profile.get_absolute_url())
    page.get_by_role("link", name="Name and headline").click()
    page.get_by_role("textbox", name="Headline").fill("Half typed")
    page.get_by_role("link", name="Edit rate, languages and location").click()
    page.get_by_label("Hourly rate").fill("85")

    page.locator(".section", has=page.get_by_label("Hourly rate")).get_by_role("button", name="Save").click()

    expect(page.get_by_text("$85", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("textbox", name="Headline")).to_have_value("Half typed")


def test_the_account_menu_closes_when_the_focus_leaves_it_and_on_escape(visit, profile):
    page = visit(profile.users.get())
    page.goto("/talent/")
    menu = page.locator(".header__account details")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(menu.locator("a, button").count() + 1):
        page.keyboard.press("Tab")
    expect(menu).not_to_have_attribute("open", "")


@pytest.mark.parametrize("name", ["The Long and Winding Company of Many Words " * 3, "Unbroken" * 14])
def test_long_names_in_the_header_are_cut_and_leave_it_one_line(visit, transactional_db, check_page, name):
    name = name[:100].strip()
    user = person(name=name)
    AgencyFactory(owner=user, name=name)
    AgencyFactory(owner=user, name=name, slug="another")
    ClientMembershipFactory(user=user, client__name=name, client__plan="business")
    page = visit(user)
    page.goto("/talent/")

    for width in (1440, 1100):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator("header.header").bounding_box()["height"] < 80, width
    for link in page.locator(".header__link--own[title]").all():
        assert link.get_attribute("title") == name
        assert link.locator("span").evaluate("cut => cut.scrollWidth > cut.clientWidth")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name=name).first).to_be_visible()
    for width in (1440, 1000, 768, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert not check_page(page), width


def test_a_new_pages_name_is_called_and_filled_in_by_its_kind(visit, transactional_db):
    user = person(name="Ana Ibáñez")
    User.objects.update(purpose="freelancer")
    page = visit(user)
    page.goto("/profiles/new/")
    expect(page.get_by_label("Your name")).to_have_value("Ana Ibáñez")

    page.get_by_label("Agency", exact=True).check()
    expect(page.get_by_label("Agency name")).to_have_value("")
    page.get_by_label("Agency name").fill("Ibáñez Works")
    page.get_by_label("Freelancer", exact=True).check()

    expect(page.get_by_label("Your name")).to_have_value("Ibáñez Works")
