"""Exports: what the rule shows, as files that procurement loads; logged, and noted for those in them."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

import openpyxl
import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from certifications.models import Block, Certification, ClientView, Evidence, Step
from common.translation import plain
from sourcing import exports, shortlists
from sourcing.exports import making, rows
from sourcing.models import Export, SavedSearch, Shortlist
from tests.factories import CertificationFactory, EvidenceFactory, ProfileFactory
from tests.site import client_person, person, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def record():
    """A record with all that a row can say."""
    record = CertificationFactory(
        found=True,
        profile__name="Fay Freeman",
        legal_business_name="=Quill & Ledger, LLC",
        number="00123",
        issued_on=date(2026, 1, 31),
        expires_on=timezone.now().date() + timedelta(days=200),
        certificate__acronym="CBE",
        certificate__name="Certified Business Enterprise",
    )
    EvidenceFactory(certification=record)
    return record


@pytest.fixture
def make(cleo, client):
    """Has a file made as Cleo does; returns the Export."""

    def make(query="", kind="csv"):
        client.force_login(cleo)
        response = client.post(f"/sourcing/exports/new/?{query}", {"format": kind})
        assert response.status_code == 302, response.text
        return Export.objects.get(pk=int(response.url.split("/")[-2]))

    return make


@pytest.fixture
def read(client):
    """The bytes of a file, as its member downloads it."""

    def read(export):
        response = client.get(f"{export.get_absolute_url()}file/")
        assert response.status_code == 200
        content = b"".join(response.streaming_content)  # which closes the file
        export.refresh_from_db()
        assert response["Content-Disposition"] == f'attachment; filename="{export.file_name}"'
        return content

    return read


def lines(content):
    """A CSV file as a program loads it: list of dict."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_file_holds_each_fact_safe_and_in_iso(record, make, read):
    export = make()
    content = read(export)

    assert content.startswith(b"\xef\xbb\xbf")
    assert lines(content) == [
        {
            "Profile": "Fay Freeman",
            "Profile page": f"http://127.0.0.1:8000{record.profile.get_absolute_url()}",
            "Legal business name": "'=Quill & Ledger, LLC",
            "Type": record.type.name,
            "Certificate": "CBE · Certified Business Enterprise",
            "Issued by": record.certificate.body.name,
            "Certificate number": "00123",
            "Issued": "2026-01-31",
            "Expires": record.expires_on.isoformat(),
            "Does not expire": "no",
            "Renewal filed": "",
            "Verification level": "Document checked",
            "Verified on": timezone.now().date().isoformat(),
            "As of": f"{export.as_of:%Y-%m-%dT%H:%M:%SZ}",
        }
    ]


def test_a_spreadsheet_opens_with_text_as_text_and_days_as_days(record, make, read):
    book = openpyxl.load_workbook(io.BytesIO(read(make(kind="xlsx"))))

    heading, row = book["Certifications"].iter_rows()
    found = {cell.value: value for cell, value in zip(heading, row, strict=True)}
    assert found["Legal business name"].value == "=Quill & Ledger, LLC"
    assert found["Legal business name"].data_type == "s"
    assert found["Certificate number"].value == "00123"
    assert found["Expires"].value.date() == record.expires_on
    assert found["Expires"].number_format == "yyyy-mm-dd"
    about = {name.value: words.value for name, words in book["About this file"].iter_rows()}
    assert about["Rows"] == "1 (all)"
    assert about["For"] == "Bright Foods"
    assert "no one checked it" in about["What it is"]


