"""Registers: loaded whole or not at all, matched against what was reported, looked up by name."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.utils import timezone

from certifications.models import Certification, Evidence, Step
from common.mail import outbox
from tests.factories import (
    CertificateFactory,
    CertificationFactory,
    CertificationTypeFactory,
    CertifyingBodyFactory,
    EntryFactory,
    RegisterFactory,
    RegisterFileFactory,
    RegisterMatchFactory,
)
from tests.site import client_person, person, sign_in, staff
from verification.models import Case, CommonWord, Register, RegisterEntry, RegisterFile, RegisterMatch, RegisterNews
from verification.registers import in_force, loading, lookup, matching, news, storing, tasks
from verification.registers.reading import BrokenFile

TODAY = timezone.now().date()
HEADER = "Certification Number,Business Name,Certification,Expiration Date"
State = RegisterFile.State


@pytest.fixture
def types(db):
    return [CertificationTypeFactory(key=key) for key in ("minority", "woman", "veteran")]


@pytest.fixture
def body(types):
    return CertifyingBodyFactory(key="state", kind="state", name="State or local agency")


@pytest.fixture
def load(tmp_path, body):
    """Loads lines of CSV through the command, whatever that costs: the last line that it printed."""

    def load(*lines, key="county", **options):
        path = tmp_path / "directory.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        output = io.StringIO()
        with TestCase.captureOnCommitCallbacks(execute=True):
            call_command("import_register", key, str(path), stdout=output, **{"accept_losses": True} | options)
        return output.getvalue().strip().splitlines()[-1]

    return load


def entries(key="county"):
    """The rows of a register's current file."""
    current = Register.objects.get(key=key).current
    return list(current.entries.order_by("line").values_list("name", "number", "types", "expires_on"))


# Loading


def test_a_file_is_loaded_row_by_row_and_the_counts_add_up(load):
    said = load(
        HEADER,
        '0012-5,"Quill & Ledger, LLC","MBE,WBE",03/31/2029',
        ",Voss \\ Sons,D\\BE,",
        "7,,MBE,3/1/2029",
        "8,Bad Day Inc,MBE,2/30/2029",
        "9,Too,Many,Cells,Here",
        "10,---,MBE,",
    )

    assert said == "6 rows read, 3 stored, 3 left out, 0 gone since the file before."
    day = date(2029, 3, 31)
    assert entries() == [
        ("Quill & Ledger, LLC", "0012-5", ["minority", "woman"], day),
        ("Voss \\ Sons", "", [], None),
        ("Bad Day Inc", "8", ["minority"], None),
    ]
    file = RegisterFile.objects.get()
    with file.report.open() as report:
        rows = list(csv.reader(io.StringIO(report.read().decode("utf-8-sig"))))
    assert [(line, reason) for line, reason, _ in rows[1:]] == [
        ("4", "It has no name"),
        ("6", "It has 5 cells, but the header has 4"),
        ("7", "It has no name"),
    ]


def test_the_same_file_twice_changes_nothing(load):
    load(HEADER, "1,Voss,MBE,", "2,Quill,WBE,")
    before = list(RegisterEntry.objects.order_by("pk").values_list("pk", flat=True))

    assert "already in use" in load(HEADER, "1,Voss,MBE,", "2,Quill,WBE,")
    assert list(RegisterEntry.objects.order_by("pk").values_list("pk", flat=True)) == before


def test_an_older_file_does_not_replace_a_newer_one(load):
    load(HEADER, "1,Voss,MBE,", as_of=TODAY)

    with pytest.raises(CommandError, match="This register already has newer data in use"):
        load(HEADER, "2,Quill,MBE,", as_of=TODAY - timedelta(days=1))

    assert [name for name, *_ in entries()] == ["Voss"]


