"""The queue: what brings a record to staff, and decisions, each once and by someone who may."""

import re
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.template.loader import get_template
from django.test import Client as Browser
from django.test import TestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from certifications import concerns, public_numbers
from certifications.data import erasure
from certifications.data.history import history_for_editors
from certifications.entry import saving
from certifications.models import Certificate, Certification, Concern, Evidence, Pause, StaffRead, Step
from certifications.sharing import clients
from common.days import day
from common.translation import plain
from tests.certifications.typing_in import agreed, typed
from tests.factories import (
    CaseFactory,
    CertificateFactory,
    CertificationFactory,
    ConcernFactory,
    DocumentFactory,
    EntryFactory,
    EvidenceFactory,
    MembershipFactory,
    RegisterFactory,
    UserFactory,
)
from tests.outbox import let_emails_go
from tests.site import Site, client_person, in_thread, person, sign_in, staff
from verification.admin.titles import title_of
from verification.documents import keeping
from verification.models import OUTCOMES, Case
from verification.record_page import review_of
from verification.review import cases

pytestmark = pytest.mark.django_db
Outcome, Cause = Case.Outcome, Case.Cause
QUEUE = "/admin/verification/case/"


@pytest.fixture
def record():
    return CertificationFactory(profile__owner=person(email="owner@example.test"), profile__name="Quill Works")


@pytest.fixture
def reviewer():
    return UserFactory(is_staff=True, name="Rae Reviewer")


def decide(case, outcome, by, **values):
    with TestCase.captureOnCommitCallbacks(execute=True):
        cases.decide(case, outcome, by=by, version=case.version, **values)
    let_emails_go()


def refused(record, by):
    case = cases.open_case(record, Cause.DOCUMENT)
    decide(case, Outcome.REFUSED, by, reason="mismatch", note="The name on the paper is another.")
    record.refresh_from_db()
    mail.outbox.clear()
    return case


# What brings a record to staff


def test_a_record_has_one_open_case_which_further_causes_join(record):
    first = cases.open_case(record, Cause.DOCUMENT)
    joined = cases.open_case(record, Cause.CONCERN)
    again = cases.open_case(record, Cause.DOCUMENT)

    assert first == joined == again
    assert (again.causes, again.version) == (["concern", "document"], 2)


def test_queue_and_case_page_show_the_same_waiting_time(record, client):
    case = cases.open_case(record, Cause.DOCUMENT)
    Case.objects.filter(pk=case.pk).update(opened_at=timezone.now() - timedelta(days=12))
    sign_in(client, staff(is_superuser=True))

    for page in (QUEUE, f"{QUEUE}{case.pk}/change/"):
        assert "12 days" in client.get(page).text


def test_the_same_number_on_two_profiles_opens_a_case(record):
    twin = CertificationFactory.build(
        profile=CertificationFactory().profile, certificate=record.certificate, type=record.type, number=record.number
    )
    twin.certificate, twin.type = record.certificate, record.type

    class Form:
        instance = twin

    saving.add(twin.profile, [Form], by=UserFactory(), plans=["enterprise"], submission=twin.submission)

    assert Case.objects.get().causes == ["number"]
    assert Case.objects.get().certification == twin


def test_a_concern_about_a_record_opens_a_case(record):
    concerns.report(ConcernFactory.build(profile=record.profile, certification=record, reporter=UserFactory()))

    assert Case.objects.get().causes == ["concern"]


def test_a_request_without_an_answer_opens_one_case(record, reviewer):
    case = cases.open_case(record, Cause.NEAR)
    decide(case, Outcome.ASKED, reviewer)
    with pytest.raises(DatabaseError), transaction.atomic():  # a decision stays as it was written
        Case.objects.update(answer_by=timezone.now())
    assert cases.open_overdue() == 0
    other = CaseFactory(outcome="asked", answer_by=timezone.now() - timedelta(days=1))

    assert cases.open_overdue() == 1
    assert cases.open_overdue() == 0
    assert Case.objects.waiting().get().certification == other.certification


# Deciding


def test_raising_adds_evidence_of_the_current_report_and_emails_the_owner(record, reviewer):
    case = cases.open_case(record, Cause.DOCUMENT)
    document = DocumentFactory(certification=record)
    evidence = Evidence(step=Step.DOCUMENT, source="Copy", evidence_on=timezone.now().date())

    decide(case, Outcome.RAISED, reviewer, grounds=evidence)

    saved = Evidence.objects.get()
    assert (saved.certification, saved.by, saved.reported_at) == (record, reviewer, record.self_reported_at)
    assert Certification.objects.with_step().get().step == Step.DOCUMENT
    document.refresh_from_db()
    assert document.reviewed_at == case.decided_at
    [message] = mail.outbox
    assert message.to == ["owner@example.test"]
    assert "Its verification level is now “Document checked.”" in message.body
    assert "Rae Reviewer" not in message.body


