"""A register's file before, while and after it is in force: what staff are told, and how it is taken back."""

import io
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import TestCase
from django.utils import timezone

from certifications.models import Certification, Evidence, Step
from common.mail import outbox
from tests.factories import (
    CertificateFactory,
    CertificationFactory,
    CertificationTypeFactory,
    CertifyingBodyFactory,
    EvidenceFactory,
    RegisterFileFactory,
    RegisterMatchFactory,
)
from tests.site import person, sign_in, staff
from verification.models import Case, Register, RegisterEnding, RegisterEntry, RegisterFile, RegisterNews
from verification.registers import comparing, in_force, loading, looking_through, matching, news, uploads
from verification.review import cases

TODAY = timezone.now().date()
HEADER = "Certification Number,Business Name,Certification,Expiration Date"
FIRMS = [f"{number},Firm {number} Works,MBE,12/31/2029" for number in range(2, 22)]
OWN = "16-346,Quill and Ledger LLC,WBE,12/31/2029"
State = RegisterFile.State


@pytest.fixture
def register(db):
    for key in ("minority", "woman", "veteran"):
        CertificationTypeFactory(key=key)
    body = CertifyingBodyFactory(key="state", kind="state", name="State or local agency")
    return Register.objects.create(key="county", name="County list", body=body, is_trusted=True)


@pytest.fixture
def record(register):
    certificate = CertificateFactory(body=register.body, type__key="woman")
    return CertificationFactory(
        certificate=certificate, number="0016-346", profile__owner=person(email="owner@example.test"),
        profile__time_zone="UTC", legal_business_name="Quill and Ledger",
    )  # fmt: skip


@pytest.fixture
def load(register, tmp_path):
    """Loads lines of CSV through the command: all that it printed."""

    def load(*lines, days_ago=0, **options):
        path = tmp_path / "directory.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        output = io.StringIO()
        with TestCase.captureOnCommitCallbacks(execute=True):
            as_of = TODAY - timedelta(days=days_ago)
            call_command("import_register", "county", str(path), stdout=output, as_of=as_of, **options)
        return output.getvalue()

    return load


def step():
    """The verification level and the date of it of the only record."""
    found = Certification.objects.with_step().get()
    return found.step, found.known_on


def file_in_force():
    return Register.objects.get().current


def take_back(**options):
    with TestCase.captureOnCommitCallbacks(execute=True):
        before = in_force.take_back(file_in_force(), **options)
        if before:
            loading.load(before)


def send_all_news():
    RegisterNews.objects.update(due_at=timezone.now())
    posted = news.post_due()
    outbox.send_waiting.call()
    return posted


# Before it is in force


