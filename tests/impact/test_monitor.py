"""The monitor tells an effect, its absence and too little data apart, raises alarms for harm, and names no one."""

import csv
import io
import random
import re
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from certifications.models import Certification, CertificationType
from certifications.sharing.viewers import kind_of_client
from common.days import day
from common.mail import outbox
from impact import alarms, simulation, tallies
from impact.measures import MEASURES
from impact.models import Alarm, ClientWeek, Tally, WeekOfActs
from impact.report import WEEK as WEEK_LONG
from impact.report import Point, Report, Trend
from impact.statistics import ALARM_ALPHA
from rollout.models import RolloutPolicy
from tests.factories import CertificateFactory, CertificationFactory, CertificationTypeFactory
from tests.impact.acts import Group, a_rating, an_early_end
from tests.in_force import visible_to
from tests.site import person, roll_out, sign_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MONITOR = "/admin/impact/tally/"
WEEK = tallies.last_week()


@pytest.fixture(autouse=True)
def drawn_clients(db):
    """Clients have the same keys in every run, so the same of them are held out, whatever ran before."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE profiles_client_id_seq RESTART WITH 1001")


@pytest.fixture
def monitor(client, businesses):
    """Reads the monitor, as staff who may."""

    def read():
        sign_in(client, staff(*Permission.objects.filter(codename__in=["view_tally", "close_alarm"])))
        return client.get(MONITOR).text

    return read


def simulate(**values):
    return simulation.simulate(**{"clients": 160, "weeks": 12} | values)


@pytest.fixture
def simulate_harm(monkeypatch):
    """Simulates contracts that end early because of what is shown, so many that no draw of clients could hide it."""
    for share, value in {"SHARE_ACCEPTED": 1, "SHARE_HIRED": 1, "SHARE_ENDED_EARLY": 0.2}.items():
        monkeypatch.setattr(simulation, share, value)
    return partial(simulate, ended_early=0.75, clients=200, weeks=9)


def test_an_effect_is_stated_in_a_sentence_with_its_interval(monitor):
    simulate(effect=0.6)
    line = Report().overall()[0]

    assert line.state == "told"
    page = monitor()
    assert f"<strong>Significant:</strong> {line.words}" in page
    assert "more invitations per 100 clients each week; could be between" in line.words
    estimate = float(line.words.split()[1])
    assert 35 < estimate < 85  # 60 more per 100 clients a week were put in


def test_without_an_effect_the_page_says_what_size_it_could_have_detected(monitor):
    simulate()
    line = Report().overall()[0]

    assert line.state == "unclear"
    assert line.words.endswith("Not statistically significant yet.")
    assert f'<td class="monitor__detail">{line.detectable}</td>' in monitor()
    assert line.words in monitor()
    assert not Alarm.objects.exists()


def test_too_little_data_is_called_too_little(monitor):
    simulate(clients=50)

    assert "Not enough data. It takes 30 clients per group" in monitor()


def test_before_any_measurement_the_page_says_what_to_do(monitor):
    assert "There is no holdout, so there is nothing to compare with" in monitor()
    roll_out(holdout_percent=10)
    assert "numbers appear here after one full week" in monitor()


def test_figures_about_fewer_than_ten_businesses_are_left_out_with_what_would_reveal_them(monitor, types, businesses):
    certificate = CertificateFactory(type=CertificationTypeFactory(name="Rare", position=9))
    for _ in range(9):
        CertificationFactory(certificate=certificate)
    simulate()
    report = Report()

    shown = {line.label: line for line in report.by_type()}
    hidden = [label for label, line in shown.items() if line.words.startswith("Hidden")]
    assert "Rare" in hidden
    assert len(hidden) == 2
    assert all(
        (line.exposed, line.compared, line.views) == ("", "", "") for line in shown.values() if line.label in hidden
    )
    assert report.businesses() == 30


def test_the_chart_names_weeks_and_says_when_the_roll_out_changed(monitor):
    simulate(weeks=9)
    first = Report().trend().points[0].week
    page = monitor()

    weeks = re.findall(r"<span>(\w{3} \d+, \d{4})</span>", page)
    assert weeks == [day(week) for week in (first, first + timedelta(weeks=4), first + timedelta(weeks=8))]
    assert "Roll-out changed" in page
    assert "Holdout: None → " in page


def test_outcomes_with_different_units_are_drawn_on_one_scale(monitor):
    simulate()
    lines = [line for line in Report().overall() if line.effect]

    ratios = [
        (float(line.high_at) - float(line.low_at)) * line.effect.detectable / (line.effect.high - line.effect.low)
        for line in lines
    ]
    assert len(lines) > 1
    assert ratios == pytest.approx([ratios[0]] * len(lines), rel=0.05)


def test_a_chart_marks_only_what_happened_in_its_weeks():
    monday = timezone.now().date()
    trend = Trend([Point(monday + n * WEEK_LONG, "1", "1") for n in range(3)], [], [], "1")

    assert trend.mark(monday - timedelta(days=1), "Before") is None
    assert trend.mark(monday + 3 * WEEK_LONG, "After") is None
    assert [trend.mark(monday + timedelta(days=days), "In it").at for days in (0, 7, 14, 20)] == [
        "6.0", "260.0", "514.0", "514.0",
    ]  # fmt: skip
    assert Trend([], [], [], "1").mark(monday, "Anything") is None


def test_all_tables_are_downloaded_without_what_the_page_hides(client, businesses, types):
    certificate = CertificateFactory(type=CertificationTypeFactory(name="Rare", position=9))
    for _ in range(9):
        CertificationFactory(certificate=certificate)
    simulate()
    sign_in(client, staff(Permission.objects.get(codename="view_tally")))

    response = client.get(f"{MONITOR}?format=csv")
    lines = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))

    assert response["Content-Disposition"] == f'attachment; filename="monitor-{WEEK}.csv"'
    assert {line["Outcome"] for line in lines} == {measure.label for measure in MEASURES.values()}
    [shown, rare] = [
        next(line for line in lines if line["Outcome"] == "Invitations" and line["Scope"] == scope)
        for scope in ("All types and plans", "Rare")
    ]
    assert (shown["Week of"], bool(shown["Shown"]), bool(shown["95% interval"])) == (WEEK.isoformat(), True, True)
    assert (rare["Shown"], rare["95% interval"], rare["Views"]) == ("", "", "")
    client.force_login(person())
    assert client.get(f"{MONITOR}?format=csv").status_code == 302


def test_no_one_can_drill_down_to_a_row(client, businesses):
    simulate(weeks=3)
    sign_in(client, staff(Permission.objects.get(codename="view_tally")))

    for page in ("change", "history", "delete"):
        response = client.get(f"{MONITOR}{Tally.objects.first().pk}/{page}/")
        assert (response.status_code, response.headers.get("Location")) in {(302, "/admin/"), (404, None), (403, None)}


def test_the_monitor_is_for_staff_with_the_permission(client):
    sign_in(client, staff())
    assert client.get(MONITOR).status_code == 403
    client.force_login(person())
    assert client.get(MONITOR).status_code == 302


@pytest.mark.parametrize("weeks", [3, 9])
def test_the_page_costs_the_same_however_long_it_has_been_measured(
    weeks, client, businesses, django_assert_num_queries
):
    simulate(weeks=weeks)
    sign_in(client, staff(Permission.objects.get(codename="view_tally")))
    client.get(MONITOR)

    with django_assert_num_queries(16):
        client.get(MONITOR)


def test_harm_raises_an_alarm_stops_the_type_and_tells_staff_in_one_email(monitor, types, simulate_harm):
    reader = staff(Permission.objects.get(codename="close_alarm"))
    viewer = kind_of_client("enterprise")
    simulate_harm()
    assert visible_to(viewer).count() == 24
    raised = alarms.raise_due(WEEK)
    for _ in range(2):
        alarms.tell_staff()
        outbox.send_waiting.call()

    stopped = {alarm.type for alarm in raised if alarm.type}
    assert stopped == set(types)
    assert all(alarm.about == "ended_early" for alarm in raised)
    assert all(alarm.has_stopped_type for alarm in raised if alarm.type)
    assert sorted(RolloutPolicy.in_force().paused_types) == sorted(type.pk for type in types)
    assert not visible_to(viewer).exists()
    [told] = mail.outbox
    assert (told.to, told.subject) == ([reader.email], f"{len(raised)} alarms from the roll-out monitor")
    assert len(raised) > 1
    assert all(f"/admin/impact/alarm/{alarm.pk}/" in told.body for alarm in raised)
    page = monitor()
    assert "<strong>Alarm: Type A.</strong>" in page
    assert "<strong>Harm:</strong>" in page


def test_fewer_invitations_also_count_as_harm(types, businesses):
    simulate(effect=-0.5, clients=240, weeks=12)

    assert {alarm.about for alarm in alarms.raise_due(WEEK)} == {"invitations"}
    assert Report().overall()[0].state == "harm"


def test_an_alarm_stops_nothing_if_the_policy_says_so(businesses, simulate_harm):
    simulate_harm()
    policy = RolloutPolicy(holdout_percent=simulation.HELD_OUT_PERCENT, pauses_on_alarm=False, reason="We decide.")
    policy.propose(by=None)
    policy.confirm(by=person())

    raised = alarms.raise_due(WEEK)

    assert raised
    assert not any(alarm.has_stopped_type for alarm in raised)
    assert RolloutPolicy.in_force().paused_types == []


def test_the_decision_of_a_person_stands_for_four_weeks(client, businesses, simulate_harm):
    simulate_harm()
    raised = alarms.raise_due(WEEK)
    assert alarms.raise_due(WEEK) == []
    alarm = raised[0]
    user = staff(Permission.objects.get(codename="close_alarm"))
    sign_in(client, user)
    page = f"/admin/impact/alarm/{alarm.pk}/change/"

    assert "All types" in client.get("/admin/impact/alarm/").text
    assert "Enter what was decided" in client.post(page, {"note": ""}).text
    client.post(page, {"note": "A contract form was wrong."})

    alarm.refresh_from_db()
    assert (alarm.closed_by, alarm.note) == (user, "A contract form was wrong.")
    assert client.post(page, {"note": "Again."}).status_code == 403
    assert alarms.raise_due(WEEK) == []
    Alarm.objects.filter(pk=alarm.pk).update(closed_at=F("closed_at") - alarms.DECISION_STANDS)
    assert [new.about for new in alarms.raise_due(WEEK)] == [alarm.about]


def test_a_burst_of_hides_raises_an_alarm(types):
    for number in range(9):
        week = WEEK - timedelta(weeks=number)
        WeekOfActs.objects.create(week=week, type=types[0], kind="hidden", count=2 if number else 25)

    [alarm] = alarms.raise_due(WEEK)

    assert (alarm.type, alarm.about) == (types[0], "hidden")
    told = "Owners who hid or removed it: 25 in the week, more than chance explains given the weeks before."
    assert alarm.words == told


def test_a_burst_in_the_first_weeks_raises_an_alarm_unless_it_is_of_few(types):
    for number, (many, few) in enumerate(((0, 0), (1, 0), (30, 9))):
        week = WEEK - timedelta(weeks=2 - number)
        WeekOfActs.objects.create(week=week, type=types[0], kind="concern", count=many)
        WeekOfActs.objects.create(week=week, type=types[1], kind="concern", count=few)

    assert [alarm.type for alarm in alarms.raise_due(WEEK)] == [types[0]]


def test_a_decision_about_a_burst_stands_only_for_its_week(types):
    def burst(week):
        WeekOfActs.objects.create(week=week, type=types[0], kind="hidden", count=40)

    for number in range(2, 10):
        WeekOfActs.objects.create(week=WEEK - timedelta(weeks=number), type=types[0], kind="hidden", count=1)
    burst(WEEK - timedelta(weeks=1))
    [alarm] = alarms.raise_due(WEEK - timedelta(weeks=1))
    Alarm.objects.filter(pk=alarm.pk).update(closed_at=timezone.now(), note="A newsletter asked for it.")
    assert alarms.raise_due(WEEK - timedelta(weeks=1)) == []
    WeekOfActs.objects.create(week=WEEK, type=types[0], kind="hidden", count=200)

    assert [new.about for new in alarms.raise_due(WEEK)] == ["hidden"]


def test_an_alarm_stops_its_type_despite_any_plan(types, businesses, simulate_harm):
    simulate_harm()
    planned = RolloutPolicy(
        plans=["enterprise"], holdout_percent=simulation.HELD_OUT_PERCENT, reason="Next month.",
        starts_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    planned.propose(by=None)

    raised = alarms.raise_due(WEEK)

    assert {alarm.type for alarm in raised if alarm.has_stopped_type} == set(types)
    assert not visible_to(kind_of_client("enterprise")).exists()
    later = RolloutPolicy.objects.planned().first()
    assert (later.plans, later.paused_types) == (["enterprise"], sorted(type.pk for type in types))


def test_no_alarm_is_about_a_type_that_few_have(types, businesses, simulate_harm):
    simulate_harm()
    rare = types[1].certifications.all()[8:]
    Certification.objects.filter(pk__in=[record.pk for record in rare]).update(withdrawn_at="2026-01-01T00:00Z")
    for model in (Tally, WeekOfActs):
        model.objects.filter(week=WEEK).delete()
    ClientWeek.objects.filter(week=WEEK).delete()
    tallies.write(WEEK)

    assert types[1] not in {alarm.type for alarm in alarms.raise_due(WEEK)}


def harmless(seed):
    """Whether the alarms find harm in half a year of weekly looks at a roll-out that does none. Of one type."""
    generator = random.Random(seed)
    report = Report.__new__(Report)
    report.week, report.plans, report.types = None, ["business"], [CertificationType(pk=1)]
    report._hidden = {}
    drawn = []  # what clients do, with the tally that tells of it
    for size, is_held_out in ((90, False), (40, True)):
        for measure, (rate, mark, sums) in HARMLESS.items():
            tally = Tally(plan="business", measure=measure, is_held_out=is_held_out, type_id=1)
            tally.profiles = tally.acting_profiles = 50
            drawn.append((Group(generator, size, rate), mark, sums, tally))
    report.tallies = [tally for *_, tally in drawn]
    for week in range(1, 27):
        for group, mark, sums, tally in drawn:
            group.go_on(mark)
            vars(tally).update(sums(group, week)._asdict())
        if alarms.harmful(report, [1]):
            return True
    return False


HARMLESS = {
    "invitations": (0.5, None, Group.weekly),
    "ended_early": (0.25, an_early_end, Group.of_contracts),
    "ratings": (0.25, a_rating, Group.of_contracts),
}


def test_a_thousand_harmless_roll_outs_rarely_raise_an_alarm():
    assert sum(map(harmless, range(1000))) <= 1000 * ALARM_ALPHA


def test_the_public_page_states_only_what_is_known(client, businesses):
    text = client.get("/impact/").text
    assert "Nothing yet" in text
    assert "Business and Enterprise clients" in text
    simulate(effect=0.6)

    text = client.get("/impact/").text

    assert "30% of these clients, chosen at random, see none" in text
    assert "At least 20 certified businesses" in text
    assert Report().overall()[0].words in text
    roll_out(is_paused=True, holdout_percent=30)
    assert "No one right now" in client.get("/impact/").text


def test_the_public_page_reports_harm_and_what_was_stopped(client, types):
    alarm = Alarm.objects.create(type=types[0], about="hidden", week=WEEK, words="Owners who hid it: 40.")
    RolloutPolicy.stop_type(types[0].pk, reason="Harm.")

    text = client.get("/impact/").text
    assert "Paused right now: Type A." in text
    assert "A sign of harm that we are looking into.</strong> Owners who hid it: 40." in text

    Alarm.objects.filter(pk=alarm.pk).update(closed_at=timezone.now(), note="A newsletter.")
    assert "looking into" not in client.get("/impact/").text


def test_the_simulator_runs_with_debug_only(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG"):
        call_command("simulate_rollout")


def test_the_nightly_command_prints_what_it_did(businesses, capsys):
    roll_out()
    call_command("tally")

    call_command("tally")

    said = capsys.readouterr().out
    assert f"Week of {WEEK}: written, 0 new alarms." in said
    assert f"Week of {WEEK}: was there, 0 new alarms." in said
