"""Whole journeys in which the session ends, someone else signs in, or the network is gone: nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from certifications.models import Certification
from common.models import Draft
from profiles.models import Profile
from sourcing.models import ShortlistEntry, TalkInvitation
from tests.factories import PASSWORD, CaseFactory, CertificationFactory
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "Year-end accounts, kept the way auditors like them, and payroll."


@pytest.fixture
def site(transactional_db):
    site = Site()
    Draft.objects.all().delete()
    TalkInvitation.objects.all().delete()
    vars(site)["record"] = CertificationFactory(profile=site.freelancer)
    return site


def end_session(page):
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def sign_in_again(page, user):
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("header")).to_have_count(1)
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()


def test_an_inline_editor_keeps_its_text_over_a_lost_session(visit, site):
    page = visit(site.owner)
    page.goto(site.freelancer.get_absolute_url())
    page.get_by_role("link", name="Edit the overview").click()
    page.get_by_role("textbox", name="Overview").fill(TEXT)
    end_session(page)
    page.get_by_role("button", name="Save").click()

    sign_in_again(page, site.owner)

    expect(page.get_by_text("This page expired before it was saved.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Overview")).to_have_value(TEXT)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".prose", has_text=TEXT)).to_be_visible()
    expect(page.get_by_text("page expired")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_the_add_form_keeps_all_of_it_over_a_lost_session(script, visit, site):
    page = visit(site.owner, script=script)
    page.goto(f"{site.freelancer.get_absolute_url()}certifications/add/")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("radio").first.check()
    assert "type=" not in page.url
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Legal business name").fill("Freeman Books LLC")
    page.get_by_label("Certificate number").fill("NB-2041")
    end_session(page)
    page.get_by_role("button", name="Continue").click()

    sign_in_again(page, site.owner)

    expect(page.get_by_label("Legal business name")).to_have_value("Freeman Books LLC")
    expect(page.get_by_label("Certificate number")).to_have_value("NB-2041")
    page.get_by_label("Expiration date").fill("2031-05-01")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Enterprise clients only").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    page.reload()
    page.go_back()
    expect(page.get_by_label("Enterprise clients only")).to_be_checked()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Certificate number")).to_have_value("NB-2041")
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    page.get_by_role("link", name="Change certificate number").click()
    expect(page.get_by_label("Certificate number")).to_be_focused()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Confirm and add").dblclick()
    expect(page.get_by_role("heading", name="Certification added")).to_be_visible()
    assert Certification.objects.filter(number="NB-2041").count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_hiding_that_was_not_done_says_so(script, visit, site):
    page = visit(site.owner, script=script)
    page.goto(site.record.get_absolute_url())
    end_session(page)
    page.get_by_role("button", pressed=True).click()

    sign_in_again(page, site.owner)

    expect(page.get_by_text("isn't hidden yet")).to_be_visible()
    assert Certification.objects.get().hidden_at is None
    page.get_by_role("button", name="Hide it").click()
    expect(page.get_by_text("is hidden. No client can see it.")).to_be_visible()
    assert Certification.objects.get().hidden_at is not None


@pytest.mark.parametrize("script", [True, False])
def test_an_appeal_an_invitation_and_a_note_are_kept(script, visit, site):
    answer_by = timezone.now() + timedelta(days=9)
    CaseFactory(certification=site.record, outcome="refused", reason="mismatch", answer_by=answer_by)
    Certification.objects.update(standing="refused", standing_reason="mismatch", standing_at=timezone.now())
    entry = ShortlistEntry.objects.get()
    journeys = [
        (site.owner, f"{site.record.get_absolute_url()}appeal/", "[name=statement]", "Send appeal"),
        (site.client_admin, f"/talks/invite/freelancers/{site.freelancer.slug}/", "[name=text]", "Send invitation"),
        (site.client_admin, f"/sourcing/shortlists/{entry.shortlist_id}/", "[name=note]", "Save note"),
    ]
    for user, url, field, button in journeys:
        page = visit(user, script=script)
        page.goto(url)
        if field == "[name=note]":
            page.locator("details.note > summary").click()
        page.locator(field).first.fill(TEXT)
        end_session(page)
        page.get_by_role("button", name=button, exact=True).first.click()

        sign_in_again(page, user)

        expect(page.get_by_text("This page expired before it was saved.")).to_be_visible()
        expect(page.locator(field).first).to_have_value(TEXT)
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".note__text")).to_have_text(TEXT)


def test_signing_in_again_in_another_tab_loses_nothing(visit, site):
    page = visit(site.owner)
    page.goto(site.freelancer.get_absolute_url())
    page.get_by_role("link", name="Edit the overview").click()
    page.get_by_role("textbox", name="Overview").fill(TEXT)
    end_session(page)
    other = page.context.new_page()
    other.goto("/accounts/login/")
    sign_in_again(other, site.owner)
    expect(other.get_by_role("heading", name="Welcome")).to_be_visible()

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Check it and save.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Overview")).to_have_value(TEXT)


@pytest.mark.parametrize("script", [True, False])
def test_of_two_admins_neither_undoes_the_other(script, visit, site):
    overview = f"{site.agency.get_absolute_url()}edit/overview/"
    first, second = visit(site.agency_owner, script=script), visit(site.owner, script=script)
    for page, text in ((first, "First."), (second, "Second.")):
        page.goto(overview)
        page.get_by_role("textbox", name="Overview").fill(text)
    first.get_by_role("button", name="Save").click()
    expect(first.locator(".prose", has_text="First.")).to_be_visible()
    second.get_by_role("button", name="Save").click()

    expect(second.get_by_text("It now says “First.”").first).to_be_visible()
    expect(second.get_by_role("textbox", name="Overview")).to_have_value("Second.")
    assert Profile.objects.get(pk=site.agency.pk).overview == "First."
    second.get_by_role("button", name="Save").click()
    expect(second.locator(".prose", has_text="Second.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_back_and_reload_after_a_mistake_ask_for_nothing(script, visit, site):
    page = visit(site.client_admin, script=script)
    url = f"/talks/invite/freelancers/{site.freelancer.slug}/"
    page.goto(url)
    page.locator("[name=text]").fill(TEXT)
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_title(re.compile("^Error: "))
    page.reload()
    expect(page.locator("[name=text]")).to_have_value(TEXT)
    page.locator("[name=title]").fill("Year-end accounts")
    page.locator("[name=answer_by]").fill(str(site.freelancer.today() + timedelta(days=7)))
    page.get_by_role("button", name="Send invitation").dblclick()
    expect(page.get_by_text("Sent to")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Contact")).to_be_visible()
    assert TalkInvitation.objects.filter(text=TEXT).count() == 1


@pytest.mark.parametrize("inline", [True, False])
def test_offline_a_form_stays_open_and_says_so(inline, visit, site):
    page = visit(site.owner)
    if inline:
        page.goto(site.freelancer.get_absolute_url())
        page.get_by_role("link", name="Edit the overview").click()
    else:
        page.goto(f"{site.freelancer.get_absolute_url()}edit/overview/")
    page.get_by_role("textbox", name="Overview").fill(TEXT)
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("You're offline. What you entered is still here.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Overview")).to_have_value(TEXT)
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".prose", has_text=TEXT)).to_be_visible()


def test_offline_a_button_changes_nothing_and_says_so(visit, site):
    site.record.hide(None)
    page = visit(site.owner)
    page.goto(site.record.get_absolute_url())
    page.context.set_offline(True)
    page.locator("button[aria-pressed=false]").click()

    expect(page.get_by_text("You're offline, so nothing was changed.")).to_be_visible()
    page.context.set_offline(False)
    page.locator("button[aria-pressed=false]").dblclick()
    expect(page.locator("button[aria-pressed=true]")).to_be_visible()
    assert Certification.objects.get().hidden_at is None


def test_a_form_of_the_administration_asks_before_it_is_left_and_stays_open_offline(visit, site):
    page = visit(site.root)
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto("/admin/auth/group/add/")
    page.get_by_label("Name").fill("Auditors")
    page.get_by_role("link", name="Marketplace administration").click(no_wait_after=True)
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("You're offline. What you entered is still here.")).to_be_visible()
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def test_while_the_server_restarts_a_form_stays_open(visit, site):
    page = visit(site.owner)
    page.goto(f"{site.freelancer.get_absolute_url()}edit/overview/")
    page.get_by_role("textbox", name="Overview").fill(TEXT)
    page.route("**/*", lambda route: route.fulfill(status=503, body="Restarting"))
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("We can't save this right now.")).to_be_visible()
    page.unroute("**/*")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".prose", has_text=TEXT)).to_be_visible()


def test_a_connection_that_stalls_is_waited_for_and_then_told(visit, site):
    page = visit(site.owner)
    page.goto(f"{site.freelancer.get_absolute_url()}edit/overview/")
    page.evaluate("const timeout = AbortSignal.timeout.bind(AbortSignal); AbortSignal.timeout = () => timeout(1000)")
    page.get_by_role("textbox", name="Overview").fill(TEXT)
    asked = []
    page.route("**/*", lambda route: asked.append(route.request.url))  # without an answer
    button = page.get_by_role("button", name="Save")
    button.click()

    expect(button).to_have_attribute("aria-busy", "true")
    expect(page.get_by_text("You're offline. What you entered is still here.")).to_be_visible()
    expect(button).not_to_have_attribute("aria-busy", "true")
    assert [re.search(r"/static/js/unsaved[.\w]*js$", url) is not None for url in asked] == [True]
    page.unroute("**/*")
    button.click()
    expect(page.locator(".prose", has_text=TEXT)).to_be_visible()


def test_a_button_that_was_replaced_while_the_site_was_asked_still_sends_its_form(visit, site):
    page = visit(site.owner)
    page.goto(f"{site.freelancer.get_absolute_url()}edit/overview/")
    page.get_by_role("textbox", name="Overview").fill(TEXT)
    page.evaluate("document.addEventListener('submit', ({submitter}) => submitter?.replaceWith('Saving'), true)")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".prose", has_text=TEXT)).to_be_visible()


def test_a_form_with_something_in_it_asks_before_it_is_left(visit, site):
    page = visit(site.owner)
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(site.freelancer.get_absolute_url())
    page.get_by_role("link", name="Edit the overview").click()
    page.get_by_role("link", name="Cancel").click()  # nothing was typed
    page.get_by_role("link", name="Edit the overview").click()
    page.get_by_role("textbox", name="Overview").fill(TEXT)
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Talent").first.click(no_wait_after=True)

    expect(page.get_by_role("textbox", name="Overview")).to_have_value(TEXT)
    assert asked == ["confirm", "beforeunload"]
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".prose", has_text=TEXT)).to_be_visible()
    page.get_by_role("link", name="Talent").first.click()
    expect(page).to_have_url(re.compile("/talent/"))
    assert len(asked) == 2


def test_a_search_without_a_session_opens_the_sign_in_page_whole_and_comes_back(visit, site):
    page = visit(site.client_admin)
    page.goto("/sourcing/?q=books")
    end_session(page)
    page.get_by_role("searchbox").first.fill("payroll")

    sign_in_again(page, site.client_admin)

    expect(page).to_have_url(re.compile(r"/sourcing/\?q=books"))


def test_escape_closes_a_picker_and_a_note(visit, site):
    page = visit(site.client_admin)
    page.goto(f"/sourcing/shortlists/{ShortlistEntry.objects.get().shortlist_id}/")
    page.locator("details.note > summary").click()
    expect(page.locator("[name=note]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[name=note]")).not_to_be_visible()
    page.goto(site.freelancer.get_absolute_url())
    page.get_by_role("link", name=re.compile("Shortlist")).click()
    expect(page.locator(".picker")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".picker")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("Shortlist"))).to_be_visible()
