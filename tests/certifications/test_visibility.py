"""The rule about who sees a certification, viewer by state, and every page's obedience to it."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from certifications.models import ClientView, Consent
from profiles.models import Client, Membership
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests.factories import (
    AgencyFactory,
    CertificationFactory,
    ClientMembershipFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
)
from tests.in_force import visible_to
from tests.site import client_person, roll_out, share_with_members, staff_user
from tests.states import NOW, STATES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", STATES)
def test_a_business_client_sees_only_records_that_meet_every_condition(state):
    values, is_shown = STATES[state]
    record = CertificationFactory(**values)

    seen = visible_to(Viewer(client_person("business")))

    assert list(seen) == ([record] if is_shown else [])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ["visitor", "freelancer", "basic", "plus", "inactive enterprise", "staff without"])
def test_everyone_outside_the_audience_sees_nothing(state, role):
    CertificationFactory(**STATES[state][0])
    user = {
        "visitor": lambda: None,
        "freelancer": lambda: ProfileFactory(owner=UserFactory()).users.get(),
        "basic": lambda: client_person("basic"),
        "plus": lambda: client_person("plus"),
        "inactive enterprise": lambda: client_person("enterprise", is_active=False),
        "staff without": lambda: staff_user(reads=False),
    }[role]()

    assert not visible_to(Viewer(user)).exists()


@pytest.mark.parametrize("state", STATES)
def test_editors_see_their_records_in_every_state_and_read_why_no_one_else_does(state):
    values, is_shown = STATES[state]
    user = UserFactory()
    record = CertificationFactory(**values, profile__owner=user)

    own = visible_to(Viewer(user)).with_status(RolloutPolicy.in_force()).get()

    assert own == record
    is_for_some = is_shown or state in {"agreed to Enterprise only", "Enterprise chosen"}
    assert own.status.startswith("Visible to ") == is_for_some


def test_staff_with_the_permission_see_every_record():
    record = CertificationFactory(hidden_at=NOW)

    assert list(visible_to(Viewer(staff_user(reads=True)))) == [record]


def test_a_plain_member_of_an_agency_that_does_not_let_them_sees_nothing_of_it():
    agency = AgencyFactory()
    CertificationFactory(profile=agency)
    user = MembershipFactory(profile=agency, role=Membership.Role.MEMBER).user

    assert not visible_to(Viewer(user)).exists()


@pytest.mark.parametrize("state", STATES)
def test_members_of_an_agency_that_lets_them_see_what_it_shows_to_clients(state):
    values, is_shown = STATES[state]
    record = CertificationFactory(profile__kind="agency", **values)
    share_with_members(record.profile)
    member = MembershipFactory(profile=record.profile, role=Membership.Role.MEMBER)
    CertificationFactory()

    for_some_clients = is_shown or state in {"agreed to Enterprise only", "Enterprise chosen", "named, but nobody yet"}
    assert list(visible_to(Viewer(member.user))) == ([record] if for_some_clients else [])

    member.delete()
    assert not visible_to(Viewer(member.user)).exists()


def test_members_of_an_agency_see_nothing_of_another_one_and_nothing_once_it_takes_that_back():
    record, others = CertificationFactory(profile__kind="agency"), CertificationFactory(profile__kind="agency")
    for agency in (record.profile, others.profile):
        share_with_members(agency)
    viewer = Viewer(MembershipFactory(profile=record.profile, role=Membership.Role.MEMBER).user)
    assert list(visible_to(viewer)) == [record]

    Consent.objects.filter(purpose=Consent.Purpose.MEMBERS).update(is_given=False)

    assert not visible_to(viewer).exists()


def test_a_member_reads_the_rail_without_any_control_and_who_to_ask(client):
    owner = UserFactory(name="Ada Ames")
    record = CertificationFactory(profile=AgencyFactory(owner=owner))
    share_with_members(record.profile)
    client.force_login(MembershipFactory(profile=record.profile, role=Membership.Role.MEMBER).user)

    page = client.get(record.profile.get_absolute_url()).text

    rail = page[page.index('id="diversity-certification"') :].partition("</section>")[0]
    assert record.number in rail
    assert "Ada Ames" in rail
    assert not {word for word in ("<form", "<button", "/certifications/", "Visible to") if word in rail}
    assert not ClientView.objects.exists()
    for name in (
        "certifications/",
        "certifications/consent/",
        f"certifications/{record.pk}/",
        "certifications/concern/",
    ):
        assert client.get(f"{record.profile.get_absolute_url()}{name}").status_code == 404


def test_a_member_who_also_acts_for_a_client_is_noted_as_its_member(client):
    record = CertificationFactory(profile__kind="agency")
    share_with_members(record.profile)
    user = client_person("business")
    MembershipFactory(profile=record.profile, user=user, role=Membership.Role.MEMBER)
    client.force_login(user)

    assert record.number in client.get(record.profile.get_absolute_url()).text

    assert ClientView.objects.get().profile == record.profile


def test_widening_the_audience_exposes_no_older_record():
    CertificationFactory(agreed_plans=["business", "enterprise"])
    newer = CertificationFactory(agreed_plans=["plus", "business", "enterprise"])
    plus = Viewer(client_person("plus"))
    assert not visible_to(plus).exists()

    roll_out(["plus", "business", "enterprise"])

    assert list(visible_to(plus)) == [newer]


def test_the_choice_of_organization_decides_what_is_seen():
    CertificationFactory()
    user = client_person("enterprise")
    basic = ClientMembershipFactory(user=user, client__plan=Client.Plan.BASIC).client
    enterprise = user.clients.get(plan="enterprise")

    assert visible_to(Viewer(user, enterprise.pk)).exists()
    assert not visible_to(Viewer(user, basic.pk)).exists()


def test_the_last_day_ends_in_the_owners_time_zone():
    # Between these two zones lie exactly 24 hours: it is always a day later on Kiritimati than in Honolulu.
    day = timezone.now().astimezone(ZoneInfo("Pacific/Honolulu")).date()
    record = CertificationFactory(profile__time_zone="Pacific/Honolulu", expires_on=day)
    CertificationFactory(profile__time_zone="Pacific/Kiritimati", expires_on=day)

    assert list(visible_to(Viewer(client_person("business")))) == [record]


@pytest.mark.parametrize("page", ["edit", "renew", "hide", "show", "withdraw", "restore"])
def test_an_editor_reaches_no_other_profiles_record(page, client):
    user = UserFactory()
    own = ProfileFactory(owner=user)
    record = CertificationFactory()
    client.force_login(user)

    for profile in (own, record.profile):
        response = client.post(f"{profile.get_absolute_url()}certifications/{record.pk}/{page}/")
        assert response.status_code == 404


def test_pages_that_differ_by_viewer_are_kept_out_of_caches(client):
    record = CertificationFactory()
    assert client.get(record.profile.get_absolute_url())["Cache-Control"] == "no-cache"

    client.force_login(client_person("enterprise"))

    assert client.get(record.profile.get_absolute_url())["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("count", [1, 5])
def test_the_rail_costs_one_query_whatever_its_length(count, client, django_assert_num_queries):
    profile = ProfileFactory()
    for _ in range(count):
        CertificationFactory(profile=profile)
    client.force_login(client_person("enterprise"))

    # session, user, places, profile, work history, policy, certifications, shortlists, invitations, that they looked
    with django_assert_num_queries(10):
        client.get(profile.get_absolute_url())
    with django_assert_num_queries(9):
        response = client.get(profile.get_absolute_url())

    assert response.content.count(b'class="certification"') == count


def test_a_visitors_page_takes_two_queries(client, django_assert_num_queries):
    record = CertificationFactory()

    with django_assert_num_queries(2):
        client.get(record.profile.get_absolute_url())


def test_a_staff_read_on_the_public_page_is_logged(client):
    record = CertificationFactory()
    user = staff_user(reads=True)
    client.force_login(user)

    client.get(record.profile.get_absolute_url())

    read = record.staff_reads.get()
    assert (read.staff, read.page) == (user, record.profile.get_absolute_url())
