"""Contracts come from a file: the same again changes nothing, and one bad row costs no other."""

import io
from datetime import date
from decimal import Decimal

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
    ("old", "new", "problem"),
    [
        ("C-1", "", "It has no number"),
        ("C-1", "C" * 81, "at most 80"),
        ("bright", "nobody", "There is no such client."),
        ("fay", "nobody", "There is no such profile"),
        ("freelancer", "agency", "There is no such profile"),
        ("2026-10-01", "10/01/2026", "started_on is not a day written as 2026-11-24."),
        ("2026-10-01", "", "started_on is not a day"),
        ("2026-10-20", "soon", "ended_on is not a day"),
        ("2026-10-20", "2026-09-01", "It ends before it starts."),
        ("2026-10-20", "", "What was ended early has a day"),
        ("yes", "perhaps", "ended_early is neither yes nor no."),
        ("1250.50", "much", "spend is not a number"),
        ("1250.50", "NaN", "spend is not a number"),
        ("1250.50", "-3", "Spend is not negative."),
        ("1250.50", "1" * 12, "digits"),
        ("1250.50", "1e1000000", "spend is not a number"),
        ("1250.50", "1_000", "spend is not a number"),
        ("2026-10-01", "20261001", "started_on is not a day"),
        ("2026-10-20", "2026-02-30", "ended_on is not a day"),
        ("bright", "bri\0ght", "It has a character that cannot be kept."),
        ("C-1", "C\0", "It has a character that cannot be kept."),
        ("4.5", "6", "rating: Ensure this value is less than or equal to 5."),
        ("4.5", "0", "rating: Ensure this value is greater than or equal to 1."),
        ("2026-10-01,2026-10-20", "2099-01-01,2099-02-01", "It starts in the future."),
        (",1250.50,4.5", "", "It has fewer cells than the header."),
        ("4.5", "4.5,5", "It has more cells than the header."),
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
        (b"", "It has no column"),
        (HEADER, "It has a header and no rows."),
        (HEADER.encode() + "C-1,café".encode("latin-1"), "It is not in UTF-8"),
        (b"\xff\xfe\x00", "It is not in UTF-8"),
        (HEADER + '"C-1,bright\n', "It cannot be read as CSV"),
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

    assert "It has no column" in post("a,b\n")
    assert "Choose a file." in client.post(add).text
    page = post(HEADER + ROW + ROW.replace("C-1", ""))
    assert "1 rows were left out" in page
    assert "Line 3: It has no number" in page
    assert ContractFile.objects.get().uploaded_by is not None


def test_staff_without_the_permission_upload_nothing(client):
    sign_in(client, staff(Permission.objects.get(codename="view_contractfile")))

    assert client.get("/admin/impact/contractfile/add/").status_code == 403