def test_a_newer_file_replaces_the_older_and_counts_vanished_rows(load):
    load(HEADER, "1,Voss,MBE,", "2,Quill,WBE,", ",Nameless Number,MBE,")

    said = load(HEADER, "0001,VOSS INC,MBE,", "3,New,WBE,", ",Nameless Number,MBE,")

    assert said == "3 rows read, 3 stored, 0 left out, 1 gone since the file before."
    assert [name for name, *_ in entries()] == ["VOSS INC", "New", "Nameless Number"]
    [old, new] = RegisterFile.objects.order_by("pk")
    assert (old.state, new.state) == (State.REPLACED, State.LOADED)
    assert [entry.name for entry in old.entries.all()] == ["Voss", "Quill", "Nameless Number"]  # it may come back


@pytest.mark.parametrize("broken", ['2,"never closed,WBE,', f"2,{'x' * 200_000},WBE,"])
def test_a_broken_file_changes_nothing_and_names_the_line(load, broken):
    load(HEADER, "1,Voss,MBE,")

    with pytest.raises(CommandError, match=r"\(line 3\)"):
        load(HEADER, "5,Five,MBE,", broken)

    assert [name for name, *_ in entries()] == ["Voss"]
    failed = RegisterFile.objects.latest("pk")
    assert (failed.state, failed.entries.count()) == (State.FAILED, 0)


def test_a_file_that_breaks_only_when_it_is_loaded_leaves_nothing(load, monkeypatch):
    load(HEADER, "1,Voss,MBE,")
    monkeypatch.setattr(storing, "BATCH", 2)
    real = storing.open_table

    def breaking(path, **options):
        table = real(path, **options)
        if options.get("header_line"):
            rows = table.rows

            def broken():
                yield from list(rows())[:5]
                raise BrokenFile("The sheet is damaged or cut off.", 7)

            table.rows = broken
        return table

    monkeypatch.setattr(storing, "open_table", breaking)
    with pytest.raises(CommandError, match="cut off"):
        load(HEADER, *(f"{number},Firm {number},MBE," for number in range(10)))

    assert [name for name, *_ in entries()] == ["Voss"]
    assert RegisterFile.objects.latest("pk").entries.count() == 0


def test_columns_codes_and_types_can_be_given_and_are_remembered(load):
    load("Who,What,No", "Voss,XYZ,1", column=["name=Who", "number=No"], code=["XYZ=woman"], type=["minority"])
    mapping = RegisterFile.objects.get().mapping
    assert entries()[0][:3] == ("Voss", "1", ["minority"])  # its code is in no column of codes

    load("Who,What,No", "Voss,XYZ,1", "Quill,XYZ,2")

    assert RegisterFile.objects.latest("pk").mapping["columns"] == mapping["columns"]
    assert entries()[1][:3] == ("Quill", "2", ["minority"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"column": ["name=Nothing"]}, "the headers"),
        ({"code": ["X=nothing"]}, "There is no type nothing"),
        ({"body": "nobody"}, "no certifying body nobody"),
        ({"header_line": 9}, "it can't be the header"),
    ],
)
def test_the_command_names_wrong_arguments(load, options, message):
    with pytest.raises(CommandError, match=message):
        load("Who,What", "Voss,1", **options)


def test_the_command_says_that_there_is_no_file(body):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_register", "county", "/none.csv")


@pytest.mark.parametrize("values", [{"rows_read": 2, "rows_stored": 1}, {"state": "failed"}])
def test_a_file_whose_counts_do_not_add_up_is_not_stored(db, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterFileFactory(**values)


def test_a_second_load_of_a_register_at_the_same_time_does_nothing(load):
    load(HEADER, "1,Voss,MBE,")
    file = RegisterFile.objects.get()
    RegisterFile.objects.update(state=State.LOADING)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [loading.LOCKS, file.register_id])
        loading.load(file)
        assert not tasks.restart(file)
    finally:
        other.close()

    file.refresh_from_db()
    assert file.state == State.LOADING


