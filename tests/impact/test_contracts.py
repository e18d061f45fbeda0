"""Contracts come from a file: the same again changes nothing, and one bad row costs no other."""

import io
import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from impact import contracts
from impact.models import Contract, ContractFile
from tests.factories import ClientFactory, ProfileFactory
from tests.site import sign_in, staff
from verification.admin.books import UploadForm
from verification.registers.reading.books import BadFile

pytestmark = pytest.mark.django_db

HEADER = "external_id,client,profile_kind,profile,started_on,ended_on,ended_early,spend,rating\n"
RATINGS = ("Rating (1-5)", "Rating [1\u20135]", "Rating 1 to 5", "Rating (out of 5)", "rating/5", "Rating (5 stars)")
SPENDS = (
    "Spend (USD)",
    "Spend (US$)",
    "spend_usd",
    "Spend ($)",
    "Spend $",
    "Spend [U.S. dollars]",
    "Spend (in USD)",
    "SPEND:",
)
ROW = "C-1,bright,freelancer,fay,2026-10-01,2026-10-20,yes,1250.50,4.5\n"


@pytest.fixture(autouse=True)
def places():
    ClientFactory(slug="bright")
    ProfileFactory(slug="fay")


def read(text):
    return contracts.read(io.BytesIO(text.encode() if isinstance(text, str) else text), name="contracts.csv")


@pytest.mark.slow
def test_each_row_becomes_a_contract():
    file = read(HEADER + ROW)

    assert (file.added, file.changed, file.unchanged, file.refused) == (1, 0, 0, 0)
    contract = Contract.objects.get()
    assert (contract.client.slug, contract.profile.slug) == ("bright", "fay")
    assert (contract.started_on, contract.ended_on) == (date(2026, 10, 1), date(2026, 10, 20))
    assert contract.is_ended_early
    assert (contract.spend, contract.rating) == (Decimal("1250.50"), Decimal("4.50"))


def test_an_unchanged_row_changes_nothing_and_a_changed_row_replaces_the_contract():
    read(HEADER + ROW)

    assert read(HEADER + ROW).unchanged == 1
    assert read(HEADER + ROW.replace("4.5", "3")).changed == 1
    assert Contract.objects.get().rating == 3


def test_a_repeated_number_is_reported_and_only_its_first_row_counts():
    for added, unchanged in ((1, 0), (0, 1)):
        file = read(HEADER + ROW + ROW.replace("4.5", "2"))

        assert (file.added, file.changed, file.unchanged, file.refused) == (added, 0, unchanged, 1)
        assert file.problems == [["Line 3", "Line 2 has the same external_id."]]
    assert Contract.objects.get().rating == Decimal("4.5")


def test_spellings_that_spreadsheets_write_are_read():
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
        *[("2026-10-20,yes", f"{said},no", {"ended_on": None}) for said in ("", "n/a", "N/A", "ongoing", "Ongoing")],
        *[("1250.50", zero, {"spend": 0}) for zero in ("", "-", "$ -", "$(0.00)", "0")],
        ("1250.50", "(USD) 500", {"spend": 500}),
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
        f"Description: contracts of October,,,,,,,,\n{HEADER.strip()}",
        f"Client,Acme,,,,,,,\nRating,,,,,,,,\n{HEADER.strip()}",
        *(HEADER.strip().replace("rating", title) for title in RATINGS),
        *(HEADER.strip().replace("spend", title) for title in SPENDS),
    ],
)
def test_a_header_is_recognized_in_any_case_and_spacing(header):
    assert read(f"{header}\n{ROW}").added == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_file_is_read_in_any_encoding_and_with_any_separator(encoding, delimiter):
    text = (HEADER + ROW.replace("C-1", "Café-1")).replace(",", delimiter)

    assert read(text.encode(encoding)).added == 1
    assert Contract.objects.get().external_id == "Café-1"