def test_the_bytes_of_a_csv_file_are_quoted_cells_in_the_order_of_its_columns(record, make, read):
    bare = ProfileFactory(name="No Certificate")
    export = make("everyone=on&sort=name")
    as_of = f"{export.as_of:%Y-%m-%dT%H:%M:%SZ}"
    pages = [f"http://127.0.0.1:8000{profile.get_absolute_url()}" for profile in (record.profile, bare)]
    about_record = [
        "'=Quill & Ledger, LLC", record.type.name, "CBE · Certified Business Enterprise", record.certificate.body.name,
        "00123", "2026-01-31", record.expires_on, "no", "", "Document checked", timezone.now().date(),
    ]  # fmt: skip

    headings = (
        '"Profile","Profile page","Legal business name","Type","Certificate","Issued by","Certificate number",'
        '"Issued","Expires","Does not expire","Renewal filed","Verification level","Verified on","As of"'
    )
    assert read(export).decode("utf-8-sig").split("\r\n") == [
        headings,
        ",".join(f'"{cell}"' for cell in ["Fay Freeman", pages[0], *about_record, as_of]),
        ",".join(f'"{cell}"' for cell in ["No Certificate", pages[1], *[""] * len(about_record), as_of]),
        "",
    ]


def test_both_kinds_of_file_hold_the_same(record, make, read):
    ProfileFactory(name="No Certificate")
    [heading, *rows] = csv.reader(io.StringIO(read(make("everyone=on&sort=name")).decode("utf-8-sig"), newline=""))
    sheet = openpyxl.load_workbook(io.BytesIO(read(make("everyone=on&sort=name", kind="xlsx"))))["Certifications"]

    def cell(value):
        return "" if value is None else value.date().isoformat() if hasattr(value, "date") else value

    [written_heading, *written] = [[cell(value) for value in row] for row in sheet.values]
    assert written_heading == heading
    # Only a CSV file needs the apostrophe. The last cell is the time.
    assert [row[:-1] for row in written] == [[text.removeprefix("'") for text in row[:-1]] for row in rows]


@pytest.mark.slow
def test_a_number_in_a_spreadsheet_stays_as_it_was_entered(record, make, read):
    numbers = ["0012345", "219E01", "12E5", "1234567890123456789", "1/2", "-5"]
    for number in numbers:
        CertificationFactory(profile=record.profile, found=True, number=number)

    heading, *rows = openpyxl.load_workbook(io.BytesIO(read(make(kind="xlsx"))))["Certifications"].iter_rows()

    column = [cell.value for cell in heading].index("Certificate number")
    cells = [row[column] for row in rows]
    assert {cell.value for cell in cells} == {*numbers, record.number}
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}  # also once someone edits them


def test_excel_is_the_first_choice_and_the_page_says_why(cleo, client):
    client.force_login(cleo)

    response = client.get("/sourcing/exports/new/")

    field = response.context["form"]["format"]
    assert [option.choice_label for option in field] == ["Excel (XLSX)", "CSV"]
    assert field.value() == "xlsx"
    assert "a CSV file loses leading zeros" in response.text


@pytest.mark.slow
def test_a_search_exports_the_certifications_that_it_asks_for(record, make, read):
    other = CertificationFactory(profile=record.profile, found=True)
    CertificationFactory(found=True, profile__headline="Welder")

    [line] = lines(read(make(f"types={other.type_id}")))
    assert line["Certificate number"] == other.number
    both = lines(read(make("q=fay")))
    assert {line["Certificate number"] for line in both} == {"00123", other.number}


@pytest.fixture
def news(record, cleo):
    """A saved search of Cleo's that found Nia New for its last email, and Fay Freeman before."""
    now = timezone.now()
    saved = SavedSearch.objects.create(client=cleo.clients.get(), user=cleo, name="Books", query="q=book", news_at=now)
    new = CertificationFactory(found=True, profile__name="Nia New")
    saved.matches.create(profile=record.profile, found_at=now - timedelta(days=1))
    saved.matches.create(profile=new.profile, found_at=now)
    return saved


@pytest.mark.slow
def test_what_is_new_in_a_saved_search_is_exported_as_the_page_shows_it(news, make, read, client, cleo):
    client.force_login(cleo)
    page = client.get(news.news_url)
    assert [profile.name for profile, _ in page.context["cards"]] == ["Nia New"]
    [query] = re.findall(r'href="/sourcing/exports/new/\?([^"]+)"', page.text)

    export = make(unescape(query))

    assert [line["Profile"] for line in lines(read(export))] == ["Nia New"]
    assert export.filters == {"q": "book", "new_in": "Books"}
    assert "new_in" not in client.get(f"/sourcing/searches/new/?{unescape(query)}").context["back"]


