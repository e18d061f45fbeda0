"""A public register's file in a real Chromium: a cut-off one is stopped, a wrong one is taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from certifications.models import Certification, CertificationType, CertifyingBody, Step
from common.mail import outbox
from tests.factories import CertificateFactory, CertificationFactory, ProfileFactory
from tests.site import person, staff
from verification.models import Register, RegisterNews
from verification.registers import news

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WAYS = [{"width": 1440}, {"width": 390, "script": False, "scheme": "dark"}]
HEADER = "Certification Number,Business Name,Certification,Expiration Date"
FIRMS = [f"{number},Firm {number} Works,WBE,12/31/2029" for number in range(2, 22)]


@pytest.fixture
def record(transactional_db):
    type = CertificationType.objects.create(key="woman", name="Woman-owned")
    body = CertifyingBody.objects.create(key="council", name="Women's Council")
    Register.objects.create(key="council", name="Council list", body=body, is_trusted=True)
    profile = ProfileFactory(owner=person(name="Fay Freeman", email="fay@example.test"), name="Fay Freeman")
    certificate = CertificateFactory(type=type, body=body, acronym="WBE")
    return CertificationFactory(profile=profile, certificate=certificate, number="WBE-0042")


def step():
    return Certification.objects.with_step().get().step


@pytest.mark.parametrize("way", WAYS)
def test_a_cut_off_file_is_stopped_and_a_wrong_one_taken_back(
    way, visit, record, tmp_path, mailoutbox, assert_accessible
):
    page = visit(staff(is_superuser=True), **way)

    def upload(*lines, days_ago=0):
        """Upload a file and load it as it was found: its page, where it waits to be put in force."""
        path = tmp_path / "list.csv"
        path.write_text("\n".join([HEADER, *lines]))
        page.goto("/admin/verification/registerfile/add/")
        page.locator("#id_register").select_option(label="Council list")
        page.locator("#id_file").set_input_files(path)
        page.locator("#id_as_of").fill(f"{timezone.localdate() - timedelta(days=days_ago):%Y-%m-%d}")
        page.get_by_role("button", name="Upload").click()
        page.get_by_role("button", name=f"Load {len(lines)} rows").click()
        page.get_by_role("heading", name="Ready to use").wait_for()

    own = f"wbe 0042,{record.legal_business_name.upper()},WBE,12/31/2029"
    upload(own, *FIRMS, days_ago=3)
    page.get_by_role("button", name="Use this file").click()
    page.get_by_text("Records are matched against this file").wait_for()
    assert step() == Step.REGISTER
    RegisterNews.objects.update(due_at=timezone.now())
    assert news.post_due() == 1
    outbox.send_waiting.call()

    upload(*FIRMS[:2])
    page.get_by_text("19 of the 21 rows in use now would no longer be listed.").wait_for()
    page.get_by_text("1 matched record would lose the match in this register.").wait_for()
    if way.get("script", True):
        assert_accessible(page)
    page.get_by_role("button", name="Use this file").click()
    page.get_by_text("Check the numbers above, then select this box if the file is right").first.wait_for()
    assert step() == Step.REGISTER
    page.get_by_label("I checked these numbers, and the file is right").check()
    page.get_by_role("button", name="Use this file").click()
    page.get_by_text("Records are matched against this file").wait_for()
    assert step() == Step.SELF_REPORTED

    page.locator("summary", has_text="Go back to the file of").click()
    page.get_by_text("0 records are verified by this file.").wait_for()
    page.get_by_role("button", name="Go back to the file of").click()
    page.get_by_text("The earlier file is in use again, with all of its matches.").wait_for()
    expect(page.get_by_role("heading", name="In use")).to_be_visible()
    assert step() == Step.REGISTER
    RegisterNews.objects.update(due_at=timezone.now())
    assert news.post_due() == 0
    [message] = mailoutbox  # of the first match alone
    assert "“Listed in a public directory.”" in message.body