def test_a_workbook_is_read_like_a_text_file():
    book = openpyxl.Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(["C-1", "bright", "freelancer", "fay", date(2026, 10, 1), date(2026, 10, 20), True, 1250.5, 4.5])
    book.active.append(["C-2", "bright", "freelancer", "fay", "09/15/2026", None, None, "$12,000"])
    book.active.append([3, "acme", "freelancer", "fay", date(2026, 10, 1)])
    saved = io.BytesIO()
    book.save(saved)

    file = read(saved.getvalue())

    assert (file.added, file.problems) == (2, [["Line 4", "There is no client “acme”."]])
    first, second = Contract.objects.order_by("external_id")
    assert (first.started_on, first.ended_on, first.is_ended_early) == (date(2026, 10, 1), date(2026, 10, 20), True)
    assert (first.spend, first.rating) == (Decimal("1250.50"), Decimal("4.50"))
    assert (second.started_on, second.ended_on, second.spend) == (date(2026, 9, 15), None, 12000)


def workbook(sheets, hidden=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_each_sheet_of_a_workbook_is_read_or_reported_as_left_out():
    header, row = HEADER.strip().split(","), ROW.strip().split(",")
    turned = [[*header[::-1], "Notes"], [*(["C-3", *row[1:]][::-1]), "new"]]

    file = read(
        workbook(
            {
                "Read me": [["What this file is"]],
                "2025": [header, row, ["C-2", "acme", *row[2:]]],
                "Empty": [],
                "2026": [*turned, [*row[::-1]]],
                "EUR": [[*header[:7], "Spend (EUR)", "rating"], row],
                "Old": [header, row],
            },
            hidden=["Old"],
        )
    )

    assert sorted(Contract.objects.values_list("external_id", flat=True)) == ["C-1", "C-3"]
    assert (file.added, file.refused) == (2, 2)
    assert file.problems == [
        ["Line 3 of sheet “2025”", "There is no client “acme”."],
        ["Line 3 of sheet “2026”", "Line 2 of sheet “2025” has the same external_id."],
    ]
    missing = (
        "The columns external_id, client, profile_kind, profile, started_on, ended_on, ended_early, spend and rating"
    )
    assert file.notes == [
        f"Sheet “Read me” was left out. {missing} are missing.",
        "Sheet “EUR” was left out. Column “Spend (EUR)” must be in U.S. dollars.",
        "Sheet “Old” was left out. It is hidden.",
    ]


def test_a_workbook_without_contracts_is_refused_with_a_reason_for_each_sheet():
    header = HEADER.strip().split(",")
    with pytest.raises(BadFile, match=re.escape("Sheet “A”: The column rating is missing. Sheet “B”: It is hidden.")):
        read(workbook({"A": [header[:-1], ["C-1"]], "B": [header]}, hidden=["B"]))


def starts(*days, header=HEADER, ends=""):
    """The starts of contracts that a file with `days` in started_on makes, by their place among `days`."""
    rows = "".join(f"{number},bright,freelancer,fay,{day},{ends},,,\n" for number, day in enumerate(days))
    file = read(header + rows)
    found = dict(Contract.objects.values_list("external_id", "started_on"))
    return [found.get(str(number)) for number in range(len(days))], file


def test_the_dates_of_a_file_decide_whether_the_day_comes_first():
    for days in (["25/12/2025", "09/10/2025"], ["25.12.25", "9.10.25"], ["2025-12-25", "9-10-2025", "31-1-2025"]):
        Contract.objects.all().delete()
        found, file = starts(*days)
        assert found[:2] == [date(2025, 12, 25), date(2025, 10, 9)]
        assert len(file.notes) == 1
        assert "day first" in file.notes[0]


def test_one_date_column_decides_how_the_other_is_read():
    assert starts("09/10/2025", ends="25/12/2025")[0] == [date(2025, 10, 9)]


def test_a_header_decides_whether_the_day_comes_first():
    header = HEADER.replace("started_on", "Started on (DD/MM/YYYY)")
    assert starts("09/10/2025", header=header)[0] == [date(2025, 10, 9)]
    header = HEADER.replace("started_on", "Started on MM/DD/YYYY")
    assert starts("09/10/2025", header=header)[0] == [date(2025, 9, 10)]


def test_an_ambiguous_date_is_left_out_if_the_file_mixes_both_orders():
    found, file = starts("25/12/2025", "12/24/2025", "09/10/2025", "05/05/2025")

    assert found == [date(2025, 12, 25), date(2025, 12, 24), None, date(2025, 5, 5)]
    [[place, told]] = file.problems
    assert place == "Line 4"
    assert "“09/10/2025” can be two dates" in told


def test_numbers_that_lost_digits_are_not_mistaken_for_one_another():
    lost = ROW.replace("C-1", "1.23457E+11")

    assert [told.partition(" lost")[0] for _, told in read(HEADER + lost + lost).problems] == [
        "external_id: “1.23457E+11”",
        "external_id: “1.23457E+11”",
    ]


def test_a_number_that_gained_a_fraction_is_the_same_number():
    read(HEADER + ROW.replace("C-1", "17"))

    assert read(HEADER + ROW.replace("C-1", "17.0")).unchanged == 1


def test_what_is_kept_of_a_file_names_no_profile():
    for old, new in (("freelancer", "agency"), ("fay", "fay-gone"), ("freelancer", "vendor"), ("1250.50", "much")):
        read(HEADER + ROW.replace(old, new, 1))

    assert all(file.problems for file in ContractFile.objects.all())
    assert "fay" not in str(list(ContractFile.objects.values()))


def test_an_upload_of_too_many_rows_is_refused_before_any_is_stored():
    rows = "".join(ROW.replace("C-1", f"C-{number}") for number in range(3))
    with pytest.raises(BadFile, match="This file has more than 2 rows"):
        contracts.read(io.BytesIO((HEADER + rows).encode()), name="contracts.csv", most_rows=2)

    assert not Contract.objects.exists()


def test_every_problem_of_a_row_is_reported():
    bad = "C-1,acme,freelancer,nobody,2026-10-01,2026-09-01,maybe,-5,9\n"

    [[line, told]] = read(HEADER + bad + ROW.replace("C-1", "C-2")).problems

    assert line == "Line 2"
    assert told == (
        "There is no client “acme”. profile: There is no freelancer with this address. "
        "ended_early: “maybe” isn't yes or no. spend: “-5” is less than 0. "
        "rating: “9” isn't a rating from 1 to 5. The contract ends before it starts."
    )


def test_a_file_with_only_bad_rows_is_reported_row_by_row():
    assert read(HEADER + "C-1,bright\n").problems == [["Line 2", "It has 2 cells, but the header has 9."]]


def test_many_bad_rows_cost_no_more_queries_than_the_reported_ones(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(contracts, "MOST_PROBLEMS", 2)
    for count in (2, 40):
        rows = "".join(ROW.replace("C-1", f"C-{number}").replace("4.5", "9") for number in range(count))
        with django_assert_num_queries(26):
            file = read(HEADER + rows)
        assert (file.refused, len(file.problems)) == (count, 2)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("C-1", "", "The external_id is missing."),
        ("C-1", "C" * 81, "at most 80"),
        ("bright", "nobody", "There is no client “nobody”."),
        ("bright", "", "The client is missing."),
        ("bright", "x" * 200, f"There is no client “{'x' * 60}…”."),
        ("fay", "nobody", "profile: There is no freelancer with this address."),
        ("freelancer", "agency", "profile: There is no agency with this address."),
        ("freelancer", "vendor", "profile_kind: “vendor” isn't freelancer or agency."),
        ("2026-10-01", "", "The start date is missing."),
        ("2026-10-01", "ongoing", "started_on: “ongoing” isn't a date. Use 09/15/2026 or 2026-09-15."),
        ("2026-10-01", "October 2026", "started_on: “October 2026” isn't a date. Use 09/15/2026 or 2026-09-15."),
        *[
            ("2026-10-20,yes", f"{said},no", f"ended_on: “{said}” isn't a date. Use 09/15/2026 or 2026-09-15.")
            for said in (
                "unknown",
                "pending",
                "?",
                "0",
                "TBD",
                "null",
                "none",
                "-",
                "0000-00-00",
                "12/31/9999",
                "1/1/1900",
            )
        ],
        *[
            ("C-1", said, f"external_id: “{said}” lost digits in a spreadsheet. Export this column as text.")
            for said in ("1.23456789012346E+18", "1.23457E+11", "1E+15", "12345678901234500000", "####")
        ],
        *[
            ("C-1", said, f"external_id: “{said}” was turned into a date in a spreadsheet. Export this column as text.")
            for said in ("1-Mar", "Mar-26", "2026-03-01", "3/1/2026")
        ],
        *[
            ("C-1", said, f"external_id: “{said}” is an error that replaced the number in a spreadsheet. Export this ")
            for said in ("#REF!", "#N/A", "#VALUE!")
        ],
        ("1250.50", "$85/hr", "spend: “$85/hr” isn't an amount."),
        (
            "2026-10-01",
            "10/1/2026 - 10/9/2026",
            "started_on: “10/1/2026 - 10/9/2026” isn't a date. Use 09/15/2026 or 2026-09-15.",
        ),
        ("2026-10-20", "soon", "ended_on: “soon” isn't a date. Use 09/15/2026 or 2026-09-15."),
        ("2026-10-20", "2026-02-30", "ended_on: “2026-02-30” isn't a date."),
        ("2026-10-20", "10/20/2026 or 10/21/2026", "ended_on: “10/20/2026 or 10/21/2026” isn't a date."),
        ("2026-10-20", "2026-09-01", "The contract ends before it starts."),
        ("2026-10-20", "", "A contract that ended early needs an end date."),
        ("yes", "perhaps", "ended_early: “perhaps” isn't yes or no."),
        ("1250.50", "much", "spend: “much” isn't an amount. Enter a number like 1,250.00."),
        ("1250.50", "NaN", "spend: “NaN” isn't an amount."),
        ("1250.50", "-3", "spend: “-3” is less than 0."),
        ("1250.50", "-$3", "spend: “-$3” is less than 0."),
        ("1250.50", "$(3.00)", "spend: “$(3.00)” is less than 0."),
        ("1250.50", "1" * 12, "spend: “111111111111” is more than $9,999,999,999.99."),
        ("1250.50", "1" * 39, "is more than $9,999,999,999.99."),
        ("1250.50", "9999999999.999", "is more than $9,999,999,999.99."),
        ("1250.50", "1e1000000", "spend: “1e1000000” isn't an amount."),
        ("1250.50", "1_000", "spend: “1_000” isn't an amount."),
        ("1250.50", "€500", "spend: “€500” isn't an amount."),
        ("bright", "bri\0ght", "It has a character that can't be saved."),
        ("C-1", "C\0", "It has a character that can't be saved."),
        ("C-1", "C\x07", "It has a character that can't be saved."),
        ("4.5", "good", "rating: “good” isn't a rating from 1 to 5."),
        ("4.5", "6", "rating: “6” isn't a rating from 1 to 5."),
        ("4.5", "0", "rating: “0” isn't a rating from 1 to 5."),
        ("2026-10-01,2026-10-20", "2099-01-01,2099-02-01", "started_on: “2099-01-01” is in the future."),
        (",1250.50,4.5", "", "It has 7 cells, but the header has 9."),
        ("4.5", "4.5,5", "It has 10 cells, but the header has 9."),
        (ROW, "Total: 5\n", "This line isn't a contract (a total or a note)."),
    ],
)
def test_a_bad_row_is_reported_and_left_out_and_the_others_are_kept(old, new, problem):
    file = read(HEADER + ROW.replace(old, new, 1) + ROW.replace("C-1", "C-2"))

    assert (file.added, file.refused) == (1, 1)
    [[line, told]] = file.problems
    assert line == "Line 2"
    assert problem in told
    assert Contract.objects.get().external_id == "C-2"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "The columns external_id, client, profile_kind"),
        (HEADER.replace("\n", ",Spend\n") + ROW.replace("\n", ",7\n"), "There is more than one column spend."),
        *[
            (f"{HEADER.replace('spend', title)}{ROW}", re.escape(f"Column “{title}” must be in U.S. dollars."))
            for title in (
                "Spend (EUR)",
                "Spend (€)",
                "Spend (in thousands)",
                "Spend ($000)",
                "Spend (USD/hr)",
                "Spend [CAD]",
            )
        ],
        *[
            (f"{HEADER.replace('rating', title)}{ROW}", re.escape(f"Column “{title}” must be on a scale from 1 to 5."))
            for title in ("Rating (out of 10)", "Rating (1-10)", "Rating (0-5)", "Rating (%)", "Rating [1 to 100]")
        ],
        *[
            (f"{HEADER.replace('spend', title)}{ROW}", "The column spend is missing.")
            for title in ("Spend 2025-2026", "Spend EUR", "Spend category", "Spendings")
        ],
        (b"", "The file is empty."),
        (HEADER, "The file has a header and no rows below it."),
        (ROW, "The columns external_id, client, profile_kind"),
        (b"\xff\xfe\x00", "The text is damaged or cut off."),
        (b"%PDF-1.7", "This is a PDF."),
        (b"PK\x03\x04 and no more", "The workbook is damaged"),
        (bytes(range(256)) * 20, "The columns external_id"),
        (HEADER + '"C-1,bright\n', "Line 2: A quote is opened and never closed."),
        (HEADER + ROW + '"C-2,bright\n', "Line 3: A quote is opened and never closed."),
    ],
)
def test_an_unreadable_file_is_refused_as_a_whole(content, message):
    with pytest.raises(BadFile, match=message):
        read(content)
    assert not Contract.objects.exists()
    assert not ContractFile.objects.exists()


