"""The nightly sums are those of the product's own rows, of those who agreed to be counted, and of nobody else."""

from datetime import UTC, datetime, time, timedelta

import pytest

from certifications.data import erasure
from certifications.models import Consent, RolloutPolicy
from certifications.sharing import consents
from impact import tallies
from impact.models import Contract, Tally, WeekOfActs
from impact.report import Report
from profiles.models import Client
from tests.factories import (
    CertificationFactory,
    ClientFactory,
    ClientViewFactory,
    ConcernFactory,
    ProfileFactory,
    TalkInvitationFactory,
    UserFactory,
)
from tests.site import roll_out

pytestmark = pytest.mark.django_db

WEEK = tallies.last_week()
SINCE = WEEK - timedelta(weeks=2)


def at(day, hour=12):
    return datetime.combine(day, time(hour), UTC)


@pytest.fixture
def policy():
    """Half of the clients held out, for three full weeks."""
    return RolloutPolicy.objects.create(
        holdout_percent=50, holdout_key="key", starts_at=at(SINCE, 0), confirmed_at=at(SINCE, 0), reason="To compare."
    )


def clients(policy, *, held_out, count=1):
    """New Enterprise clients that are held out, or are not, and were there before."""
    made = []
    while len(made) < count:
        client = ClientFactory(plan="enterprise")
        if policy.holds_out(client.pk) == held_out:
            made.append(client)
        else:
            client.delete()
    Client.objects.update(created_at=at(SINCE - timedelta(weeks=9)))
    return made


def agree(profile):
    consents.choose(profile, Consent.Purpose.COUNT, is_given=True, plans=["business", "enterprise"], by=UserFactory())


@pytest.fixture
def record():
    record = CertificationFactory()
    agree(record.profile)
    return record


def sums(measure, *, held_out=False, type=None, week=WEEK):
    tally = Tally.objects.get(week=week, plan="enterprise", is_held_out=held_out, type=type, measure=measure)
    return tally.n, tally.x, tally.y, tally.xx, tally.xy, tally.yy


def test_invitations_are_summed_by_client_over_all_weeks_since_the_draw(policy, record):
    one, other = clients(policy, held_out=False, count=2)
    for client, day in ((one, SINCE), (one, WEEK), (one, WEEK), (other, WEEK + timedelta(days=6))):
        TalkInvitationFactory(
            client=client, profile=record.profile, sent_at=at(day), answer="declined", answered_at=at(day)
        )
    for day in (SINCE - timedelta(days=1), WEEK + timedelta(days=7)):  # before and after
        TalkInvitationFactory(
            client=one, profile=record.profile, sent_at=at(day), answer="declined", answered_at=at(day)
        )

    tallies.tally(WEEK)

    # Two clients of three weeks; three invitations and one.
    assert sums("invitations") == (2, 6, 4, 18, 12, 10)
    assert sums("invitations", type=record.type) == (2, 6, 4, 18, 12, 10)
    assert sums("declines") == (2, 6, 4, 18, 12, 10)
    assert sums("invitations", held_out=True) == (0, 0, 0, 0, 0, 0)
    tally = Tally.objects.get(measure="invitations", type=None, is_held_out=False, plan="enterprise")
    assert (tally.week_x, tally.week_y) == (2, 3)


def test_contracts_are_summed_by_what_there_were(policy, record):
    (client,) = clients(policy, held_out=True)
    values = [(True, 4, 100), (False, 5, 300), (False, None, 0)]
    for number, (is_early, rating, spend) in enumerate(values):
        Contract.objects.create(
            external_id=number, client=client, profile=record.profile, started_on=SINCE, ended_on=WEEK,
            is_ended_early=is_early, rating=rating, spend=spend,
        )  # fmt: skip
    Contract.objects.create(external_id="open", client=client, profile=record.profile, started_on=WEEK)

    tallies.tally(WEEK)

    assert sums("ended_early", held_out=True) == (1, 3, 1, 9, 3, 1)
    assert sums("ratings", held_out=True) == (1, 2, 9, 4, 18, 81)
    assert sums("contracts", held_out=True)[2] == 4
    assert sums("spend", held_out=True)[2] == 400


def test_only_profiles_that_agreed_to_be_counted_are(policy, record):
    (client,) = clients(policy, held_out=False)
    others = [CertificationFactory().profile, ProfileFactory()]
    agree(others[1])  # who has no certification
    for profile in (record.profile, *others):
        TalkInvitationFactory(client=client, profile=profile, sent_at=at(WEEK))
    tallies.tally(WEEK)
    assert sums("invitations")[2] == 1
    assert Tally.objects.first().profiles == 1

    consents.choose(record.profile, Consent.Purpose.COUNT, is_given=False, plans=[], by=UserFactory())
    tallies.tally(WEEK)

    assert sums("invitations")[2] == 0
    assert Tally.objects.first().profiles == 0


