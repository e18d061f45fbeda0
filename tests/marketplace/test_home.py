"""What a member's home page says of their profiles and clients."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certifications.models import Consent, Disclosure, ReminderStop
from profiles.models import Membership
from tests.factories import (
    AgencyFactory,
    CaseFactory,
    CertificationFactory,
    ClientMembershipFactory,
    ClientViewFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
)
from tests.site import client_person
from verification.models import Case

pytestmark = pytest.mark.django_db

WHOLE = {
    "headline": "Bookkeeper", "overview": "Books.", "skills": ["Tax"], "hourly_rate": 80, "languages": ["English"],
    "photo": "photos/a.webp",
}  # fmt: skip


@pytest.fixture
def owner(client):
    user = UserFactory(name="Fay Freeman")
    client.force_login(user)
    return user


def home(client):
    [own] = client.get("/").context["own_profiles"]
    return own


def told(client):
    return [(notice.words, notice.button) for notice in home(client).notices]


def test_the_home_page_counts_the_parts_that_are_filled_in(client, owner):
    ProfileFactory(owner=owner, headline="Bookkeeper", skills=["Tax"], hourly_rate=None)

    own = home(client)

    assert (own.done, own.parts) == (2, 6)
    assert "2 of 6 parts filled in" in client.get("/").text


@pytest.mark.parametrize("answer", [None, *Disclosure.Answer.values[1:]])
def test_a_certification_never_counts_as_a_part_and_is_offered_only_until_answered(answer, client, owner):
    profile = ProfileFactory(owner=owner, **WHOLE)
    if answer:
        Disclosure.objects.create(profile=profile, answer=answer)

    own = home(client)

    assert (own.done, own.missing, own.is_certified) == (6, [], False)
    assert own.offers_certification == (answer is None)
    assert ("Optional:" in client.get("/").text) == (answer is None)


def test_the_home_page_names_a_certificate_that_expires_soon_unless_reminders_are_off(client, owner):
    profile = ProfileFactory(owner=owner)
    last = profile.today() + timedelta(days=7)
    long_ago = timezone.now() - timedelta(days=90)
    record = CertificationFactory(profile=profile, expires_on=last, attested_at=long_ago)
    CertificationFactory(profile=profile, attested_at=long_ago)
    assert [button for _, button in told(client)] == ["Renew"]

    ReminderStop.objects.create(certification=record, user=owner)

    assert told(client) == []


@pytest.mark.parametrize(
    ("outcome", "ago", "is_told"),
    [
        ("", timedelta(0), False),
        ("asked", timedelta(0), True),
        ("refused", timedelta(days=2), True),
        ("refused", timedelta(minutes=5), False),  # it may still be taken back
        ("refused", timedelta(days=15), False),
    ],
)
def test_the_home_page_names_a_decision_and_a_requested_document(outcome, ago, is_told, client, owner):
    now = timezone.now()
    record = CertificationFactory(profile=ProfileFactory(owner=owner))
    reason = "not_found" if outcome == Case.Outcome.REFUSED else ""
    CaseFactory(
        certification=record, outcome=outcome, reason=reason, decided_at=now - ago if outcome else None,
        opened_at=now - timedelta(days=20), answer_by=now if outcome else None,
    )  # fmt: skip

    assert bool(told(client)) == is_told


def test_the_home_page_names_an_open_question(client, owner):
    record = CertificationFactory(profile=ProfileFactory(owner=owner), agreed_plans=["enterprise"])
    Consent.objects.filter(profile=record.profile).update(plans=["enterprise"])

    assert [button for _, button in told(client)] == ["Answer"]


def test_the_home_page_counts_the_clients_that_viewed_it_in_a_week(client, owner):
    record = CertificationFactory(profile=ProfileFactory(owner=owner))
    ClientViewFactory(profile=record.profile)
    ClientViewFactory(profile=record.profile, day=record.profile.today() - timedelta(days=9))

    assert "1 client viewed your certifications in the last 7 days." in " ".join(client.get("/").text.split())


def test_an_owner_with_certifications_is_led_to_them_though_no_client_viewed_any(client, owner):
    CertificationFactory(profile=ProfileFactory(owner=owner))

    page = client.get("/").text

    assert "No client viewed your certifications in the last 7 days." in page
    assert "Manage certifications" in page


def test_the_week_of_views_is_counted_by_the_owners_days(client, owner):
    east, west = (ProfileFactory(owner=owner, time_zone=zone) for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"))
    for profile in (east, west):  # the two are never on the same day
        CertificationFactory(profile=profile)
        for days in (6, 7):
            ClientViewFactory(profile=profile, day=profile.today() - timedelta(days=days))

    assert [own.viewed_by for own in client.get("/").context["own_profiles"]] == [1, 1]


def test_a_plain_member_of_an_agency_learns_nothing_of_its_certifications(client):
    record = CertificationFactory(profile=AgencyFactory(), expires_on=timezone.now().date())
    ClientViewFactory(profile=record.profile)
    client.force_login(MembershipFactory(profile=record.profile, role=Membership.Role.MEMBER).user)

    page = client.get("/")

    assert page.context["own_profiles"] == []
    assert "certification" not in page.text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("count", [1, 4])
def test_the_home_page_costs_the_same_queries_for_any_number_of_records(
    count, client, owner, django_assert_max_num_queries
):
    for _ in range(count):
        record = CertificationFactory(profile=AgencyFactory(owner=owner))
        CaseFactory(certification=record, outcome="asked", answer_by=timezone.now())

    with django_assert_max_num_queries(13):
        client.get("/")


def test_a_client_that_may_search_starts_with_the_search(client):
    buyer = client_person("enterprise")
    client.force_login(buyer)

    assert "Find certified businesses" in client.get("/").text


@pytest.mark.parametrize("plan", ["basic", "plus"])
def test_the_home_page_offers_other_clients_only_talent(plan, client):
    client.force_login(client_person(plan))

    page = client.get("/").text

    assert "Find talent" in page
    assert "ertified" not in page


def test_each_further_client_can_be_acted_for(client):
    buyer = client_person("enterprise")
    other = ClientMembershipFactory(user=buyer, client__plan="basic").client
    client.force_login(buyer)
    assert [own.is_acted_for for own in client.get("/").context["own_clients"]].count(True) == 1

    page = client.post("/acting-for/", {"client": other.pk, "next": "/"}, follow=True)

    assert [own.place.pk for own in page.context["own_clients"] if own.is_acted_for] == [other.pk]
