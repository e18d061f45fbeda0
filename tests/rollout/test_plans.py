"""Plans stay planned, changes that narrow hold at once, and changes that widen wait for a second person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests.factories import CertificationFactory
from tests.in_force import visible_to
from tests.rollout.policies import ADD, ALL, STOP, days_pass, in_words, plan, post_change, sees, state
from tests.site import client_person, roll_out, sign_in

pytestmark = pytest.mark.django_db


def test_a_planned_change_starts_on_its_day_and_keeps_an_earlier_stop():
    CertificationFactory()
    viewer = Viewer(client_person("business"))
    planned = plan(30, plans=["enterprise"])
    assert state(planned) == "Scheduled"
    assert sees(viewer)

    stop = roll_out(is_paused=True)

    assert not sees(viewer)
    assert stop.replaces == planned
    assert RolloutPolicy.objects.started().first() == stop
    assert state(planned) == "Carried into a later change"
    kept = RolloutPolicy.objects.planned().get()
    assert (kept.carries, kept.replaces, kept.starts_at) == (planned, stop, planned.starts_at)
    assert (kept.plans, kept.is_paused) == (["enterprise"], True)


@pytest.mark.parametrize(
    "change",
    [
        {"plans": ["plus", "business", "enterprise"]},
        {"holdout_percent": 5},
        {"is_paused": False},
        {"paused_types": [1]},
        {"pauses_on_alarm": False},
    ],
)
def test_whatever_shows_more_or_guards_less_waits_for_a_second_person(change, ada):
    values = {"plans": ["business", "enterprise"], "holdout_percent": 10, "is_paused": True, "paused_types": [1, 2]}
    held = roll_out(**values)

    policy = RolloutPolicy(**values | change, reason="More.")
    policy.propose(by=ada)

    assert policy.is_widening
    assert RolloutPolicy.objects.started().first() == held


def test_canceling_a_planned_stop_takes_two_people(ada):
    RolloutPolicy(is_paused=True, reason="At the end.", starts_at=timezone.now() + timedelta(days=1)).propose(by=ada)

    policy = RolloutPolicy(reason="Go on.")
    policy.propose(by=ada)

    assert policy.is_widening


def test_canceling_a_planned_stop_takes_two_people_whatever_follows_it(ada):
    plan(10, is_paused=True)
    plan(20)

    policy = RolloutPolicy(reason="Go on.")
    policy.propose(by=ada)

    assert policy.is_widening


@pytest.mark.parametrize(
    "planned",
    [
        {"plans": ["plus", "business", "enterprise"]},
        {"plans": ["enterprise"]},
        {"holdout_percent": 5},
        {"holdout_percent": 20},
        {"pauses_on_alarm": False},
    ],
)
@pytest.mark.parametrize("way", [STOP, ADD])
def test_a_stop_waits_for_no_one_whatever_is_planned(way, planned, client, ada):
    CertificationFactory()
    viewer = Viewer(client_person("business"))
    roll_out(holdout_percent=10)
    later = plan(30, **{"holdout_percent": 10} | planned)
    sign_in(client, ada)
    form = client.get(ADD).context["adminform"].form
    data = {name: form[name].value() for name in form.fields} | {
        "is_paused": "on",
        "reason": "Misuse.",
        "starts_on": "",
    }
    data = {name: value for name, value in data.items() if value is not False}

    page = post_change(client, data) if way == ADD else client.post(STOP, {"reason": "Misuse."}, follow=True)

    assert ("In effect now." if way == ADD else "Stopped.") in page.text
    stop = RolloutPolicy.objects.started().first()
    assert (stop.is_paused, stop.replaces) == (True, later)
    assert not stop.widens(RolloutPolicy.objects.earliest("pk"))
    assert not sees(viewer)


def test_a_type_is_stopped_at_once_and_in_all_plans():
    stopped, other = CertificationFactory(), CertificationFactory()
    viewer = Viewer(client_person("business"))
    roll_out(holdout_percent=1, holdout_key=roll_out_key(viewer))
    narrower = plan(10, plans=["enterprise"], holdout_percent=1)
    wider = plan(20, holdout_percent=0, plans=["plus", "business", "enterprise"])

    assert RolloutPolicy.stop_type(stopped.type_id, reason="Harm.")

    assert list(visible_to(viewer)) == [other]
    planned = list(RolloutPolicy.objects.planned().order_by("pk"))[-2:]
    for policy, before in zip(planned, (narrower, wider), strict=True):
        assert policy.paused_types == [stopped.type_id]
        assert (policy.plans, policy.holdout_percent, policy.starts_at) == (
            before.plans, before.holdout_percent, before.starts_at,
        )  # fmt: skip
    assert RolloutPolicy.stop_type(stopped.type_id, reason="Harm.") is False


def roll_out_key(viewer):
    """Return a key with which the viewer's client is not held out at one percent."""
    keys = (f"key {number}" for number in range(100))
    return next(
        key for key in keys if not RolloutPolicy(holdout_key=key, holdout_percent=1).holds_out(viewer.client.pk)
    )


def test_stopping_a_type_does_not_revive_canceled_plans():
    record = CertificationFactory()
    plan(1, plans=["enterprise"])
    plan(2, is_paused=True)
    now = roll_out(holdout_percent=1, cancels_planned=True)

    RolloutPolicy.stop_type(record.type_id, reason="Harm.")

    assert not RolloutPolicy.objects.planned().exists()
    held = RolloutPolicy.objects.started().first()
    assert (held.plans, held.holdout_percent, held.replaces) == (now.plans, 1, now)


