"""Pages of reports: begun, issued once, replaced, and without anything that an owner takes back."""

import io
import re
import zipfile
from datetime import date
from html import unescape
from unittest.mock import Mock

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.models import Block, Certification, Consent
from certifications.sharing import consents, pauses
from profiles.models import Profile
from sourcing import terms
from spend import issuing, payments
from spend.models import IssuedReport, ReportDraft, SavedRules
from tests.factories import ClientFactory, ClientMembershipFactory, ProfileFactory
from tests.spend.test_issuing import issue
from tests.spend.test_packs import download
from tests.spend.test_payments import HEADER
from tests.spend.test_report import certified, pay

pytestmark = [pytest.mark.django_db, pytest.mark.page]


def test_a_member_begins_issues_and_replaces_a_report(books, client):
    began = client.post("/spend/reports/new/", {"period": "2025-07-01:2025-09-30"})
    draft = client.get(began.url)
    assert "What it says now" in draft.text
    assert (
        "Confirm the statement"
        in client.post(began.url, {"signer_name": "Cleo", "signer_title": "Lead"}, follow=True).text
    )
    sent = {"signer_name": "Cleo Chase", "signer_title": "Lead", "is_confirmed": "on"}
    first = client.post(began.url, sent)
    assert first.url == "/spend/reports/1/"
    assert client.post(began.url, sent).url == first.url  # a second click

    page = client.get(first.url).text
    assert "Signed by" in page
    assert "Tier 1: paid directly to the business" in page
    again = client.post("/spend/reports/1/replace/", {"reason": "A late certificate"})
    second = client.post(again.url, sent)

    assert second.url == "/spend/reports/2/"
    assert "Superseded by report 2." in client.get(first.url).text
    assert "Replaces report 1</dt> <dd>A late certificate" in " ".join(client.get(second.url).text.split())
    assert "Superseded by report 2" in client.get("/spend/reports/").text
    assert client.get("/spend/reports/1/replace/").url == first.url


def test_a_report_that_a_colleague_replaces_already_leads_to_their_draft_with_their_reason(issued, client):
    address = f"{issued.get_absolute_url()}replace/"
    begun = client.post(address, {"reason": "A late certificate"}).url

    for response in (client.get(address, follow=True), client.post(address, {"reason": "Mine"}, follow=True)):
        assert response.redirect_chain[-1][0] == begun
        assert "The next report was begun already. Its reason: A late certificate" in response.text
    assert ReportDraft.objects.get().reason == "A late certificate"


def test_a_period_that_was_reported_meanwhile_leads_to_its_report(issued, client):
    sent = {"period": f"{issued.starts_on}:{issued.ends_on}"}

    page = client.post("/spend/reports/new/", sent, follow=True)

    assert "A report for this period was issued already" in page.text
    assert not ReportDraft.objects.exists()


@pytest.mark.parametrize("address", ["/spend/reports/new/", "/spend/reports/1/replace/"])
def test_reports_of_a_client_are_begun_one_after_another(address, issued, client):
    with CaptureQueriesContext(connection) as queries:
        client.post(address, {"period": "2025-07-01:2025-09-30", "reason": "A late certificate"})

    said = [query["sql"] for query in queries]
    locked = next(number for number, sql in enumerate(said) if "FOR NO KEY UPDATE" in sql)
    looked = [number for number, sql in enumerate(said) if 'FROM "spend_issuedreport"' in sql]
    begun = next(number for number, sql in enumerate(said) if 'INSERT INTO "spend_reportdraft"' in sql)
    assert locked < min(looked) < begun


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (issuing.ImportRunsError, "Payments are being imported."),
        (issuing.ChangedMeanwhileError, "Something changed while the report was made."),
    ],
)
def test_the_page_of_a_draft_says_why_it_could_not_be_issued(error, words, books, client, monkeypatch):
    draft = ReportDraft.objects.create(client=books, starts_on="2025-07-01", ends_on="2026-06-30")
    monkeypatch.setattr(issuing, "issue", Mock(side_effect=error))

    sent = {"signer_name": "Cleo Chase", "signer_title": "Lead", "is_confirmed": "on"}
    page = client.post(draft.get_absolute_url(), sent)

    assert words in page.text
    assert 'value="Cleo Chase"' in page.text


def test_a_new_report_is_offered_for_fiscal_years_and_quarters(books, client):
    page = client.get("/spend/reports/new/").text

    assert "Fiscal year 2026, Jul 1, 2025 to Jun 30, 2026" in page
    assert "Q2, Oct to Dec 2025" in page
    selected = re.search(r'<option value="[\d-]+:([\d-]+)" selected', page)
    assert selected
    assert date.fromisoformat(selected[1]) < timezone.now().date()