def test_a_stopped_file_is_restarted_by_the_next_run(load, django_capture_on_commit_callbacks):
    load(HEADER, "1,Voss,MBE,")
    long_ago = timezone.now() - timedelta(hours=1)
    RegisterFile.objects.update(state=State.LOADING, changed_at=long_ago)
    half = RegisterEntry.objects.get()
    RegisterEntry.objects.filter(pk=half.pk).update(name="Half of it")

    assert tasks.restart_stopped() == 1
    assert tasks.restart_stopped() == 0
    assert [name for name, *_ in entries()] == ["Voss"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_halfway_leaves_nothing_visible(tmp_path):
    for key in ("minority", "woman"):
        CertificationTypeFactory(key=key)
    CertifyingBodyFactory(key="state", kind="state")
    path = tmp_path / "directory.csv"
    path.write_text("\n".join([HEADER, *(f"{n},Firm {n} Works,MBE," for n in range(80_000))]))
    database = connection.settings_dict
    code = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        f"settings.DATABASES['default']['NAME'] = {database['NAME']!r}\n"
        "from django.core.management import call_command\n"
        f"call_command('import_register', 'county', {str(path)!r})\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PRIVATE_ROOT": str(settings.PRIVATE_ROOT)}
    worker = subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=settings.BASE_DIR)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not RegisterFile.objects.filter(rows_read__gt=0).exists():
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    file = RegisterFile.objects.get()
    assert file.state == State.LOADING
    assert 0 < file.rows_read < 80_000
    assert file.entries.exists()
    register = Register.objects.get()
    assert register.current is None
    record = CertificationFactory(certificate__body=register.body, number="7", legal_business_name="Firm 7 Works")
    assert matching.candidates(record) == []  # no one sees half a register

    while not tasks.restart(file):  # the database lets go of the lock once it has noticed
        time.sleep(0.1)

    file.refresh_from_db()
    assert (file.state, file.rows_stored, file.entries.count()) == (State.STORED, 80_000, 80_000)
    assert matching.candidates(record) == []
    in_force.put_in_force(file)
    assert matching.candidates(record)[0].kind == "near"


# Looking up


@pytest.fixture
def county(load):
    load(
        HEADER,
        "16-346,Brightwater Consulting LLC,MBE,",
        "17-001,BRIGHTWATER CONSULTING GROUP,WBE,",
        "12-529,OAKES TAMIKA R.,WBE,",
        "14-369,Safe Haven Services,MBE,",
        *(f"{number},Premier Cleaning {number},MBE," for number in range(1000, 1100)),
    )
    return Register.objects.get(key="county")


@pytest.mark.parametrize(
    ("name", "number", "line"),
    [
        ("Brightwater Consultants", "", 2),
        ("Brightwater Consulting Group Inc", "", 3),
        ("Brightwater Consulting", "17001", 3),
        ("Tamika Oakes", "", 4),
        ("Safehaven Services", "", 5),
        ("Something Else Altogether", "0014369", 5),
        ("Premier Cleaning 1042", "", 48),
    ],
)
def test_the_right_entry_comes_first(county, name, number, line):
    assert lookup.find(county.current_id, name, number)[0].entry.line == line


def test_an_unknown_business_has_no_candidates(county):
    assert lookup.find(county.current_id, "Zzyzx Qwerty") == []
    assert lookup.find(county.current_id, "") == []


def test_words_that_many_entries_share_are_noted(county):
    assert {row.word for row in CommonWord.objects.filter(file=county.current)} >= {"PREMIER", "CLEANING"}


