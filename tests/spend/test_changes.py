"""What changed since a report: each cause in money, and all of them to the cent."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from certifications.models import Block, Consent, Evidence
from certifications.sharing import consents
from profiles.models import Profile
from rollout.models import RolloutPolicy
from spend import report
from spend.changes import Cause, Changes, Now, Pair, Part, changes
from spend.choices import Reason
from spend.models import Disputed, IssuedReport, Payment, ReportDraft, SavedRules
from spend.since import since
from tests.factories import ClientFactory
from tests.spend.test_issuing import issue
from tests.spend.test_report import certified, pay

D = Decimal
AMOUNTS = st.decimals(-1000, 1000, places=2)
TYPES = st.sampled_from([("woman",), ("minority",), ("woman", "minority")])
PART = st.one_of(
    st.builds(Part, AMOUNTS, TYPES, st.none()),
    st.builds(Part, AMOUNTS, st.just(()), st.sampled_from([*Reason])),
)
NOW = st.builds(Now, PART, PART, st.booleans(), st.booleans(), st.booleans(), st.booleans())
NUMBERS = st.sampled_from("ABCDEF")


def add(lines):
    found = {}
    for line in lines:
        for name, amount in line.items():
            found[name] = found.get(name, 0) + amount
    return {name: amount for name, amount in found.items() if amount}


def compared(then, unnamed, now):
    """Return the payments of a report, those that it may not name and those now, side by side."""
    numbers = then.keys() | now.keys()
    return [
        *(Pair(then.get(number), now.get(number)) for number in sorted(numbers)),
        *(Pair(part, None, is_named=False) for part in unnamed),
    ]


@given(st.dictionaries(NUMBERS, PART), st.lists(PART, max_size=3), st.dictionaries(NUMBERS, NOW))
def test_the_causes_add_up_to_the_difference_of_every_sum(then, unnamed, now):
    found = changes(compared(then, unnamed, now))

    assert add([found.before, *found.causes.values()]) == add([found.after])
    assert Changes.of_json(found.as_json()) == found


@given(st.dictionaries(NUMBERS, PART))
def test_where_nothing_changed_there_is_no_cause(then):
    now = {number: Now(part, part, False, False, False, False) for number, part in then.items()}

    assert changes(compared(then, [], now)).causes == {}
    assert changes(compared({}, then.values(), now)).causes == {}  # of an owner who withdrew and agreed again


# In the database: the house fixture, whose report 1 is `issued`


def changed(issued):
    """Return what each cause adds to what counts, and check that all sums are reconciled."""
    found = now(issued)
    assert add([found.before, *found.causes.values()]) == add([found.after])
    return {cause: amounts.get("unduplicated", 0) for cause, amounts in found.causes.items()}


def now(issued):
    rules = SavedRules.of_client(issued.client).plain()
    cutoff = timezone.now() + timedelta(seconds=1)
    held = report.held_by_payees(issued.client, cutoff, RolloutPolicy.in_force())
    return since(issued, held=held, rules=rules, cutoff=cutoff)


def business(slug):
    return Profile.objects.get(slug=slug)


pytestmark = pytest.mark.django_db


def test_nothing_changed_since_a_report_that_was_issued_just_now(issued):
    assert changed(issued) == {}


def test_a_certificate_that_arrives_later(issued):
    certified("woman", business("cay"), "2025-01-01", "2027-01-01", known_at="2026-11-01")

    assert changed(issued) == {Cause.COUNTS_NOW: D("4000.00")}


def test_the_late_certificate_of_the_oracle(books):
    business("dee").certifications.all().delete()
    issued = issue(books)
    certified("lgbt", business("dee"), "2026-02-01", "2029-01-31", known_at="2026-03-01")

    assert now(issued).causes == {Cause.COUNTS_NOW: {"unduplicated": D("700.00"), "lgbt": D("700.00")}}


def test_a_further_type_changes_the_sum_of_that_type_alone(issued):
    certified("woman", business("dee"), "2026-01-01", "2027-01-01", known_at="2026-11-01")

    assert now(issued).causes == {Cause.COUNTS_NOW: {"woman": D("700.00")}}


def test_payments_refunds_and_corrections(issued):
    pay(("D2", "dee", "2026-03-01", "work", "10.00", ""), ("D3", "dee", "2026-03-02", "refund", "-4.00", "D2"))
    assert changed(issued) == {Cause.NEW: D("10.00"), Cause.CAME_BACK: D("-4.00")}

    pay(("D1", "dee", "2026-02-15", "work", "650.00", ""))
    assert changed(issued)[Cause.CORRECTED] == D("-50.00")


def test_a_payment_that_is_corrected_to_another_period(issued):
    pay(("D1", "dee", "2026-07-15", "work", "700.00", ""))

    assert changed(issued) == {Cause.CORRECTED: D("-700.00")}


def test_a_payment_that_is_corrected_into_the_period(books):
    pay(("D2", "dee", "2026-07-15", "work", "10.00", ""))
    issued = issue(books)
    pay(("D2", "dee", "2026-06-15", "work", "10.00", ""))

    assert changed(issued) == {Cause.CORRECTED: D("10.00")}


def test_a_payment_that_is_corrected_to_this_client(books):
    ClientFactory(slug="other")
    pay(("D2", "dee", "2026-06-15", "work", "10.00", ""), client="other")
    issued = issue(books)
    pay(("D2", "dee", "2026-06-15", "work", "10.00", ""))

    assert changed(issued) == {Cause.CORRECTED: D("10.00")}


def test_a_corrected_payment_of_a_business_that_withdrew_is_not_told_apart(issued):
    of_consent(business("dee"))
    pay(("D1", "dee", "2026-02-15", "work", "650.00", ""))

    assert now(issued).causes == {
        Cause.NO_LONGER: {"base": D("-50.00"), "unduplicated": D("-700.00"), "lgbt": D("-700.00")}
    }


@pytest.mark.parametrize("count", [1, 5])
def test_the_queries_for_what_changed_do_not_depend_on_the_number_of_payments(count, issued, django_assert_num_queries):
    for number in range(count):
        pay((f"M{number}", "cay", "2026-03-01", "work", "1.00", ""))

    with django_assert_num_queries(10):  # the last compares payment by payment
        now(issued)


def test_rules_that_changed(issued):
    SavedRules.objects.create(client=issued.client, fiscal_year_start=7, self_reported=True)

    assert changed(issued) == {Cause.RULES: D("300.00")}


def test_reports_in_different_currencies_are_not_compared(issued):
    SavedRules.objects.create(client=issued.client, fiscal_year_start=7, currency="EUR")

    assert now(issued) is None


def of_consent(profile):
    consents.choose(profile, Consent.Purpose.COUNT, is_given=False, plans=[], by=None)


def of_client(profile):
    Block.objects.create(profile=profile, client=IssuedReport.objects.get().client)


def dispute(profile):
    for payment in Payment.objects.filter(profile=profile):
        Disputed.objects.create(profile=profile, external_id=payment.external_id)


def delete(profile):
    profile.delete()


def end_evidence(profile):
    Evidence.objects.filter(certification__profile=profile).update(
        ended_at=timezone.now(), ended_because=Evidence.Ending.WITHDRAWN
    )


@pytest.mark.parametrize("act", [of_consent, of_client, dispute, delete, end_evidence])
def test_whatever_takes_a_business_out_is_in_the_same_sum(act, issued):
    act(business("dee"))

    assert changed(issued) == {Cause.NO_LONGER: D("-700.00")}


def test_several_causes_at_once_are_told_apart(issued):
    of_consent(business("ann"))
    certified("woman", business("cay"), "2025-01-01", "2027-01-01", known_at="2026-11-01")
    pay(("D2", "dee", "2026-03-01", "work", "10.00", ""))
    SavedRules.objects.create(client=issued.client, fiscal_year_start=7, self_reported=True)

    assert changed(issued) == {
        Cause.NEW: D("10.00"),
        Cause.COUNTS_NOW: D("4000.00"),
        Cause.NO_LONGER: D("-1400.05"),
        Cause.RULES: D("300.00"),
    }


# Pages and files


def told(response):
    return " ".join(response.text.split("<main")[1].split())


def test_a_page_and_a_file_say_what_changed_since_a_report(issued, client):
    assert "What changed since" in client.get(issued.get_absolute_url()).text
    certified("woman", business("cay"), "2025-01-01", "2027-01-01", known_at="2026-11-01")
    of_consent(business("dee"))

    page = told(client.get(f"{issued.get_absolute_url()}changes/"))
    file = client.get(f"{issued.get_absolute_url()}changes.csv").getvalue().decode("utf-8-sig")

    assert business("dee").name not in page
    assert [[row["key"], row["base"], row["unduplicated"]] for row in csv.DictReader(io.StringIO(file))] == [
        ["before", "6600.05", "2100.05"],
        ["counts_now", "0.00", "4000.00"],
        ["no_longer", "0.00", "-700.00"],
        ["after", "6600.05", "5400.05"],
    ]
    assert "Certificates that arrived later, or count again</th> <td> $0.00 </td> <td> $4,000.00 </td>" in page
    assert client.get(f"{issued.get_absolute_url()}changes.pdf").status_code == 404


def test_a_report_that_replaces_another_keeps_what_changed(issued, client):
    certified("woman", business("cay"), "2025-01-01", "2027-01-01", known_at="2026-11-01")
    again = issue(issued.client, replaces=issued, reason="A late certificate.")
    of_consent(business("cay"))  # later, so it is not in what changed then

    assert client.get(f"{issued.get_absolute_url()}changes/").url == again.get_absolute_url()
    assert client.get(f"{issued.get_absolute_url()}changes.csv").url == again.get_absolute_url()
    page = told(client.get(again.get_absolute_url()))
    assert "What changed since report 1" in page
    assert '<a href="/spend/reports/1/payments/?show=counted">$2,100.05</a>' in page
    assert '<a href="/spend/reports/2/payments/?show=counted">$6,100.05</a>' in page
    file = client.get(f"{again.get_absolute_url()}tables/changes.csv").getvalue().decode("utf-8-sig")
    assert [row["unduplicated"] for row in csv.DictReader(io.StringIO(file))] == ["2100.05", "4000.00", "6100.05"]


def test_a_draft_that_replaces_a_report_says_what_changed(issued, client):
    draft = ReportDraft.objects.create(
        client=issued.client, starts_on=issued.starts_on, ends_on=issued.ends_on, replaces=issued, reason="Late."
    )

    assert "What changed since report 1" in told(client.get(draft.get_absolute_url()))


def test_the_page_says_if_the_currency_is_another_one_now(issued, client):
    SavedRules.objects.create(client=issued.client, fiscal_year_start=7, currency="EUR")

    assert "nothing can be compared" in told(client.get(f"{issued.get_absolute_url()}changes/"))
    assert client.get(f"{issued.get_absolute_url()}changes.csv").status_code == 404
