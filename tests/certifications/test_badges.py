"""Badges: what a page says of certifications, and that clients read them through the one rule."""

from datetime import date

import pytest

from certifications.badges import Badge, badges_for_clients, by_type
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests.factories import CertificateFactory, CertificationFactory, CertificationTypeFactory, ProfileFactory
from tests.in_force import visible_to
from tests.site import client_person, roll_out
from tests.states import NOW, STATES

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.parametrize("plan", Client.Plan.values)
@pytest.mark.parametrize("is_active", [True, False])
def test_the_compiled_query_shows_a_client_what_the_rule_shows(plan, is_active):
    records = [CertificationFactory(**values) for values, _ in STATES.values()]
    viewer = Viewer(client_person(plan, is_active=is_active))
    allowed = visible_to(viewer)

    for record in records:
        expected = [Badge.of(seen) for seen in allowed.filter(profile=record.profile).for_display()]
        assert badges_for_clients(record.profile, viewer, RolloutPolicy.in_force())[0] == expected
    assert allowed.exists() == (is_active and plan in {"business", "enterprise"})


def test_the_compiled_query_follows_the_audience_of_the_day():
    record = CertificationFactory()
    viewer = Viewer(client_person("business"))
    assert badges_for_clients(record.profile, viewer, RolloutPolicy.in_force())[0]

    roll_out(["enterprise"])

    assert badges_for_clients(record.profile, viewer, RolloutPolicy.in_force())[0] == []


def test_the_policy_that_is_passed_decides_whichever_is_in_force():
    record = CertificationFactory()
    viewer = Viewer(client_person("business"))
    stopped = {"is_paused": True}, {"paused_types": [record.type_id]}, {"plans": ["enterprise"]}
    roll_out(is_paused=True)

    for _ in range(2):
        shown, *none = (RolloutPolicy(**values) for values in ({}, *stopped))
        assert badges_for_clients(record.profile, viewer, shown)[0]
        assert all(badges_for_clients(record.profile, viewer, policy)[0] == [] for policy in none)


def test_a_client_who_edits_another_profile_sees_badges_as_a_client_here():
    user = client_person("business")
    own = CertificationFactory(profile__owner=user, hidden_at=NOW)
    record = CertificationFactory()

    assert [
        badge.number for badge in badges_for_clients(record.profile, Viewer(user), RolloutPolicy.in_force())[0]
    ] == [record.number]
    assert badges_for_clients(own.profile, Viewer(user), RolloutPolicy.in_force())[0] == []


def test_badges_are_grouped_by_type_in_the_catalogues_order():
    profile = ProfileFactory()
    second, first = (CertificationTypeFactory(name=name, position=n) for name, n in [("B-owned", 2), ("A-owned", 1)])
    for type in (second, first, second):
        CertificationFactory(profile=profile, certificate=CertificateFactory(type=type))

    badges, _ = badges_for_clients(profile, Viewer(client_person("enterprise")), RolloutPolicy.in_force())

    assert [(type, len(group)) for type, _, group in by_type(badges)] == [("A-owned", 1), ("B-owned", 2)]


def test_a_badge_names_the_body_as_it_was_typed():
    record = CertificationFactory(other_body="City of Springfield")

    assert Badge.of(record).body == "City of Springfield"
    assert Badge.of(CertificationFactory()).body.startswith("Certifying Council")


def test_a_badge_says_its_dates_in_words():
    record = CertificationFactory(issued_on=date(2025, 1, 9), expires_on=date(2027, 11, 30))
    endless = CertificationFactory(expires_on=None, does_not_expire=True)

    assert Badge.of(record).expiry == "Valid until Nov 30, 2027"
    assert ("Issued", "Jan 9, 2025", False) in Badge.of(record).details
    assert Badge.of(endless).expiry == "Doesn't expire"
    assert "Issued" not in [detail.term for detail in Badge.of(endless).details]