def test_good_rows_cost_the_same_queries_for_any_number_of_them(django_assert_num_queries):
    for count in (1, 40):
        rows = "".join(ROW.replace("C-1", f"C-{count}-{number}") for number in range(count))
        with django_assert_num_queries(9):
            read(HEADER + rows)


def test_a_file_that_is_too_large_is_refused_with_what_to_do(client, monkeypatch):
    monkeypatch.setattr(UploadForm.base_fields["file"], "most", 100)
    sign_in(client, staff(*Permission.objects.filter(codename__in=["add_contract", "view_contractfile"])))
    file = SimpleUploadedFile("contracts.csv", (HEADER + ROW * 3).encode())

    page = client.post("/admin/impact/contractfile/add/", {"file": file}).text

    assert "The file must be 10 MB or smaller. Split it, or read it with" in page
    assert not Contract.objects.exists()


def test_the_command_prints_what_it_did(tmp_path, capsys):
    path = tmp_path / "contracts.csv"
    path.write_text(HEADER + ROW + ROW.replace("C-1", ""))
    with pytest.raises(CommandError, match=r"1 row was skipped\. Correct the rows and read the file again\."):
        call_command("import_contracts", path)

    said = capsys.readouterr()
    assert "1 added, 0 changed, 0 known already, 1 skipped." in said.out
    assert "Line 3: The external_id is missing." in said.err
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_contracts", tmp_path / "nothing.csv")


