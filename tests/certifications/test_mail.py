"""Emails that come due by themselves: each once, late ones too, and stopped by one click."""

import email.policy
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from certifications.data import erasure
from certifications.mail import due
from certifications.mail.sending import about, post_once, stop_link
from certifications.models import Certification, DigestSubscription, Pause, ReminderStop
from common.mail import outbox
from common.models import Mail
from profiles.models import Membership
from rollout.models import RolloutPolicy
from tests.factories import (
    AgencyFactory,
    CertificationFactory,
    ClientFactory,
    ClientViewFactory,
    MembershipFactory,
    UserFactory,
)
from tests.site import in_thread

pytestmark = pytest.mark.django_db

MONTHS_AGO = timezone.now() - timedelta(days=300)


def record(ends_in, **values):
    """A record of someone's that ends in so many days, where they live, attested long ago."""
    values = {"attested_at": MONTHS_AGO, "profile__owner": UserFactory(name="Fay Freeman"), **values}
    made = CertificationFactory(**values)
    made.expires_on = made.profile.today() + timedelta(days=ends_in)
    made.save()
    return made


def run():
    """What one run of the command sends: list of messages."""
    before = len(mail.outbox)
    call_command("due", verbosity=0)
    return mail.outbox[before:]


# Reminders


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ends_in", "subject"),
    [
        (61, None),
        (60, "A certificate of your business expires in 60 days"),
        (45, "A certificate of your business expires in 45 days"),  # late: nothing ran for a fortnight
        (30, "A certificate of your business expires in 30 days"),
        (1, "A certificate of your business expires in 1 day"),
        (0, "A certificate of your business expires today"),
        (-3, "A certificate of your business has expired"),
        (-8, None),
    ],
)
def test_a_reminder_comes_at_its_lead_time_or_late_and_once(ends_in, subject):
    record(ends_in)

    first, second = run(), run()

    assert [message.subject for message in first] == ([subject] if subject else [])
    assert second == []


def test_the_bodys_own_days_count_and_the_most_urgent_reminder_is_due():
    own = record(120)
    own.certificate.renewal_lead_days = [120, 90]
    told = []
    for left in (121, 120, 100, 90, 1, 0):
        own.expires_on = own.profile.today() + timedelta(days=left)
        told.append((left, due.reminder_due(own, own.profile.today())))

    assert told == [(121, None), (120, 120), (100, 120), (90, 90), (1, 90), (0, 0)]
    assert due.lead_days(record(5).certificate) == [60, 30, 7, 1, 0]


@pytest.mark.slow
def test_a_renewed_record_is_reminded_of_its_new_end():
    own = record(7)
    assert len(run()) == 1

    own.expires_on += timedelta(days=23)
    own.save()

    assert [message.subject for message in run()] == ["A certificate of your business expires in 30 days"]


def test_dates_entered_just_now_cause_no_reminder():
    record(5, attested_at=timezone.now())

    assert run() == []


@pytest.mark.parametrize(
    "values",
    [
        {"withdrawn_at": MONTHS_AGO},
        {"hidden_at": MONTHS_AGO},
        {"pause": {}},
        {"consent": False},
        {"profile__is_active": False},
        {"standing": "refused", "standing_reason": "mismatch", "standing_at": MONTHS_AGO},
        {"profile__country": "CA", "profile__state": ""},
    ],
)
def test_hidden_withdrawn_and_stopped_records_cause_no_reminder(values):
    record(7, **values)

    assert run() == []


@pytest.mark.parametrize("values", [{"hidden_at": MONTHS_AGO}, {"pause": {}}, {"consent": False}])
def test_a_hidden_record_causes_no_reminder_when_it_expires_either(values):
    record(-1, **values)

    assert run() == []


@pytest.mark.slow
def test_a_record_hidden_while_the_command_runs_causes_no_reminder():
    for name in ("one", "two"):
        record(7, profile__owner=UserFactory(email=f"{name}@example.test"))
    for reminder in due._reminders(RolloutPolicy.in_force()):
        post_once(reminder)
    hidden = Certification.objects.order_by("pk").first()
    hidden.hide(None)

    assert outbox.send_waiting.call() == 1
    assert [message.to for message in mail.outbox] == [["two@example.test"]]
    hidden.show()
    assert [message.to for message in run()] == [["one@example.test"]]  # it is due still