@pytest.mark.slow
def test_a_file_that_is_made_anew_never_holds_more_than_was_asked_for(news, make, read, client):
    export = make(f"q=book&new_in={news.pk}")
    SavedSearch.objects.filter(pk=news.pk).remove()
    Certification.objects.update(number="77")

    assert "Create a new export" in client.get(f"{export.get_absolute_url()}file/").text
    client.post(export.get_absolute_url())

    assert lines(read(Export.objects.get())) == []


def test_everyone_are_in_the_file_if_asked_for(record, make, read):
    ProfileFactory(name="No Certificate")
    CertificationFactory(profile__name="Not To Be Found")

    found = {line["Profile"]: line["Type"] for line in lines(read(make("everyone=on")))}

    assert found == {"Fay Freeman": record.type.name, "No Certificate": "", "Not To Be Found": ""}


def test_a_shortlist_is_exported_in_its_order_without_who_is_gone(record, cleo, make, read):
    shortlist = Shortlist.objects.create(client=cleo.clients.get(), name="Spring bids")
    gone = ProfileFactory(name="Gone One", is_active=False)
    for profile in (record.profile, gone, ProfileFactory(name="No Certificate")):
        shortlists.add(shortlist, profile, by=cleo)

    export = make(f"shortlist={shortlist.pk}")

    assert [line["Profile"] for line in lines(read(export))] == ["No Certificate", "Fay Freeman"]
    assert [line["Type"] for line in lines(read(export))] == ["", record.type.name]
    assert export.filters == {"shortlist": "Spring bids"}


def test_a_shortlists_file_has_no_certification_of_who_did_not_agree_to_be_found(record, cleo, make, read, client):
    shown = CertificationFactory(profile__name="Not To Be Found")
    shortlist = Shortlist.objects.create(client=cleo.clients.get(), name="Spring bids")
    for profile in (record.profile, shown.profile):
        shortlists.add(shortlist, profile, by=cleo)

    content = read(make(f"shortlist={shortlist.pk}"))

    assert {line["Profile"]: line["Certificate number"] for line in lines(content)} == {
        "Fay Freeman": "00123",
        "Not To Be Found": "",
    }
    assert [view.profile for view in ClientView.objects.filter(surface="export")] == [record.profile]
    assert shown.type.name in client.get(f"/sourcing/shortlists/{shortlist.pk}/").text


def test_the_log_calls_every_filter_what_the_page_calls_it(record, make):
    export = make(f"types={record.type.pk}&step={Step.REGISTER}&kind=freelancer&rate_to=200&valid_until=2026-12-31")

    level = "Listed in a public directory or higher"
    others = "Valid through Dec 31, 2026, Freelancer, $200/hr or less"
    assert plain(exports.subject(export)) == f"Search: {record.type.name}, {level}, {others}"
    assert plain(exports.subject(make())) == "All search results"


@pytest.mark.slow
def test_each_is_logged_with_its_filters_and_noted_for_those_in_it(record, cleo, make, client):
    make("q=fay&state=NY")

    export = Export.objects.get()
    assert (export.user, export.filters, export.rows) == (cleo, {"q": "fay", "state": ["NY"]}, 1)
    view = ClientView.objects.get(surface="export")
    assert (view.profile, view.client, view.filters) == (record.profile, cleo.clients.get(), export.filters)
    client.force_login(staff(is_superuser=True))
    for page in ("/admin/sourcing/export/", f"/admin/sourcing/export/{export.pk}/change/"):
        told = client.get(page).text
        assert "Search: “fay”, New York" in plain(told)
        assert "&quot;q&quot;" not in told
    client.force_login(cleo)
    log = client.get("/sourcing/exports/").text
    assert "Search: “fay”, New York, CSV" in plain(log)
    assert "<td>1 row</td>" in log
    Export.objects.update(rows=10_000)
    assert "<td>10,000 rows</td>" in client.get("/sourcing/exports/").text