@pytest.mark.slow
def test_a_cut_off_file_stops_the_command_and_lists_the_losses(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    first = file_in_force()
    assert step() == (Step.REGISTER, first.as_of)

    with pytest.raises(CommandError) as stopped:
        load(HEADER, *FIRMS[:2])

    assert "19 of the 21 rows in use now would no longer be listed." in str(stopped.value)
    assert "1 matched record would lose the match in this register." in str(stopped.value)
    assert "--accept-losses" in str(stopped.value)
    assert file_in_force() == first
    assert step() == (Step.REGISTER, first.as_of)
    assert RegisterFile.objects.latest("pk").state == State.DISCARDED


@pytest.mark.slow
def test_a_file_that_changes_little_needs_no_agreement(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)

    said = load(HEADER, OWN, *FIRMS[1:], "99,New Works,MBE,12/31/2029")

    assert "1 gone since the file before" in said
    assert file_in_force().comparison | {"gone_names": []} == {
        "against": file_in_force().before_id, "rows": 21, "rows_before": 21, "gone": 1, "gone_names": [], "new": 1,
        "untyped": 0, "unread_days": 0, "lost_numbers": 0, "left_out": 0, "lost": 0, "gained": 0, "doubted": 0,
        "before": {"untyped": 0, "unread_days": 0, "lost_numbers": 0, "left_out": 0},
    }  # fmt: skip
    assert file_in_force().comparison["gone_names"] == ["Firm 2 Works"]


@pytest.mark.slow
def test_accepted_losses_do_not_stop_the_command(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)

    load(HEADER, *FIRMS[:2], accept_losses=True)

    assert step() == (Step.SELF_REPORTED, TODAY)


def test_a_date_column_in_another_format_loses_no_entry(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)

    load(HEADER, *(line.replace("12/31/2029", "20291231") for line in [OWN, *FIRMS]))

    assert step() == (Step.REGISTER, TODAY)
    assert set(RegisterEntry.objects.filter(file=file_in_force()).values_list("expires_on", flat=True)) == {
        date(2029, 12, 31)
    }


@pytest.mark.slow
def test_unreadable_last_days_are_reported_and_their_rows_kept(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    first = file_in_force()

    with pytest.raises(CommandError, match=r"21 of its 21 rows have an expiration date that can't be read") as stopped:
        load(HEADER, *(line.replace("12/31/2029", "later") for line in [OWN, *FIRMS]))
    assert "1 matched record would go back to review" in str(stopped.value)
    said = load(HEADER, *(line.replace("12/31/2029", "later") for line in [OWN, *FIRMS]), accept_losses=True)

    assert (
        "cells can't be read. We keep their rows, but don't verify anything with them automatically. Such as: later"
        in said
    )
    assert file_in_force().rows_stored == 21
    assert step() == (Step.REGISTER, first.as_of)  # what was known stays; the new file adds nothing
    assert Case.objects.get().causes == ["near"]
    [finding] = matching.candidates(record)
    assert finding.objections == ["The expiration date in the register can't be read: “later”"]


def test_rows_without_a_type_need_agreement(load):
    with pytest.raises(CommandError, match="20 of its 20 rows have no type, so they can't confirm anything"):
        load(HEADER, *(line.replace("MBE", "XYZ") for line in FIRMS))

    assert file_in_force() is None


def test_numbers_that_lost_digits_are_reported_and_stay_different(load, register):
    lines = [HEADER, "1.23457E+10,Voss Works,MBE,", "1.23457E+10,Ross Media,MBE,", "Mar-01,Quill and Ledger,MBE,"]
    with pytest.raises(
        CommandError, match="3 of its 3 rows have a number that lost digits or turned into a date or an error"
    ):
        load(*lines)

    said = load(*lines, accept_losses=True)

    assert "“Certification Number”: 2 numbers lost digits in a spreadsheet" in said
    assert "“Certification Number”: 1 numbers were turned into dates in a spreadsheet" in said
    found = file_in_force().entries.values_list("identity", flat=True)
    assert len(set(found)) == 3
    assert all(identity.startswith("=") for identity in found)


def test_a_fraction_added_to_a_number_is_dropped(load):
    said = load(HEADER, "12345678901.0,Voss Works,MBE,")

    assert file_in_force().entries.get().number == "12345678901"
    assert "1 numbers end in .0. We drop that" in said


def test_rows_are_the_same_by_name_where_one_file_has_no_numbers(load):
    load(HEADER, *(f",{line.split(',', 1)[1]}" for line in FIRMS), days_ago=10)

    load(HEADER, *FIRMS)

    assert file_in_force().comparison["gone"] == 0
    assert file_in_force().comparison["new"] == 0


@pytest.mark.slow
def test_a_match_by_name_stays_once_the_register_publishes_numbers(load, record):
    load(HEADER, ",Quill and Ledger LLC,WBE,", *FIRMS, days_ago=10)
    [finding] = matching.candidates(record)
    matching.match_of(record, finding).save_for(record, by=staff())

    load(HEADER, OWN, *FIRMS)

    assert step()[0] == Step.REGISTER


@pytest.mark.slow
def test_the_entry_that_fits_best_decides_in_any_order(load, record):
    rows = [
        "16-346,Quill and Ledger LLC,MBE,12/31/2029",
        "16-346,Quill and Ledger LLC,WBE,1/1/2020",
        OWN,
    ]
    for days_ago, lines in ((9, rows), (6, rows[::-1]), (3, [rows[1], rows[2], rows[0]])):
        load(HEADER, *lines, days_ago=days_ago)

        assert step() == (Step.REGISTER, file_in_force().as_of)
        assert not Case.objects.exists()
        finding = matching.candidates(record)[0]
        assert (finding.kind, finding.entry.types) == ("match", ["woman"])


def test_a_federal_extract_without_a_header_is_mapped_by_position(load):
    said = load(
        "BOF PUBLIC V2 20271201 20271231 0000003 0008169",
        "UEI111111111|Voss Works LLC|27~2X~A2|20271231|!end",
        "UEI222222222|Ross Media Inc|27~2X~A5|20271231|!end",
        "UEI333333333|Oak Paving Inc|2X|20271231|!end",
        "EOF PUBLIC V2 20271201 20271231 0000003 0008169",
        column=["number=Column 1", "name=Column 2", "expires_on=Column 4"],
        codes=["Column 3"],
        accept_losses=True,
    )

    assert "2 lines will be skipped. Such as: It is a line about the file, not a firm (2)" in said
    assert list(file_in_force().entries.values_list("name", "types")) == [
        ("Voss Works LLC", ["woman"]),
        ("Ross Media Inc", ["veteran"]),
        ("Oak Paving Inc", []),
    ]


def test_columns_of_programs_chosen_by_hand_get_their_types(load):
    load(
        "Firm,Prog A,Prog B,Cert",
        "Voss Works,✓,,x",
        "Ross Media,,●,x",
        yes_no=["Prog A", "Prog B"],
        code=["PROG A=woman", "PROG B=veteran,minority"],
    )

    assert [types for _, types in file_in_force().entries.order_by("line").values_list("name", "types")] == [
        ["woman"],
        ["minority", "veteran"],
    ]


@pytest.mark.slow
def test_a_stored_file_is_compared_again_after_another_came_into_force(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    waiting = stored(HEADER, OWN, *FIRMS)
    load(HEADER, OWN, *FIRMS[:19], days_ago=5)

    with pytest.raises(in_force.Changed):
        in_force.put_in_force(waiting)
    in_force.compare_again(waiting)
    loading.load(waiting)
    waiting.refresh_from_db()

    assert waiting.comparison["against"] == file_in_force().pk
    in_force.put_in_force(waiting)
    assert file_in_force() == waiting


def stored(*lines, days_ago=0):
    """A file that waits to be put in force."""
    upload = SimpleUploadedFile("list.csv", "\n".join(lines).encode())
    register = Register.objects.get()
    file = uploads.receive(register, upload, name="list.csv", as_of=TODAY - timedelta(days=days_ago))
    looking_through.look_through(file)
    looking_through.start(file, file.mapping)
    loading.load(file)
    file.refresh_from_db()
    assert file.state == State.STORED
    return file


def test_two_people_put_a_file_in_force_once(load):
    file = stored(HEADER, *FIRMS)
    in_force.put_in_force(file)

    with pytest.raises(RegisterFile.NotPossible):
        in_force.put_in_force(file)
    with pytest.raises(RegisterFile.NotPossible):
        in_force.discard(file)


# Taking it back


@pytest.mark.slow
def test_taking_a_wrong_file_back_restores_every_level_and_emails_no_owner(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    send_all_news()
    mail.outbox.clear()
    right = step()
    events = list(Evidence.objects.order_by("pk").values())
    load(HEADER, *FIRMS[:2], accept_losses=True)
    assert step() == (Step.SELF_REPORTED, TODAY)
    assert mail.outbox == []

    before = timezone.now()
    take_back(by=staff())

    assert step() == right
    record.refresh_from_db()
    assert record.details_changed_at >= before  # for clients' systems that read the wrong level meanwhile
    assert list(Evidence.objects.order_by("pk").values()) == events
    assert send_all_news() == 0
    assert mail.outbox == []
    [taken, current] = RegisterFile.objects.order_by("-pk")
    assert (taken.state, current.state, file_in_force()) == (State.TAKEN_BACK, State.LOADED, current)


def test_news_waits_a_day_and_is_sent_only_if_still_true(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    assert mail.outbox == []
    assert news.post_due() == 0

    assert send_all_news() == 1

    [message] = mail.outbox
    assert "Its verification level is now “Listed in a public directory.”" in message.body
    assert send_all_news() == 0


@pytest.mark.slow
def test_evidence_from_a_wrong_file_ends_with_it(load, record):
    load(HEADER, *FIRMS, days_ago=10)
    load(HEADER, OWN, *FIRMS)
    assert step()[0] == Step.REGISTER

    take_back()

    assert step() == (Step.SELF_REPORTED, TODAY)
    assert Evidence.objects.get().ended_because == "file_withdrawn"
    assert send_all_news() == 0


@pytest.mark.slow
def test_files_are_taken_back_one_after_the_other(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    first = step()
    load(HEADER, OWN, *FIRMS[1:], days_ago=5)
    second = step()
    load(HEADER, *FIRMS, accept_losses=True)
    assert first != second

    take_back()
    assert step() == second
    take_back()
    assert step() == first
    take_back()
    assert step() == (Step.SELF_REPORTED, TODAY)
    assert file_in_force() is None


@pytest.mark.slow
def test_a_right_file_of_an_earlier_day_may_follow_a_wrong_one(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    load(HEADER, *FIRMS[:2], accept_losses=True)

    take_back()
    load(HEADER, OWN, *FIRMS, "99,New Works,MBE,", days_ago=3)

    assert step() == (Step.REGISTER, TODAY - timedelta(days=3))


@pytest.mark.slow
def test_cases_that_only_a_wrong_file_opened_are_deleted_with_it(load, record):
    load(HEADER, *FIRMS, days_ago=10)
    other = CertificationFactory(certificate=record.certificate, number="3", legal_business_name="Zebra Crossings")
    with TestCase.captureOnCommitCallbacks(execute=True):
        matching.match(other)  # contradicted by the file in force, too
    Case.objects.update(opened_at=timezone.now() - timedelta(days=1))
    load(HEADER, "16-346,Harbor Freight Movers,WBE,", *FIRMS)
    assert set(Case.objects.values_list("certification", flat=True)) == {record.pk, other.pk}

    take_back()

    assert list(Case.objects.values_list("certification", flat=True)) == [other.pk]


@pytest.mark.slow
def test_a_confirmed_match_stays_if_the_file_before_lists_it(load, record):
    Register.objects.update(is_trusted=False)
    load(HEADER, OWN, *FIRMS, days_ago=10)
    load(HEADER, OWN, *FIRMS, "99,New Works,MBE,", days_ago=5)
    case, reviewer = Case.objects.get(), staff()
    [finding] = matching.candidates(record)
    match = matching.match_of(record, finding)
    cases.decide(case, Case.Outcome.RAISED, by=reviewer, version=case.version, grounds=match)

    take_back()

    assert step() == (Step.REGISTER, TODAY - timedelta(days=10))
    assert Evidence.objects.get(ended_at=None).by == reviewer


@pytest.mark.slow
def test_a_record_that_staff_lowered_meanwhile_stays_lowered(load, record):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    load(HEADER, OWN, *FIRMS, "99,New Works,MBE,", days_ago=5)
    cases.decide_now(record, Case.Outcome.LOWERED, by=staff())

    take_back()

    assert step() == (Step.SELF_REPORTED, TODAY)


def test_a_file_is_taken_back_once_and_only_while_in_force(load):
    load(HEADER, *FIRMS, days_ago=10)
    first = file_in_force()
    load(HEADER, *FIRMS, "99,New Works,MBE,")
    second = file_in_force()

    with pytest.raises(RegisterFile.NotPossible):
        in_force.take_back(first)
    in_force.take_back(second)
    with pytest.raises(RegisterFile.NotPossible):
        in_force.take_back(second)
    assert file_in_force() == first


def test_the_command_takes_a_file_back(load):
    load(HEADER, *FIRMS, days_ago=10)
    load(HEADER, *FIRMS, "99,New Works,MBE,")
    output = io.StringIO()

    call_command("take_back_register", "county", stdout=output)

    assert "is in force again" in output.getvalue()
    assert file_in_force().rows_stored == 20
    with pytest.raises(CommandError, match="Loaded are: county"):
        call_command("take_back_register", "nowhere")


@pytest.mark.slow
def test_rows_that_are_no_longer_needed_are_deleted(load):
    for days_ago in (30, 20, 10):
        load(HEADER, *FIRMS, f"{days_ago + 100},New Works {days_ago},MBE,", days_ago=days_ago)
    [first, second, third] = RegisterFile.objects.order_by("pk")
    RegisterFile.objects.exclude(pk=third.pk).update(changed_at=timezone.now() - in_force.KEPT_FOR * 2)

    assert in_force.remove_old() == 1
    assert not first.entries.exists()
    take_back()
    assert file_in_force() == second
    assert in_force.remove_old() == 1  # of the one that was taken back
    assert not in_force.can_be_taken_back(file_in_force())  # nothing is left of the first
    assert in_force.remove_old() == 0


@pytest.mark.parametrize("values", [{"state": "taken_back"}, {"state": "taken_back", "loaded_at": timezone.now()}])
def test_a_file_that_was_taken_back_has_a_time(db, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterFileFactory(**values)


def test_a_file_ends_evidence_in_only_two_ways(load, record):
    load(HEADER, OWN, *FIRMS)
    Evidence.objects.update(ended_at=timezone.now(), ended_because="withdrawn")
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterEnding.objects.create(evidence=Evidence.objects.get(), file=file_in_force())

    Evidence.objects.update(ended_because="vanished")
    RegisterEnding.objects.create(evidence=Evidence.objects.get(), file=file_in_force())


def test_only_evidence_of_a_register_has_a_match(record):
    document = EvidenceFactory(certification=record)
    with pytest.raises(IntegrityError, match="rests on a row"), transaction.atomic():
        RegisterMatchFactory(evidence=document)
    EvidenceFactory(certification=record, step=Step.REGISTER)
    with pytest.raises(IntegrityError, match="names the register and its row"), transaction.atomic():
        connection.check_constraints()
    Evidence.objects.filter(step=Step.REGISTER).delete()
    with pytest.raises(IntegrityError, match="register_match_names_its_row"), transaction.atomic():
        RegisterMatchFactory(record=record, listed_as="")
    match = RegisterMatchFactory(record=record)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        type(match).objects.update(listed_as="#2")


# In the admin


@pytest.fixture
def admin(client, db):
    codes = ["view_register", "view_registerfile", "import_register"]
    sign_in(client, staff(*Permission.objects.filter(codename__in=codes)))
    return client


def act(admin, file, url, **data):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return admin.post(f"/admin/verification/registerfile/{file.pk}/{url}/", data, follow=True)


def what_it_costs(file):
    """What the page of a stored file asks staff to agree to, as its form sends it."""
    file.refresh_from_db()
    return " ".join(comparing.reservations(file.comparison))


@pytest.mark.slow
def test_staff_see_what_a_file_would_change_and_agree_before_it_is_in_force(load, record, admin):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    file = stored(HEADER, *FIRMS[:2])

    page = admin.get(file.admin_url).text
    assert "19 of the 21 rows in use now would no longer be listed." in page
    assert "1 matched record would lose the match" in page
    assert "Quill and Ledger LLC" in page
    page = act(admin, file, "force").text
    assert "select this box if the file is right" in page
    assert step()[0] == Step.REGISTER
    page = act(admin, file, "force", agreed="on", read=what_it_costs(file)).text

    assert "This file is in use now." in page
    assert step()[0] == Step.SELF_REPORTED
    assert "Go back to the file of" in page
    page = act(admin, file, "take_back").text
    assert "The earlier file is in use again" in page
    assert step()[0] == Step.REGISTER
    assert "not in use anymore" in act(admin, file, "take_back").text


@pytest.mark.slow
def test_a_waiting_file_goes_back_to_its_columns_or_is_discarded(load, admin):
    file = stored(HEADER, *FIRMS)

    assert "choose what it holds" in act(admin, file, "correct").text
    columns = {"column_0": "number", "column_1": "name", "column_2": "type", "column_3": "expires_on"}
    act(admin, file, "map", **columns, code_0=["minority"])
    file.refresh_from_db()
    assert file.state == State.STORED
    assert "Discarded" in act(admin, file, "discard").text
    assert "no longer waiting" in act(admin, file, "force").text


@pytest.mark.slow
def test_agreement_covers_only_the_numbers_on_the_page(load, record, admin):
    load(HEADER, OWN, *FIRMS, days_ago=10)
    first = file_in_force()
    file = stored(HEADER, *FIRMS[:2])
    read = what_it_costs(file)
    RegisterFile.objects.filter(pk=file.pk).update(comparison=file.comparison | {"gone": 20})  # compared again since

    page = act(admin, file, "force", agreed="on", read=read)

    assert "These numbers have changed since you opened the page. Check them again." in page.text
    assert "20 of the 21 rows in use now would no longer be listed." in page.text
    assert file_in_force() == first
    assert page.context["agree"]["agreed"].value() is False
    act(admin, file, "force", agreed="on", read=page.context["agree"]["read"].value())
    assert file_in_force() == file


@pytest.mark.slow
def test_a_file_with_an_outdated_comparison_is_compared_again(load, admin):
    load(HEADER, *FIRMS, days_ago=10)
    file = stored(HEADER, *FIRMS)
    load(HEADER, *FIRMS, "99,New Works,MBE,", days_ago=5)

    page = act(admin, file, "force").text

    assert "we are comparing again" in page
    assert admin.get(file.admin_url).context["comparison"]["gone"] == 1


def test_an_upload_of_an_earlier_day_than_the_file_in_force_is_refused(load, register, admin):
    load(HEADER, *FIRMS)
    data = {"register": register.pk, "as_of": TODAY - timedelta(days=1), "file": SimpleUploadedFile("x.csv", b"a,b")}

    page = admin.post("/admin/verification/registerfile/add/", data).text

    assert "This register already has newer data in use" in page
    assert RegisterFile.objects.count() == 1


def test_only_a_file_whose_worker_stopped_can_be_restarted(register, admin):
    file = RegisterFileFactory(register=register)

    assert "Stuck? Restart" not in admin.get(file.admin_url).text
    assert "This file is being worked on" in act(admin, file, "restart").text
    RegisterFile.objects.update(changed_at=timezone.now() - timedelta(minutes=6))
    assert "Stuck? Restart" in admin.get(file.admin_url).text
