"""Reports: issued once, numbered, frozen, and without a business that may no longer be named."""

import io
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import Error

from certifications.data import erasure
from certifications.models import Block, Certification, Consent
from certifications.sharing import consents, pauses
from profiles.models import Client, Profile
from rollout.models import RolloutPolicy
from spend import frozen, issuing, payments, report
from spend.issuing import Signer
from spend.models import (
    AddressableSpend,
    Disputed,
    IssuedReport,
    ReportDraft,
    ReportedDetails,
    ReportedPayee,
    ReportedPayment,
    SavedRules,
)
from spend.totals import Line
from tests.factories import ClientFactory, ProfileFactory, UserFactory
from tests.site import in_thread
from tests.spend.test_report import certified, pay

SIGNER = Signer("Cleo Chase", "Supplier diversity lead")


@pytest.fixture
def bright(db):
    """A client that paid a business with two types, one with one type that is self-reported, and one with none."""
    client = ClientFactory(slug="bright", name="Bright Foods")
    for slug in ("ann", "bea", "cay"):
        ProfileFactory(slug=slug, name=f"{slug.title()} Works")
    ann = Profile.objects.get(slug="ann")
    certified("woman", ann, "2025-01-01", "2025-12-31")
    certified("minority", ann, "2025-01-01", "2025-12-31")
    certified("veteran", Profile.objects.get(slug="bea"), "2024-01-01", "2029-01-01", step=0)
    pay(
        ("A1", "ann", "2025-08-10", "work", "1000.00", ""),
        ("A2", "ann", "2025-11-15", "refund", "-100.00", "A1"),
        ("A3", "ann", "2026-01-02", "work", "200.00", ""),
        ("B1", "bea", "2025-09-01", "work", "300.00", ""),
        ("C1", "cay", "2025-10-01", "work", "4000.00", ""),
        ("F1", "", "2025-08-10", "platform_fee", "650.00", ""),
    )
    SavedRules.objects.create(client=client, fiscal_year_start=7)
    return client


def draft_of(client, **values):
    return ReportDraft.objects.create(client=client, starts_on=date(2025, 7, 1), ends_on=date(2026, 6, 30), **values)


def issue(client, **values):
    policy = RolloutPolicy.in_force()
    return issuing.issue(draft_of(client, **values), signer=SIGNER, by=UserFactory(), policy=policy)


def again(issued):
    return issue(issued.client, replaces=issued, reason="A certificate arrived late")


def named(issued):
    return {payee.name for payee in frozen.named(issued, RolloutPolicy.in_force()).values()}


def profile(slug):
    return Profile.objects.get(slug=slug)


def test_an_issued_report_has_the_sums_of_its_draft(bright):
    policy = RolloutPolicy.in_force()
    draft = draft_of(bright)
    said = issuing.figures(draft, policy).sums

    issued = issuing.issue(draft, signer=SIGNER, by=UserFactory(), policy=policy)
    sums = frozen.sums(issued)

    assert sums == said._replace(cutoff=issued.cutoff)
    assert sums.totals.unduplicated == Line(Decimal("900.00"), 2, 1)
    assert [part.totals.unduplicated.amount for part in sums.quarters] == [1000, -100, 0, 0]
    assert sums.together == {("woman", "minority"): Line(Decimal("900.00"), 2, 1)}
    assert {level: line.amount for level, line in sums.levels.items()} == {3: 0, 2: 0, 1: Decimal("900.00"), 0: 0}
    assert issued.number == 1
    assert (issued.signer_name, issued.signer_title) == SIGNER
    assert not ReportDraft.objects.exists()


def test_addressable_spend_that_was_entered_by_quarter_is_in_the_report_of_the_year(bright):
    rules = SavedRules.objects.get(client=bright)
    for quarter in rules.plain().fiscal_year(date(2026, 1, 1)).quarters():
        AddressableSpend.objects.create(rules=rules, amount=2500, note="Professional services", **quarter._asdict())

    issued = issue(bright)

    assert (issued.addressable, issued.addressable_note) == (10_000, "Professional services")


def test_each_row_says_who_was_paid_and_by_which_certificates_it_counts(bright):
    issued = issue(bright)

    rows = {row.number: row for row in ReportedDetails.objects.select_related("payee", "payment")}
    assert issued.payments.count() == 6
    assert (rows["A2"].payee.name, rows["A2"].version, rows["A2"].refers_to) == ("Ann Works", 1, "A1")
    record = Certification.objects.get(type__key="woman")
    assert rows["A2"].certificates[0] == {
        "type": "woman",
        "certificate": record.label,
        "body": record.body_name,
        "number": record.number,
        "legal_business_name": record.legal_business_name,
        "starts_on": "2025-01-01",
        "ends_on": "2025-12-31",
        "level": 1,
    }
    assert rows["A3"].payment.reason == "expired"
    assert rows["F1"].payee is None