def test_a_look_up_takes_at_most_three_queries(county, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        lookup.find(county.current_id, "Premier Cleaning 1042", "1042")


def test_the_command_finds_the_entry_of_each_query(county, tmp_path):
    path = tmp_path / "queries.csv"
    path.write_text("reported_name,reported_number,note\nBrightwater Consulting Group,,x\nZzyzx,,y\n")
    output = io.StringIO()

    call_command("find_in_register", "county", str(path), stdout=output)

    rows = list(csv.DictReader(io.StringIO(output.getvalue())))
    assert [(row["note"], row["directory_name"], row["directory_number"]) for row in rows] == [
        ("x", "BRIGHTWATER CONSULTING GROUP", "17-001"),
        ("y", "", ""),
    ]
    with pytest.raises(CommandError, match="Loaded are: county"):
        call_command("find_in_register", "nowhere", str(path))


# Matching


@pytest.fixture
def register(types):
    return RegisterFactory(name="County list", current=TODAY - timedelta(days=10))


@pytest.fixture
def record(register, types):
    certificate = CertificateFactory(body=register.body, type=types[1])
    return CertificationFactory(
        certificate=certificate, number="0016-346", profile__owner=person(email="owner@example.test"),
        profile__time_zone="UTC",
    )  # fmt: skip


def listed(register, **values):
    return EntryFactory(file=register.current, **({"number": "16346", "types": ["woman"]} | values))


def match(record):
    with TestCase.captureOnCommitCallbacks(execute=True):
        matching.match(record)


def test_a_number_with_an_agreeing_name_opens_a_case(record, register):
    listed(register, name="QUILL & LEDGER, L.L.C.")

    match(record)
    match(record)

    assert Case.objects.get().causes == ["match"]
    assert not Evidence.objects.exists()


def test_a_trusted_register_raises_without_staff_and_emails_the_owner(record, register):
    Register.objects.update(is_trusted=True)
    listed(register)

    match(record)
    match(record)

    evidence = Evidence.objects.get()
    assert (evidence.step, evidence.by, evidence.match.listed_as) == (Step.REGISTER, None, "#16346")
    assert evidence.source.startswith("County list, data as of ")
    assert not Case.objects.exists()
    [message] = mail.outbox
    assert "Its verification level is now “Listed in a public directory.”" in message.body


@pytest.mark.parametrize(
    ("values", "cause", "objection"),
    [
        ({"name": "Harbor Freight Movers"}, "contradiction", "The names differ"),
        ({"name": "Quill and Ledger Bookkeepers of Albany"}, "near", "The names differ"),
        ({"types": ["minority"]}, "near", "Not listed as"),
        ({"types": []}, "near", "Not listed as"),
        ({"expires_on": TODAY - timedelta(days=1)}, "near", "The date in the register has passed"),
        ({"status": "EXPIRED"}, "near", "Listed as"),
    ],
)
@pytest.mark.parametrize("is_trusted", [False, True])
def test_every_objection_to_a_match_opens_a_case(record, register, values, cause, objection, is_trusted):
    Register.objects.update(is_trusted=is_trusted)
    listed(register, **values)

    match(record)

    assert Case.objects.get().causes == [cause]
    assert not Evidence.objects.exists()
    [finding] = matching.candidates(record)
    assert objection in finding.objections[0]


def test_a_name_without_the_number_only_ranks(record, register):
    Register.objects.update(is_trusted=True)
    listed(register, number="99")

    match(record)

    assert not Case.objects.exists()
    assert not Evidence.objects.exists()
    [finding] = matching.candidates(record)
    assert (finding.kind, finding.words) == (None, "Only the name is similar")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("No. 115128", "115128"),
        ("NCDOT 115128", "0000115128"),
        ("115128", "NCDOT-115128"),
        ("Cert # WBE-00115128", "WBE115128"),
        ("WBE 115128", "115128"),
        ("115128", "WBE 115128"),
    ],
)
def test_labels_padding_and_the_bodys_acronym_do_not_prevent_a_match(record, register, typed, printed):
    Register.objects.update(is_trusted=True)
    Certification.objects.update(number=typed, other_body="North Carolina DOT")
    entry = listed(register, number=printed)

    match(Certification.objects.get())

    assert RegisterMatch.objects.get().listed_as == entry.identity


def test_two_certificates_of_one_number_stay_apart(record, register):
    Register.objects.update(is_trusted=True)
    Certification.objects.update(number="WBE 115128")
    listed(register, number="MBE 115128", name="Harbor Freight Movers")
    own = listed(register, number="WBE 115128")
    listed(register, number="115128", name="Third Of That Number")

    match(Certification.objects.get())

    assert RegisterMatch.objects.get().listed_as == own.identity
    assert not Case.objects.exists()


