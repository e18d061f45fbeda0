"""The nightly sums are those of the product's own rows, of those who agreed to be counted, and of no one else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from certifications.data import erasure
from certifications.models import Certification, Consent
from certifications.sharing import consents, pauses
from impact import tallies
from impact.models import Contract, DrawnClient, Tally, WeekOfActs
from impact.report import Report
from profiles.models import Client
from rollout.models import RolloutPolicy
from sourcing.models import TalkInvitation
from tests.factories import (
    CertificationFactory,
    ClientFactory,
    ClientViewFactory,
    ConcernFactory,
    ProfileFactory,
    TalkInvitationFactory,
    UserFactory,
)
from tests.site import in_thread, roll_out

pytestmark = pytest.mark.django_db

WEEK = tallies.last_week()
SINCE = WEEK - timedelta(weeks=2)


def at(day, hour=12):
    return datetime.combine(day, time(hour), UTC)


@pytest.fixture(autouse=True)
def one_is_enough(monkeypatch):
    monkeypatch.setattr(tallies, "FEWEST", 1)


@pytest.fixture
def policy():
    """Half of the clients held out, for three full weeks."""
    return RolloutPolicy.objects.create(
        holdout_percent=50, holdout_key="key", starts_at=at(SINCE, 0), confirmed_at=at(SINCE, 0), reason="To compare."
    )


def clients(policy, *, held_out, count=1, **values):
    """New Enterprise clients that are held out, or are not, and were there before."""
    made = []
    while len(made) < count:
        client = ClientFactory(plan="enterprise", **values)
        if policy.holds_out(client.pk) == held_out:
            made.append(client)
        else:
            client.delete()
    Client.objects.update(created_at=at(SINCE - timedelta(weeks=9)))
    return made


def agree(profile):
    consents.choose(profile, Consent.Purpose.COUNT, is_given=True, plans=["enterprise"], by=UserFactory())


@pytest.fixture
def record():
    record = CertificationFactory()
    agree(record.profile)
    return record


def tally(measure, *, held_out=False, type=None, week=WEEK, plan="enterprise"):
    return Tally.objects.get(week=week, plan=plan, is_held_out=held_out, type=type, measure=measure)


def sums(measure, **which):
    found = tally(measure, **which)
    return found.n, found.x, found.y, found.xx, found.xy, found.yy


def invite(client, profile, day, answer="declined"):
    answered_at = at(day) if answer else None
    return TalkInvitationFactory(
        client=client, profile=profile, sent_at=at(day), answer=answer, answered_at=answered_at
    )


def test_invitations_are_summed_by_client_over_all_weeks_since_the_draw(policy, record):
    one, other = clients(policy, held_out=False, count=2)
    for client, day in ((one, SINCE), (one, WEEK), (one, WEEK), (other, WEEK + timedelta(days=6))):
        invite(client, record.profile, day)
    for day in (SINCE - timedelta(days=1), WEEK + timedelta(days=7)):  # before and after
        invite(one, record.profile, day)

    assert tallies.write_due() == [SINCE, SINCE + timedelta(weeks=1), WEEK]

    # Two clients of three weeks; three invitations and one.
    assert sums("invitations") == (2, 6, 4, 18, 12, 10)
    assert sums("invitations", type=record.type) == (2, 6, 4, 18, 12, 10)
    assert sums("declines") == (2, 6, 4, 18, 12, 10)
    assert sums("invitations", held_out=True) == (0, 0, 0, 0, 0, 0)
    found = tally("invitations")
    assert (found.week_x, found.week_y, found.acting, found.acting_profiles) == (2, 3, 2, 1)
    assert sums("invitations", week=SINCE) == (2, 2, 1, 2, 1, 1)


def test_an_answer_to_what_was_sent_before_the_draw_does_not_come_of_it(policy, record):
    (client,) = clients(policy, held_out=False)
    old = invite(client, record.profile, SINCE - timedelta(days=1))
    TalkInvitation.objects.filter(pk=old.pk).update(answered_at=at(WEEK))

    tallies.write_due()

    assert sums("declines")[2] == 0


@pytest.fixture
def long_policy():
    """As `policy`, for eight full weeks: long enough to follow contracts."""
    since = at(WEEK - timedelta(weeks=7), 0)
    return RolloutPolicy.objects.create(
        holdout_percent=50, holdout_key="key", starts_at=since, confirmed_at=since, reason="To compare."
    )


def contract(client, profile, number, started_on, days=None, **values):
    ended_on = started_on + timedelta(days=days) if days is not None else None
    return Contract.objects.create(
        external_id=number, client=client, profile=profile, started_on=started_on, ended_on=ended_on, **values
    )


@pytest.mark.slow
def test_a_contract_counts_once_four_weeks_after_it_started(long_policy, record):
    (client,) = clients(long_policy, held_out=True)
    began = WEEK - timedelta(weeks=4)
    contract(client, record.profile, 1, began, 10, is_ended_early=True, rating=4, spend=100)
    contract(client, record.profile, 2, began + timedelta(days=6), 20, rating=5, spend=300)
    contract(client, record.profile, 3, began, 28, is_ended_early=True)  # after it had been followed
    contract(client, record.profile, 4, began - timedelta(weeks=1), spend=50)  # counted in the week before
    contract(client, record.profile, 5, WEEK, spend=1000)  # not followed long enough yet
    contract(client, record.profile, 6, WEEK - timedelta(weeks=7, days=1), spend=1000)  # before the draw

    tallies.write_due()

    assert sums("ended_early", held_out=True) == (1, 4, 1, 16, 4, 1)
    assert sums("ratings", held_out=True) == (1, 2, 9, 4, 18, 81)
    # Of eight weeks since the draw, the contracts of the first four are followed.
    assert sums("contracts", held_out=True) == (1, 4, 4, 16, 16, 16)
    assert sums("spend", held_out=True)[2] == 450
    assert tally("spend", held_out=True).week_y == 400
    assert sums("contracts", held_out=True, week=WEEK - timedelta(weeks=4)) == (0, 0, 0, 0, 0, 0)


@pytest.mark.slow
def test_a_ratio_of_contracts_is_computed_over_clients_that_have_any(long_policy, record):
    one, _ = clients(long_policy, held_out=False, count=2)
    contract(one, record.profile, 1, WEEK - timedelta(weeks=4), rating=4)

    tallies.write_due()

    assert (tally("invitations").n, tally("ratings").n, tally("ended_early").n) == (2, 1, 1)


def test_only_profiles_that_agreed_are_counted(policy, record):
    (client,) = clients(policy, held_out=False)
    others = [CertificationFactory().profile, ProfileFactory()]
    agree(others[1])  # who has no certification
    for profile in (record.profile, *others):
        invite(client, profile, WEEK)

    tallies.write_due()

    assert sums("invitations")[2] == 1
    assert tally("invitations").profiles == 1


def test_a_consent_given_before_the_text_named_the_monitor_does_not_count(policy, record):
    Consent.objects.filter(purpose=Consent.Purpose.COUNT).update(version="2026-11")

    tallies.write_due()

    assert Tally.objects.first().profiles == 0


@pytest.mark.slow
@pytest.mark.parametrize("leave", ["consent", "erasure", "hiding"])
def test_someone_who_leaves_is_in_no_later_week_and_leaves_no_trace_in_earlier_ones(leave, policy, record):
    (client,) = clients(policy, held_out=False)
    for day in (SINCE, WEEK):
        invite(client, record.profile, day)
        ClientViewFactory(profile=record.profile, client=client, day=day)
    stays = CertificationFactory(type=record.type).profile
    agree(stays)
    for week in (SINCE, SINCE + timedelta(weeks=1)):
        tallies.write(week)
    before = list(Tally.objects.order_by("pk").values())

    if leave == "consent":
        consents.choose(record.profile, Consent.Purpose.COUNT, is_given=False, plans=[], by=UserFactory())
    elif leave == "erasure":
        erasure.erase(record.profile, by=UserFactory())
    else:
        record.hide()
    tallies.write_due()

    assert list(Tally.objects.exclude(week=WEEK).order_by("pk").values()) == before
    found = tally("invitations", type=record.type)
    assert (found.y, found.week_y, found.profiles, found.views) == (1, 0, 1, 0)


@pytest.mark.slow
def test_a_profile_with_two_types_counts_once_in_the_whole_and_in_each(policy, record):
    (client,) = clients(policy, held_out=False)
    second, again = (
        CertificationFactory(profile=record.profile),
        CertificationFactory(profile=record.profile, type=record.type),
    )
    invite(client, record.profile, WEEK)
    ClientViewFactory(profile=record.profile, client=client, day=WEEK)

    tallies.write_due()

    for type in (None, record.type, second.type, again.type):
        assert sums("invitations", type=type)[2] == 1
        found = tally("invitations", type=type)
        assert (found.profiles, found.views) == (1, 1)


@pytest.mark.slow
def test_a_type_counts_from_the_week_since_which_ten_businesses_have_had_it(policy, monkeypatch):
    monkeypatch.setattr(tallies, "FEWEST", 10)
    record, *others = records = [CertificationFactory(type__key="w") for _ in range(10)]
    Certification.objects.update(type=record.type)
    for one in records:
        agree(one.profile)
    (client,) = clients(policy, held_out=False)
    week = [SINCE, SINCE + timedelta(weeks=1), WEEK]
    for monday in week:
        invite(client, record.profile, monday)
        ClientViewFactory(profile=record.profile, client=client, day=monday)

    tallies.write(week[0])
    others[0].hide()
    tallies.write(week[1])
    others[0].show()
    tallies.write(week[2])

    assert [sums("invitations", week=monday)[:3] for monday in week] == [(1, 1, 1), (0, 0, 0), (1, 1, 1)]
    assert [tally("invitations", week=monday).views for monday in week] == [1, 0, 1]


def test_a_client_counts_from_the_week_it_came(policy, record):
    old, new = clients(policy, held_out=False, count=2)
    Client.objects.filter(pk=new.pk).update(created_at=at(WEEK + timedelta(days=2)))

    tallies.write_due()

    assert sums("invitations")[:2] == (2, 3 + 1)
    assert {drawn.client: drawn.since for drawn in DrawnClient.objects.all()} == {old: SINCE, new: WEEK}


@pytest.mark.parametrize("change", [{"plan": "basic"}, {"plan": "business"}, {"is_active": False}])
def test_a_client_stays_where_it_was_drawn_whatever_becomes_of_it(change, policy, record):
    (client,) = clients(policy, held_out=True)
    tallies.write(SINCE)
    Client.objects.filter(pk=client.pk).update(**change)
    invite(client, record.profile, WEEK)

    tallies.write_due()

    assert sums("invitations", held_out=True) == (1, 3, 1, 9, 3, 1)
    assert sums("invitations", held_out=True, plan="business") == (0, 0, 0, 0, 0, 0)


def test_what_a_client_did_before_it_was_drawn_does_not_count(policy, record):
    (client,) = clients(policy, held_out=False)
    Client.objects.filter(pk=client.pk).update(plan="plus")
    invite(client, record.profile, SINCE)
    tallies.write(SINCE)
    Client.objects.filter(pk=client.pk).update(plan="enterprise")

    tallies.write_due()

    assert sums("invitations")[:3] == (1, 2, 0)


def test_views_are_kept_by_week_and_added_up_in_the_report(policy, record):
    (client,) = clients(policy, held_out=False)
    for day in (SINCE - timedelta(days=1), SINCE, WEEK, WEEK + timedelta(days=2)):
        ClientViewFactory(profile=record.profile, client=client, day=day)

    tallies.write_due()

    views = Tally.objects.filter(measure="invitations", type=None, views__gt=0)
    assert dict(views.values_list("week", "views")) == {SINCE: 1, WEEK: 2}
    assert Report().views["enterprise", False, None] == 3


def test_a_week_is_written_once(policy, record):
    (client,) = clients(policy, held_out=False)
    tallies.write_due()
    before = list(Tally.objects.order_by("pk").values())
    invite(client, record.profile, WEEK)

    assert tallies.write_due() == []
    assert tallies.write(WEEK) is False
    assert list(Tally.objects.order_by("pk").values()) == before


def test_missed_weeks_are_made_up_for(policy, record):
    tallies.write(SINCE)

    assert tallies.write_due() == [SINCE + timedelta(weeks=1), WEEK]


def test_a_change_of_the_draw_starts_a_new_one_and_keeps_earlier_results(policy):
    assert tallies.draw().since == SINCE
    tallies.write_due()
    written = Tally.objects.count()
    policy = roll_out(holdout_percent=50, paused_types=[1])
    assert tallies.draw().since == SINCE

    roll_out(holdout_percent=40)

    assert tallies.draw().policy.holdout_percent == 40
    assert tallies.draw().since > WEEK
    assert policy.holdout_key == tallies.draw().policy.holdout_key
    tallies.write_due()
    assert Tally.objects.count() == written


def test_a_change_replaced_before_its_start_changes_no_draw(policy):
    values = {"holdout_key": "key", "plans": policy.plans, "reason": "To compare."}
    decided = at(SINCE + timedelta(days=2))
    planned = RolloutPolicy.objects.create(
        **values, holdout_percent=20, starts_at=decided + timedelta(days=5), confirmed_at=decided, replaces=policy
    )
    RolloutPolicy.objects.create(
        **values, holdout_percent=50, paused_types=[1], starts_at=decided + timedelta(days=1),
        confirmed_at=decided + timedelta(days=1), replaces=planned,
    )  # fmt: skip

    assert (tallies.draw().policy, tallies.draw().since) == (policy, SINCE)


def test_nothing_is_compared_while_no_one_is_held_out(record):
    assert tallies.draw() is None
    tallies.write_due()

    assert not Tally.objects.exists()


@pytest.mark.slow
def test_two_runs_at_once_write_each_week_once(transactional_db, policy, record):
    clients(policy, held_out=False)
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(in_thread(tallies.write_due)) for _ in range(3)]

    assert sum(len(run.result()) for run in runs) == 3
    assert Tally.objects.filter(week=WEEK, measure="invitations", type=None).count() == 4


def counts(type):
    return dict(WeekOfActs.objects.filter(type=type, week=WEEK).values_list("kind", "count"))


@pytest.mark.parametrize(
    "act",
    [
        lambda record: record.hide(),
        lambda record: record.withdraw(),
        lambda record: (record.hide(), record.show()),
        lambda record: pauses.hide_all(record.profile),
        lambda record: consents.choose(
            record.profile, Consent.Purpose.SHOW, is_given=False, plans=[], by=UserFactory()
        ),
    ],
    ids=["hide", "withdraw", "hide and show", "hide all", "agree no more"],
)
def test_someone_who_hides_several_certifications_counts_once(act, record):
    second = CertificationFactory(profile=record.profile, type=record.type)
    quiet = CertificationFactory(type=record.type)
    agree(quiet.profile)
    not_counted = CertificationFactory(type=record.type)

    for one in (record, second, not_counted):
        act(one)
    tallies.write(tallies.monday(timezone.now().date()))

    [found] = WeekOfActs.objects.filter(type=record.type, kind="hidden")
    assert found.count == 1


def test_concerns_count_businesses_or_clients_whichever_are_fewer(record):
    others = [CertificationFactory(type=record.type) for _ in range(2)]
    for other in others:
        agree(other.profile)
    client, second = ClientFactory(), ClientFactory()
    for target in (record, *others):
        for reporting in (client, second):
            ConcernFactory(
                certification=target, profile=target.profile, client=reporting, reporter=UserFactory(),
                reported_at=at(WEEK),
            )  # fmt: skip
    not_counted = CertificationFactory(type=record.type)
    ConcernFactory(
        certification=not_counted, profile=not_counted.profile, client=ClientFactory(), reporter=UserFactory(),
        reported_at=at(WEEK),
    )  # fmt: skip

    tallies.write(WEEK)

    assert counts(record.type) == {"hidden": 0, "concern": 2}


@pytest.mark.parametrize("count", [1, 4])
def test_a_night_costs_the_same_queries_however_much_happened(count, policy, record, django_assert_num_queries):
    for client in clients(policy, held_out=False, count=count):
        invite(client, record.profile, WEEK)

    with django_assert_num_queries(QUERIES):
        tallies.write(WEEK)


QUERIES = 28