def test_reports_are_numbered_for_each_client(bright):
    other = ClientFactory()

    first = issue(bright)

    assert [first.number, issue(other).number, again(first).number] == [1, 1, 2]


def test_a_late_certificate_changes_the_next_report_and_never_the_issued_one(bright):
    issued = issue(bright)
    before = frozen.sums(issued)

    certified("lgbt", profile("cay"), "2025-01-01", "2026-12-31")
    newer = again(issued)

    issued = IssuedReport.objects.get(pk=issued.pk)
    assert frozen.sums(issued) == before
    assert frozen.sums(newer).totals.unduplicated.amount == Decimal("4900.00")
    assert issued.is_superseded
    assert not newer.is_superseded
    assert (issued.replaced_by, newer.reason) == (newer, "A certificate arrived late")


def test_the_database_refuses_a_second_report_of_a_period_that_replaces_none(bright):
    issue(bright)

    with pytest.raises(IntegrityError), transaction.atomic():
        issue(bright)


def test_a_correction_and_other_rules_leave_an_issued_report_as_it_is(bright):
    issued = issue(bright)
    before = frozen.sums(issued)

    text = b"external_id,client,profile_kind,profile,paid_on,kind,amount,currency,refers_to,cost_center,category\n"
    import_file(text + b"A1,bright,freelancer,ann,2025-08-10,work,5000.00,USD,,,\n")
    SavedRules.objects.create(client=bright, fiscal_year_start=7, types=[])

    issued.refresh_from_db()
    assert frozen.sums(issued) == before
    assert issued.plain_rules().types is None
    assert issued.digest == frozen.digest(issued.payments.all())


def import_file(content):
    payments.read(io.BytesIO(content), name="payments.csv")


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (IssuedReport, {"signer_name": "Someone"}),
        (IssuedReport, {"number": 7}),
        (ReportedPayment, {"amount": 1}),
        (ReportedPayment, {"types": ["woman"]}),
        (ReportedPayee, {"name": "Someone"}),
        (ReportedDetails, {"number": "X"}),
    ],
)
def test_the_database_refuses_to_change_what_was_issued(bright, model, values):
    issue(bright)

    with pytest.raises(Error), transaction.atomic():
        model.objects.update(**values)


@pytest.mark.parametrize("model", [IssuedReport, ReportedPayment])
def test_the_database_refuses_to_delete_what_was_issued(bright, model):
    issue(bright)

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all().delete()


def test_a_report_is_deleted_with_its_client(bright):
    issue(bright)

    with transaction.atomic():
        Client.objects.filter(pk=bright.pk).delete()

    assert not IssuedReport.objects.exists()
    assert not ReportedPayment.objects.exists()
    assert not ReportedDetails.objects.exists()


def take_back_counting(owner):
    consents.choose(owner, Consent.Purpose.COUNT, is_given=False, plans=[], by=None)


def take_back_showing(owner):
    consents.choose(owner, Consent.Purpose.SHOW, is_given=False, plans=[], by=None)


def erase(owner):
    erasure.erase(owner, by=UserFactory())


def delete(owner):
    owner.delete()


@pytest.mark.parametrize("act", [take_back_counting, take_back_showing, pauses.hide_all, erase, delete])
def test_an_owner_who_withdraws_leaves_amounts_alone_in_issued_reports(bright, act):
    issued = issue(bright)
    before = frozen.sums(issued)
    other = again(issued)

    act(profile("ann"))

    for found in (issued, other):
        assert frozen.sums(found) == before._replace(cutoff=found.cutoff)
        assert found.digest == frozen.digest(found.payments.all())
        assert named(found) == {"Bea Works", "Cay Works"}
        assert set(found.payments.values_list("details__number", flat=True)) == {None, "B1", "C1", "F1"}
    assert "Ann" not in str(list(ReportedPayee.objects.values())) + str(list(ReportedDetails.objects.values()))


def block(owner):
    Block.objects.create(profile=owner, client=Client.objects.get(slug="bright"))


def hide_one(owner):
    owner.certifications.first().hide()


def remove_one(owner):
    owner.certifications.first().withdraw()


def suspend_one(owner):
    owner.certifications.first().suspend(by=UserFactory(), reason="not_found")


@pytest.mark.parametrize("act", [block, hide_one, remove_one, suspend_one])
def test_a_business_is_named_only_while_the_client_may_count_all_that_the_report_knew(bright, act):
    issued = issue(bright)
    assert named(issued) == {"Ann Works", "Bea Works", "Cay Works"}

    act(profile("ann"))

    assert named(issued) == {"Bea Works", "Cay Works"}