@pytest.mark.parametrize("printed", ["115129", "115182", "1151281", "II5I28", "MBE 115128"])
def test_an_agreeing_name_with_a_nearly_equal_number_opens_a_case_and_its_owner_is_told(
    client, record, register, printed
):
    Register.objects.update(is_trusted=True)
    Certification.objects.update(number="115128")
    listed(register, number=printed, name="QUILL & LEDGER, L.L.C.")

    match(Certification.objects.get())

    assert Case.objects.get().causes == ["near_number"]
    assert not Evidence.objects.exists()
    [finding] = matching.candidates(Certification.objects.get())
    assert finding.objections == ["The numbers differ slightly"]
    client.force_login(record.profile.memberships.get().user)
    page = client.get(record.get_absolute_url()).text
    assert "a public directory lists a number that differs slightly from yours" in page
    assert printed not in page


@pytest.mark.parametrize(
    ("name", "number"), [("Harbor Freight Movers", "115129"), ("Quill and Ledger", "994711"), ("Quill and Ledger", "")]
)
def test_another_number_or_name_has_no_effect(record, register, name, number):
    Certification.objects.update(number="115128")
    listed(register, name=name, number=number)

    match(Certification.objects.get())

    assert not Case.objects.exists()


def test_loading_a_register_finds_numbers_with_an_acronym_and_nearly_equal_ones(load, record, body, types):
    certificate = CertificateFactory(body=body, type=types[1])
    Certification.objects.update(certificate=certificate, number="115128")
    near = CertificationFactory(certificate=certificate, number="220441", legal_business_name="Blue Heron Dredging")

    load(HEADER, "WBE115128,Quill and Ledger,WBE,", "220414,Blue Heron Dredging Inc,WBE,")

    assert Case.objects.get(certification=record).causes == ["match"]
    assert Case.objects.get(certification=near).causes == ["near_number"]


def test_one_more_word_beside_the_same_specific_number_is_a_match(record, register):
    Certification.objects.update(legal_business_name="Carney, Inc.")
    listed(register, name="TEAM CARNEY, INC.")

    match(Certification.objects.get())

    assert Case.objects.get().causes == ["match"]


def test_a_file_older_than_the_certificates_term_raises_nothing(record, register):
    Register.objects.update(is_trusted=True)
    record.certificate.term_months = 12
    record.certificate.save()
    RegisterFile.objects.update(as_of=TODAY - timedelta(days=400))
    listed(register)

    match(Certification.objects.get())

    assert not Evidence.objects.exists()
    assert "too old" in matching.candidates(Certification.objects.get())[0].objections[0]


def test_a_file_older_than_the_certificate_raises_nothing(record, register):
    Register.objects.update(is_trusted=True)
    Certification.objects.update(issued_on=TODAY - timedelta(days=9))
    RegisterFile.objects.update(as_of=TODAY - timedelta(days=10))
    listed(register)

    match(Certification.objects.get())

    assert not Evidence.objects.exists()
    assert "older than the certificate" in matching.candidates(Certification.objects.get())[0].objections[0]


def test_a_match_holds_no_longer_than_the_term_the_row_and_the_certificate(record, register):
    Register.objects.update(is_trusted=True)
    listed(register, expires_on=TODAY + timedelta(days=30))

    match(record)

    assert Evidence.objects.get().holds_until == TODAY + timedelta(days=30)


def test_only_registers_of_the_records_body_count(record):
    listed(RegisterFactory())

    assert matching.candidates(record) == []


def test_each_agency_has_numbers_of_its_own(record, register):
    Register.objects.update(agency="City of Springfield")
    Certification.objects.update(other_body="Maryland Department of Transportation")
    listed(register, name="Harbor Freight Movers")

    match(Certification.objects.get())

    assert not Case.objects.exists()


def test_the_next_file_opens_no_second_case_about_the_same(record, register):
    listed(register)
    match(record)
    Case.objects.update(outcome="kept", decided_at=timezone.now())

    match(record)

    assert not Case.objects.waiting().exists()