@pytest.mark.parametrize(
    ("planned", "narrowing", "kept"),
    [
        ({"is_paused": True}, {"paused_types": [7]}, (ALL, 0, True, [7])),
        ({"is_paused": True}, {"plans": ["enterprise"]}, (["enterprise"], 0, True, [])),
        ({"is_paused": True}, {"holdout_percent": 5}, (ALL, 5, True, [])),
        ({"is_paused": True}, {"is_paused": True}, (ALL, 0, True, [])),
        ({"paused_types": [3]}, {"paused_types": [7]}, (ALL, 0, False, [3, 7])),
        ({"holdout_percent": 20}, {"holdout_percent": 5}, (ALL, 20, False, [])),
        ({"plans": ["plus", *ALL]}, {"plans": ["enterprise"]}, (["plus", "enterprise"], 0, False, [])),
        ({"plans": ["plus", *ALL]}, {"is_paused": True}, (["plus", *ALL], 0, True, [])),
    ],
)
def test_an_urgent_narrowing_holds_at_once_and_keeps_the_plans(planned, narrowing, kept, ada):
    before = plan(27, **planned)

    urgent = RolloutPolicy(**narrowing, reason="A report of misuse.")
    urgent.propose(by=ada)

    assert not urgent.is_widening
    assert RolloutPolicy.objects.started().first() == urgent
    [after] = RolloutPolicy.objects.planned()
    assert in_words([after]) == [kept]
    assert (after.starts_at, after.reason) == (before.starts_at, "As planned.")


def test_a_chain_of_plans_keeps_its_order(ada):
    first, second = plan(10, is_paused=True), plan(20, plans=["enterprise"])

    for types in ([7], [7, 8]):
        RolloutPolicy(paused_types=types, reason="Harm.").propose(by=ada)

    kept = list(RolloutPolicy.objects.planned().order_by("pk"))
    assert in_words(kept) == [(ALL, 0, True, [7, 8]), (["enterprise"], 0, False, [7, 8])]
    assert [policy.starts_at for policy in kept] == [first.starts_at, second.starts_at]


def test_a_plan_before_a_planned_stop_keeps_the_stop(ada):
    plan(20, is_paused=True)

    sooner = RolloutPolicy(plans=["enterprise"], starts_at=timezone.now() + timedelta(days=10), reason="Step by step.")
    sooner.propose(by=ada)

    assert not sooner.is_widening
    assert in_words(RolloutPolicy.objects.planned().order_by("pk")) == [
        (["enterprise"], 0, False, []),
        (["enterprise"], 0, True, []),
    ]


def test_showing_again_after_a_planned_stop_takes_two_people(ada):
    plan(10, is_paused=True)

    again = RolloutPolicy(starts_at=timezone.now() + timedelta(days=20), reason="The pause is over.")
    again.propose(by=ada)

    assert again.is_widening
    assert not again.cancels_planned


def test_a_widening_by_two_people_keeps_a_planned_stop(ada, ben):
    plan(10, is_paused=True)
    wider = RolloutPolicy(plans=["plus", *ALL], reason="More.")
    wider.propose(by=ada)

    wider.confirm(by=ben)

    assert RolloutPolicy.objects.started().first() == wider
    assert in_words(RolloutPolicy.objects.planned()) == [(ALL, 0, True, [])]


@pytest.mark.slow
def test_an_alarm_overtakes_a_proposal_and_keeps_the_planned_stop(ada, ben):
    record = CertificationFactory()
    plan(10, is_paused=True)
    wider = RolloutPolicy(plans=["plus", *ALL], reason="More.")
    wider.propose(by=ada)

    RolloutPolicy.stop_type(record.type_id, reason="Harm.")

    with pytest.raises(RolloutPolicy.NotPossible):
        wider.confirm(by=ben)
    assert state(wider) == "Superseded before approval"
    assert in_words(RolloutPolicy.objects.planned()) == [(ALL, 0, True, [record.type_id])]


def test_a_proposal_older_than_a_stop_does_not_end_it(ada, ben):
    plan(10, is_paused=True)
    wider = RolloutPolicy(plans=["plus", *ALL], reason="More.")
    wider.propose(by=ada)

    days_pass(11)

    assert RolloutPolicy.objects.started().first().is_paused
    with pytest.raises(RolloutPolicy.NotPossible):
        wider.confirm(by=ben)
    assert state(wider) == "Superseded before approval"


def test_showing_again_may_be_confirmed_once_the_planned_stop_began(ada, ben):
    plan(10, is_paused=True)
    again = RolloutPolicy(starts_at=timezone.now() + timedelta(days=20), reason="The pause is over.")
    again.propose(by=ada)

    days_pass(11)
    again.confirm(by=ben)

    assert RolloutPolicy.objects.started().first().is_paused
    assert RolloutPolicy.objects.planned().get() == again


def test_a_larger_holdout_waits_for_no_one_whatever_it_replaces(ada):
    plan(1, is_paused=True)
    roll_out(holdout_percent=10)

    policy = RolloutPolicy(holdout_percent=20, reason="To learn sooner.")
    policy.propose(by=ada)

    assert not policy.is_widening


def test_an_overtaken_proposal_says_so(ada):
    roll_out(plans=["enterprise"])
    wider = RolloutPolicy(plans=["enterprise", "business"], reason="More.")
    wider.propose(by=ada)
    assert state(wider) == "Needs approval"

    roll_out(plans=[], is_paused=True)

    assert state(wider) == "Superseded before approval"