def test_the_newest_period_without_a_report_or_a_draft_is_chosen(issued, client):
    def chosen():
        found = re.search(r'<option value="([\d:-]+)" selected', client.get("/spend/reports/new/").text)
        return found and found[1]

    first = chosen()
    starts_on, ends_on = first.split(":")
    assert first != f"{issued.starts_on}:{issued.ends_on}"
    ReportDraft.objects.create(client=issued.client, starts_on=starts_on, ends_on=ends_on)

    assert chosen() not in (first, f"{issued.starts_on}:{issued.ends_on}")


def test_a_period_that_is_not_over_cannot_be_issued(books, client):
    draft = ReportDraft.objects.create(client=books, starts_on="2026-01-01", ends_on="2099-12-31")

    client.post(draft.get_absolute_url(), {"signer_name": "C", "signer_title": "L", "is_confirmed": "on"})

    assert not IssuedReport.objects.exists()
    assert "You can issue it after its last day" in client.get(draft.get_absolute_url()).text


def test_a_draft_can_be_discarded(books, client):
    draft = ReportDraft.objects.create(client=books, starts_on="2025-01-01", ends_on="2025-12-31")

    client.post(f"{draft.get_absolute_url()}discard/")

    assert not ReportDraft.objects.exists()


def test_the_reports_of_another_client_do_not_exist(issued, client):
    draft = ReportDraft.objects.create(client=issued.client, starts_on="2025-01-01", ends_on="2025-12-31")
    stranger = ClientMembershipFactory(client=ClientFactory()).user
    terms.accept(stranger.clients.get().pk, purpose="To report.", by=stranger)
    client.force_login(stranger)

    address = issued.get_absolute_url()
    for path in (address, f"{address}pack/", f"{address}pack/file/", f"{address}tables/types.csv",
                 f"{address}replace/", draft.get_absolute_url()):  # fmt: skip
        assert client.get(path).status_code == 404
    assert "Report 1" not in client.get("/spend/reports/").text


def test_a_client_on_another_plan_finds_no_reports(issued, client):
    issued.client.plan = "plus"
    issued.client.save()

    assert client.get("/spend/reports/").status_code in (403, 404)
    assert client.get(issued.get_absolute_url()).status_code in (403, 404)


ELSEWHERE = "In other currencies, not in the amounts"
IN_FULL = "In full under each type"
AGAIN = "Of that, counted again"
ANN = {"Payments": "4", "Businesses": "1"}
ANN_AND_DEE = {"Payments": "5", "Businesses": "2"}


def numbers_of(page):
    """Return the numbers of a page that lead to payments of a report: what each says, and its address."""
    links = re.findall(r'<a href="(/spend/reports/1/payments/[^"]*)">([^<]+)</a>', page.text)
    return [(words, unescape(address)) for address, words in links]


def sums_of(page):
    """Return the sums above a list of payments: each payment once, and as types add them up."""
    return re.findall(r"<dd>(−?\$[^<]+)</dd>", page.text)


def test_every_number_of_a_report_opens_to_the_payments_that_it_is_the_sum_of(issued, client):
    pay(("A2", "ann", "2025-12-31", "work", "1.00", ""))  # corrected later, which no number of the report knows
    page = client.get(issued.get_absolute_url())
    numbers = numbers_of(page)
    amounts = re.findall(r"<td>\s*((?:<a[^>]*>)?−?\$[\d.,]+)", page.text)

    assert len({address for _, address in numbers}) > 20
    assert {amount for amount in amounts if not amount.startswith("<a")} == {"$0.00"}  # of one type, nothing again
    assert [number for number in numbers if number[0] not in sums_of(client.get(number[1]))] == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Sum": "$7,340.05", "Payments": "11", "Businesses": "4", ELSEWHERE: "1"}),
        ("show=base", {"Sum": "$6,600.05", "Payments": "8", "Businesses": "4"}),
        ("show=base&quarter=2025-07-01", {"Sum": "$1,300.05", "Payments": "3", "Businesses": "2"}),
        ("show=counted", {"Sum": "$2,100.05", IN_FULL: "$4,900.15", AGAIN: "$2,800.10", **ANN_AND_DEE}),
        ("type=woman", {"Sum": "$1,400.05", "In equal parts under each type": "$466.68", **ANN}),
        ("primary=woman", {"Sum": "$1,400.05", **ANN}),
        ("types=woman;minority;veteran", {"Sum": "$1,400.05", IN_FULL: "$4,200.15", AGAIN: "$2,800.10", **ANN}),
        ("currency=EUR", {"Sum": "EUR\N{NO-BREAK SPACE}80.00", "Payments": "1", "Businesses": "1"}),
    ],
)
def test_a_list_has_the_sums_of_its_payments_and_no_other(query, shown, issued, client):
    pay_in = HEADER + "E1,bright,freelancer,ann,2025-08-11,work,80.00,EUR,,,\n"
    payments.read(io.BytesIO(pay_in.encode()), name="euros.csv")
    again = issue(issued.client, replaces=issued, reason="A payment arrived late.")

    page = client.get(f"{again.get_absolute_url()}payments/?{query}").text

    assert dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)) == shown


