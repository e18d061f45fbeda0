"""The monitor tells an effect, its absence and too little data apart, raises alarms for harm, and names nobody."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command

from certifications.models import Certification, CertificationType, RolloutPolicy
from certifications.sharing.viewers import kind_of_client
from impact import alarms, simulation, tallies
from impact.measures import ALARMING
from impact.models import Alarm, Tally, WeekOfActs
from impact.report import Report
from impact.statistics import ALPHA, Sums, effect
from tests.factories import CertificateFactory, CertificationFactory, CertificationTypeFactory
from tests.site import person, roll_out, sign_in, staff

pytestmark = pytest.mark.django_db

MONITOR = "/admin/impact/tally/"
WEEK = tallies.last_week()


@pytest.fixture
def monitor(client, businesses):
    """Reads the monitor, as staff who may."""

    def read():
        sign_in(client, staff(*Permission.objects.filter(codename__in=["view_tally", "close_alarm"])))
        return client.get(MONITOR).text

    return read


def simulate(**values):
    return simulation.simulate(**{"clients": 160, "weeks": 12} | values)


def test_an_effect_is_told_in_a_sentence_with_its_interval(monitor):
    simulate(effect=0.6)
    line = Report().overall()[0]

    assert line.state == "told"
    page = monitor()
    assert f"<strong>Clear:</strong> {line.words}" in page
    assert "more invitations per 100 clients a week; could be between" in line.words
    estimate = float(line.words.split()[1])
    assert 35 < estimate < 85  # 60 more per 100 clients a week were put in


def test_without_an_effect_it_says_that_it_cannot_tell_and_from_what_on_it_could(monitor):
    simulate()
    line = Report().overall()[0]

    assert line.state == "unclear"
    assert "This cannot be told from chance: from" in line.words
    assert line.words in monitor()
    assert not Alarm.objects.exists()


def test_too_little_data_is_said_to_be_too_little(monitor):
    simulate(clients=50)

    assert "Too little data: it takes 30 clients in each group" in monitor()


def test_before_anything_is_measured_the_page_says_what_to_do(monitor):
    assert "Nobody is held out, so there is nothing to compare with" in monitor()
    roll_out(holdout_percent=10)
    assert "The first numbers stand here after the first full week" in monitor()


def test_what_tells_of_fewer_than_ten_businesses_is_left_out_with_what_would_reveal_it(monitor, types, businesses):
    certificate = CertificateFactory(type=CertificationTypeFactory(name="Rare", position=9))
    for _ in range(9):
        CertificationFactory(certificate=certificate)
    simulate()
    report = Report()

    shown = {line.label: line for line in report.by_type()}
    hidden = [label for label, line in shown.items() if line.words.startswith("Not shown")]
    assert "Rare" in hidden
    assert len(hidden) == 2
    assert all(
        (line.exposed, line.clients, line.views) == ("", "", "") for line in shown.values() if line.label in hidden
    )
    assert report.overall()[0].businesses == "30+"


def test_nobody_can_drill_down_to_a_row(client, businesses):
    simulate(weeks=3)
    sign_in(client, staff(Permission.objects.get(codename="view_tally")))

    assert client.get(f"{MONITOR}{Tally.objects.first().pk}/change/").status_code in {302, 404}
    assert client.get(f"{MONITOR}{Tally.objects.first().pk}/history/").status_code in {302, 403, 404}


def test_the_monitor_is_for_staff_with_the_permission(client):
    sign_in(client, staff())
    assert client.get(MONITOR).status_code == 403
    client.force_login(person())
    assert client.get(MONITOR).status_code in {302, 403, 404}


@pytest.mark.parametrize("weeks", [3, 9])
def test_the_page_costs_the_same_however_long_it_has_been_measured(
    weeks, client, businesses, django_assert_num_queries
):
    simulate(weeks=weeks)
    sign_in(client, staff(Permission.objects.get(codename="view_tally")))
    client.get(MONITOR)

    with django_assert_num_queries(14):
        client.get(MONITOR)


def test_harm_raises_an_alarm_stops_the_type_and_tells_staff(monitor, types, django_capture_on_commit_callbacks):
    reader = staff(Permission.objects.get(codename="close_alarm"))
    viewer = kind_of_client("enterprise")
    simulate(ended_early=0.6, clients=300, weeks=26)
    assert Certification.objects.visible_to(viewer).count() == 24
    with django_capture_on_commit_callbacks(execute=True):
        raised = alarms.raise_due(WEEK)

    stopped = {alarm.type for alarm in raised if alarm.type}
    assert stopped == set(types)
    assert all(alarm.about == "ended_early" for alarm in raised)
    assert all(alarm.has_stopped_type for alarm in raised if alarm.type)
    assert sorted(RolloutPolicy.current().paused_types) == sorted(type.pk for type in types)
    assert not Certification.objects.visible_to(viewer).exists()
    assert [message.to for message in mail.outbox] == [[reader.email]] * len(raised)
    assert "found harm" in mail.outbox[0].body
    page = monitor()
    assert "<strong>Alarm, Type A.</strong>" in page
    assert "<strong>Harm:</strong>" in page


def test_fewer_invitations_are_harm_too(types, businesses):
    simulate(effect=-0.4, clients=300, weeks=26)

    assert {alarm.about for alarm in alarms.raise_due(WEEK)} == {"invitations"}
    assert Report().overall()[0].state == "harm"


def test_an_alarm_stops_nothing_if_the_policy_says_so(businesses):
    simulate(ended_early=0.6, clients=300, weeks=26)
    policy = RolloutPolicy(holdout_percent=simulation.HELD_OUT_PERCENT, pauses_on_alarm=False, reason="We decide.")
    policy.propose(by=None)
    policy.confirm(by=person())

    raised = alarms.raise_due(WEEK)

    assert raised
    assert not any(alarm.has_stopped_type for alarm in raised)
    assert RolloutPolicy.current().paused_types == []


def test_what_a_person_decided_stands_for_four_weeks(client, businesses):
    simulate(ended_early=0.6, clients=300, weeks=26)
    raised = alarms.raise_due(WEEK)
    assert alarms.raise_due(WEEK) == []
    alarm = raised[0]
    user = staff(Permission.objects.get(codename="close_alarm"))
    sign_in(client, user)
    page = f"/admin/impact/alarm/{alarm.pk}/change/"

    assert "Say what was decided" in client.post(page, {"note": ""}).text
    client.post(page, {"note": "A contract form was wrong."})

    alarm.refresh_from_db()
    assert (alarm.closed_by, alarm.note) == (user, "A contract form was wrong.")
    assert client.post(page, {"note": "Again."}).status_code == 403
    assert alarms.raise_due(WEEK) == []
    Alarm.objects.filter(pk=alarm.pk).update(closed_at=alarm.closed_at - alarms.DECISION_STANDS)
    assert [new.about for new in alarms.raise_due(WEEK)] == [alarm.about]


def test_a_burst_of_hides_raises_an_alarm(types):
    for number in range(9):
        week = WEEK - timedelta(weeks=number)
        WeekOfActs.objects.create(week=week, type=types[0], kind="hidden", count=2 if number else 25)

    [alarm] = alarms.raise_due(WEEK)

    assert (alarm.type, alarm.about) == (types[0], "hidden")
    assert alarm.words == "Hidden or withdrawn by owners: 25 in the week, 16 in the 8 weeks before."


def test_a_burst_of_few_does_not_tell_how_few(types):
    for number in range(9):
        week = WEEK - timedelta(weeks=number)
        WeekOfActs.objects.create(week=week, type=types[0], kind="concern", count=0 if number else 8)

    [alarm] = alarms.raise_due(WEEK)

    assert alarm.words == "Concerns reported: fewer than 10 in the week, fewer than 10 in the 8 weeks before."


def test_no_alarm_tells_of_a_type_that_few_have(types, businesses):
    simulate(ended_early=0.6, clients=300, weeks=26)
    rare = types[1].certifications.all()[8:]
    type(rare[0]).objects.filter(pk__in=[record.pk for record in rare]).update(withdrawn_at="2026-01-01T00:00Z")
    tallies.tally(WEEK)

    assert types[1] not in {alarm.type for alarm in alarms.raise_due(WEEK)}


def test_harmless_roll_outs_rarely_raise_an_alarm():
    alpha = ALPHA / (6 * len(ALARMING))
    generator = random.Random(3)

    def harm(_):
        """Whether one measure of a harmless year tells of harm: 60 and 40 clients, 26 looks."""
        totals = [0.0] * 60, [0.0] * 40
        for week in range(1, 27):
            for group in totals:
                for client in range(len(group)):
                    group[client] += generator.gauss(0.5, 1)
            sums = tuple(Sums.of((week, total) for total in group) for group in totals)
            found = effect([sums], alpha=alpha, planned_error=0.1)
            if found and found.high < 0:
                return True
        return False

    assert sum(map(harm, range(1000))) <= 10


def test_the_public_page_tells_what_is_known_and_no_more(client, businesses):
    text = client.get("/impact/").text
    assert "Nothing yet" in text
    assert "Business and Enterprise clients" in text
    simulate(effect=0.6)

    text = client.get("/impact/").text

    assert "30 percent of these clients, drawn by lot, are shown none" in text
    assert "At least 20 certified businesses" in text
    assert Report().overall()[0].words in text
    roll_out(is_paused=True, holdout_percent=30)
    assert "Nobody at present" in client.get("/impact/").text


def test_the_simulator_runs_with_debug_only(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG"):
        call_command("simulate_rollout")


def test_the_nightly_command_tells_what_it_did(businesses, capsys):
    roll_out()
    call_command("tally")

    assert f"Week of {WEEK}: {2 * CertificationType.objects.count()} sums, 0 new alarms." in capsys.readouterr().out
