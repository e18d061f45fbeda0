"""Spend as people do it: payments, what counts and why, a report that is replaced, and what owners take back."""

import re
import subprocess
import sys
import zipfile
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from playwright.sync_api import expect

from certifications.models import Consent
from certifications.sharing import consents
from profiles.models import ClientMembership
from sourcing import terms
from tests.factories import CertificationTypeFactory, ClientFactory, ClientMembershipFactory, ProfileFactory
from tests.site import person, staff
from tests.spend.test_payments import HEADER
from tests.spend.test_report import certified, pay

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPES = {"woman": "Woman-owned", "lgbt": "LGBTQ+-owned"}


@pytest.fixture
def lead():
    """A member of the Enterprise client "bright", which accepted the terms."""
    client = ClientFactory(slug="bright", name="Bright Foods")
    user = person(name="Cleo Chase")
    ClientMembershipFactory(user=user, client=client, role=ClientMembership.Role.ADMIN)
    terms.accept(client.pk, purpose="To report our spend.", by=user)
    return user


@pytest.fixture
def businesses():
    """Profiles by slug, each with an owner who can sign in. Only "ann" is certified, and not for much longer."""
    for key, name in TYPES.items():
        CertificationTypeFactory(key=key, name=name)
    names = {"ann": "Ann Ames", "cay": "Cay Cole", "dee": "Dee Drew"}
    found = {slug: ProfileFactory(slug=slug, name=name, owner=person(name=name)) for slug, name in names.items()}
    certify(found["ann"], "woman", expires_on=today() + timedelta(days=60))
    return found


def today():
    return timezone.localdate()


def certify(profile, type, *, expires_on=None, known_at=None):
    known_at = known_at or timezone.now() - timedelta(days=30)
    until = expires_on or today() + timedelta(days=500)
    return certified(type, profile, "2020-01-01", until.isoformat(), known_at=known_at.isoformat()[:19])


def paid(*rows):
    """Import payments for work: (number, slug, day, amount)."""
    pay(*((number, slug, day.isoformat(), "work", amount, "") for number, slug, day, amount in rows))


def row_of(page, number):
    return page.get_by_role("row").filter(has_text=number)


def figure(page, label):
    """The number under a label, among the figures at the top of a page."""
    return page.locator("dl div").filter(has=page.locator("dt", has_text=label)).locator("dd").first


COUNTS = "Counts as spend with certified businesses"


def test_from_uploaded_payments_to_a_number_and_the_evidence_under_it(visit, lead, businesses, assert_accessible):
    clerk = visit(staff(*Permission.objects.filter(codename__in=["add_paymentfile", "view_paymentfile"])))
    row = "{},bright,freelancer,{},{},work,{},USD,,,\n"
    rows = [("P-1", "ann", "1000.00"), ("P-2", "cay", "500.00"), ("P-3", "dee", "250.00"), ("P-4", "nobody", "1.00")]
    file = HEADER + "".join(row.format(number, slug, today(), amount) for number, slug, amount in rows)
    clerk.goto("/admin/spend/paymentfile/add/")
    clerk.get_by_label("File").set_input_files(
        {"name": "payments.csv", "mimeType": "text/csv", "buffer": file.encode("utf-16")}
    )
    clerk.get_by_role("button", name="Upload").click()
    expect(clerk.get_by_text("3 added, 0 corrected, 0 unchanged.")).to_be_visible()
    expect(clerk.get_by_text("Line 5: profile: There is no freelancer with this address.")).to_be_visible()

    page = visit(lead, width=390, scheme="dark")
    page.goto("/spend/")
    expect(figure(page, COUNTS)).to_have_text("$1,000.00")
    expect(figure(page, "Share of payments on the marketplace")).to_have_text("57.1%")
    assert_accessible(page)

    page.get_by_role("region", name="Payments that don't count").get_by_role("link").click()
    expect(row_of(page, "P-2")).to_contain_text("Doesn't count The business has no certification")
    assert row_of(page, "P-1").count() == 0
    page.get_by_role("link", name="Clear filters").click()
    expect(row_of(page, "P-1")).to_contain_text("Woman-owned")
    expect(row_of(page, "P-1")).to_contain_text("Document checked")
    assert_accessible(page)

    # A certificate that becomes known late counts in the year that is still open.
    certify(businesses["dee"], "lgbt")
    page.get_by_role("link", name="Overview").click()
    expect(figure(page, COUNTS)).to_have_text("$1,250.00")

    page.get_by_role("link", name="See what expires soon").click()
    page.get_by_role("link", name="Evidence letter about Ann Ames").click()
    page.get_by_label("Day").fill(str(today() - timedelta(days=1)))
    page.get_by_role("button", name="Show that day").click()
    expect(page.get_by_role("row", name="Verification level")).to_contain_text("Document checked")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


def test_a_vendor_list_comes_back_with_who_is_certified(visit, lead, businesses, assert_accessible):
    record = businesses["ann"].certifications.get()
    consents.choose(record.profile, Consent.Purpose.FIND, is_given=True, plans=["enterprise"], by=None)
    page = visit(lead, width=390, scheme="dark")
    vendors = f"Name,Certificate number\n{record.legal_business_name},{record.number}\nUnlisted Inc,\n"

    page.goto("/spend/vendors/")
    page.get_by_label("Your list").set_input_files(
        {"name": "vendors.csv", "mimeType": "text/csv", "buffer": vendors.encode("cp1252")}
    )
    page.get_by_role("button", name="Check vendors").click()
    expect(row_of(page, "Unlisted Inc")).to_contain_text("Not found")
    expect(row_of(page, record.legal_business_name)).to_contain_text("Found by its certificate number Ann Ames")
    expect(row_of(page, record.legal_business_name)).to_contain_text("document checked")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert "Woman-owned" in download.value.path().read_text("utf-8-sig")