def test_a_draft_shows_the_tables_of_the_report_and_each_number_opens_to_its_payments(issued, client):
    draft = ReportDraft.objects.create(client=issued.client, starts_on=issued.starts_on, ends_on=issued.ends_on)
    page = client.get(draft.get_absolute_url()).text
    links = re.findall(r'<a href="(/spend/payments/[^"]*)">([^<]+)</a>', page)

    def said(text):
        sections = text.split('aria-labelledby="summary"')[1].split('id="not-counted"')[0]
        return " ".join(re.sub(r"<[^>]*>", " ", sections).split())

    assert said(page) == said(client.get(issued.get_absolute_url()).text)
    assert len({address for address, _ in links}) > 20
    for address in {address for address, _ in links}:  # one of the numbers is the sum of the list, others its parts
        opened = client.get(unescape(address)).text
        sums = {words for other, words in links if other == address}
        assert sums == {"$0.00"} or any(f"<dd>{words}</dd>" in opened for words in sums), address


def test_payments_of_a_report_stay_as_they_were_counted(issued, client):
    before = client.get("/spend/reports/1/payments/?types=woman;minority;veteran").text
    pay(("A1", "ann", "2025-08-10", "work", "1.00", ""))
    SavedRules.objects.create(client=issued.client, fiscal_year_start=7, types=["lgbt"])

    after = client.get("/spend/reports/1/payments/?types=woman;minority;veteran").text

    assert 'Work <span translate="no">A1</span>' in before
    assert after.split("<main")[1] == before.split("<main")[1]


@pytest.mark.parametrize(
    "query", ["type=nothing", "types=woman;nothing", "level=9", "reason=late", "quarter=2020-01-01", "show=some"]
)
def test_payments_behind_no_number_of_a_report_have_no_page(query, issued, client):
    assert client.get(f"/spend/reports/1/payments/?{query}").status_code == 404


@pytest.mark.parametrize("count", [1, 8])
def test_the_queries_for_payments_of_a_report_do_not_depend_on_their_number(
    count, books, client, django_assert_num_queries
):
    for number in range(count):
        ProfileFactory(slug=f"more-{number}")
        pay((f"M{number}", f"more-{number}", "2025-09-01", "work", "1.00", ""))
        certified("woman", Profile.objects.get(slug=f"more-{number}"), "2025-01-01", "2026-12-31")
    issue(books)
    client.get("/spend/reports/1/payments/")  # what is noted for the day is noted

    with django_assert_num_queries(13):
        client.get("/spend/reports/1/payments/")


def of_consent(profile):
    consents.choose(profile, Consent.Purpose.COUNT, is_given=False, plans=[], by=None)


def of_sharing(profile):
    Consent.objects.filter(profile=profile, purpose=Consent.Purpose.SHOW).update(is_given=False)


def of_everyone(profile):
    pauses.hide_all(profile)


def of_client(profile):
    Block.objects.create(profile=profile, client=IssuedReport.objects.get().client)


def of_most(profile):
    profile.certifications.update(audience=Certification.Audience.NAMED)


TABLES = ("types", "payments", "certificates", "coupa-tier-2-direct")


def everything(client, issued):
    """Return all that a member reads of a report: its page, its files, and what is in its pack."""
    address = issued.get_absolute_url()
    found = [client.get(address).content, client.get(f"{address}payments/").content]
    for name in TABLES:
        found.append(client.get(f"{address}tables/{name}.csv").getvalue())
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}tables/{name}.xlsx").getvalue()))
        found += [repr(row).encode() for sheet in book for row in sheet.iter_rows(values_only=True)]
    with zipfile.ZipFile(io.BytesIO(download(client, issued))) as archive:
        found += [archive.read(name) for name in archive.namelist() if not name.endswith((".xlsx", ".pdf"))]
    return b"".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("take_back", [of_consent, of_sharing, of_everyone, of_client, of_most])
def test_what_an_owner_takes_back_is_on_no_page_and_in_no_file(take_back, issued, client):
    ann = Profile.objects.get(slug="ann")
    secrets = [ann.name, *ann.certifications.values_list("number", flat=True), '"A1"', ">A1<"]
    before = everything(client, issued)
    assert [secret for secret in secrets if secret.encode() not in before] == []

    take_back(ann)

    after = everything(client, issued)
    assert [secret for secret in secrets if secret.encode() in after] == []
    assert b"2100.05" in after  # the sum of what counts