@pytest.mark.slow
def test_a_newer_file_renews_a_match_or_ends_it(load, record, body, types):
    load(HEADER, "16-346,Quill and Ledger,WBE,", as_of=TODAY - timedelta(days=30))
    register = Register.objects.get(key="county")
    Certification.objects.update(certificate=CertificateFactory(body=body, type=types[1]), other_body="")
    record = Certification.objects.get()
    finding = matching.candidates(record)[0]
    matching.match_of(record, finding).save_for(record)

    load(HEADER, "0016346,QUILL & LEDGER LLC,WBE,", "5,Five,MBE,", as_of=TODAY - timedelta(days=1))

    held = Evidence.objects.filter(ended_at=None).get()
    assert held.evidence_on == TODAY - timedelta(days=1)
    assert Evidence.objects.exclude(pk=held.pk).get().ended_because == "replaced"
    assert mail.outbox == []  # nothing new to tell

    load(HEADER, "5,Five,MBE,", as_of=TODAY)

    assert not Evidence.objects.filter(ended_at=None).exists()
    assert Evidence.objects.get(pk=held.pk).ended_because == "vanished"
    assert Certification.objects.with_step().get().step == Step.SELF_REPORTED
    RegisterNews.objects.update(due_at=timezone.now())
    assert news.post_due() == 1
    outbox.send_waiting.call()
    [message] = mail.outbox
    assert "no longer lists" in message.body
    assert register.name not in f"{message.subject}{message.body}"


@pytest.mark.parametrize("was_listed", [False, True])
def test_news_that_is_outdated_when_the_mail_server_is_back_is_not_sent(record, register, was_listed):
    if not was_listed:
        RegisterMatchFactory(record=record, register=register)
    RegisterNews.objects.create(certification=record, register=register, was_listed=was_listed, due_at=timezone.now())
    assert news.post_due() == 1

    if was_listed:
        RegisterMatchFactory(record=record, register=register)
    else:
        Evidence.objects.update(ended_at=timezone.now(), ended_because="vanished")
    outbox.send_waiting.call()

    assert mail.outbox == []


def test_a_worker_killed_before_matching_matches_later(load, record, body, types):
    Certification.objects.update(certificate=CertificateFactory(body=body, type=types[1]))
    load(HEADER, "16346,Quill and Ledger,WBE,")
    Case.objects.all().delete()
    RegisterFile.objects.filter(register__key="county").update(
        matched_at=None, changed_at=timezone.now() - timedelta(hours=1)
    )

    assert tasks.restart_stopped() == 1
    assert Case.objects.get().causes == ["match"]


def test_loading_a_register_matches_earlier_reports(load, record, body, types):
    Certification.objects.update(certificate=CertificateFactory(body=body, type=types[1]))

    load(HEADER, "16346,Quill and Ledger,WBE,")

    assert Case.objects.get().causes == ["match"]


def test_a_record_changed_meanwhile_gains_no_evidence_of_its_former_report(record, register):
    Register.objects.update(is_trusted=True)
    listed(register)
    Certification.objects.update(self_reported_at=timezone.now())

    match(record)  # as it was read before

    assert not Evidence.objects.exists()


# In the admin


@pytest.fixture
def admin(client, db):
    codes = ["view_register", "view_registerfile", "import_register"]
    sign_in(client, staff(*Permission.objects.filter(codename__in=codes)))
    return client


def upload(admin, register, content, name="list.csv", **values):
    data = {"register": register.pk, "as_of": TODAY, "file": SimpleUploadedFile(name, content)} | values
    with TestCase.captureOnCommitCallbacks(execute=True):
        return admin.post("/admin/verification/registerfile/add/", data, follow=True)


CONTENT = b"Firm,Cert,Code\nQuill and Ledger,16-346,WBE\nVoss,2,QQQ\n"