def test_what_an_owner_takes_back_is_in_no_later_number(visit, lead, businesses, assert_accessible):
    paid(("P-1", "ann", today(), "1000.00"), ("P-2", "ann", today(), "500.00"), ("P-3", "cay", today(), "100.00"))
    ann = businesses["ann"]
    owner, reader = visit(ann.users.get(), width=390, scheme="dark"), visit(lead)

    def reads(amount):
        reader.goto("/spend/")
        expect(figure(reader, COUNTS)).to_have_text(amount)

    reads("$1,500.00")
    owner.goto(f"{ann.get_absolute_url()}certifications/payments/")
    assert_accessible(owner)
    owner.get_by_role("link", name="See each payment from Bright Foods").click()
    owner.get_by_role("button", name=re.compile("This is not mine.*P-2")).click()
    expect(owner.get_by_text("You said that this isn't yours. It doesn't count.")).to_be_visible()
    assert_accessible(owner)
    reads("$1,000.00")
    owner.get_by_role("button", name=re.compile("This is mine.*P-2")).click()
    owner.get_by_text("Payment P-2 is yours again.").wait_for()
    reads("$1,500.00")

    owner.get_by_role("link", name="See all clients").click()
    owner.get_by_role("link", name="Go to permissions").click()
    owner.get_by_role("region", name="Include me in diversity-spend reports").get_by_role("button").click()
    owner.get_by_text("Turned off on").wait_for()
    reads("$0.00")
    expect(reader.get_by_text("Ann Ames")).to_have_count(0)


def test_a_report_is_issued_replaced_and_checked_by_the_script_in_its_pack(
    visit, lead, businesses, assert_accessible, tmp_path
):
    last_year = today().year - 1
    spring = date(last_year, 5, 4)
    paid(("P-1", "ann", spring, "1000.00"), ("P-2", "dee", spring, "250.00"), ("P-3", "cay", spring, "750.00"))
    page = visit(lead, width=390, scheme="dark")

    def issue(amount):
        expect(figure(page, COUNTS)).to_have_text(amount)
        page.get_by_label("Your name").fill("Cleo Chase")
        page.get_by_label("Your title").fill("Supplier diversity lead")
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Issue the report").click()
        page.get_by_role("link", name="Audit pack").wait_for()

    page.goto("/spend/reports/")
    page.get_by_role("link", name="Start a report").click()
    page.get_by_label("Period").select_option(f"{last_year}-01-01:{last_year}-12-31")
    page.get_by_role("button", name="Start the draft").click()
    page.get_by_role("button", name="Issue the report").wait_for()
    assert_accessible(page)
    issue("$1,000.00")
    assert_accessible(page)

    # What becomes known after a report was issued is in the next one alone.
    certify(businesses["dee"], "lgbt", known_at=timezone.now())
    page.reload()
    expect(page.get_by_role("main")).not_to_contain_text("$1,250.00")
    page.get_by_role("link", name="Replace this report").click()
    page.get_by_label("Why it is replaced").fill("A certificate arrived late.")
    page.get_by_role("button", name="Start the draft").click()
    issue("$1,250.00")
    expect(page.get_by_role("heading", name="Report 2")).to_be_visible()

    page.get_by_role("link", name="Audit pack").click()
    page.get_by_role("button", name="Create the audit pack").click()
    page.get_by_role("link", name="Download", exact=True).wait_for()
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    [script] = tmp_path.rglob("verify_pack.py")
    checked = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_rules_are_changed_after_a_look_at_what_they_do_and_a_goal_follows_them(
    visit, lead, businesses, assert_accessible
):
    certified("lgbt", businesses["dee"], "2020-01-01", "2030-01-01", step=0)  # self-reported
    paid(("P-1", "ann", today(), "1000.00"), ("P-2", "dee", today(), "500.00"), ("P-3", "cay", today(), "500.00"))
    page = visit(lead, width=390, scheme="dark")

    page.goto("/spend/goals/")
    page.get_by_role("link", name="Add a goal").click()
    page.get_by_role("textbox", name="Amount").fill("2k")
    page.get_by_role("button", name="Save goal").click()
    goal = page.get_by_role("region", name="Any certified business")
    expect(goal.get_by_text("50.0%")).to_have_count(2)  # of the goal, and of all payments
    assert_accessible(page)

    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="Change rules").click()
    page.get_by_label("Self-reported").check()
    assert_accessible(page)
    page.get_by_role("button", name="Check changes").click()
    year = page.get_by_role("region", name="This fiscal year")
    expect(year.get_by_role("row", name=COUNTS)).to_contain_text("$1,000.00 $1,500.00 +$500.00")
    expect(year.get_by_role("row", name="Goal reached")).to_contain_text("50.0% 75.0% +25.0 points")
    assert_accessible(page)
    page.get_by_role("link", name="Change rules").click()
    expect(page.get_by_label("Self-reported")).to_be_checked()  # what was chosen is still there
    page.get_by_role("button", name="Check changes").click()
    page.get_by_role("button", name="Save rules").click()
    page.get_by_text("Rules saved.").wait_for()
    assert_accessible(page)

    page.get_by_role("link", name="Goals", exact=True).click()
    expect(goal.get_by_role("link", name="$1,500.00")).to_be_visible()
    page.get_by_role("link", name="Delete the goal for Any certified business").click()
    page.get_by_role("button", name="Delete goal").click()
    expect(page.get_by_text("No goals for this fiscal year.")).to_be_visible()
    assert_accessible(page)