def test_hiding_between_two_reminders_stops_the_second():
    own = record(30)
    assert len(run()) == 1
    Pause.objects.create(profile=own.profile)
    Certification.objects.update(expires_on=own.profile.today() + timedelta(days=7))

    assert run() == []


def test_each_editor_of_an_agency_is_reminded_and_no_plain_member():
    agency = AgencyFactory(owner=UserFactory(email="owner@example.test"))
    for role in (Membership.Role.ADMIN, Membership.Role.MEMBER):
        MembershipFactory(profile=agency, role=role, user=UserFactory(email=f"{role}@example.test"))
    ends_on = agency.today() + timedelta(days=7)
    CertificationFactory(profile=agency, attested_at=MONTHS_AGO, expires_on=ends_on)

    assert sorted(message.to[0] for message in run()) == ["admin@example.test", "owner@example.test"]


def test_a_reminder_names_neither_certificate_nor_type():
    own = record(
        7, certificate__name="Secret Certificate", certificate__acronym="SC", certificate__type__name="Secret-owned"
    )

    [message] = run()

    said = message.subject + message.body
    for hidden in ("Secret", "SC ", own.number, own.legal_business_name):
        assert hidden not in said
    assert own.get_absolute_url() in message.body
    assert "Fay Freeman" in message.body


def test_a_declared_renewal_is_reminded_of_before_its_grace_ends():
    own = record(-150, renewal_filed_on=timezone.now().date() - timedelta(days=160))
    assert own.last_shown_on == own.profile.today() + timedelta(days=30)

    [message] = run()

    assert "You filed to renew" in message.body


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_machines_at_once_send_one_email():
    for _ in range(4):
        record(7)

    @in_thread
    def work(_):
        due.post_due()
        return outbox.send_waiting.call()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(work, range(4)))

    assert sum(sent) <= 4  # the rest left by the task after the commit
    assert len(mail.outbox) == 4


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 6])
def test_a_run_that_has_nothing_to_send_costs_the_same_however_many_were_reminded(count, django_assert_num_queries):
    for _ in range(count):
        record(7)
        record(200)
    run()

    with django_assert_num_queries(53):
        run()


# Stopping


def test_one_click_stops_reminders_without_signing_in_and_reveals_nothing(client):
    own = record(7)
    [message] = run()
    path = stop_link("reminders", own.pk, own.profile.users.get().pk)
    assert message.extra_headers["List-Unsubscribe"].endswith(f"{path}>")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    sent = message.message(policy=email.policy.SMTP).as_bytes().decode()
    assert f"List-Unsubscribe: <http://127.0.0.1:8000{path}>\r\n" in sent  # as it stands, neither folded nor encoded

    asked = client.get(path).text
    client.head(path)
    assert not ReminderStop.objects.exists()  # opening a link changes nothing, as mail scanners do
    client.handler.enforce_csrf_checks = True
    done = client.post(path, {"List-Unsubscribe": "One-Click"})

    assert done.status_code == 200
    assert ReminderStop.objects.get().certification == own
    for hidden in (own.number, own.profile.name, own.certificate.name, own.legal_business_name):
        assert hidden not in asked + done.text


def test_a_stop_link_reads_the_same_for_deleted_rows_and_is_404_if_forged(client):
    own = record(7)
    there = client.post(stop_link("reminders", own.pk, own.profile.users.get().pk))
    gone = client.post(stop_link("reminders", 0, 0))

    assert _bare(there) == _bare(gone)
    assert client.post("/mail/stop/forged/").status_code == 404


def _bare(response):
    return re.sub(rb'action="[^"]*"', b"", response.content)


@pytest.mark.slow
def test_reminders_are_switched_off_and_on_again_on_the_page(client):
    own = record(7)
    client.force_login(own.profile.users.get())
    url = f"{own.get_absolute_url()}reminders/"

    client.post(url)
    assert run() == []
    client.post(url, {"on": "1"})

    assert len(run()) == 1


# The weekly digest


def subscribed(**values):
    own = CertificationFactory(profile__owner=UserFactory(email="fay@example.test"), **values)
    DigestSubscription.objects.create(profile=own.profile, user=own.profile.users.get())
    return own


def looked(profile, name="Bright Foods", weeks=1):
    today = datetime.now(UTC).date()
    tuesday = today - timedelta(days=today.weekday() + 7 * weeks - 1)
    return ClientViewFactory(profile=profile, client=ClientFactory(name=name), day=tuesday)