@pytest.mark.parametrize(
    ("outcome", "standing", "words"),
    [
        (Outcome.REFUSED, "refused", "couldn't accept it, so no client can see it"),
        (Outcome.SUSPENDED, "suspended", "is suspended"),
        (Outcome.ASKED, "good", "a copy of the certificate by"),
        (Outcome.KEPT, "good", "Nothing changes."),
    ],
)
def test_each_decision_is_applied_and_emailed(record, reviewer, outcome, standing, words):
    case = cases.open_case(record, Cause.DOCUMENT)

    decide(case, outcome, reviewer, reason="mismatch" if standing != "good" else "", note="Look at the name.")

    record.refresh_from_db()
    assert record.standing == standing
    [message] = mail.outbox
    assert words in message.body
    assert "Look at the name." in message.body


def test_each_outcome_has_a_row_of_words_and_a_key_of_its_own():
    assert set(OUTCOMES) == set(Outcome)
    assert len({row.key for row in OUTCOMES.values()}) == len(Outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_an_email_of_its_own(outcome):
    assert get_template(f"mail/verification/decision/{outcome}.html")


def test_withdrawn_evidence_no_longer_counts(record, reviewer):
    evidence = EvidenceFactory(certification=record)

    decide(cases.open_case(record, Cause.CONCERN), Outcome.LOWERED, reviewer)

    assert Certification.objects.with_step().get().step == Step.SELF_REPORTED
    evidence.refresh_from_db()
    assert evidence.ended_because == "withdrawn"
    assert "“Self-reported” again" in mail.outbox[0].body


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.ASKED, Outcome.KEPT, Outcome.LOWERED])
def test_no_email_about_a_review_names_type_certificate_or_number(record, reviewer, outcome):
    decide(cases.open_case(record, Cause.DOCUMENT), outcome, reviewer, reason="mismatch")

    [message] = mail.outbox
    for told in (record.type.name, record.certificate.name, record.certificate.acronym, record.number, "Council"):
        assert told not in f"{message.subject}{message.body}"


def test_tasks_hold_only_the_key_of_a_record(settings, client):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    record = CertificationFactory.build(
        profile=CertificationFactory().profile, certificate=CertificateFactory(), legal_business_name="LEAKNAME"
    )
    record.type = record.certificate.type

    class Form:
        instance = record

    with TestCase.captureOnCommitCallbacks(execute=True):
        saving.add(record.profile, [Form], by=UserFactory(), plans=["enterprise"], submission=record.submission)

    assert DBTaskResult.objects.get().args_kwargs == {"args": [record.pk], "kwargs": {}}


def test_an_owner_does_not_learn_of_a_concern_without_consequences(record, reviewer):
    decide(cases.open_case(record, Cause.CONCERN), Outcome.KEPT, reviewer)

    assert mail.outbox == []


def test_a_case_is_decided_once(record, reviewer):
    case = cases.open_case(record, Cause.DOCUMENT)
    decide(case, Outcome.KEPT, reviewer)

    with pytest.raises(Case.AlreadyDecided):
        cases.decide(case, Outcome.REFUSED, by=UserFactory(), version=case.version, reason="mismatch")
    record.refresh_from_db()
    assert record.standing == "good"


@pytest.mark.django_db(transaction=True)
def test_one_of_two_reviewers_at_once_decides(record):
    case = cases.open_case(record, Cause.DOCUMENT)
    results = []

    @in_thread
    def go():
        try:
            cases.decide(case, Outcome.REFUSED, by=UserFactory(), version=case.version, reason="mismatch")
            results.append("decided")
        except Case.AlreadyDecided:
            results.append("too late")

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["decided"] + ["too late"] * 5
    let_emails_go()
    assert len(mail.outbox) == 1


def test_an_outdated_case_is_not_decided(record, reviewer):
    seen = cases.open_case(record, Cause.DOCUMENT)
    cases.open_case(record, Cause.CONCERN)  # joins it meanwhile

    with pytest.raises(Case.AlreadyDecided):
        cases.decide(seen, Outcome.KEPT, by=reviewer, version=seen.version)


