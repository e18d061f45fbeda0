"""From self-reported to confirmed, in a real Chromium: an owner, reviewers, and what a client then reads."""

import pytest
from playwright.sync_api import expect

from certifications.models import CertificationType, CertifyingBody
from tests.factories import (
    CertificateFactory,
    CertificationFactory,
    EntryFactory,
    ProfileFactory,
    RegisterFactory,
    picture,
)
from tests.outbox import let_emails_go
from tests.site import client_person, person, staff
from verification.models import Case, Document, Register, RegisterFile
from verification.review import cases

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WAYS = [{"width": 1440}, {"width": 390, "script": False, "scheme": "dark"}]


@pytest.fixture
def record(transactional_db):
    type = CertificationType.objects.create(key="woman", name="Woman-owned")
    certificate = CertificateFactory(
        type=type, body=CertifyingBody.objects.create(key="council", name="Women's Council"), acronym="WBE"
    )
    profile = ProfileFactory(owner=person(name="Fay Freeman", email="fay@example.test"), name="Fay Freeman")
    return CertificationFactory(profile=profile, certificate=certificate, number="WBE-0042")


@pytest.fixture
def paper(tmp_path):
    """A file of an owner's, by its name."""

    def make(name, content=None):
        path = tmp_path / name
        path.write_bytes(content if content is not None else picture(size=(600, 800)))
        return path

    return make


@pytest.mark.parametrize("way", WAYS)
def test_a_document_is_attached_reviewed_and_its_step_seen(way, visit, record, paper, mailoutbox, assert_accessible):
    owner = visit(record.profile.users.get(), **way)
    owner.goto(record.get_absolute_url())
    owner.get_by_label("A copy of the certificate").set_input_files(paper("logo.png", b"<svg onload='alert(1)'/>"))
    owner.get_by_role("button", name="Attach").click()
    owner.get_by_text("This is an SVG drawing").first.wait_for()
    owner.get_by_label("A copy of the certificate").set_input_files(paper("my certificate.png"))
    owner.get_by_role("button", name="Attach").click()
    owner.get_by_text("my certificate.png attached").wait_for()
    owner.get_by_text("because you attached a document").wait_for()

    reviewer = visit(staff(is_superuser=True), width=way["width"])
    reviewer.goto("/admin/verification/case/")
    reviewer.get_by_role("link", name="Review the next case").click()
    shown = reviewer.get_by_alt_text("Page 1 of my certificate.png")
    shown.scroll_into_view_if_needed()
    assert reviewer.evaluate("document.querySelector('.paper__page').decode().then(() => true)")
    reviewer.get_by_role("button", name="Document matches").click()
    reviewer.get_by_text(": verified.").wait_for()
    reviewer.get_by_text("No more cases are waiting for you").wait_for()

    let_emails_go()
    owner.goto(record.get_absolute_url())
    owner.locator("[aria-current=step]").get_by_text("Document checked").wait_for()
    [message] = [message for message in mailoutbox if message.to == ["fay@example.test"]]
    assert "Its verification level is now “Document checked.”" in message.body
    client = visit(client_person("business"), **way)
    client.goto(record.profile.get_absolute_url())
    client.get_by_text("Document checked", exact=True).wait_for()
    if way.get("script", True):
        assert_accessible(client)
        assert_accessible(owner)


def test_the_queue_is_worked_through_by_keyboard_alone(visit, record):
    register = RegisterFactory(body=record.certificate.body, name="Council list")
    EntryFactory(file=register.current, number="wbe.0042", name=record.legal_business_name, types=["woman"])
    first = cases.open_case(record, Case.Cause.MATCH)
    second = cases.open_case(CertificationFactory(), Case.Cause.CONCERN)
    page = visit(staff(is_superuser=True))
    page.goto(first.admin_url)

    page.keyboard.press("n")
    page.wait_for_url(f"**{second.admin_url}")
    page.keyboard.press("k")
    page.keyboard.type("Looked at kxm.")  # letters in a field are letters
    expect(page.get_by_label("Note to the owner")).to_have_value("Looked at kxm.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first.admin_url}")
    page.keyboard.press("m")
    page.get_by_text("No more cases are waiting for you").wait_for()

    assert [case.outcome for case in Case.objects.order_by("pk")] == ["raised", "kept"]