@pytest.mark.slow
def test_the_digest_is_off_until_asked_for_and_comes_once_a_week(client):
    own = CertificationFactory(profile__owner=UserFactory(email="fay@example.test"))
    looked(own.profile)
    assert run() == []
    client.force_login(own.profile.users.get())
    client.post(f"{own.profile.get_absolute_url()}certifications/seen-by/digest/", {"on": "1"})

    [message] = run()

    assert message.to == ["fay@example.test"]
    assert "Bright Foods: Tuesday" in message.body
    assert run() == []


def test_a_week_without_views_causes_no_digest():
    own = subscribed()
    looked(own.profile, weeks=2)

    assert run() == []


@pytest.mark.parametrize("values", [{"pause": {}}, {"hidden_at": MONTHS_AGO}, {"withdrawn_at": MONTHS_AGO}])
def test_hidden_certifications_cause_no_digest(values):
    own = subscribed(**values)
    looked(own.profile)

    assert run() == []


def test_former_editors_get_no_digest():
    own = subscribed()
    looked(own.profile)
    own.profile.memberships.update(role=Membership.Role.MEMBER)

    assert run() == []


def test_the_digest_is_stopped_by_its_link(client):
    own = subscribed()
    looked(own.profile)
    [message] = run()

    client.post(re.search(r"/mail/stop/\S+", message.body)[0])

    assert not DigestSubscription.objects.exists()


@pytest.mark.slow
def test_an_editor_stops_only_their_own_reminders(client):
    agency = AgencyFactory(owner=UserFactory(email="owner@example.test"))
    for name in ("ada", "bea"):
        MembershipFactory(profile=agency, role=Membership.Role.ADMIN, user=UserFactory(email=f"{name}@example.test"))
    own = CertificationFactory(profile=agency, attested_at=MONTHS_AGO, expires_on=agency.today() + timedelta(days=30))
    ada = next(message for message in run() if message.to == ["ada@example.test"])

    client.post(re.search(r"/mail/stop/[^>]+", ada.extra_headers["List-Unsubscribe"])[0])
    Certification.objects.update(expires_on=agency.today() + timedelta(days=7))

    assert sorted(message.to[0] for message in run()) == ["bea@example.test", "owner@example.test"]
    pages = {}
    for user in agency.users.all():
        client.force_login(user)
        pages[user.email] = "Your reminders are off." in client.get(own.get_absolute_url()).text
    assert pages == {"ada@example.test": True, "bea@example.test": False, "owner@example.test": False}


def test_two_links_of_one_record_are_each_for_one_person(client):
    own = record(7)
    other = UserFactory()
    client.post(stop_link("reminders", own.pk, other.pk))

    assert len(run()) == 1


# While the mail server is away


def posted():
    """The reminder that was posted, and could not be sent yet."""
    for reminder in due._reminders(RolloutPolicy.in_force()):
        post_once(reminder)
    return Mail.objects.get()


def test_a_waiting_reminder_says_what_is_true_when_it_is_sent(monkeypatch):
    record(7, legal_business_name="Secret Works LLC")
    waiting = posted()
    assert "Secret" not in f"{waiting.__dict__}"

    later = timezone.now() + timedelta(days=2)
    with monkeypatch.context() as moved:
        moved.setattr(timezone, "now", lambda: later)
        outbox.send_waiting.call()

    assert [message.subject for message in mail.outbox] == ["A certificate of your business expires in 5 days"]


@pytest.mark.slow
def test_only_the_urgent_one_of_two_waiting_reminders_is_sent():
    own = record(30)
    posted()
    Certification.objects.update(expires_on=own.profile.today() + timedelta(days=6))

    assert [message.subject for message in run()] == ["A certificate of your business expires in 6 days"]


def test_an_erasure_deletes_waiting_emails(client):
    own = record(7)
    waiting = posted()
    assert waiting.about == about(own.profile_id)
    erasure.erase(own.profile, by=own.profile.users.get())

    outbox.send_waiting.call()

    assert [message.subject for message in mail.outbox] == [
        "The certification data of " + own.profile.name + " was deleted"
    ]


def test_former_editors_get_no_waiting_reminder():
    own = record(7)
    posted()
    own.profile.memberships.update(role=Membership.Role.MEMBER)

    outbox.send_waiting.call()

    assert (mail.outbox, Mail.objects.count()) == ([], 0)