@pytest.mark.slow
def test_a_file_is_uploaded_shown_corrected_and_loaded(admin, register, types):
    response = upload(admin, register, CONTENT, name="../../x.csv")

    page = response.text
    file = RegisterFile.objects.latest("pk")
    assert file.state == State.READY
    assert file.name == "x.csv"
    for shown in ("Quill and Ledger", "2 rows below line 1", "Needs column mapping"):
        assert shown in page
    assert not file.entries.exists()

    mapping: dict[str, Any] = {"column_0": "name", "column_1": "number", "column_2": "type"}
    map_url = f"/admin/verification/registerfile/{file.pk}/map/"
    assert "Choose the column with the legal names" in admin.post(map_url, {"column_0": ""}).text
    with TestCase.captureOnCommitCallbacks(execute=True):
        page = admin.post(map_url, mapping, follow=True).text
    assert "QQQ (1 row)" in page  # the column of codes that was chosen by hand asks for their meaning
    mapping |= {"code_0": ["woman"], "code_1": ["minority"]}
    with TestCase.captureOnCommitCallbacks(execute=True):
        admin.post(map_url, mapping)
    assert "Ready to use" in admin.get(file.admin_url).text
    page = admin.post(f"/admin/verification/registerfile/{file.pk}/force/", follow=True).text

    assert "Records are matched against this file" in page
    assert [entry.types for entry in file.entries.all()] == [["woman"], ["minority"]]
    assert list(file.entries.values_list("name", "number")) == [("Quill and Ledger", "16-346"), ("Voss", "2")]
    assert "mapped already" in admin.post(map_url, mapping, follow=True).text


def test_the_line_of_the_header_may_be_corrected(admin, register):
    upload(admin, register, b"a,b\nWho,Nr\nQuill,1\n")
    file = RegisterFile.objects.latest("pk")

    again = f"/admin/verification/registerfile/{file.pk}/again/"
    assert "so it can&#x27;t be the header" in admin.post(again, {"header_line": 999}).text
    with TestCase.captureOnCommitCallbacks(execute=True):
        page = admin.post(again, {"header_line": 2}, follow=True).text

    assert "1 row below line 2" in page
    assert ">Who<" in page


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,\0", "zero byte, so it isn&#x27;t text or was damaged. (line 2)"),
        (b"PK\x03\x04junk", "damaged or cut off"),
    ],
)
def test_a_broken_upload_says_so_on_its_page(admin, register, content, message):
    assert message in upload(admin, register, content).text
    assert RegisterFile.objects.latest("pk").state == State.FAILED


def test_the_report_of_rows_left_out_can_be_downloaded_and_executes_nothing(admin, register):
    file = RegisterFileFactory(register=register, state=State.LOADED)
    file.report.save("", ContentFile(b"line,why\n2,'=1+1\n"))

    response = admin.get(f"/admin/verification/registerfile/{file.pk}/report/")

    assert b"".join(response.streaming_content) == b"line,why\n2,'=1+1\n"
    assert response["Content-Disposition"].startswith("attachment")


def test_a_file_from_the_future_or_of_no_register_is_refused(admin, register):
    page = upload(admin, Register(pk=0), CONTENT, as_of=TODAY + timedelta(days=3)).text

    assert "Data as of must be today or earlier" in page
    assert "Select a valid choice" in page
    assert not RegisterFile.objects.filter(name="list.csv").exists()


@pytest.mark.parametrize("codes", [["view_registerfile"], []])
def test_staff_without_the_permission_cannot_load_registers(client, register, codes):
    sign_in(client, staff(*Permission.objects.filter(codename__in=codes)))
    file = RegisterFileFactory(register=register, ready=True)

    assert client.get("/admin/verification/registerfile/add/").status_code == 403
    for act in ("map", "again", "restart", "correct", "force", "discard", "take_back"):
        assert client.post(f"/admin/verification/registerfile/{file.pk}/{act}/", {"name": 1}).status_code == 404
    assert client.get(f"/admin/verification/registerfile/{file.pk}/report/").status_code == 404
    file.refresh_from_db()
    assert file.state == State.READY


def test_only_staff_see_what_registers_say(client, record, register):
    listed(register, name="LEAKNAME LLC")
    client.force_login(client_person("enterprise"))

    page = client.get(record.profile.get_absolute_url())

    assert record.number in page.text
    assert "LEAKNAME" not in page.text
    for path in (register.current.admin_url, "/admin/verification/register/"):
        assert client.get(path).status_code == 302