@pytest.mark.slow
@pytest.mark.parametrize("act", ["hide", "withdraw", "block"])
def test_a_file_with_what_may_not_be_shown_any_more_is_made_anew(act, record, cleo, make, read, client):
    kept = CertificationFactory(found=True)
    export = make()
    assert len(lines(read(export))) == 2
    if act == "block":
        Block.objects.create(profile=record.profile, client=cleo.clients.get())
    else:
        getattr(record, act)()

    url = export.get_absolute_url()

    for response in (client.head(f"{url}file/"), client.get(f"{url}file/")):
        assert "Content-Disposition" not in response
    assert "a record changed or was hidden" in response.text
    assert f'<form method="post" action="{url}">' in response.text
    assert Export.objects.get().as_of == export.as_of

    for _ in range(2):  # a second click makes nothing anew
        response = client.post(url, follow=True)
        made_at = Export.objects.get().as_of

    assert "1 row, as of" in response.text
    assert export.as_of < made_at == Export.objects.get().as_of
    [line] = lines(read(export))
    assert line["Certificate number"] == kept.number


@pytest.mark.slow
def test_a_file_whose_facts_have_changed_is_made_anew(record, make, read, client):
    EvidenceFactory(certification=CertificationFactory(found=True))
    export = make()
    kept = lines(read(export))
    CertificationFactory(found=True, profile__name="New One")
    assert lines(read(export)) == kept

    for model, changed, heading, said in (
        (Evidence, {"ended_at": timezone.now(), "ended_because": "replaced"}, "Verification level", "Self-reported"),
        (Certification, {"number": "77"}, "Certificate number", "77"),
        (Certification, {"legal_business_name": "Quill"}, "Legal business name", "Quill"),
        (Certification, {"expires_on": date(2099, 12, 31)}, "Expires", "2099-12-31"),
    ):
        model.objects.update(**changed)
        assert "Create a new export" in client.get(f"{export.get_absolute_url()}file/").text
        client.post(export.get_absolute_url())
        assert {line[heading] for line in lines(read(Export.objects.get()))} == {said}