def test_staff_upload_a_file_and_read_why_rows_were_left_out(client):
    names = ["add_contract", "view_contractfile"]
    sign_in(client, staff(*Permission.objects.filter(codename__in=names)))
    add = "/admin/impact/contractfile/add/"

    def post(content):
        return client.post(add, {"file": SimpleUploadedFile("contracts.csv", content.encode())}, follow=True).text

    assert "are missing." in post("a,b\n1,2\n")
    assert "Choose a file" in client.post(add).text
    page = post(HEADER + ROW + ROW.replace("C-1", ""))
    assert "1 row was skipped. See why below." in page
    assert "Line 3: The external_id is missing." in page
    assert ContractFile.objects.get().uploaded_by is not None


def test_staff_read_that_nothing_was_saved_and_how_many_rows_are_not_listed(client, monkeypatch):
    names = ["add_contract", "view_contractfile"]
    sign_in(client, staff(*Permission.objects.filter(codename__in=names)))
    monkeypatch.setattr(contracts, "MOST_PROBLEMS", 2)
    file = SimpleUploadedFile("contracts.csv", (HEADER + ROW.replace("C-1", "") * 5).encode())

    page = client.post("/admin/impact/contractfile/add/", {"file": file}, follow=True).text

    assert "Nothing was saved. 5 rows were skipped." in page
    assert "0 added" not in page
    assert "And 3 more." in page


def test_staff_without_the_permission_upload_nothing(client):
    sign_in(client, staff(Permission.objects.get(codename="view_contractfile")))

    assert client.get("/admin/impact/contractfile/add/").status_code == 403