def test_a_reviewer_never_decides_about_their_own_profile(record, reviewer):
    MembershipFactory(profile=record.profile, user=reviewer)
    case = cases.open_case(record, Cause.DOCUMENT)

    with pytest.raises(Case.NotYours):
        cases.decide(case, Outcome.KEPT, by=reviewer, version=case.version)
    assert cases.next_for(reviewer) is None
    assert cases.next_for(UserFactory()) == case


def test_a_decision_that_does_not_fit_the_standing_changes_nothing(record, reviewer):
    case = cases.open_case(record, Cause.DOCUMENT)

    with pytest.raises(Certification.NotPossible):
        cases.decide(case, Outcome.LIFTED, by=reviewer, version=case.version)
    case.refresh_from_db()
    assert case.decided_at is None


def test_an_action_on_the_list_of_records_closes_the_open_case(record, reviewer):
    case = cases.open_case(record, Cause.CONCERN)

    cases.decide_now(record, Outcome.SUSPENDED, by=reviewer, reason="under_check")
    cases.decide_now(record, Outcome.LIFTED, by=reviewer)

    case.refresh_from_db()
    assert case.outcome == Outcome.SUSPENDED
    assert [case.causes for case in Case.objects.filter(outcome=Outcome.LIFTED)] == [["staff"]]


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": "kept", "decided_at": None},
        {"outcome": "refused"},
        {"outcome": "raised"},
        {"outcome": "kept", "step": 1},
        {"causes": []},
        {"outcome": "kept", "decided_at": timezone.now() - timedelta(days=9)},
    ],
)
def test_an_inconsistent_case_is_not_stored(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseFactory(**values)


def test_a_second_open_case_of_a_record_is_not_stored(record):
    CaseFactory(certification=record)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseFactory(certification=record)


# The owner's side


@pytest.mark.slow
def test_an_owner_appeals_once_and_someone_else_decides(record, reviewer, client):
    decision = refused(record, reviewer)
    client.force_login(record.profile.users.get())
    page = client.get(record.get_absolute_url()).text
    assert "Not accepted, decided" in page
    assert "The details don&#x27;t match the certificate." in page
    assert "The name on the paper is another." in page
    url = f"{record.get_absolute_url()}appeal/"
    assert "Enter why the decision is wrong" in client.post(url, {"statement": " "}).text

    client.post(url, {"statement": "It is the same business."})
    client.post(url, {"statement": "Once more."})

    appeal = Case.objects.waiting().get()
    assert (appeal.appeals, appeal.statement, appeal.causes) == (decision, "It is the same business.", ["appeal"])
    with pytest.raises(Case.NotYours):
        cases.decide(appeal, Outcome.LIFTED, by=reviewer, version=appeal.version)
    assert cases.next_for(reviewer) is None
    decide(appeal, Outcome.LIFTED, UserFactory())
    record.refresh_from_db()
    assert record.standing == "good"
    assert [message.to for message in mail.outbox] == [["owner@example.test"]]


def test_a_failed_appeal_is_final(record, reviewer, client):
    refused(record, reviewer)
    appeal = cases.appeal(record, "Please.")
    decide(appeal, Outcome.KEPT, UserFactory())

    assert cases.appealable(record) is None
    assert "This decision is final" in review_of(record).text
    assert mail.outbox[-1].subject.startswith("We reviewed your appeal: ")
    assert "The earlier decision stays as it was, and it is final." in mail.outbox[-1].body
    client.force_login(record.profile.users.get())
    assert client.get(f"{record.get_absolute_url()}appeal/").url == record.get_absolute_url()


def test_an_appeal_is_possible_only_in_time(record, reviewer):
    late = CaseFactory(
        certification=record, outcome="refused", reason="mismatch", answer_by=timezone.now() - timedelta(days=1)
    )
    record.refuse(by=reviewer, reason="mismatch")

    assert cases.appealable(record) is None
    with pytest.raises(cases.CannotAppeal):
        cases.appeal(record, "Too late.")
    assert late.is_against


def test_a_correction_after_a_refusal_opens_a_case(record, reviewer, client):
    refused(record, reviewer)
    client.force_login(record.profile.users.get())
    new = typed(record.certificate, prefix="", number="NEW-1")

    client.post(f"{record.get_absolute_url()}edit/", new | agreed(version=record.updated_at.isoformat()))

    record.refresh_from_db()
    assert (record.standing, record.number) == ("good", "NEW-1")
    assert Case.objects.waiting().get().causes == ["corrected"]
    assert "because you corrected it" in review_of(record).text


@pytest.mark.slow
def test_a_refused_record_stays_on_its_owners_pages(record, reviewer, client):
    refused(record, reviewer)
    client.force_login(record.profile.users.get())

    for page in (record.profile.get_absolute_url(), record.section_url, record.get_absolute_url()):
        assert record.number in client.get(page).text
    client.force_login(client_person("enterprise"))
    assert record.number not in client.get(record.profile.get_absolute_url()).text


@pytest.mark.slow
def test_an_owner_sees_what_staff_ask_for_and_the_last_day(record, reviewer, client):
    decide(cases.open_case(record, Cause.NEAR), Outcome.ASKED, reviewer, note="Both pages, please.")
    client.force_login(record.profile.users.get())

    for page in (record.section_url, record.get_absolute_url()):
        assert "We need a copy of your certificate by" in client.get(page).text
    assert "Both pages, please." in client.get(record.get_absolute_url()).text


def test_an_owner_does_not_learn_of_other_causes(record):
    cases.open_case(record, Cause.CONCERN)

    assert "concern" not in review_of(record).text
    assert review_of(record).heading.startswith("In review since ")


def test_the_history_shows_evidence_and_appeals(record, reviewer):
    EvidenceFactory(certification=record, source="Copy of the certificate")
    refused(record, reviewer)
    decide(cases.appeal(record, "Please."), Outcome.KEPT, UserFactory())

    entries = history_for_editors(record.profile)
    said = [(entry.who, plain(sentence)) for entry in entries for sentence in entry.sentences]

    assert ("The marketplace", "Document checked: Copy of the certificate") in said
    assert ("The profile", "Appealed against the decision") in said
    assert ("The marketplace", "Looked at, and left as it is") in said


# The page


@pytest.fixture
def admin(client):
    codes = ["view_certification", "view_case", "decide_certification", "read_document"]
    user = staff(*Permission.objects.filter(codename__in=codes), name="Rae Reviewer")
    sign_in(client, user)
    client.user = user
    return client


def test_the_queue_is_oldest_first_with_its_numbers(admin):
    old = CaseFactory(opened_at=timezone.now() - timedelta(days=5), certification__number="LEAKNUMBER")
    new = CaseFactory(opened_at=timezone.now() - timedelta(days=1), causes=["near", "number"])
    CaseFactory(outcome="kept")
    CaseFactory(certification__withdrawn_at=timezone.now())

    page = admin.get(QUEUE).text

    assert page.index(old.admin_url) < page.index(new.admin_url)
    assert "<dt>Waiting</dt><dd>2</dd>" in page
    assert "<dd>3 days</dd>" in page
    assert "No change, last 7 days</dt><dd>1<" in page
    assert "Near match in a register, Same number on two profiles" in page
    assert "LEAKNUMBER" not in page
    assert new.admin_url not in admin.get(f"{QUEUE}?cause=document").text
    assert admin.get(f"{QUEUE}?state=decided").context["cl"].result_count == 1


def test_the_queue_lists_decided_cases_by_outcome_and_the_newest_decision_first(admin):
    raised = [CaseFactory(outcome="raised", step=Step.DOCUMENT, opened_at=timezone.now() - timedelta(days=9))]
    raised += [CaseFactory(outcome="raised", step=Step.DOCUMENT) for _ in range(2)]
    kept = CaseFactory(outcome="kept")
    CaseFactory()

    assert list(admin.get(f"{QUEUE}?state=decided").context["cl"].result_list) == [kept, *reversed(raised)]
    assert list(admin.get(f"{QUEUE}?state=raised").context["cl"].result_list) == list(reversed(raised))


def test_the_queue_takes_the_same_queries_at_any_length(admin, django_assert_num_queries):
    CaseFactory.create_batch(2)
    admin.get(QUEUE)
    with django_assert_num_queries(10):
        admin.get(QUEUE)
    CaseFactory.create_batch(6)
    with django_assert_num_queries(10):
        admin.get(QUEUE)


def test_the_review_page_shows_everything_and_opening_it_is_logged(admin, record):
    other = CertificationFactory(certificate=record.certificate, number=record.number, profile__name="Twin Works")
    register = RegisterFactory(body=record.certificate.body, name="County list")
    EntryFactory(file=register.current, name="Quill and Lodger LLC", number=record.number)
    document = DocumentFactory(certification=record)
    concern = ConcernFactory(profile=record.profile, certification=record, reporter=UserFactory())
    case = cases.open_case(record, Cause.NEAR)

    page = admin.get(case.admin_url).text

    for shown in (
        record.legal_business_name, record.number, "County list", "<mark>Lodger</mark>", "Twin Works", str(concern),
        f"{document.get_absolute_url()}pages/1/", "Near match in a register", "Not listed as",
    ):  # fmt: skip
        assert shown in page
    assert other.pk
    assert StaffRead.objects.get(staff=admin.user).page == case.admin_url


def post(admin, case, outcome, **values):
    return admin.post(case.admin_url, {"version": case.version, "outcome": outcome, **values}, follow=True)


@pytest.mark.slow
def test_a_match_is_confirmed_with_one_click_and_the_next_case_follows(admin, record):
    record.type.key = "woman"
    record.type.save()
    register = RegisterFactory(body=record.certificate.body, name="County list")
    EntryFactory(file=register.current, number=record.number, types=["woman"])
    case, following = cases.open_case(record, Cause.MATCH), CaseFactory()
    entry_pk = register.current.entries.get().pk
    assert "Confirm match" in admin.get(case.admin_url).text

    response = post(admin, case, "raised", step=Step.REGISTER.value, entry=entry_pk)

    assert response.redirect_chain == [(following.admin_url, 302)]
    assert f'<a href="{case.admin_url}">{title_of(record)}</a>: verified.' in response.text
    evidence = Evidence.objects.get()
    assert (evidence.step, evidence.match.register, evidence.by) == (Step.REGISTER, register, admin.user)
    assert evidence.evidence_on == register.current.as_of


def test_a_row_of_a_day_that_has_not_begun_for_the_owner_is_confirmed(admin, record):
    register = RegisterFactory(body=record.certificate.body, current=record.profile.today() + timedelta(days=1))
    EntryFactory(file=register.current, number=record.number)
    case = cases.open_case(record, Cause.MATCH)

    post(admin, case, "raised", step=Step.REGISTER.value, entry=register.current.entries.get().pk)

    assert Evidence.objects.get().evidence_on == register.current.as_of


def test_a_contradiction_cannot_be_chosen_as_a_match(admin, record):
    register = RegisterFactory(body=record.certificate.body)
    EntryFactory(file=register.current, number=record.number, name="Harbor Freight Movers Inc")
    case = cases.open_case(record, Cause.CONTRADICTION)

    response = post(admin, case, "raised", step=Step.REGISTER.value, entry=register.current.entries.get().pk)

    assert "Select a valid choice" in response.text
    assert not Evidence.objects.exists()


@pytest.mark.slow
def test_an_error_appears_beside_its_field_and_input_is_kept(admin, record):
    case = cases.open_case(record, Cause.DOCUMENT)

    assert "Choose the reason for this decision" in post(admin, case, "refused", note="Kept words").text
    page = post(admin, case, "raised", note="Kept words").text
    assert "Choose a verification level" in page
    assert "Kept words" in page
    future = timezone.localdate() + timedelta(days=2)
    page = post(admin, case, "raised", step=1, source="Copy", evidence_on=future).text
    assert "must be today or earlier" in page
    after_its_end = record.expires_on + timedelta(days=1)
    assert "must be today or earlier" in post(admin, case, "raised", step=1, source="x", evidence_on=after_its_end).text
    assert Case.objects.waiting().count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("step", [Step.DOCUMENT, Step.CERTIFIER])
@pytest.mark.parametrize("before", [timedelta(days=1), timedelta(days=126 * 366)])
def test_evidence_is_never_older_than_the_certificate(admin, record, step, before):
    issued_on = timezone.localdate() - timedelta(days=60)
    Certification.objects.update(issued_on=issued_on)
    case = cases.open_case(record, Cause.DOCUMENT)

    page = post(admin, case, "raised", step=step.value, source="The letter", evidence_on=issued_on - before).text

    assert f"The certificate was issued on {day(issued_on)}. Enter that date or a later one." in page
    assert "The letter" in page
    assert not Evidence.objects.exists()
    post(admin, case, "raised", step=step.value, source="The letter", evidence_on=issued_on)
    assert Evidence.objects.get().evidence_on == issued_on


@pytest.mark.slow
@pytest.mark.parametrize(
    ("term", "expires_on", "first_day"),
    [
        (12, date(2027, 3, 31), date(2025, 3, 31)),
        (None, date(2027, 3, 31), date(2002, 3, 12)),
        (12, None, date(1960, 1, 1)),
    ],
)
def test_without_a_day_of_issue_the_term_limits_the_age_of_evidence(admin, record, term, expires_on, first_day):
    Certification.objects.update(expires_on=expires_on, does_not_expire=expires_on is None)
    Certificate.objects.update(term_months=term)
    case = cases.open_case(record, Cause.DOCUMENT)
    too_early = first_day - timedelta(days=1)

    page = post(admin, case, "raised", step=Step.CERTIFIER.value, source="A call", evidence_on=too_early).text

    assert f"Enter {day(first_day)} or a later date." in page
    assert not Evidence.objects.exists()
    post(admin, case, "raised", step=Step.CERTIFIER.value, source="A call", evidence_on=first_day)
    assert Evidence.objects.get().evidence_on == first_day


@pytest.mark.parametrize(
    ("issued", "expires", "message"),
    [(5, None, "Enter that date or a later one"), (400, 60, "This row says that the certificate ended on")],
)
def test_an_entry_that_cannot_be_evidence_of_the_certificate_is_refused(admin, record, issued, expires, message):
    today = timezone.localdate()
    Certification.objects.update(issued_on=today - timedelta(days=issued))
    register = RegisterFactory(body=record.certificate.body, current=today - timedelta(days=30))
    row = EntryFactory(
        file=register.current, number=record.number, expires_on=expires and today - timedelta(days=expires)
    )
    case = cases.open_case(record, Cause.NEAR)

    page = post(admin, case, "raised", step=Step.REGISTER.value, entry=row.pk).text

    assert message in page
    assert not Evidence.objects.exists()


@pytest.mark.slow
def test_a_case_that_changed_is_shown_again_before_a_decision(admin, record):
    case = cases.open_case(record, Cause.DOCUMENT)
    cases.open_case(record, Cause.CONCERN)

    page = post(admin, case, "kept", note="Typed already").text

    assert "Something changed since you opened this case" in page
    assert "Typed already" in page
    assert 'name="version" value="1"' in page
    case.refresh_from_db()
    post(admin, case, "kept")
    assert not Case.objects.waiting().exists()
    assert "Someone else decided this case" in post(admin, case, "kept").text


def test_an_incomplete_decision_has_an_error_summary(admin, record):
    case = cases.open_case(record, Cause.DOCUMENT)
    assert "Nothing is saved yet." not in admin.get(case.admin_url).text

    page = post(admin, case, "", note="Typed already").text

    assert page.index("Nothing is saved yet.") < page.index("What the owner reported") < page.index("Typed already")
    assert Case.objects.waiting().exists()


def test_a_reviewer_may_read_their_own_case_and_not_decide_it(admin, record):
    MembershipFactory(profile=record.profile, user=admin.user)
    case = cases.open_case(record, Cause.DOCUMENT)

    page = admin.get(case.admin_url).text

    assert "Someone else has to decide this case" in page
    assert "Save and open next case" not in page
    post(admin, case, "kept")
    assert Case.objects.waiting().exists()


def test_the_page_says_what_a_decision_does_to_an_appeal(admin, record, reviewer):
    page = plain(admin.get(cases.open_case(record, Cause.DOCUMENT).admin_url).text)
    assert "Closes the case and leaves the record as it is." in page
    assert "Upholds the decision." not in page
    refused(record, reviewer)

    page = plain(admin.get(cases.appeal(record, "Please.").admin_url).text)

    assert "Upholds the decision. The record stays as it is, and the owner can't appeal again." in page
    assert "Grants the appeal. Clients may see it again." in page


def test_staff_who_may_only_view_cases_decide_nothing(client, record):
    codes = ["view_certification", "view_case"]
    sign_in(client, staff(*Permission.objects.filter(codename__in=codes)))
    case = cases.open_case(record, Cause.DOCUMENT)
    DocumentFactory(certification=record)

    page = client.get(case.admin_url).text

    assert "Save and open next case" not in page
    assert "have permission to open them" in page
    assert client.post(case.admin_url, {"version": 0, "outcome": "kept"}).status_code == 403


@pytest.mark.parametrize("codes", [["view_case"], ["view_certification", "decide_certification"], []])
def test_without_both_permissions_a_case_does_not_exist(client, record, codes):
    sign_in(client, staff(*Permission.objects.filter(codename__in=codes)))
    case = cases.open_case(record, Cause.DOCUMENT)

    response = client.get(case.admin_url, follow=True)

    assert record.number not in response.text
    page = client.get(QUEUE).text
    assert case.admin_url not in page
    assert str(record.profile) not in page


# The numbers


@pytest.mark.parametrize("chance", range(10))
def test_a_published_count_is_rounded_down_and_never_small(chance, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda _: chance)

    published = [public_numbers.at_least(count) for count in range(100)]

    assert set(published[:10]) == {None}
    assert all(told is None or (told % 10 == 0 and count - 20 < told <= count) for count, told in enumerate(published))


def test_one_more_business_changes_a_published_count_only_by_chance():
    """Whoever knows of all others cannot tell from it whether one business is counted."""
    told = {count: {public_numbers.at_least(count) for _ in range(1000)} for count in (40, 41, 48)}

    assert told == {40: {30, 40}, 41: {30, 40}, 48: {30, 40}}


@pytest.fixture
def many_records():
    CertificationFactory.create_batch(29)
    for record in CertificationFactory.create_batch(19):
        EvidenceFactory(certification=record)
        CaseFactory(certification=record, outcome="raised", step=1)
    CaseFactory(outcome="refused", reason="mismatch", certification__standing_note="LEAKNOTE", note="LEAKNOTE")


@pytest.mark.slow
def test_everyone_can_read_the_last_published_outcomes(client, many_records):
    assert public_numbers.publish_due()

    response = client.get("/help/certifications/outcomes/")

    told = response.context["published"].numbers
    steps = dict(told["steps"])
    assert steps["Self-reported"] in {20, 30}
    assert steps["Document checked"] == 10
    assert dict(told["decisions"])["Not accepted"] is None
    assert "take 4 hours or less" in response.text
    assert "LEAK" not in response.text


@pytest.mark.slow
def test_the_numbers_are_counted_once_a_month(many_records, monkeypatch):
    first = datetime(2026, 11, 20, tzinfo=UTC)
    told = []
    for later in (0, 3, 11, 20, 42):
        monkeypatch.setattr(timezone, "now", lambda later=later: first + timedelta(days=later))
        told.append(public_numbers.publish_due())

    assert told == [True, False, True, False, True]


ACTS = {
    "hide": lambda site, record: record.hide(None),
    "hide all": lambda site, record: Pause.objects.create(profile=site.freelancer),
    "withdraw": lambda site, record: record.withdraw(),
    "erase": lambda site, record: erasure.erase(site.freelancer, by=site.owner),
    "add": lambda site, record: CertificationFactory(
        profile=site.freelancer, certificate=record.certificate, found=True
    ),
    "consent": lambda site, record: site.freelancer.consents.update(is_given=False),
    "audience": lambda site, record: record.show_to(Certification.Audience.NOBODY),
    "block": lambda site, record: clients.block(site.freelancer, site.client),
    "document": lambda site, record: keeping.detach(record.documents.get()),
    "renewal": lambda site, record: record.declare_renewal(site.freelancer.today()),
}


@pytest.mark.slow
def test_no_public_page_changes_with_one_owners_actions():
    site = Site()
    record, _ = site.add_certifications()
    CertificationFactory.create_batch(38, found=True)  # so that there is a number to move
    public_numbers.publish_due()
    before = _public_pages(site)
    assert len(before) > 20
    assert any("At least 30" in body for _, body, _ in before.values())

    for name, act in ACTS.items():
        with transaction.atomic():
            act(site, Certification.objects.get(pk=record.pk))
            public_numbers.publish_due()
            assert _public_pages(site, before) == before, name
            transaction.set_rollback(True)
        site.freelancer.refresh_from_db()


def _public_pages(site, paths=None):
    """The status, body and headers of every address that a visitor may ask for without signing in, by address."""
    visitor = Browser()
    answers = {}
    searches = ["/talent/?q=bookkeeping", "/talent/?kind=agency", "/talent/?page=2"]
    for path in paths or [*site.paths(), *searches]:
        response = visitor.get(path)
        if response.headers.get("Location", "").startswith("/accounts/login/"):
            continue
        body = re.sub(
            r'name="(csrfmiddlewaretoken|submission)" value="[\w-]+"',
            "",
            response.getvalue().decode(errors="replace"),
        )
        headers = {name: value for name, value in response.headers.items() if name not in {"Expires", "X-Request-ID"}}
        answers[path] = response.status_code, body, headers
    return answers


def test_an_empty_marketplace_has_a_page_of_outcomes_too():
    assert "No numbers yet" in Browser().get("/help/certifications/outcomes/").text
    public_numbers.publish_due()
    response = Browser().get("/help/certifications/outcomes/")

    assert "There are too few reviews to say." in response.text
    assert not Concern.objects.exists()


# Taking a decision back, taking a case, and confirming several matches


@pytest.mark.parametrize(
    ("outcome", "values"),
    [
        (Outcome.KEPT, {}),
        (Outcome.ASKED, {}),
        (Outcome.REFUSED, {"reason": "mismatch"}),
        (Outcome.SUSPENDED, {"reason": "mismatch"}),
        (Outcome.RAISED, {}),
    ],
)
def test_a_decision_can_be_undone_before_anyone_is_told(outcome, values, record, reviewer):
    case = cases.open_case(record, Cause.DOCUMENT)
    DocumentFactory(certification=record)
    if outcome == Outcome.RAISED:
        today = record.profile.today()
        values = {"grounds": Evidence(step=Step.DOCUMENT, source="A copy", evidence_on=today)}
    cases.decide(case, outcome, by=reviewer, version=case.version, **values)

    before = timezone.now()
    cases.take_back(case, by=reviewer)

    let_emails_go()
    record.refresh_from_db()
    assert record.details_changed_at >= before  # for clients' systems that read the decision meanwhile
    assert (record.standing, record.standing_reason, record.standing_at) == ("good", "", None)
    assert not record.evidence.exists()
    assert not record.documents.filter(reviewed_at__isnull=False).exists()
    assert cases.next_for(reviewer) == case
    assert mail.outbox == []


def test_a_decision_is_undone_by_its_author_alone_and_not_for_long(record, reviewer, monkeypatch):
    case = cases.open_case(record, Cause.DOCUMENT)
    cases.decide(case, Outcome.REFUSED, by=reviewer, version=case.version, reason="mismatch")
    with pytest.raises(Case.TooLate):
        cases.take_back(case, by=UserFactory())
    monkeypatch.setattr(cases, "UNDO_WITHIN", timedelta())
    with pytest.raises(Case.TooLate):
        cases.take_back(case, by=reviewer)


def test_undo_stands_in_the_message_after_a_decision(admin, record):
    case = cases.open_case(record, Cause.DOCUMENT)
    page = post(admin, case, "kept").text
    undo = f"{case.admin_url.removesuffix('change/')}undo/"
    assert undo in page

    assert "Undone. The case is open again" in admin.post(undo, follow=True).text
    assert Case.objects.waiting().get() == case


def test_a_case_that_someone_took_is_not_the_next_one_of_others(admin, record, reviewer):
    case = cases.open_case(record, Cause.DOCUMENT)
    other = cases.open_case(CertificationFactory(), Cause.DOCUMENT)
    take = f"{case.admin_url.removesuffix('change/')}assign/"

    assert "Assigned to you." in admin.post(take, follow=True).text
    assert cases.next_for(reviewer) == other
    assert admin.get(f"{QUEUE}?state=mine").context["cl"].result_count == 1
    assert "Released." in admin.post(take, {"release": "1"}, follow=True).text
    assert cases.next_for(reviewer) == case


@pytest.mark.slow
def test_exact_matches_are_confirmed_in_one_go_and_others_are_left(admin):
    records = [CertificationFactory(type__key=f"woman-{number}") for number in range(3)]
    for number, record in enumerate(records):
        register = RegisterFactory(body=record.certificate.body)
        name = "Harbor Freight Movers Inc" if number == 2 else record.legal_business_name
        EntryFactory(file=register.current, number=record.number, name=name, types=[record.type.key])
    found = [cases.open_case(record, Cause.MATCH) for record in records]
    action = {"action": "confirm_matches", "_selected_action": [case.pk for case in found]}

    page = admin.post(QUEUE, action)

    exact = page.context["exact"]
    assert [match.case for match in exact] == found[:2]
    assert page.context["left_out"] == 1
    assert Case.objects.waiting().count() == 3
    versions = {f"version_{match.case.pk}": f"{match.case.version}-{match.finding.entry.pk}" for match in exact}
    cases.open_case(records[1], Cause.STAFF)  # joins it meanwhile
    confirmed = admin.post(QUEUE, action | versions | {"confirmed": "1"}, follow=True).text
    assert "1 match confirmed." in confirmed
    assert f'href="{QUEUE}?state=decided"' in confirmed
    assert list(Case.objects.waiting()) == found[1:]