def test_single_keys_can_be_switched_off_and_stay_off(visit, record):
    case = cases.open_case(record, Case.Cause.CONCERN)
    page = visit(staff(is_superuser=True))
    page.goto(case.admin_url)
    page.get_by_text("Keyboard shortcuts").click()
    page.get_by_label("Use single keys on this page").uncheck()
    page.reload()

    page.keyboard.press("k")

    expect(page.get_by_label("No change")).not_to_be_checked()


def test_an_appeal_is_decided_by_a_second_reviewer(visit, record):
    first, second = staff(is_superuser=True), staff(is_superuser=True)
    case = cases.open_case(record, Case.Cause.CONCERN)
    page = visit(first)
    page.goto(case.admin_url)
    page.get_by_label("Reject").check()
    page.get_by_role("button", name="Save and open next case").click()
    page.get_by_text("Choose the reason for this decision").wait_for()
    page.locator("#id_reason").select_option("mismatch")
    page.get_by_label("Note to the owner").fill("The name on the paper is another.")
    page.get_by_role("button", name="Save and open next case").click()
    page.wait_for_url(lambda url: case.admin_url not in url)

    owner = visit(record.profile.users.get(), width=390)
    owner.goto(record.get_absolute_url())
    owner.get_by_text("The name on the paper is another.").first.wait_for()
    owner.get_by_role("link", name="Appeal").click()
    owner.get_by_label("Why the decision is wrong").fill("It is our former trade name.")
    owner.get_by_role("button", name="Send appeal").click()
    owner.get_by_text("because you appealed").wait_for()

    appeal = Case.objects.waiting().get()
    page.goto(appeal.admin_url)
    page.get_by_text("Someone else has to decide this case").wait_for()
    expect(page.get_by_role("button", name="Save and open next case")).to_have_count(0)
    other = visit(second)
    other.goto(appeal.admin_url)
    other.get_by_text("It is our former trade name.").wait_for()
    other.get_by_label("Reinstate").check()
    other.get_by_role("button", name="Save and open next case").click()
    other.wait_for_url(lambda url: appeal.admin_url not in url)
    owner.goto(record.section_url)
    owner.get_by_text("Visible to Business and Enterprise clients").wait_for()


@pytest.mark.parametrize("way", WAYS)
def test_a_register_is_imported_with_its_columns_corrected_by_hand(way, visit, record, paper, assert_accessible):
    register = Register.objects.create(key="council", name="Council list", body=record.certificate.body)
    content = b"Certified Vendors\nExport Date: 1/1/2026\n\nWho,Nr,Kind\nQUILL & LEDGER,wbe 0042,FEM\n,9,FEM\n"
    page = visit(staff(is_superuser=True), **way)
    page.goto("/admin/verification/register/")
    page.get_by_role("link", name="Council list").click()
    page.get_by_role("link", name="Upload a newer file").click()
    expect(page.locator("#id_register")).to_have_value(str(register.pk))
    page.locator("#id_file").set_input_files(paper("list.csv", content))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="Needs column mapping").wait_for()
    page.get_by_label("Header row").fill("4")
    with page.expect_navigation():  # the page before says the same of line 4, since it found that line by itself
        page.get_by_role("button", name="Rescan from this row").click()
    page.get_by_text("2 rows below line 4").wait_for()
    if way.get("script", True):
        assert_accessible(page)
    page.get_by_label("Column 1, Who").select_option(label="Legal name")
    page.get_by_label("Column 2, Nr").select_option(label="Certificate number")
    every_row = page.get_by_role("group", name="Every row is")
    every_row.get_by_label("Woman-owned").check()
    page.get_by_role("button", name="Load 2 rows").click()
    page.get_by_text("1 of its 2 rows are skipped.").wait_for()
    page.get_by_label("I checked these numbers, and the file is right").check()
    page.get_by_role("button", name="Use this file").click()

    page.get_by_text("Records are matched against this file").wait_for()
    file = RegisterFile.objects.get()
    assert (file.rows_read, file.rows_stored, file.rows_skipped) == (2, 1, 1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download skipped rows (CSV)").click()
    assert '"6","It has no name"' in download.value.path().read_text()
    assert Case.objects.get().causes == ["match"]  # what was reported before is found in it
    assert not Document.objects.exists()