def test_who_agreed_before_the_text_spoke_of_the_monitor_is_not_counted(policy, record):
    Consent.objects.filter(purpose=Consent.Purpose.COUNT).update(version="2026-11")

    tallies.tally(WEEK)

    assert Tally.objects.first().profiles == 0


def test_an_erasure_takes_everything_of_a_profile_out(policy, record):
    (client,) = clients(policy, held_out=False)
    TalkInvitationFactory(client=client, profile=record.profile, sent_at=at(WEEK))
    ClientViewFactory(profile=record.profile, client=client, day=WEEK)

    erasure.erase(record.profile, by=UserFactory())
    tallies.tally(WEEK)

    assert sums("invitations")[2] == 0
    assert not Tally.objects.exclude(views=0).exists()


def test_a_profile_with_two_types_counts_once_in_the_whole_and_in_each(policy, record):
    (client,) = clients(policy, held_out=False)
    second, again = (
        CertificationFactory(profile=record.profile),
        CertificationFactory(profile=record.profile, type=record.type),
    )
    TalkInvitationFactory(client=client, profile=record.profile, sent_at=at(WEEK))
    ClientViewFactory(profile=record.profile, client=client, day=WEEK)

    tallies.tally(WEEK)

    for type in (None, record.type, second.type, again.type):
        assert sums("invitations", type=type)[2] == 1
        tally = Tally.objects.get(measure="invitations", type=type, is_held_out=False, plan="enterprise")
        assert (tally.profiles, tally.views) == (1, 1)


def test_a_client_counts_from_the_week_it_came(policy, record):
    old, new = clients(policy, held_out=False, count=2)
    Client.objects.filter(pk=new.pk).update(created_at=at(WEEK + timedelta(days=2)))
    Client.objects.filter(pk=old.pk).update(created_at=at(SINCE))

    tallies.tally(WEEK)

    assert sums("invitations")[:2] == (2, 3 + 1)


def test_views_are_those_of_the_week_and_the_report_adds_them_up(policy, record):
    (client,) = clients(policy, held_out=False)
    for day in (SINCE - timedelta(days=1), SINCE, WEEK, WEEK + timedelta(days=2)):
        ClientViewFactory(profile=record.profile, client=client, day=day)

    for number in range(3):
        tallies.tally(SINCE + timedelta(weeks=number))

    views = Tally.objects.filter(measure="invitations", type=None, views__gt=0)
    assert dict(views.values_list("week", "views")) == {SINCE: 1, WEEK: 2}
    assert Report().views["enterprise", False, None] == 3


def test_twice_gives_the_same(policy, record):
    (client,) = clients(policy, held_out=False)
    TalkInvitationFactory(client=client, profile=record.profile, sent_at=at(WEEK))

    def rows():
        tallies.tally(WEEK)
        columns = ("week", "plan", "is_held_out", "type", "measure", "n", "x", "y", "yy")
        return set(Tally.objects.values_list(*columns))

    assert rows() == rows()


def test_what_changes_the_draw_starts_it_anew_and_what_does_not_goes_on(policy):
    assert tallies.draw().since == SINCE
    policy = roll_out(holdout_percent=50, paused_types=[1])
    assert tallies.draw().since == SINCE

    roll_out(holdout_percent=40)

    assert tallies.draw().policy.holdout_percent == 40
    assert tallies.draw().since > WEEK
    assert policy.holdout_key == tallies.draw().policy.holdout_key


def test_as_long_as_nobody_is_held_out_nothing_is_compared(record):
    assert tallies.draw() is None
    tallies.tally(WEEK)

    assert not Tally.objects.exists()


def test_hides_withdrawals_and_concerns_are_counted_by_type_and_week(record):
    CertificationFactory(type=record.type, hidden_at=at(WEEK))
    CertificationFactory(type=record.type, withdrawn_at=at(WEEK))
    CertificationFactory(type=record.type, withdrawn_at=at(WEEK - timedelta(days=1)))
    ConcernFactory(certification=record, profile=record.profile, reporter=UserFactory(), reported_at=at(WEEK))

    tallies.tally(WEEK)

    counts = dict(WeekOfActs.objects.filter(type=record.type).values_list("kind", "count"))
    assert counts == {"hidden": 2, "concern": 1}


@pytest.mark.parametrize("count", [1, 4])
def test_a_night_takes_the_same_queries_however_much_happened(count, policy, record, django_assert_num_queries):
    for client in clients(policy, held_out=False, count=count):
        TalkInvitationFactory(client=client, profile=record.profile, sent_at=at(WEEK))

    with django_assert_num_queries(QUERIES):
        tallies.tally(WEEK)


QUERIES = 19
