"""The vendor check: what a client's own list brings back, and what no one may learn by it."""

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certifications.models import Block, Certificate, Certification, ClientView, Consent
from certifications.sharing import consents
from common.translation import plain
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from spend import vendors
from spend.models import VendorList
from spend.vendors import Said, Wanted
from tests.factories import (
    CertificateFactory,
    CertificationFactory,
    CertificationTypeFactory,
    ClientMembershipFactory,
    ProfileFactory,
)
from tests.site import person
from tests.states import STATES

pytestmark = pytest.mark.django_db

PAGE = "/spend/vendors/"
LIST = "Vendor No.,Vendor Name,Certificate Number,Notes\n7,Ames Works LLC,W-1,=cmd\n8,Unlisted Inc,,\n"


def business(name, number, **values):
    certificate = Certificate.objects.filter(type__key="woman").first() or CertificateFactory(
        type=CertificationTypeFactory(key="woman", name="Woman-owned"), body__name="Council of Women"
    )
    return CertificationFactory(
        profile__name=values.pop("known_as", name),
        certificate=certificate,
        legal_business_name=name,
        number=number,
        found=True,
        expires_on=values.pop("expires_on", date(2031, 1, 31)),
        **values,
    )


def workbook(*rows, merged=""):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(client, content, name="vendors.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content.encode())}, follow=True)


def said(lead, *rows):
    """The answers about rows of a name and a number, as (what is said, the profiles, how many records)."""
    answers = vendors.check([Wanted(*row) for row in rows], Viewer(lead), RolloutPolicy.in_force())
    return [(answer.said, [profile.name for profile in answer.profiles], len(answer.records)) for answer in answers]


def told(response):
    return " ".join(plain(response.text.split("<main")[1]).split())


def test_a_list_comes_back_as_a_page_with_its_own_columns_kept(lead, client):
    business("Ames Works LLC", "W-1", known_as="Ann Ames")

    page = told(upload(client, LIST))

    assert "Found by its certificate number" in page
    assert "Ann Ames" in page
    assert "Woman-owned, Council of Women, valid until Jan 31, 2031, self-reported" in page
    assert "Not found" in page
    assert "Unlisted Inc" in page
    assert "=cmd" in page


def test_a_row_about_a_business_that_the_client_may_count_leads_to_its_letter(lead, client):
    ann = business("Ames Works LLC", "W-1").profile
    assert "Evidence letter" not in told(upload(client, LIST))
    consents.choose(ann, Consent.Purpose.COUNT, is_given=True, plans=["enterprise"], by=None)

    page = upload(client, LIST)

    assert "Evidence letter about Ames Works LLC" in told(page)
    assert client.get(reverse("spend:letter", args=[ann.kind, ann.slug])).status_code == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), "an old Excel file (.xls), or one with a password"),
        (b"PK\x03\x04" + bytes(4000), "The workbook is damaged or cut off. Download it again."),
        (workbook(), "No visible sheet has any content."),
        (workbook(["Vendor Name"]), "The file has a header and no rows below it."),
    ],
    ids=["old or protected", "damaged", "empty", "titles alone"],
)
def test_a_workbook_that_cannot_be_read_says_why_beside_the_field(content, words, lead, client):
    page = client.post(PAGE, {"file": SimpleUploadedFile("vendors.xlsx", content)})

    assert "field--error" in page.text
    assert words in told(page).split("Your list")[-1]


def test_merged_titles_above_the_table_are_passed_over(lead, client):
    content = workbook(["Our vendors"], ["of 2026"], ["Vendor Name", "Number"], ["Unlisted Inc", "1"], merged="A1:B1")

    page = client.post(PAGE, {"file": SimpleUploadedFile("vendors.xlsx", content)}, follow=True)

    assert "Unlisted Inc" in told(page)


