"""The owner's side of reports: which payments count for whom, and payments that are not theirs."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.models import Block, Consent
from common.history import events_of
from common.translation import plain
from profiles.models import Client, Membership, Profile
from rollout.models import RolloutPolicy
from spend import received, report
from spend.choices import Reason
from spend.models import Disputed, Payment, SavedRules
from tests.factories import (
    AgencyFactory,
    CertificateFactory,
    CertificationFactory,
    CertificationTypeFactory,
    ClientFactory,
    EvidenceFactory,
    MembershipFactory,
    PaymentFactory,
    ProfileFactory,
    UserFactory,
)
from tests.site import client_person, held_out_person, person, sign_in
from tests.spend.test_report import agree

pytestmark = pytest.mark.django_db

PAGE = "/freelancers/ann/certifications/payments/"
FROM_BRIGHT = f"{PAGE}from/bright/"


@pytest.fixture
def ann(client):
    """A signed-in freelancer whose certificate clients may count, paid by "bright" within it and before it."""
    owner = person(name="Ann Ames")
    profile = ProfileFactory(slug="ann", name="Ann Ames", owner=owner)
    certified(profile)
    bright = ClientFactory(name="Bright Foods", slug="bright")
    PaymentFactory(client=bright, profile=profile, external_id="IN", paid_on=date(2026, 3, 1))
    PaymentFactory(client=bright, profile=profile, external_id="BEFORE", paid_on=date(2025, 3, 1))
    sign_in(client, owner)
    return profile


def certified(profile):
    certificate = CertificateFactory(
        type=CertificationTypeFactory(key="woman", name="Woman-owned"), body__name="Council of Women"
    )
    record = CertificationFactory(
        profile=profile, certificate=certificate, issued_on=date(2026, 1, 1), expires_on=date(2030, 1, 1)
    )
    EvidenceFactory(certification=record)
    agree(profile)
    return record


def told(client, path=PAGE):
    return " ".join(plain(client.get(path).text.split("<main")[1]).split())


def test_an_owner_reads_which_payments_count_for_whom_and_under_which_certificate(ann, client):
    text = told(client)

    assert "Bright Foods" in text
    assert "2026 Woman-owned, Council of Women 1 $1,000.00" in text
    assert "2025 Woman" not in text
    page = told(client, FROM_BRIGHT)
    assert "Mar 1, 2026 · IN Counts as Woman-owned, Council of Women" in page
    assert "Mar 1, 2025 · BEFORE Doesn't count." in page


def test_the_year_is_the_fiscal_year_of_the_clients_own_rules(ann, client):
    SavedRules.objects.create(client=Client.objects.get(), fiscal_year_start=10, currency="USD")

    assert "Fiscal year 2026 Woman-owned" in told(client)


def test_an_owner_reads_what_the_clients_report_counts(ann):
    """The page and the report are two ways to the same verdicts."""
    from_report = report.make(
        Client.objects.get(),
        received.EVER,
        rules=report.Rules(),
        cutoff=timezone.now(),
        policy=RolloutPolicy.in_force(),
    )
    [page] = received.received(ann, [Client.objects.get()], RolloutPolicy.in_force(), now=timezone.now())

    assert {row.entry.number: row.types for row in page.rows} == {
        row.entry.number: row.types for row in from_report.counted
    } == {"IN": ["woman"], "BEFORE": []}  # fmt: skip


@pytest.mark.parametrize("why", ["consent", "blocked", "plan", "held out", "hidden"])
def test_what_a_client_may_not_count_does_not_count_for_its_owner_either(why, ann, client):
    bright = Client.objects.get()
    assert "Counts as" in told(client, FROM_BRIGHT)

    match why:
        case "consent":
            Consent.objects.filter(profile=ann, purpose=Consent.Purpose.COUNT).update(is_given=False)
        case "blocked":
            Block.objects.create(profile=ann, client=bright)
        case "plan":
            Client.objects.update(plan="plus")
        case "held out":
            held_out = Client.objects.get(memberships__user=held_out_person())
            PaymentFactory(client=held_out, profile=ann, external_id="HELD", paid_on=date(2026, 3, 1))
            assert "Counts as" not in told(client, f"{PAGE}from/{held_out.slug}/")
            return
        case "hidden":
            ann.certifications.get().hide()

    assert "Counts as" not in told(client, FROM_BRIGHT)
    assert f"Doesn't count. {Reason.NO_CERTIFICATE.label}." in told(client, FROM_BRIGHT)
    assert "None of the payments counts." in told(client)


def test_the_queries_do_not_depend_on_the_clients_or_their_payments(ann, client, django_assert_num_queries):
    def pay():
        PaymentFactory(client=ClientFactory(), profile=ann, paid_on=date(2026, 3, 1))

    pay()
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for _ in range(4):
        pay()

    with django_assert_num_queries(len(few)):
        assert client.get(PAGE).text.count("See each payment") == 6


# Who may open it


@pytest.mark.parametrize("path", [PAGE, FROM_BRIGHT])
@pytest.mark.parametrize("who", [person, lambda: client_person("enterprise")])
def test_to_others_the_pages_do_not_exist(path, who, ann, client):
    sign_in(client, who())

    assert client.get(path).status_code == 404


def test_a_member_of_an_agency_who_does_not_edit_it_does_not_read_its_payments(client):
    agency = AgencyFactory(slug="works", owner=UserFactory())
    PaymentFactory(profile=agency)
    member = person()
    membership = MembershipFactory(profile=agency, user=member, role=Membership.Role.MEMBER)
    sign_in(client, member)
    page = "/agencies/works/certifications/payments/"
    assert client.get(page).status_code == 404

    Membership.objects.filter(pk=membership.pk).update(role=Membership.Role.ADMIN)

    assert client.get(page).status_code == 200


# This is not mine


def verdicts():
    made = report.make(
        Client.objects.get(),
        received.EVER,
        rules=report.Rules(),
        cutoff=timezone.now(),
        policy=RolloutPolicy.in_force(),
    )
    return {row.entry.number: row.reason for row in made.counted}


def test_a_payment_that_is_not_theirs_stops_counting_until_they_undo_it(ann, client):
    payment = Payment.objects.get(external_id="IN")

    page = client.post(f"{PAGE}{payment.pk}/not-mine/", follow=True).text

    assert "told that you said so" in page
    assert "This is mine" in page
    assert verdicts()["IN"] == Reason.NO_CERTIFICATE
    assert Disputed.objects.get().disputed_by == ann.users.get()

    client.post(f"{PAGE}{payment.pk}/mine/")

    assert verdicts()["IN"] is None
    assert [event.pgh_label for event in events_of(Disputed).order_by("pgh_id")] == ["insert", "delete"]


def test_saying_it_twice_changes_nothing(ann, client):
    payment = Payment.objects.get(external_id="IN")
    for _ in range(2):
        client.post(f"{PAGE}{payment.pk}/not-mine/")

    assert Disputed.objects.count() == 1


def test_no_one_disputes_a_payment_to_another_profile(ann, client):
    other = PaymentFactory(profile=ProfileFactory(owner=UserFactory()))

    assert client.post(f"{PAGE}{other.pk}/not-mine/").status_code == 404
    assert not Disputed.objects.exists()


def test_opening_the_address_of_the_button_leads_to_the_page(ann, client):
    payment = Payment.objects.get(external_id="IN")

    assert client.get(f"{PAGE}{payment.pk}/not-mine/").url == FROM_BRIGHT
    assert not Disputed.objects.exists()


def test_a_refund_has_no_button_of_its_own(ann, client):
    PaymentFactory(
        client=Client.objects.get(), profile=ann, external_id="BACK", kind="refund", amount=-10, refers_to="IN",
        paid_on=date(2026, 4, 1),
    )  # fmt: skip

    page = client.get(FROM_BRIGHT).text

    assert "BACK" in page
    assert page.count("This is not mine") == 2


def test_the_disputes_go_with_the_profile(ann):
    Disputed.objects.create(profile=ann, external_id="IN")

    Profile.objects.all().delete()

    assert not Disputed.objects.exists()
    assert Payment.objects.count() == 2