@pytest.mark.parametrize("act", [hide_one, pauses.hide_all, take_back_counting])
def test_a_business_whose_owner_withdraws_while_the_report_is_issued_is_not_named(bright, act, monkeypatch):
    made = while_issued(monkeypatch, lambda: act(profile("ann")))

    issued = issue(bright)

    assert made == [Decimal("900.00")]  # it was counted before
    assert named(issued) == {"Bea Works", "Cay Works"}


@pytest.mark.parametrize("act", [hide_one, pauses.hide_all, take_back_counting])
def test_what_changed_leads_to_the_sums_of_the_report_whatever_an_owner_hides_meanwhile(bright, act, monkeypatch):
    issued = issue(bright)
    while_issued(monkeypatch, lambda: act(profile("ann")))

    newer = again(issued)

    assert newer.changes["before"] == newer.changes["after"]
    assert newer.changes["after"]["unduplicated"] == str(frozen.sums(newer).totals.unduplicated.amount) == "900.00"


def dispute_one(owner):
    Disputed.objects.create(profile=owner, external_id="A1")


def test_a_report_whose_parts_would_say_different_things_is_not_issued(bright, monkeypatch):
    issued = issue(bright)
    draft = draft_of(bright, replaces=issued, reason="A certificate arrived late")
    while_issued(monkeypatch, lambda: dispute_one(profile("ann")))

    with pytest.raises(issuing.ChangedMeanwhileError):
        issuing.issue(draft, signer=SIGNER, by=UserFactory(), policy=RolloutPolicy.in_force())

    assert list(ReportDraft.objects.all()) == [draft]
    assert list(IssuedReport.objects.all()) == [issued]


def while_issued(monkeypatch, act):
    """Let `act` happen right after a report was counted. Return a list that then has what counts in it."""
    make, made = report.make, []

    def make_and_act(*args, **kwargs):
        found = make(*args, **kwargs)
        made.append(found.totals.unduplicated.amount)
        act()
        return found

    monkeypatch.setattr(report, "make", make_and_act)
    return made


def test_a_business_without_certifications_stays_named_whatever_its_owner_chooses(bright):
    issued = issue(bright)

    take_back_counting(profile("cay"))
    pauses.hide_all(profile("cay"))

    assert "Cay Works" in named(issued)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_members_who_issue_at_once_make_one_report(bright):
    draft = draft_of(bright)
    by, policy = UserFactory(), RolloutPolicy.in_force()
    start, made = Barrier(2), []

    @in_thread
    def act():
        start.wait()
        made.append(issuing.issue(draft, signer=SIGNER, by=by, policy=policy))

    threads = [Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made[0] == made[1] == IssuedReport.objects.get()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_no_report_is_issued_while_payments_are_imported(bright, monkeypatch):
    monkeypatch.setattr(issuing, "IMPORT_TIMEOUT", "50ms")
    draft = draft_of(bright)
    imports, asked = Barrier(2, timeout=30), Barrier(2, timeout=30)

    @in_thread
    def hold():
        with transaction.atomic():
            pay(("B2", "bea", "2025-09-02", "work", "50.00", ""))
            imports.wait()
            asked.wait()

    thread = Thread(target=hold)
    thread.start()
    imports.wait()
    with pytest.raises(issuing.ImportRunsError):
        issuing.issue(draft, signer=SIGNER, by=UserFactory(), policy=RolloutPolicy.in_force())
    asked.wait()
    thread.join()

    issued = issuing.issue(draft, signer=SIGNER, by=UserFactory(), policy=RolloutPolicy.in_force())
    assert issued.payments.filter(details__number="B2").exists()


def test_a_discarded_draft_cannot_be_issued(bright):
    draft = draft_of(bright)
    ReportDraft.objects.all().delete()

    with pytest.raises(IssuedReport.DoesNotExist):
        issuing.issue(draft, signer=SIGNER, by=UserFactory(), policy=RolloutPolicy.in_force())


@pytest.mark.parametrize(
    "values",
    [
        {"starts_on": date(2026, 1, 2), "ends_on": date(2026, 1, 1)},
        {"reason": "For no report"},
    ],
)
def test_the_database_refuses_a_draft_that_makes_no_sense(bright, values):
    period = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 31)}

    with pytest.raises(IntegrityError), transaction.atomic():
        ReportDraft.objects.create(client=bright, **(period | values))


def test_the_queries_of_issuing_do_not_depend_on_the_number_of_payments(bright, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        issued = issue(bright)
    for number in range(30):
        pay((f"N{number}", "ann", "2025-08-10", "work", "1.00", ""))
    with django_assert_max_num_queries(40):
        again(issued)