def test_it_comes_back_as_csv_and_xlsx_that_execute_nothing(lead, client):
    record = business("Ames Works LLC", "W-1", known_as="Ann Ames")
    listed = upload(client, LIST).redirect_chain[-1][0]

    rows = list(csv.reader(io.StringIO(client.get(f"{listed}vendors.csv").content.decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{listed}vendors.xlsx").content))

    header, first, second = rows
    assert header == ["Vendor No.", "Vendor Name", "Certificate Number", "Notes", *vendors.HEADINGS]
    assert first[:4] == ["7", "Ames Works LLC", "W-1", "'=cmd"]
    assert first[4:6] == ["Found by its certificate number", "Ann Ames"]
    assert first[6].endswith(record.profile.get_absolute_url())
    assert first[7:] == ["Woman-owned", "Council of Women", "Jan 31, 2031", "Self-reported"]
    assert second[4:] == ["Not found", "", "", "", "", "", ""]
    cells = [[cell.value or "" for cell in row] for row in book.active.rows]
    assert cells == [header, [*first[:3], "=cmd", *first[4:]], second]
    assert {cell.data_type for row in book.active.rows for cell in row} <= {"s", "n"}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (("", "cert no w 1"), (Said.NUMBER, ["Ann Ames"], 1)),
        (("Ames Works", "W-1"), (Said.NUMBER, ["Ann Ames"], 1)),
        (("AMES WORKS, L.L.C.", ""), (Said.NAME, ["Ann Ames"], 1)),
        (("ann ames", ""), (Said.NAME, ["Ann Ames"], 1)),
        (("Zebra Paving Inc", "W-1"), (Said.OTHER_NAME, ["Ann Ames"], 0)),
        (("Ames Paving", ""), (Said.NOTHING, [], 0)),
        (("Quiet Uncertified", ""), (Said.NAME, ["Quiet Uncertified"], 0)),
        (("", ""), (Said.EMPTY, [], 0)),
    ],
)
def test_a_business_is_found_by_number_legal_name_or_public_name(row, found, lead):
    business("Ames Works LLC", "W-1", known_as="Ann Ames")
    ProfileFactory(name="Quiet Uncertified")

    assert said(lead, row) == [found]


def test_a_name_of_several_businesses_says_so_and_tells_nothing_of_either(lead):
    for known_as in ("One", "Two"):
        business("Ames Works LLC", f"W-{known_as}", known_as=known_as)

    assert said(lead, ("Ames Works LLC", "")) == [(Said.SEVERAL, ["One", "Two"], 0)]


# What no one may learn


def blocked(record):
    Block.objects.create(profile=record.profile, client=Client.objects.get(slug="bright"))


def without_consent(record):
    Consent.objects.filter(profile=record.profile, purpose=Consent.Purpose.FIND).update(is_given=False)


def older_consent(record):
    Consent.objects.filter(profile=record.profile, purpose=Consent.Purpose.FIND).update(version="2026-11")


@pytest.mark.parametrize("act", [Certification.hide, blocked, without_consent, Certification.withdraw])
def test_a_hidden_record_is_answered_as_if_there_were_none(act, lead, client):
    rows = [("Ames Works LLC", "W-1"), ("Ames Works LLC", ""), ("", "W-1"), ("Ann Ames", "")]
    ProfileFactory(name="Ann Ames", slug="plain")
    without = [(answer, profiles, count) for answer, profiles, count in said(lead, *rows)]
    listed = f"{LIST}9,Ann Ames,,\n"
    page = told(upload(client, listed))
    assert "Found by its name Ann Ames No certification to show" in page
    record = business("Ames Works LLC", "W-1", known_as="Someone Else")
    assert said(lead, *rows) != without

    act(record)

    assert said(lead, *rows) == without
    assert told(upload(client, listed)) == page


def test_an_owner_who_agreed_to_an_older_text_is_not_found_by_the_certificate(lead):
    record = business("Ames Works LLC", "W-1", known_as="Ann Ames")
    older_consent(record)

    assert said(lead, ("Ames Works LLC", "W-1"), ("Ann Ames", "")) == [
        (Said.NOTHING, [], 0),
        (Said.NAME, ["Ann Ames"], 1),
    ]


@pytest.mark.parametrize("state", [name for name, (_, shown) in STATES.items() if not shown])
def test_no_state_in_which_a_client_is_shown_nothing_is_found(state, lead):
    Client.objects.update(plan="business")
    values, _ = STATES[state]
    business("Ames Works LLC", "W-1", known_as="Ann Ames", **values)

    answers = vendors.check(
        [Wanted("Ames Works LLC", "W-1"), Wanted("", "W-1")], Viewer(lead), RolloutPolicy.in_force()
    )

    assert [(answer.said, answer.records) for answer in answers] == [(Said.NOTHING, [])] * 2


def test_an_owner_reads_that_the_client_saw_the_certification(lead, client):
    record = business("Ames Works LLC", "W-1")

    upload(client, LIST)

    assert ClientView.objects.get().profile == record.profile


def test_a_list_is_its_uploaders_alone(lead, client):
    listed = upload(client, LIST).redirect_chain[-1][0]
    colleague = ClientMembershipFactory(user=person(), client=Client.objects.get(slug="bright")).user
    client.force_login(colleague)

    for path in (listed, f"{listed}vendors.csv"):
        assert client.get(path).status_code == 404
    assert client.post(f"{listed}delete/").status_code == 404
    assert "vendors.csv" not in client.get(PAGE).text


# Keeping and reading


def test_a_list_is_deleted_by_its_uploader_or_after_its_time(lead, client):
    listed = upload(client, LIST).redirect_chain[-1][0]
    client.post(f"{listed}delete/")
    assert not VendorList.objects.exists()

    upload(client, LIST)
    assert vendors.remove_old() == 0
    VendorList.objects.update(uploaded_at=timezone.now() - VendorList.KEPT_FOR - timedelta(minutes=1))
    assert vendors.remove_old() == 1
    assert not VendorList.objects.exists()


def test_a_column_that_was_not_recognized_is_chosen_by_hand(lead, client):
    business("Ames Works LLC", "W-1", known_as="Ann Ames")
    response = upload(client, "Alpha,Beta\nAmes Works LLC,x\n")
    listed = response.redirect_chain[-1][0]
    assert "Ann Ames" not in told(response)

    page = client.post(listed, {"name_column": "0", "number_column": ""}, follow=True)

    assert "Ann Ames" in told(page)
    assert "Choose at least one column" in client.post(listed, {}, follow=True).text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("Vendor Name,Notes\n" + "A,b\n" * (vendors.MOST_ROWS + 1), "more than 1,000 rows"),
        ("%PDF-1.7\n", "This is a PDF"),
    ],
)
def test_a_file_that_is_no_list_or_too_long_is_refused(content, message, lead, client):
    assert message in upload(client, content).text
    assert not VendorList.objects.exists()


def test_the_checks_of_an_hour_are_limited(lead, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"export": "1/h/user"}
    upload(client, LIST)

    assert "too many lists in the last hour" in upload(client, LIST).text
    assert VendorList.objects.count() == 1


def test_the_queries_do_not_depend_on_the_list_or_on_how_much_is_found(lead, client, django_assert_num_queries):
    business("Ames Works LLC", "W-1")
    business("Unlisted Inc", "W-2")
    short = upload(client, LIST).redirect_chain[-1][0]
    rows = "".join(f"{n},Unlisted Inc,W-{n},\n" for n in range(40))
    longer = upload(client, LIST + rows).redirect_chain[-1][0]
    client.get(short)
    with CaptureQueriesContext(connection) as few:
        client.get(short)

    with django_assert_num_queries(len(few)):
        client.get(longer)
