"""Audit packs and pages of reports: what is handed out agrees with itself, and names no one who withdrew."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from django.core.management import call_command
from django.utils import timezone

from certifications.models import ClientView, Consent
from certifications.sharing import consents
from profiles.models import Profile
from rollout.models import RolloutPolicy
from sourcing.exports import files
from spend.models import AddressableSpend, AuditPack, SavedRules
from spend.packs import making, signing, verify_pack
from spend.packs.tables import Content
from tests.spend.test_issuing import issue
from tests.spend.test_report import pay
from tests.verification.test_pdfs import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.page]


@pytest.fixture(autouse=True)
def key(settings):
    made = Ed25519PrivateKey.generate()
    settings.SIGNING_KEY = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return made


@pytest.fixture
def unpacked(issued, client, tmp_path):
    """The pack as a member downloads it, in a folder."""
    with zipfile.ZipFile(io.BytesIO(download(client, issued))) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def download(client, issued):
    address = f"{issued.get_absolute_url()}pack/"
    assert client.post(address).status_code == 302
    return b"".join(client.get(f"{address}file/").streaming_content)


def verify(folder):
    command = [sys.executable, "-I", "-S", folder / "verify_pack.py"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def change(folder, name, old, new):
    path = folder / name
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def rehash(folder, name):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def table(folder, name):
    text = (folder / "tables" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.slow
def test_a_pack_verifies_itself_with_python_alone(unpacked):
    checked = verify(unpacked)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "Report 1 of Bright Foods: every hash and every total agrees." in checked.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("tables/payments.csv", b'"1000.00"', b'"9000.00"', "The digest of the rows"),
        ("tables/types.csv", b'"1400.05"', b'"1400.06"', "tables/types.csv, woman, overlapping"),
        ("tables/summary.csv", b'"2100.05"', b'"2200.05"', "tables/summary.csv, unduplicated, amount"),
        ("tables/levels.csv", b'"2100.05"', b'"2100.00"', "tables/levels.csv, 1, amount"),
        ("tables/coupa-tier-2-summary.csv", b'"700.00"', b'"701.00"', "The summary in Coupa's layout"),
    ],
)
def test_a_changed_number_is_found_by_its_hash_and_by_its_sum(unpacked, name, old, new, words):
    change(unpacked, name, old, new)

    found = verify(unpacked)
    assert (found.returncode, f"{name} was changed" in found.stdout) == (1, True)

    rehash(unpacked, name)
    found = verify(unpacked)
    assert (found.returncode, words in found.stdout, "was changed" in found.stdout) == (1, True, False)


@pytest.mark.slow
def test_a_file_that_is_missing_or_added_is_found(unpacked):
    (unpacked / "rules.txt").rename(unpacked / "rules-2.txt")

    found = verify(unpacked)

    assert found.returncode == 1
    assert "rules.txt is missing." in found.stdout
    assert "rules-2.txt is not in manifest.json." in found.stdout


@pytest.mark.slow
def test_a_changed_list_of_files_is_found(unpacked):
    change(unpacked, "manifest.json", b'"rules.txt"', b'"rules.doc"')

    found = verify(unpacked)

    assert found.returncode == 1
    assert "rules.txt is not in manifest.json." in found.stdout
    assert "rules.doc is missing." in found.stdout


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("report.json", None, b"[]", "This is not a whole audit pack: TypeError"),
        ("tables/payments.csv", None, b'"amount","types"\n"1.00"\n', "This is not a whole audit pack: KeyError"),
        ("tables/summary.csv", b'"2100.05"', b'"2200.05"', "does NOT agree with itself: 1 difference."),
    ],
)
def test_the_script_says_in_a_sentence_what_is_wrong(unpacked, name, old, new, words, capsys):
    if old is None:
        (unpacked / name).write_bytes(new)
    else:
        change(unpacked, name, old, new)
    rehash(unpacked, name)

    assert verify_pack.main([str(unpacked)]) == 1
    assert words in capsys.readouterr().out


@pytest.mark.slow
def test_the_script_checks_a_zip_from_an_empty_folder(issued, client, tmp_path):
    pack = tmp_path / "pack.zip"
    pack.write_bytes(download(client, issued))
    empty = tmp_path / "empty"
    empty.mkdir()
    script = Path(verify_pack.__file__)

    found = subprocess.run(
        [sys.executable, "-I", "-S", script, pack], cwd=empty, capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stderr, list(empty.iterdir())) == (0, "", [])


@pytest.mark.slow
def test_the_pack_of_a_report_that_replaces_another_has_what_changed(issued, client, tmp_path):
    pay(("D2", "dee", "2026-03-01", "work", "10.00", ""))
    again = issue(issued.client, replaces=issued, reason="A late payment.")
    with zipfile.ZipFile(io.BytesIO(download(client, again))) as archive:
        archive.extractall(tmp_path)
    assert verify(tmp_path).returncode == 0

    change(tmp_path, "tables/changes.csv", b'"10.00"', b'"11.00"')
    rehash(tmp_path, "tables/changes.csv")

    found = verify(tmp_path)
    assert found.returncode == 1
    assert "the sum of before and the causes, base: the pack says 6610.05, its rows say 6611.05." in found.stdout


def test_the_signature_is_that_of_the_published_key(unpacked, client, key):
    published = client.get("/.well-known/spend-signing-key.pem").content
    assert published == (unpacked / "public-key.pem").read_bytes() == signing.public_pem(key)
    manifest, signature = (unpacked / "manifest.json").read_bytes(), (unpacked / "manifest.sig").read_bytes()

    checked_by = load_pem_public_key(published)
    assert isinstance(checked_by, Ed25519PublicKey)
    checked_by.verify(signature, manifest)
    with pytest.raises(InvalidSignature):
        checked_by.verify(signature, manifest + b" ")


def test_the_totals_of_a_pack_are_those_of_the_oracle(unpacked):
    summary = {row["key"]: row["amount"] for row in table(unpacked, "summary")}
    types = {row["key"]: row for row in table(unpacked, "types")}

    assert summary["base"] == "6600.05"
    assert summary["unduplicated"] == summary["primary"] == summary["split"] == "2100.05"
    assert {key: row["overlapping"] for key, row in types.items()} == {
        "woman": "1400.05",
        "minority": "1400.05",
        "veteran": "1400.05",
        "lgbt": "700.00",
    }
    assert {row["reason"]: row["amount"] for row in table(unpacked, "not-counted")}["excluded_kind"] == "740.00"


def test_the_same_report_makes_the_same_pack(issued, client):
    assert download(client, issued) == download(client, issued)


@pytest.mark.slow
def test_who_withdraws_is_in_no_later_download_and_the_pack_still_verifies(issued, client, tmp_path):
    ann = Profile.objects.get(slug="ann")
    number = ann.certifications.first().number
    with zipfile.ZipFile(io.BytesIO(download(client, issued))) as archive:
        assert ann.name.encode() in archive.read("tables/payments.csv")
        assert number.encode() in archive.read("tables/certificates.csv")

    consents.choose(ann, Consent.Purpose.COUNT, is_given=False, plans=[], by=None)
    address = f"{issued.get_absolute_url()}pack/"
    assert client.get(f"{address}file/").url == address
    with zipfile.ZipFile(io.BytesIO(download(client, issued))) as archive:
        archive.extractall(tmp_path)

    assert verify(tmp_path).returncode == 0
    for path in tmp_path.rglob("*.csv"):
        assert ann.name not in path.read_text(encoding="utf-8-sig")
    assert number not in (tmp_path / "tables" / "certificates.csv").read_text(encoding="utf-8-sig")
    assert "A1" not in {row["number"] for row in table(tmp_path, "payments")}
    page = client.get(issued.get_absolute_url()).text
    assert "1 business is no longer named in this report" in " ".join(page.split())


def test_a_download_is_noted_for_the_businesses_in_it(issued, client):
    client.get(f"{issued.get_absolute_url()}tables/certificates.csv")

    seen = set(ClientView.objects.filter(surface="export").values_list("profile__slug", flat=True))
    assert seen == {"ann", "bea", "dee"}


@pytest.mark.parametrize("name", ["summary", "types", "quarters", "levels", "coupa-tier-2-summary"])
def test_a_table_of_sums_is_noted_for_no_one(name, issued, client):
    assert client.get(f"{issued.get_absolute_url()}tables/{name}.csv").status_code == 200

    assert not ClientView.objects.exists()


@pytest.mark.parametrize("name", ["payments", "certificates", "coupa-tier-2-direct"])
def test_a_table_that_names_businesses_is_noted_when_it_is_read(name, issued, client):
    address = f"{issued.get_absolute_url()}tables/{name}.csv"
    client.head(address)
    assert not ClientView.objects.exists()

    client.get(address)
    assert ClientView.objects.filter(surface="export").count() == 3


def test_a_table_that_no_spreadsheet_holds_is_left_to_its_csv(issued, client, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 9)  # there are ten payments

    page = client.get(f"{issued.get_absolute_url()}tables/payments.xlsx", follow=True)
    with zipfile.ZipFile(io.BytesIO(download(client, issued))) as archive:
        names, readme = archive.namelist(), archive.read("README.txt").decode()

    assert "A spreadsheet cannot hold so many rows. Download the CSV." in page.text
    assert {"tables/payments.csv", "tables/summary.xlsx"} < set(names)
    assert "tables/payments.xlsx" not in names
    assert "Left out, because a spreadsheet cannot hold so many rows. The CSV has them all.\n  tables/pay" in readme


def test_the_addressable_spend_and_its_note_are_printed(books, client):
    period = {"starts_on": date(2025, 7, 1), "ends_on": date(2026, 6, 30)}
    rules = SavedRules.objects.get(client=books)
    AddressableSpend.objects.create(rules=rules, amount=10_000, note="Professional services", **period)
    issued = issue(books)

    assert "$10,000.00. Professional services" in client.get(issued.get_absolute_url()).text
    content = Content.of(issued, RolloutPolicy.in_force())
    assert "$10,000.00. Professional services" in making.page(content)
    assert "Addressable spend: $10,000.00. Professional services" in text_of(making.paper(content).pdf())


def test_each_table_is_a_file_in_both_formats(issued, client):
    for name in ("summary", "types", "quarters", "together", "levels", "not-counted", "payments", "certificates"):
        for suffix in ("csv", "xlsx"):
            response = client.get(f"{issued.get_absolute_url()}tables/{name}.{suffix}")
            assert response.status_code == 200
            assert b"".join(response.streaming_content)
    direct = client.get(f"{issued.get_absolute_url()}tables/coupa-tier-2-direct.csv")
    assert b"".join(direct.streaming_content).decode("utf-8-sig").splitlines()[0].replace('"', "").split(",") == [
        "reporting-period", "start-date", "end-date", "status", "tier-2-supplier", "prime-supplier",
        "diversity-category", "certificate-type", "certificate-number", "expiration-date", "total-spend", "currency",
    ]  # fmt: skip
    assert client.get(f"{issued.get_absolute_url()}tables/nothing.csv").status_code == 404


def test_a_large_pack_is_made_in_the_background(issued, client, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(making, "AT_ONCE", 0)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{issued.get_absolute_url()}pack/")

    assert AuditPack.objects.get().state == AuditPack.State.DONE
    assert "Download" in client.get(f"{issued.get_absolute_url()}pack/").text


def test_who_withdraws_while_a_pack_is_written_is_in_no_file_that_stays(issued, client, monkeypatch):
    ann = Profile.objects.get(slug="ann")
    write = making.write

    def and_meanwhile(*arguments):
        write(*arguments)
        consents.choose(ann, Consent.Purpose.COUNT, is_given=False, plans=[], by=None)

    monkeypatch.setattr(making, "write", and_meanwhile)
    client.post(f"{issued.get_absolute_url()}pack/")  # what deletes files after a withdrawal runs only on commit

    assert AuditPack.objects.get().file == ""


def test_a_pack_that_was_made_by_another_meanwhile_leaves_no_second_file(
    issued, client, monkeypatch, django_capture_on_commit_callbacks
):
    write, kept = making.write, []

    def and_meanwhile(file, content, key, pack):
        write(file, content, key, pack)
        kept.append(pack)
        AuditPack.objects.update(state=AuditPack.State.DONE, file="packs/of-another.digest")

    monkeypatch.setattr(making, "write", and_meanwhile)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{issued.get_absolute_url()}pack/")

    assert AuditPack.objects.get().file == "packs/of-another.digest"
    assert not kept[0].file.storage.exists(kept[0].file.name)


def test_a_pack_that_begins_late_is_not_taken_for_stopped(issued, monkeypatch):
    long_ago = timezone.now() - AuditPack.STOPPED_AFTER * 2
    pack = AuditPack.objects.create(report=issued, touched_at=long_ago)
    restarted = []
    monkeypatch.setattr(making, "write", lambda *arguments: restarted.append(making.restart_stopped()))

    making.make(pack.pk)

    assert restarted == [0]


def test_the_page_says_that_a_pack_failed(issued, client):
    address = f"{issued.get_absolute_url()}pack/"
    assert "could not be created" not in client.get(address).text

    AuditPack.objects.create(report=issued, state=AuditPack.State.FAILED)

    page = client.get(address).text
    assert "The pack could not be created. Try again." in page
    assert "Create the audit pack" in page


def test_progress_is_told_without_javascript(issued, client):
    AuditPack.objects.create(report=issued, state=AuditPack.State.RUNNING, rows_found=9, rows_done=4)

    page = " ".join(client.get(f"{issued.get_absolute_url()}pack/").text.split())

    assert '<progress max="9" value="4"' in page
    assert f'<a href="{issued.get_absolute_url()}pack/">Check progress</a>' in page
    assert "Create the audit pack" not in page


def test_the_hourly_run_removes_old_packs_and_starts_stopped_ones_again(issued, client):
    download(client, issued)
    AuditPack.objects.update(touched_at=timezone.now() - AuditPack.FILE_KEPT_FOR - timedelta(minutes=1))
    call_command("due", verbosity=0)
    assert AuditPack.objects.get().file == ""

    long_ago = timezone.now() - AuditPack.STOPPED_AFTER - timedelta(minutes=1)
    AuditPack.objects.update(state=AuditPack.State.RUNNING, touched_at=long_ago)
    call_command("due", verbosity=0)
    assert AuditPack.objects.get().is_there


def test_without_a_key_there_are_no_packs(issued, client, settings):
    settings.SIGNING_KEY = ""

    client.post(f"{issued.get_absolute_url()}pack/")

    assert not AuditPack.objects.exists()
    assert "no key to sign them" in client.get(f"{issued.get_absolute_url()}pack/").text
    assert client.get("/.well-known/spend-signing-key.pem").status_code == 404


def test_earlier_keys_stay_published_after_the_one_in_use(key, client, settings):
    earlier = [signing.public_pem(Ed25519PrivateKey.generate()) for _ in range(2)]
    settings.EARLIER_SIGNING_KEYS = b"".join(earlier).decode()

    published = client.get("/.well-known/spend-signing-key.pem").content

    assert published == b"".join([signing.public_pem(key), *earlier])


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_PRIVATE = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
OTHER_PUBLIC = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("setting", "value", "error"),
    [
        ("SIGNING_KEY", "no key", "spend.E001"),
        ("SIGNING_KEY", OTHER_PRIVATE, "spend.E001"),
        ("SIGNING_KEY", OTHER_PUBLIC, "spend.E001"),
        ("EARLIER_SIGNING_KEYS", "no key", "spend.E002"),
        ("EARLIER_SIGNING_KEYS", OTHER_PUBLIC, "spend.E002"),
        ("EARLIER_SIGNING_KEYS", OTHER_PRIVATE, "spend.E002"),
    ],
)
def test_a_wrong_key_is_named_when_the_site_starts(setting, value, error, settings):
    assert signing.check_keys(None) == []
    setattr(settings, setting, value)

    assert [found.id for found in signing.check_keys(None)] == [error]


def test_with_debug_a_key_is_made_on_first_use_and_kept(settings, tmp_path):
    settings.SIGNING_KEY, settings.DEBUG, settings.DATA_DIR = "", True, tmp_path

    first, again = signing.private_key(), signing.private_key()

    assert first
    assert again
    assert signing.public_pem(first) == signing.public_pem(again)
    assert (tmp_path / "signing-key.pem").stat().st_mode & 0o777 == 0o600
