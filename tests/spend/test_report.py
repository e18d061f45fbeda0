"""The report of a client, from the ledger and the records: what counts, and what no one may learn of."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from certifications.models import Block, Certification, Consent, Evidence, NamedClient, Pause, Step, UnusedType
from certifications.sharing import consents
from common.history import events_of
from profiles.models import Client, Profile
from rollout.models import RolloutPolicy
from spend import payments, report
from spend.choices import Reason
from spend.models import Disputed
from spend.rules import Period, Rules
from tests.factories import (
    CertificateFactory,
    CertificationFactory,
    CertificationTypeFactory,
    ClientFactory,
    EvidenceFactory,
    ProfileFactory,
)
from tests.site import roll_out
from tests.spend.examples import moment
from tests.spend.test_payments import HEADER
from tests.states import STATES

pytestmark = pytest.mark.django_db

PLANS = ["business", "enterprise"]
# Why a client is not shown a record that its reports count all the same: only because it has expired since.
EXPIRED = {"expired", "renewal too long in progress"}


def agree(profile, **values):
    consents.choose(profile, Consent.Purpose.COUNT, is_given=True, plans=values.pop("plans", PLANS), by=None)
    Consent.objects.filter(profile=profile, purpose=Consent.Purpose.COUNT).update(**values)


def certified(key, profile, issued_on, expires_on, *, known_at="2025-06-01", step=Step.DOCUMENT):
    """A record of `profile`, whose owner agreed to be counted, with evidence unless `step` is 0."""
    certificate = CertificateFactory(type=CertificationTypeFactory(key=key))
    record = CertificationFactory(
        profile=profile,
        certificate=certificate,
        issued_on=date.fromisoformat(issued_on),
        expires_on=date.fromisoformat(expires_on),
        attested_at=moment(known_at),
    )
    if step:
        EvidenceFactory(
            certification=record,
            step=step,
            evidence_on=max(record.issued_on, moment(known_at).date()),
            recorded_at=moment(known_at),
        )
    agree(profile)
    return record


def pay(*rows, client="bright"):
    """Import payments to freelancers: (number, slug, day, kind, amount, what it refers to)."""
    lines = [
        f"{n},{client},{'freelancer' if slug else ''},{slug},{d},{kind},{amount},USD,{to},,\n"
        for n, slug, d, kind, amount, to in rows
    ]
    file = payments.read(io.BytesIO((HEADER + "".join(lines)).encode()), name="payments.csv")
    assert file.problems == []


def printed(*arguments):
    """The lines that the command prints, as {(view, key): (amount, payments, businesses, share)}."""
    output = io.StringIO()
    call_command("spend_report", "bright", *arguments, "--csv", stdout=output)
    rows = list(csv.reader(io.StringIO(output.getvalue())))
    assert rows[0] == ["view", "key", "amount", "payments", "businesses", "share_of_base"]
    return {(view, key): tuple(rest) for view, key, *rest in rows[1:]}


def counted_for(client, **rules):
    made = report.make(
        client,
        Period(date(2020, 1, 1), date(2030, 1, 1)),
        rules=Rules(**rules),
        cutoff=timezone.now(),
        policy=RolloutPolicy.in_force(),
    )
    return made.counted


YEAR = ("--from", "2025-07-01", "--to", "2026-06-30")


def rules_file(tmp_path, **values):
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"fiscal_year_start": 7} | values))
    return ("--rules", str(path))


@pytest.mark.parametrize(
    ("rules", "woman", "unduplicated", "share"),
    [
        ({}, "1400.00", "2100.00", "0.3181818182"),
        ({"date_rule": "any_time_in_fiscal_year"}, "1600.00", "2300.00", "0.3484848485"),
        ({"date_rule": "grace", "grace_days": 30}, "1600.00", "2300.00", "0.3484848485"),
    ],
)
def test_the_command_prints_the_house_fixture(house, tmp_path, rules, woman, unduplicated, share):
    lines = printed(*YEAR, *rules_file(tmp_path, **rules))

    assert lines["base", "all"] == ("6600.00", "7", "4", "1.0000000000")
    assert lines["unduplicated", "all"][0] == unduplicated
    assert lines["unduplicated", "all"][3] == share
    assert lines["overlapping", "veteran"] == ("0.00", "0", "0", "0.0000000000")
    assert [lines["overlapping", key][0] for key in ("woman", "minority", "lgbt", "veteran")] == [
        woman,
        woman,
        "700.00",
        "0.00",
    ]
    assert sum(Decimal(line[0]) for (view, _), line in lines.items() if view == "primary") == Decimal(unduplicated)
    assert lines["not_counted", "excluded_kind"][:3] == ("740.00", "2", "0")
    assert lines["not_counted", "self_reported"][:3] == ("300.00", "1", "1")
    assert lines["not_counted", "no_certificate"][:3] == ("4000.00", "1", "1")


def test_the_report_of_an_earlier_day_lacks_what_became_known_later(house):
    assert printed(*YEAR, "--as-of", "2026-02-20")["overlapping", "lgbt"][0] == "0.00"
    assert printed(*YEAR, "--as-of", "2026-03-01")["overlapping", "lgbt"][0] == "700.00"


def test_the_saved_rules_of_the_client_hold_unless_a_file_is_given(house, tmp_path):
    client = Client.objects.get(slug="bright")
    client.spend_rules.create(self_reported=True)

    assert printed(*YEAR)["overlapping", "veteran"][0] == "300.00"
    assert printed(*YEAR, *rules_file(tmp_path))["overlapping", "veteran"][0] == "0.00"


def test_a_payment_in_another_currency_is_in_no_sum(house):
    pay_in_euros = HEADER + "E1,bright,freelancer,ann,2025-08-11,work,80.00,EUR,,,\n"
    payments.read(io.BytesIO(pay_in_euros.encode()), name="euros.csv")

    lines = printed(*YEAR)

    assert lines["base", "all"][0] == "6600.00"
    assert lines["not_counted", "other_currency:EUR"] == ("80.00", "1", "1", "")


def test_the_command_says_what_is_wrong(house, tmp_path):
    path = tmp_path / "rules.json"
    path.write_text('{"grace_days": -1}')
    for arguments, problem in (
        (["unknown", *YEAR], "There is no client unknown"),
        (["bright", "--from", "2026-01-02", "--to", "2026-01-01"], "--to is before --from"),
        (["bright", *YEAR, "--rules", str(path)], "grace_days: It must be"),
        (["bright", *YEAR, "--rules", str(tmp_path / "none")], "none: No such file or directory.$"),
        (["bright", "--from", "2026-02-30", "--to", "2026-03-01"], "--from: 2026-02-30 isn't a date like 2026-12-31."),
    ):
        with pytest.raises(CommandError, match=problem):
            call_command("spend_report", *arguments, "--csv")


@pytest.mark.parametrize("as_of", ["2099-01-01", "9999-12-31"])
def test_as_of_a_day_to_come_is_as_of_now(house, as_of):
    assert printed(*YEAR, "--as-of", as_of) == printed(*YEAR)


def test_the_order_of_imports_does_not_matter():
    ClientFactory(slug="bright")
    record = certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2025-12-31")
    rows = [("A4", "ann", "2026-01-15", "refund", "-100.00", "A1"), ("A1", "ann", "2025-08-10", "work", "300.00", "")]

    pay(rows[0])
    assert printed(*YEAR)["not_counted", "unknown_payment"][0] == "-100.00"
    pay(rows[1])

    assert printed(*YEAR)["overlapping", record.type.key][0] == "200.00"


def test_the_queries_of_a_report_do_not_depend_on_its_size(django_assert_num_queries):
    client = ClientFactory(slug="bright")
    policy = RolloutPolicy.in_force()
    for count in (1, 5):
        for number in range(count):
            slug = f"p-{count}-{number}"
            certified("woman", ProfileFactory(slug=slug), "2025-01-01", "2025-12-31")
            pay((f"{slug}-1", slug, "2025-08-10", "work", "1.00", ""))
            pay((f"{slug}-2", slug, "2025-08-11", "refund", "-1.00", f"{slug}-1"))
        with django_assert_num_queries(8):
            report.make(
                client, Period(date(2025, 8, 11), date(2025, 9, 1)), rules=Rules(), cutoff=timezone.now(), policy=policy
            )


# Known time: what a record said, and when


def test_a_renewal_adds_a_term_and_a_correction_replaces_one():
    client = ClientFactory(slug="bright")
    record = certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2025-12-31", step=0)
    for number, d in enumerate(("2024-06-01", "2025-06-01", "2026-06-01")):
        pay((f"A{number}", "ann", d, "work", "100.00", ""))

    def days():
        return [row.entry.paid_on.year for row in counted_for(client, self_reported=True) if row.held]

    assert days() == [2025]
    Certification.objects.update(issued_on=date(2026, 1, 1), expires_on=date(2026, 12, 31))
    assert days() == [2025, 2026]
    Certification.objects.update(issued_on=date(2026, 8, 1))
    assert days() == [2025]
    record.refresh_from_db()
    assert record.issued_on == date(2026, 8, 1)


def test_a_filed_renewal_is_the_application_for_the_next_term():
    client = ClientFactory(slug="bright")
    record = certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2025-12-31", step=0)
    record.declare_renewal(date(2026, 1, 10))
    Certification.objects.update(issued_on=date(2026, 3, 1), expires_on=date(2026, 12, 31), renewal_filed_on=None)
    for number, d in enumerate(("2026-01-09", "2026-01-10", "2026-03-01")):
        pay((f"A{number}", "ann", d, "work", "100.00", ""))

    found = counted_for(client, self_reported=True, date_rule="from_application")

    assert [row.reason for row in found] == [Reason.EXPIRED, None, None]


def test_evidence_of_an_earlier_term_is_none_of_the_next():
    client = ClientFactory(slug="bright")
    certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2025-12-31")
    for d in ("2025-06-01", "2026-06-01"):
        pay((f"A{d}", "ann", d, "work", "100.00", ""))

    Certification.objects.update(issued_on=date(2026, 1, 1), expires_on=date(2026, 12, 31))

    assert [row.reason for row in counted_for(client)] == [None, Reason.SELF_REPORTED]


def test_evidence_that_was_wrong_never_stood_and_evidence_that_ended_stood_before():
    client = ClientFactory(slug="bright")
    certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2027-12-31")
    pay(("A1", "ann", "2025-08-10", "work", "100.00", ""), ("A2", "ann", "2026-08-10", "work", "100.00", ""))

    Evidence.objects.update(ended_at=moment("2026-01-10"), ended_because=Evidence.Ending.VANISHED)
    assert [row.reason for row in counted_for(client)] == [None, Reason.SELF_REPORTED]
    Evidence.objects.update(ended_because=Evidence.Ending.WITHDRAWN)
    assert [row.reason for row in counted_for(client)] == [Reason.SELF_REPORTED, Reason.SELF_REPORTED]


def test_without_an_issue_date_a_certificate_counts_from_the_day_it_was_reported():
    client = ClientFactory(slug="bright")
    certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2027-12-31", known_at="2026-02-01")
    Certification.objects.update(issued_on=None)
    Certification.objects.update(self_reported_at=moment("2026-03-01"))
    for d in ("2026-02-20", "2026-03-01"):
        pay((f"A{d}", "ann", d, "work", "100.00", ""))

    assert [row.reason for row in counted_for(client, self_reported=True)] == [Reason.NOT_YET, None]


@pytest.mark.parametrize("given", [None, date(2025, 3, 1)])
def test_without_an_issue_date_a_corrected_last_day_leaves_the_first_day(given):
    """A correction of dates is part of the same report, whether or not it takes back an issue date."""
    client = ClientFactory(slug="bright")
    record = certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2027-12-31", known_at="2026-02-01T12:00")
    Certification.objects.update(issued_on=given)
    for d in ("2026-01-31", "2026-02-01"):
        pay((f"A{d}", "ann", d, "work", "100.00", ""))

    Certification.objects.update(issued_on=None, expires_on=date(2027, 12, 13))

    assert record.self_reported_at == moment("2026-02-01T12:00")
    assert [row.reason for row in counted_for(client, self_reported=True)] == [Reason.NOT_YET, None]


def test_a_renewal_without_an_issue_date_begins_on_the_day_it_was_reported():
    client = ClientFactory(slug="bright")
    certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2025-12-31", step=0)
    today = timezone.now().date()
    for d in ("2025-12-31", "2026-01-01", today.isoformat()):
        pay((f"A{d}", "ann", d, "work", "100.00", ""))

    Certification.objects.update(issued_on=None, expires_on=date(2027, 12, 31))

    expected = [None, Reason.EXPIRED, None]
    assert [row.reason for row in counted_for(client, self_reported=True)] == expected


def test_evidence_that_is_older_than_a_corrected_issue_date_is_none():
    client = ClientFactory(slug="bright")
    certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2027-12-31", known_at="2025-06-01")
    pay(("A1", "ann", "2026-02-10", "work", "100.00", ""))

    assert [row.reason for row in counted_for(client)] == [None]
    Certification.objects.update(issued_on=date(2025, 6, 2))

    assert Certification.objects.with_step().get().step == Step.SELF_REPORTED
    assert [row.reason for row in counted_for(client)] == [Reason.SELF_REPORTED]


def test_a_record_that_was_loaded_without_a_history_says_what_it_says_now():
    client = ClientFactory(slug="bright")
    certified("woman", ProfileFactory(slug="ann"), "2025-01-01", "2027-12-31")
    pay(("A1", "ann", "2026-02-10", "work", "100.00", ""))

    events_of(Certification).delete()

    assert [row.types for row in counted_for(client)] == [["woman"]]


# What a client is not shown, or the owner did not agree to, is never counted and never named


@pytest.fixture
def paid():
    """A client that paid a certified business, whose owner agrees to everything."""
    client = ClientFactory(slug="bright", plan=Client.Plan.BUSINESS)
    record = certified("woman", ProfileFactory(slug="ann"), "2020-01-01", "2030-01-01", step=0)
    pay(("A1", "ann", "2026-08-10", "work", "100.00", ""))
    return client, record


def verdicts(client):
    return [(row.types, row.reason) for row in counted_for(client, self_reported=True)]


COUNTS = [(["woman"], None)]
NOTHING = [([], Reason.NO_CERTIFICATE)]


@pytest.mark.parametrize("state", STATES)
def test_only_what_the_rule_shows_the_client_or_showed_before_it_expired_counts(state):
    values, is_shown = STATES[state]
    client = ClientFactory(slug="bright", plan=Client.Plan.BUSINESS)
    reported = moment("2026-01-05")
    record = CertificationFactory(profile__slug="ann", attested_at=reported, **values)
    agree(record.profile)
    pay(("A1", "ann", "2026-02-10", "work", "100.00", ""))

    [(types, reason)] = verdicts(client)

    if is_shown or state in EXPIRED:
        assert (types, reason) == ([record.type.key], None)
    else:
        assert (types, reason) == ([], Reason.NO_CERTIFICATE)


@pytest.mark.parametrize(
    "change",
    [
        {"is_given": False},
        {"plans": ["enterprise"]},
        {"version": "2026-11-24"},
        {"version": "2026-11"},
        {"purpose": Consent.Purpose.FIND},
    ],
)
def test_an_owner_who_did_not_agree_to_be_counted_is_like_one_without_certificates(paid, change):
    client, record = paid
    assert verdicts(client) == COUNTS

    Consent.objects.filter(profile=record.profile, purpose=Consent.Purpose.COUNT).update(**change)

    assert verdicts(client) == NOTHING


@pytest.mark.parametrize(
    "hide",
    [
        lambda client, record: Block.objects.create(profile=record.profile, client=client),
        lambda client, record: Pause.objects.create(profile=record.profile),
        lambda client, record: record.hide(),
        lambda client, record: record.withdraw(),
        lambda client, record: record.suspend(by=None, reason=Certification.Reason.UNDER_CHECK),
        lambda client, record: record.show_to(Certification.Audience.NAMED),
        lambda client, record: UnusedType.objects.create(client=client, type=record.type),
        lambda client, record: roll_out(plans=["enterprise"]),
        lambda client, record: Certification.objects.update(agreed_plans=["enterprise"]),
        lambda client, record: record.delete(),
    ],
)
def test_what_is_hidden_drops_out_at_once_and_also_of_earlier_cutoffs(paid, hide):
    client, record = paid
    assert verdicts(client) == COUNTS

    hide(client, record)

    assert verdicts(client) == NOTHING
    lines = printed("--from", "2026-01-01", "--to", "2026-12-31", "--as-of", "2026-09-01")
    assert lines["unduplicated", "all"][0] == "0.00"
    assert {key for (view, key), line in lines.items() if view == "not_counted" and line[1] != "0"} == {
        "no_certificate"
    }


def test_a_report_of_what_is_hidden_is_the_report_of_one_without_certificates(paid):
    _, record = paid
    record.hide()
    hidden = printed("--from", "2026-01-01", "--to", "2026-12-31")

    record.delete()

    assert printed("--from", "2026-01-01", "--to", "2026-12-31") == hidden


def test_a_named_client_counts_and_another_does_not(paid):
    client, record = paid
    record.show_to(Certification.Audience.NAMED)
    NamedClient.objects.create(certification=record, client=client)

    assert verdicts(client) == COUNTS


def test_a_lifted_suspension_leaves_out_the_payments_during_it(paid):
    client, record = paid
    record.suspend(by=None, reason=Certification.Reason.UNDER_CHECK)
    record.lift(by=None)
    pay(("A2", "ann", timezone.now().date().isoformat(), "work", "5.00", ""))

    # It began and ended on one day, so no whole day was suspended.
    assert verdicts(client) == COUNTS * 2


def test_an_expired_certificate_says_so_only_while_its_owner_agrees():
    client = ClientFactory(slug="bright", plan=Client.Plan.BUSINESS)
    record = certified("woman", ProfileFactory(slug="ann"), "2020-01-01", "2025-12-31", step=0)
    pay(("A1", "ann", "2026-08-10", "work", "100.00", ""))

    assert verdicts(client) == [([], Reason.EXPIRED)]
    agree(record.profile, is_given=False)
    assert verdicts(client) == NOTHING


def test_another_clients_payments_are_in_no_report(paid):
    other = ClientFactory()

    assert counted_for(other) == []


def test_a_corrected_client_moves_the_payment():
    first, second = ClientFactory(slug="bright"), ClientFactory(slug="wrong")
    ProfileFactory(slug="ann")
    line = "A1,{},freelancer,ann,2025-08-10,work,100.00,USD,,,\n"
    for slug in ("wrong", "bright"):
        payments.read(io.BytesIO((HEADER + line.format(slug)).encode()), name="p.csv")

    assert (len(counted_for(first)), len(counted_for(second))) == (1, 0)


# What an owner says is not theirs


def test_a_disputed_payment_and_its_refund_have_no_certificate_and_stay_in_the_base(house):
    before = {row.entry.number: row for row in counted_for(Client.objects.get())}
    assert before["A1"].held
    assert before["A4"].held

    Disputed.objects.create(profile=Profile.objects.get(slug="ann"), external_id="A1")

    after = {row.entry.number: row for row in counted_for(Client.objects.get())}
    assert {number: row.reason for number, row in after.items() if row.reason != before[number].reason} == {
        "A1": Reason.NO_CERTIFICATE,
        "A4": Reason.NO_CERTIFICATE,
    }
    assert after["A1"].is_in_base


def test_a_dispute_leaves_a_report_as_if_the_owner_had_never_agreed_to_that_payment(house):
    """Whatever a client reads of a disputed payment, it reads of one whose owner did not agree to be counted."""
    agree(Profile.objects.get(slug="bea"))
    Consent.objects.filter(profile__slug="dee", purpose=Consent.Purpose.COUNT).update(is_given=False)
    Disputed.objects.create(profile=Profile.objects.get(slug="ann"), external_id="A2")

    rows = {row.entry.number: row for row in counted_for(Client.objects.get())}

    verdicts = {number: rows[number]._replace(entry=None, payee=None, amount=None, judged_on=None) for number in rows}
    assert verdicts["A2"] == verdicts["D1"]


def test_a_payment_that_a_correction_gave_to_someone_else_is_theirs_to_dispute(house):
    Disputed.objects.create(profile=Profile.objects.get(slug="cay"), external_id="A1")

    assert next(row for row in counted_for(Client.objects.get()) if row.entry.number == "A1").held
