"""A certification's own page: who sees it in words, its renewal, and its calendar file."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from icalendar import Calendar

from certifications.badges import Badge
from certifications.models import Certification, NamedClient
from certifications.rule import Obstacle
from certifications.sharing import clients
from certifications.sharing.viewers import KINDS, in_rows, place_of, sights
from common.days import day
from common.translation import plain
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests import in_force
from tests.factories import CertificationFactory, ClientFactory, UserFactory
from tests.in_force import visible_to
from tests.site import client_person, roll_out
from tests.states import STATES

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(client):
    user = UserFactory()
    client.force_login(user)
    return CertificationFactory(profile__owner=user)


def with_status(record):
    return in_force.with_status().select_related("profile", "certificate__body").get(pk=record.pk)


def test_reminders_and_the_calendar_are_offered_only_before_it_expires(client, record):
    offered = client.get(record.get_absolute_url()).text
    Certification.objects.filter(pk=record.pk).update(expires_on=record.profile.today() - timedelta(days=1))
    expired = client.get(record.get_absolute_url()).text

    assert "We'll email you" in plain(offered)
    assert "Add to calendar" in offered
    assert "Reminders start again once you enter the new dates." in expired
    assert "Add to calendar" not in expired


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_the_table_shows_the_answers_of_the_rule_and_the_reasons(state):
    record = CertificationFactory(**STATES[state][0])
    named, blocked = ClientFactory(name="Bright Foods"), ClientFactory(name="Zeta Works")
    NamedClient.objects.create(certification=record, client=named)
    clients.block(record.profile, blocked)

    told = sights(with_status(record), RolloutPolicy.in_force(), blocked=[blocked])

    assert [sight.who for sight in told] == [label for label, _ in KINDS.values()] + ["Bright Foods", "Zeta Works"]
    for plan in Client.Plan.values:
        expected = visible_to(Viewer(client_person(plan))).exists()
        assert next(sight for sight in told if sight.who.endswith(f"{plan.title()} client")).sees is expected
    for client, sight in ((named, told[-2]), (blocked, told[-1])):
        assert sight.sees is visible_to(Viewer.member_of(place_of(client))).exists()
    assert all(bool(sight.why) is not sight.sees for sight in told)
    assert told[-1].why == "You blocked this client."


def test_the_table_names_the_reason_that_applies():
    record = CertificationFactory(audience="enterprise")

    why = {sight.who: sight.why for sight in sights(with_status(record), RolloutPolicy.in_force(), blocked=[])}

    assert why["A visitor"] == "Only Business and Enterprise clients can see certifications."
    assert why["A Plus client"] == "Only Business and Enterprise clients can see certifications."
    assert why["A Business client"] == "You chose Enterprise clients only."
    assert why["An Enterprise client"] == ""
    record.hide()
    assert sights(with_status(record), RolloutPolicy.in_force(), blocked=[])[-1].why == "Hidden."


def test_those_who_are_never_shown_any_stand_in_one_row():
    record = CertificationFactory(audience="enterprise")

    rows = in_rows(sights(with_status(record), RolloutPolicy.in_force(), blocked=[]))

    assert [(row.who, row.sees) for row in rows] == [
        ("A Business client", False),
        ("An Enterprise client", True),
        ("Everyone else", False),
    ]


def test_a_row_of_its_own_for_each_once_one_of_them_sees_it():
    roll_out(["plus", "business", "enterprise"])
    record = CertificationFactory(agreed_plans=["plus", "business", "enterprise"])
    seen = sights(with_status(record), RolloutPolicy.in_force(), blocked=[])

    assert in_rows(seen) == seen


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 5])
def test_the_page_costs_the_same_however_many_clients_or_events_there_are(
    count, client, record, django_assert_num_queries
):
    for _ in range(count):
        NamedClient.objects.create(certification=record, client=ClientFactory())
        clients.block(record.profile, ClientFactory())
        record.hide()
        record.show()

    with django_assert_num_queries(24):
        client.get(record.get_absolute_url())


def test_a_declared_renewal_keeps_the_badge_and_says_so_to_all_who_see_it(client, record):
    today = record.profile.today()
    Certification.objects.update(expires_on=today - timedelta(days=3))
    assert with_status(record).unseen_because == Obstacle.EXPIRED

    client.post(f"{record.get_absolute_url()}renewal/", {"filed_on": today - timedelta(days=20)})

    assert with_status(record).unseen_because == ""
    client.force_login(client_person("business"))
    text = client.get(record.profile.get_absolute_url()).text
    assert "Renewal filed" in text
    assert "Valid until" not in text


@pytest.mark.parametrize(
    ("ended", "filed", "words"),
    [
        (0, "", "Enter the day you filed the renewal"),
        (0, "soon", "Enter a date, like 03/31/2027"),
        (0, -2, "Filing date must be today or earlier"),
        (181, 185, "too long ago for this"),
        (0, 500, "Check the year. The certificate expires on"),
    ],
)
def test_an_impossible_renewal_is_refused(ended, filed, words, client, record):
    today = record.profile.today()
    Certification.objects.update(expires_on=today - timedelta(days=ended))
    filed_on = today - timedelta(days=filed) if isinstance(filed, int) else filed

    text = client.post(f"{record.get_absolute_url()}renewal/", {"filed_on": filed_on}).text

    assert words in text
    assert Certification.objects.get().renewal_filed_on is None


def test_entering_the_new_dates_ends_the_renewal(client, record):
    record.declare_renewal(record.profile.today())
    until = (timezone.now().date() + timedelta(days=700)).isoformat()
    data = {"expires_on": until, "issued_on": "", "step": "save", "attested": "on", "plans": ["business", "enterprise"]}
    data |= {"version": record.updated_at.isoformat(), "submission": str(record.submission)}

    client.post(f"{record.get_absolute_url()}renew/", data)

    record.refresh_from_db()
    assert (record.expires_on.isoformat(), record.renewal_filed_on) == (until, None)


def test_a_renewal_can_be_taken_back(client, record):
    record.declare_renewal(record.profile.today())

    client.post(f"{record.get_absolute_url()}renewal/end/")

    record.refresh_from_db()
    assert record.renewal_filed_on is None


def test_a_record_that_does_not_expire_has_no_renewal(client):
    user = UserFactory()
    client.force_login(user)
    endless = CertificationFactory(profile__owner=user, expires_on=None, does_not_expire=True)

    assert client.get(f"{endless.get_absolute_url()}renewal/").url == endless.get_absolute_url()
    assert client.get(f"{endless.get_absolute_url()}calendar.ics").status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        Certification.objects.update(renewal_filed_on=timezone.now().date())


def test_the_calendar_file_has_the_last_day_with_alarms_and_no_name_of_the_certificate(client, record):
    response = client.get(f"{record.get_absolute_url()}calendar.ics")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(response.content).walk("VEVENT")
    assert event["DTSTART"].dt == record.expires_on
    assert event["DTEND"].dt == record.expires_on + timedelta(days=1)
    assert [alarm["TRIGGER"].dt.days for alarm in event.walk("VALARM")] == [-60, -30, -7, -1, 0]
    text = response.content.decode()
    for hidden in (record.certificate.name, record.certificate.acronym, record.legal_business_name, record.type.name):
        assert hidden not in text
    assert record.number[-4:] in text


def test_a_filed_renewal_moves_the_reminders_and_the_calendar_to_the_day_it_is_hidden(client, record):
    today = record.profile.today()
    Certification.objects.filter(pk=record.pk).update(
        expires_on=today - timedelta(days=2), renewal_filed_on=today - timedelta(days=30)
    )
    last = today + timedelta(days=178)

    page = client.get(record.get_absolute_url()).text
    file = client.get(f"{record.get_absolute_url()}calendar.ics")
    [event] = Calendar.from_ical(file.content).walk("VEVENT")

    assert f"days before {day(last)}, and on the day" in plain(page)
    assert event["DTSTART"].dt == last
    assert str(event["SUMMARY"]).endswith(": enter the new dates")


def test_an_imported_calendar_file_moves_the_event_once_the_last_day_changed(client, record, settings):
    settings.ALLOWED_HOSTS = ["*"]

    def event(host="marketplace.test"):
        answer = client.get(f"{record.get_absolute_url()}calendar.ics", headers={"Host": host})
        [found] = Calendar.from_ical(answer.content).walk("VEVENT")
        return found

    before = event()
    assert event("www.marketplace.test")["UID"] == before["UID"]
    sequences = [before["SEQUENCE"]]
    for days in (400, 30):
        changed_at = record.created_at + timedelta(days=1000 - days)
        Certification.objects.update(expires_on=record.profile.today() + timedelta(days=days), updated_at=changed_at)
        after = event()
        assert after["UID"] == before["UID"]
        assert after["DTSTART"].dt == record.profile.today() + timedelta(days=days)
        assert after["LAST-MODIFIED"].dt == changed_at.replace(microsecond=0)
        sequences.append(after["SEQUENCE"])
    assert sequences == sorted(set(sequences))


@pytest.mark.parametrize(("days", "left"), [(61, [-60, -30, -7, -1, 0]), (8, [-7, -1, 0]), (2, [-1, 0]), (-1, [])])
def test_the_calendar_file_has_no_alarm_that_would_have_rung_already(client, record, days, left):
    Certification.objects.update(expires_on=record.profile.today() + timedelta(days=days))

    [event] = Calendar.from_ical(client.get(f"{record.get_absolute_url()}calendar.ics").content).walk("VEVENT")

    assert [alarm["TRIGGER"].dt.days for alarm in event.walk("VALARM")] == left


def test_a_badge_in_renewal_is_valid_until_its_last_day_and_expired_after_it():
    filed = {"renewal_filed_on": timezone.now().date()}
    record = CertificationFactory(**filed)
    ended = CertificationFactory(expires_on=timezone.now().date() - timedelta(days=2), **filed)

    assert Badge.of(record).expiry.startswith("Valid until ")
    assert Badge.of(ended).expiry.startswith("Expired ")
    for badge in (Badge.of(record), Badge.of(ended)):
        assert badge.renewal.startswith("Renewal filed ")
    assert Badge.of(CertificationFactory()).renewal == ""
