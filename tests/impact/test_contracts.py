"""Contracts come from a file: the same again changes nothing, and one bad row costs no other."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from impact import contracts
from impact.admin import UploadForm
from impact.models import Contract, ContractFile
from tests.factories import ClientFactory, ProfileFactory
from tests.site import sign_in, staff

pytestmark = pytest.mark.django_db

HEADER = "external_id,client,profile_kind,profile,started_on,ended_on,ended_early,spend,rating\n"
ROW = "C-1,bright,freelancer,fay,2026-10-01,2026-10-20,yes,1250.50,4.5\n"


@pytest.fixture(autouse=True)
def places():
    ClientFactory(slug="bright")
    ProfileFactory(slug="fay")


def read(text):
    return contracts.read(io.BytesIO(text.encode() if isinstance(text, str) else text), name="contracts.csv")


def test_a_row_is_a_contract():
    file = read(HEADER + ROW)

    assert (file.added, file.changed, file.unchanged, file.refused) == (1, 0, 0, 0)
    contract = Contract.objects.get()
    assert (contract.client.slug, contract.profile.slug) == ("bright", "fay")
    assert (contract.started_on, contract.ended_on) == (date(2026, 10, 1), date(2026, 10, 20))
    assert contract.is_ended_early
    assert (contract.spend, contract.rating) == (Decimal("1250.50"), Decimal("4.50"))


def test_the_same_again_changes_nothing_and_a_newer_state_replaces_it():
    read(HEADER + ROW)

    assert read(HEADER + ROW).unchanged == 1
    assert read(HEADER + ROW.replace("4.5", "3")).changed == 1
    assert Contract.objects.get().rating == 3


def test_of_a_number_twice_in_a_file_the_first_counts_and_the_other_is_told():
    for added, unchanged in ((1, 0), (0, 1)):
        file = read(HEADER + ROW + ROW.replace("4.5", "2"))

        assert (file.added, file.changed, file.unchanged, file.refused) == (added, 0, unchanged, 1)
        assert file.problems == [[3, "Its number stands in line 2 already."]]
    assert Contract.objects.get().rating == Decimal("4.5")


def test_what_spreadsheets_write_is_read():
    file = read(
        b"\xef\xbb\xbf" + (HEADER + ROW + "C-2,bright,freelancer,fay,2026-10-01,,,,\n").replace("\n", "\r\n").encode()
    )

    assert file.added == 2
    assert Contract.objects.get(external_id="C-2").spend == 0


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [
        ("2026-10-01", "10/01/2026", {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", "10/1/26", {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", "10-01-2026", {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", '"October 1, 2026"', {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", "1-Oct-26", {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", "2026-10-01 00:00:00", {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", "20261001", {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", "46296", {"started_on": date(2026, 10, 1)}),
        ("2026-10-01", "09/10/2026", {"started_on": date(2026, 9, 10)}),
        ("2026-10-20,yes", "n/a,no", {"ended_on": None, "is_ended_early": False}),
        ("1250.50", '"$12,000"', {"spend": Decimal(12000)}),
        ("1250.50", '"$12,000.75"', {"spend": Decimal("12000.75")}),
        ("1250.50", '" 12,000 USD "', {"spend": Decimal(12000)}),
        ("1250.50", "12k", {"spend": Decimal(12000)}),
        ("1250.50", "1250.504999", {"spend": Decimal("1250.50")}),
        ("yes", "Y", {"is_ended_early": True}),
        ("yes", "FALSE", {"is_ended_early": False}),
        ("4.5", "4.333333333333333", {"rating": Decimal("4.33")}),
        ("freelancer", "Freelancer", {"rating": Decimal("4.5")}),
        ("C-1", "\u200bC-1\u00a0", {"rating": Decimal("4.5")}),
    ],
)
def test_cells_are_read_as_people_in_the_united_states_write_them(old, new, values):
    file = read(HEADER + ROW.replace(old, new, 1))

    assert file.problems == []
    contract = Contract.objects.get(external_id="C-1")
    assert {name: getattr(contract, name) for name in values} == values


@pytest.mark.parametrize(
    "header",
    [
        "External ID,Client,Profile kind,Profile,Started on,Ended on,Ended early,Spend,Rating",
        "EXTERNAL_ID,CLIENT,PROFILE_KIND,PROFILE,STARTED_ON,ENDED_ON,ENDED_EARLY,SPEND,RATING",
        "externalId,client,profileKind,profile,startedOn,endedOn,endedEarly,spend,rating",
        " external-id , client,profile  kind,profile,started on,ended on,Ended early?,Spend (USD),Rating (1 to 5)",
        f"Contracts of October,,,,,,,,\n{HEADER.strip()}",
    ],
)
def test_a_header_is_known_in_any_case_and_spacing(header):
    assert read(f"{header}\n{ROW}").added == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_is_read_however_it_is_encoded_and_separated(encoding, delimiter):
    text = (HEADER + ROW.replace("C-1", "Café-1")).replace(",", delimiter)

    assert read(text.encode(encoding)).added == 1
    assert Contract.objects.get().external_id == "Café-1"


def test_a_workbook_is_read_as_a_text_is():
    book = openpyxl.Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(["C-1", "bright", "freelancer", "fay", date(2026, 10, 1), date(2026, 10, 20), True, 1250.5, 4.5])
    book.active.append(["C-2", "bright", "freelancer", "fay", "09/15/2026", None, None, "$12,000"])
    book.active.append([3, "acme", "freelancer", "fay", date(2026, 10, 1)])
    saved = io.BytesIO()
    book.save(saved)

    file = read(saved.getvalue())

    assert (file.added, file.problems) == (2, [[4, "There is no such client: “acme”."]])
    first, second = Contract.objects.order_by("external_id")
    assert (first.started_on, first.ended_on, first.is_ended_early) == (date(2026, 10, 1), date(2026, 10, 20), True)
    assert (first.spend, first.rating) == (Decimal("1250.50"), Decimal("4.50"))
    assert (second.started_on, second.ended_on, second.spend) == (date(2026, 9, 15), None, 12000)


def test_all_that_is_wrong_with_a_row_is_told():
    bad = "C-1,acme,freelancer,nobody,2026-10-01,2026-09-01,maybe,-5,9\n"

    [[line, told]] = read(HEADER + bad + ROW.replace("C-1", "C-2")).problems

    assert line == 2
    assert told == (
        "There is no such client: “acme”. There is no such freelancer: “nobody”. "
        "ended_early: “maybe” is neither yes nor no. spend: “-5” is less than 0. "
        "rating: Ensure this value is less than or equal to 5. It ends before it starts."
    )


def test_a_file_of_bad_rows_alone_is_told_row_by_row():
    assert read(HEADER + "C-1,bright\n").problems == [[2, "It has 2 cells, the header 9."]]


def test_a_file_of_many_bad_rows_asks_the_database_no_more_than_for_those_told(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(contracts, "MOST_PROBLEMS", 2)
    for count in (2, 40):
        rows = "".join(ROW.replace("C-1", f"C-{number}").replace("4.5", "9") for number in range(count))
        with django_assert_num_queries(26):
            file = read(HEADER + rows)
        assert (file.refused, len(file.problems)) == (count, 2)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("C-1", "", "It has no number"),
        ("C-1", "C" * 81, "at most 80"),
        ("bright", "nobody", "There is no such client: “nobody”."),
        ("bright", "", "There is no such client: “”."),
        ("bright", "x" * 200, f"There is no such client: “{'x' * 60}…”."),
        ("fay", "nobody", "There is no such freelancer: “nobody”."),
        ("freelancer", "agency", "There is no such agency: “fay”."),
        ("freelancer", "vendor", "profile_kind: “vendor” is neither freelancer nor agency."),
        ("2026-10-01", "", "started_on: It has no day."),
        ("2026-10-01", "ongoing", "started_on: “ongoing” is no day."),
        ("2026-10-01", "October 2026", "started_on: “October 2026” is no day such as 09/15/2026 or 2026-09-15."),
        ("2026-10-01", "15/09/2026", "started_on: “15/09/2026” is no day such as 09/15/2026 or 2026-09-15."),
        (
            "2026-10-01",
            "10/1/2026 - 10/9/2026",
            "started_on: “10/1/2026 - 10/9/2026” is no day such as 09/15/2026 or 2026-09-15.",
        ),
        ("2026-10-20", "soon", "ended_on: “soon” is no day such as 09/15/2026 or 2026-09-15."),
        ("2026-10-20", "2026-02-30", "ended_on: “2026-02-30” is no day"),
        ("2026-10-20", "10/20/2026 or 10/21/2026", "ended_on: “10/20/2026 or 10/21/2026” is no day"),
        ("2026-10-20", "2026-09-01", "It ends before it starts."),
        ("2026-10-20", "", "What was ended early has a day"),
        ("yes", "perhaps", "ended_early: “perhaps” is neither yes nor no."),
        ("1250.50", "much", "spend: “much” is no amount such as 1,250.00."),
        ("1250.50", "NaN", "spend: “NaN” is no amount"),
        ("1250.50", "-3", "spend: “-3” is less than 0."),
        ("1250.50", "-$3", "spend: “-$3” is less than 0."),
        ("1250.50", "$(3.00)", "spend: “$(3.00)” is less than 0."),
        ("1250.50", "1" * 12, "spend: “111111111111” is more than $9,999,999,999.99."),
        ("1250.50", "1" * 39, "is more than $9,999,999,999.99."),
        ("1250.50", "9999999999.999", "is more than $9,999,999,999.99."),
        ("1250.50", "1e1000000", "spend: “1e1000000” is no amount"),
        ("1250.50", "1_000", "spend: “1_000” is no amount"),
        ("1250.50", "€500", "spend: “€500” is no amount"),
        ("bright", "bri\0ght", "It has a character that cannot be kept."),
        ("C-1", "C\0", "It has a character that cannot be kept."),
        ("C-1", "C\x07", "It has a character that cannot be kept."),
        ("4.5", "good", "rating: “good” is no number such as 4.5."),
        ("4.5", "6", "rating: Ensure this value is less than or equal to 5."),
        ("4.5", "0", "rating: Ensure this value is greater than or equal to 1."),
        ("2026-10-01,2026-10-20", "2099-01-01,2099-02-01", "started_on: “2099-01-01” is in the future."),
        (",1250.50,4.5", "", "It has 7 cells, the header 9."),
        ("4.5", "4.5,5", "It has 10 cells, the header 9."),
        (ROW, "Total: 5\n", "It is a line of the file itself, and no contract."),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_others_are_kept(old, new, problem):
    file = read(HEADER + ROW.replace(old, new, 1) + ROW.replace("C-1", "C-2"))

    assert (file.added, file.refused) == (1, 1)
    [[line, told]] = file.problems
    assert line == 2
    assert problem in told
    assert Contract.objects.get().external_id == "C-2"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "It has no column external_id"),
        (HEADER.replace("\n", ",Spend\n") + ROW.replace("\n", ",7\n"), "It has more than one column spend."),
        (b"", "The file is empty."),
        (HEADER, "The file has a header and no rows below it."),
        (ROW, "It has no column external_id"),
        (b"\xff\xfe\x00", "The text is damaged or cut off."),
        (b"%PDF-1.7", "This is a PDF."),
        (b"PK\x03\x04 and no more", "The workbook is damaged"),
        (bytes(range(256)) * 20, "This is no table"),
        (HEADER + '"C-1,bright\n', "Line 2: A quote is opened and never closed."),
        (HEADER + ROW + '"C-2,bright\n', "Line 3: A quote is opened and never closed."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content, message):
    with pytest.raises(contracts.BadFile, match=message):
        read(content)
    assert not Contract.objects.exists()
    assert not ContractFile.objects.exists()


def test_good_rows_take_the_same_queries_however_many_they_are(django_assert_num_queries):
    for count in (1, 40):
        rows = "".join(ROW.replace("C-1", f"C-{count}-{number}") for number in range(count))
        with django_assert_num_queries(9):
            read(HEADER + rows)


def test_a_file_too_large_to_upload_is_told_what_to_do(client, monkeypatch):
    monkeypatch.setattr(UploadForm.base_fields["file"], "most", 100)
    sign_in(client, staff(*Permission.objects.filter(codename__in=["add_contract", "view_contractfile"])))
    file = SimpleUploadedFile("contracts.csv", (HEADER + ROW * 3).encode())

    page = client.post("/admin/impact/contractfile/add/", {"file": file}).text

    assert "It is larger than 10 MB: read it with" in page
    assert not Contract.objects.exists()


def test_the_command_tells_what_it_did(tmp_path, capsys):
    path = tmp_path / "contracts.csv"
    path.write_text(HEADER + ROW + ROW.replace("C-1", ""))
    call_command("import_contracts", path)

    said = capsys.readouterr()
    assert "1 added, 0 changed, 0 known already, 1 left out." in said.out
    assert "Line 3: It has no number" in said.err
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_contracts", tmp_path / "nothing.csv")


def test_staff_upload_a_file_and_read_why_rows_were_left_out(client):
    names = ["add_contract", "view_contractfile"]
    sign_in(client, staff(*Permission.objects.filter(codename__in=names)))
    add = "/admin/impact/contractfile/add/"

    def post(content):
        return client.post(add, {"file": SimpleUploadedFile("contracts.csv", content.encode())}, follow=True).text

    assert "It has no column" in post("a,b\n1,2\n")
    assert "Choose a file." in client.post(add).text
    page = post(HEADER + ROW + ROW.replace("C-1", ""))
    assert "1 rows were left out" in page
    assert "Line 3: It has no number" in page
    assert ContractFile.objects.get().uploaded_by is not None


def test_staff_without_the_permission_upload_nothing(client):
    sign_in(client, staff(Permission.objects.get(codename="view_contractfile")))

    assert client.get("/admin/impact/contractfile/add/").status_code == 403