@pytest.mark.slow
def test_large_ones_are_made_in_the_background_with_progress(
    record, make, read, monkeypatch, client, settings, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(making, "AT_ONCE", 0)

    with django_capture_on_commit_callbacks() as later:
        export = make()

    page = client.get(export.get_absolute_url()).text
    assert "Waiting" in page
    assert "0 of 1 profiles" in page
    assert 'data-hx-trigger="every 1s"' in page
    assert client.get(f"{export.get_absolute_url()}file/").url == export.get_absolute_url()
    for callback in later:
        callback()
    export.refresh_from_db()
    page = client.get(export.get_absolute_url()).text
    assert "1 row, as of" in page
    assert "every 1s" not in page
    assert len(lines(read(export))) == 1


def test_a_file_that_is_cut_says_so(make, read, monkeypatch, client):
    record = CertificationFactory(found=True)
    CertificationFactory(profile=record.profile, found=True)
    for module in (rows, making):
        monkeypatch.setattr(module, "MOST", 1)

    export = make(kind="xlsx")

    assert "the most that an export can hold" in client.get(export.get_absolute_url()).text
    book = openpyxl.load_workbook(io.BytesIO(read(export)))
    assert book["Certifications"].max_row == 2
    assert "the first 1: narrow" in book["About this file"]["B2"].value


def test_who_is_cut_from_a_file_is_not_told_to_be_in_one(make, monkeypatch):
    written, *_ = [CertificationFactory(found=True, profile__name=name) for name in ("Ann", "Bea", "Cy")]
    CertificationFactory(profile=written.profile, found=True)
    monkeypatch.setattr(rows, "BATCH", 1)
    monkeypatch.setattr(making, "MOST", 1)

    export = make("sort=name")

    assert (export.is_cut, export.rows, len(export.records)) == (True, 1, 1)
    assert [view.profile for view in ClientView.objects.filter(surface="export")] == [written.profile]


def test_of_two_workers_one_makes_it(record, make):
    export = make()
    before = Export.objects.get().as_of

    making.make(export.pk)

    assert Export.objects.get().as_of == before


@pytest.mark.slow
def test_what_fails_says_so_and_what_stopped_is_started_again(record, make, monkeypatch, client):
    export = make()
    Export.objects.update(state="running", touched_at=timezone.now() - Export.STOPPED_AFTER * 2)

    with monkeypatch.context() as patched:
        patched.setattr(making, "_write", lambda *args: 1 / 0)
        call_command("due", verbosity=0)
    assert "couldn't create this export" in client.get(export.get_absolute_url()).text

    Export.objects.update(state="running", touched_at=timezone.now() - Export.STOPPED_AFTER * 2)
    assert exports.restart_stopped() == 1
    assert Export.objects.get().state == "done"


def test_who_left_the_client_has_nothing_made(record, cleo, make):
    make()
    Export.objects.update(state="waiting")
    cleo.client_memberships.all().delete()

    with pytest.raises(PermissionError):
        making.make(Export.objects.get().pk)

    assert Export.objects.get().state == "failed"


def test_files_go_after_a_day_and_the_log_later(record, make, client, django_capture_on_commit_callbacks):
    export = make()
    name = str(Export.objects.get().file.name)
    Export.objects.update(touched_at=timezone.now() - timedelta(days=2))

    with django_capture_on_commit_callbacks(execute=True):
        assert exports.remove_old() == 1
    assert not storages["private"].exists(name)
    assert Export.objects.get().records == []
    assert "available for 24 hours" in client.get(export.get_absolute_url()).text
    assert "Deleted" in client.get("/sourcing/exports/").text
    Export.objects.update(asked_at=timezone.now() - timedelta(days=401))
    assert exports.remove_old() == 1


@pytest.mark.slow
def test_a_colleague_cannot_have_it_and_an_admin_sees_the_log(record, cleo, bo, make, client):
    client.force_login(bo)
    response = client.post("/sourcing/exports/new/?q=fay", {"format": "csv"})
    theirs = response.url
    client.force_login(cleo)
    assert "Bo Brand" in client.get("/sourcing/exports/").text
    for path in (theirs, f"{theirs}file/"):
        assert client.get(path).status_code == 404
    own = make()
    client.force_login(bo)
    assert client.get(own.get_absolute_url()).status_code == 404
    assert "Cleo Chase" not in client.get("/sourcing/exports/").text


@pytest.mark.parametrize("who", [person, lambda: client_person("basic"), lambda: client_person("plus")])
def test_to_others_there_is_no_export(who, record, make, client):
    own = make()
    client.force_login(who())

    for path in (
        "/sourcing/exports/",
        "/sourcing/exports/new/",
        own.get_absolute_url(),
        f"{own.get_absolute_url()}file/",
    ):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["shortlist=x", "shortlist=99999999999999999999", "shortlist=1"])
def test_a_shortlist_that_is_not_theirs_is_404(query, cleo, client):
    client.force_login(cleo)

    assert client.get(f"/sourcing/exports/new/?{query}").status_code == 404


def test_a_kind_of_file_that_there_is_not_is_refused(cleo, client):
    client.force_login(cleo)

    assert "not one of the available choices" in client.post("/sourcing/exports/new/", {"format": "pdf"}).text


def test_so_many_an_hour_and_no_more(make, cleo, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "export": "1/h/user"}
    make()

    assert "too many exports in the last hour" in client.post("/sourcing/exports/new/", {"format": "csv"}).text


def test_the_database_wants_a_time_of_what_is_done(make):
    make()
    with pytest.raises(IntegrityError, match="export_done_as_of"), transaction.atomic():
        Export.objects.update(as_of=None)


@pytest.mark.slow
def test_a_file_costs_the_same_however_long(make, django_assert_num_queries):
    for _ in range(2):
        CertificationFactory(found=True)
        make()
        export = Export.objects.first()
        Export.objects.filter(pk=export.pk).update(state="waiting")
        with django_assert_num_queries(20):
            making.make(export.pk)
