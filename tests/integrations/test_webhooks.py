"""What a client's system gets: signed messages, sent until it takes them, and nothing about anyone in them."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from uuid import UUID

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from common import sealing
from common.mail.outbox import send_waiting
from integrations import outward, sealed
from integrations.models import Attempt, Delivery, EventType, Webhook
from integrations.webhooks import sending
from integrations.webhooks.emitting import deliver, emit
from integrations.webhooks.events import EVENTS
from profiles.models import Client, ClientMembership
from tests.factories import ClientFactory, ClientMembershipFactory
from tests.integrations.loopback import NETWORK, serving
from tests.site import in_thread, person

pytestmark = pytest.mark.django_db
State = Delivery.State


class Receiver:
    """A client's system: it keeps what it gets, and answers with the statuses in turn, the last for good."""

    def __init__(self, *statuses: int) -> None:
        self.url = ""
        self.statuses = list(statuses)
        self.got: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.got.append((dict(handler.headers), body))
        handler.send_response(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])
        handler.send_header("Location", "http://127.0.0.1:1/")
        handler.end_headers()
        handler.wfile.write(b"Seen\x00 it")

    def header(self, name: str) -> list[str]:
        return [headers[name] for headers, _ in self.got]


@pytest.fixture(autouse=True)
def own_network(settings):
    settings.OUTWARD_NETWORKS = [NETWORK]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    answer = Receiver(204)
    with serving(answer) as url:
        answer.url = url
        yield answer


def webhook_at(url, **fields):
    webhook = Webhook(
        address=url, events=[EventType.REPORT_READY], client=fields.pop("client", None) or ClientFactory()
    )
    webhook.set_secret()
    for name, value in fields.items():
        setattr(webhook, name, value)
    webhook.save()
    return webhook


def later(monkeypatch, **time):
    """Move the clock."""
    moment = timezone.now() + timedelta(**time)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_receivers_library_verifies_what_is_sent(receiver, django_capture_on_commit_callbacks):
    webhook = webhook_at(receiver.url)

    with django_capture_on_commit_callbacks(execute=True):
        emit(EventType.REPORT_READY, {"report": 7}, clients=[webhook.client_id])
        assert receiver.got == []  # only after the commit

    [(headers, body)] = receiver.got
    delivery = Delivery.objects.get()
    said = Verifier(webhook.shown_secret).verify(body, headers)
    happened_at = delivery.happened_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert said == {"type": "report.ready", "timestamp": happened_at, "data": {"report": 7}}
    assert headers["webhook-id"] == f"msg_{delivery.key.hex}"
    assert delivery.is_delivered
    attempt = delivery.attempts.get()
    assert (attempt.status, attempt.said) == (204, "")
    with pytest.raises(WebhookVerificationError):
        Verifier(webhook.shown_secret).verify(body + b" ", headers)


def test_only_webhooks_that_ask_for_it_and_are_on_are_told(receiver):
    client = ClientFactory()
    asking = webhook_at(receiver.url, client=client)
    webhook_at(receiver.url, client=client, events=[EventType.REPORT_SUPERSEDED])
    webhook_at(receiver.url, client=client, off_at=timezone.now(), off_because=Webhook.Off.ADMIN)
    webhook_at(receiver.url)
    without = [ClientFactory(is_active=False), ClientFactory(plan="plus")]
    for one in without:
        webhook_at(receiver.url, client=one)

    for one in (client, *without):
        emit(EventType.REPORT_READY, {"report": 1}, clients=[one.pk])

    assert [delivery.webhook for delivery in Delivery.objects.all()] == [asking]


def test_both_secrets_sign_for_a_day_after_a_rotation(receiver, monkeypatch):
    webhook = webhook_at(receiver.url)
    before = webhook.shown_secret
    assert webhook.rotate()
    assert not webhook.rotate()  # a second click, on a page that shows the secret before
    webhook.refresh_from_db()
    assert webhook.shown_secret != before

    deliver([webhook], EventType.TEST, {})
    sending.send_due.call(webhook.pk)
    headers, body = receiver.got[0]
    for secret in (before, webhook.shown_secret):
        Verifier(secret).verify(body, headers)

    later(monkeypatch, hours=24)
    deliver([webhook], EventType.TEST, {})
    sending.send_due.call(webhook.pk)
    assert len(receiver.header("webhook-signature")[1].split()) == 1


def test_secret_is_sealed_and_read_with_an_older_key(settings):
    webhook = webhook_at("https://192.0.2.1/")
    secret, token = webhook.shown_secret, webhook.secret
    assert secret.removeprefix("whsec_") not in token

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-0123456789-0123456789-0123456789-0123456789"
    assert webhook.shown_secret == secret
    assert sealed.seal_anew() == 1
    settings.SECRET_KEY_FALLBACKS = []
    webhook.refresh_from_db()
    assert webhook.shown_secret == secret


def test_each_secret_is_sealed_anew_by_itself(settings):
    secret = webhook_at("https://192.0.2.1/").secret
    until = timezone.now() + timedelta(hours=1)
    webhooks = [
        webhook_at("https://192.0.2.1/", secret="nonsense", previous_secret=secret, previous_until=until),
        webhook_at("https://192.0.2.1/", secret=secret, previous_secret="nonsense", previous_until=until),
    ]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-0123456789-0123456789-0123456789-0123456789"

    assert sealed.seal_anew() == 3

    settings.SECRET_KEY_FALLBACKS = []
    for webhook in webhooks:
        webhook.refresh_from_db()
    assert sealing.unsealed(webhooks[0].previous_secret) == webhooks[1].shown_secret
    assert webhooks[1].secrets_at(timezone.now()) == [webhooks[1].shown_secret]


def test_secret_that_cannot_be_read_does_not_sign_after_a_rotation(receiver):
    webhook = webhook_at(receiver.url, secret="nonsense")

    assert webhook.rotate()

    webhook.refresh_from_db()
    assert (webhook.previous_secret, webhook.is_rotating) == ("", False)
    deliver([webhook], EventType.TEST, {})
    sending.send_due.call(webhook.pk)
    [(headers, body)] = receiver.got
    Verifier(webhook.shown_secret).verify(body, headers)


def test_previous_secret_is_deleted_once_it_signs_no_more(monkeypatch):
    webhook = webhook_at("https://192.0.2.1/")
    webhook.rotate()
    assert Webhook.objects.forget_old_secrets() == 0

    later(monkeypatch, hours=24)

    assert Webhook.objects.forget_old_secrets() == 1
    webhook.refresh_from_db()
    assert (webhook.previous_secret, webhook.previous_until) == ("", None)


def test_unreadable_secret_is_a_failed_attempt_that_says_what_to_do(caplog):
    webhook = webhook_at("https://192.0.2.1/", secret="nonsense")
    deliver([webhook], EventType.TEST, {})

    assert sending.send_due.call(webhook.pk) == 1

    assert Attempt.objects.get().said == "The signing secret could not be read. Rotate it."


@pytest.mark.slow
def test_it_is_tried_ten_times_over_three_days_and_then_turned_off(receiver, monkeypatch):
    monkeypatch.setattr(sending.chance, "uniform", lambda least, most: 0)
    receiver.statuses = [500, 302, 404]
    webhook = webhook_at(receiver.url)
    admins = [
        ClientMembershipFactory(user=person(), client=webhook.client, role=role).user
        for role in (ClientMembership.Role.ADMIN, ClientMembership.Role.MEMBER)
    ]
    [delivery] = deliver([webhook], EventType.REPORT_READY, {"report": 1})
    tried_at = []
    while Webhook.objects.get().off_at is None:
        delivery.refresh_from_db()
        assert delivery.next_try_at
        tried_at.append(delivery.next_try_at)
        monkeypatch.setattr(timezone, "now", lambda: tried_at[-1])
        assert sending.send_due.call(webhook.pk) == 1
        assert sending.send_due.call(webhook.pk) == 0  # nothing is due before its time

    pauses = [later - earlier for earlier, later in pairwise(tried_at)]
    assert pauses == [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    ]
    assert len(set(receiver.header("webhook-id"))) == 1
    assert len(set(receiver.header("webhook-timestamp"))) == len(receiver.got) == 10
    assert list(Attempt.objects.values_list("status", flat=True))[-3:] == [404, 302, 500]
    delivery.refresh_from_db()
    assert (delivery.state, Webhook.objects.get().off_because) == (State.FAILED, Webhook.Off.FAILING)
    send_waiting.call()
    [email] = mail.outbox
    assert email.to == [admins[0].email]
    assert webhook.get_absolute_url() in email.body
    assert "10 times in 3 days" in " ".join(email.body.split())


def test_no_email_says_that_we_turned_off_what_an_admin_did():
    webhook = webhook_at("https://192.0.2.1/")
    admin = ClientMembershipFactory(user=person(), client=webhook.client, role=ClientMembership.Role.ADMIN).user
    sending._turn_off(webhook, Webhook.Off.GONE)
    webhook.turn_on()
    webhook.turn_off(Webhook.Off.ADMIN)

    send_waiting.call()

    assert sending.write_off(admin.email, webhook_pk=webhook.pk, user_pk=admin.pk) is None
    assert mail.outbox == []


def test_pauses_are_spread():
    assert {timedelta(seconds=5) <= sending.pause(1) <= timedelta(seconds=5.5) for _ in range(50)} == {True}
    assert len({sending.pause(1) for _ in range(50)}) > 1


def test_answer_that_it_is_gone_turns_the_webhook_off(receiver):
    receiver.statuses = [410]
    webhook = webhook_at(receiver.url)
    deliver([webhook], EventType.TEST, {})
    waits = Delivery.objects.create(webhook=webhook, type=EventType.TEST)

    sending.send_due.call(webhook.pk)

    webhook.refresh_from_db()
    assert webhook.off_because == Webhook.Off.GONE
    waits.refresh_from_db()
    assert (waits.state, len(receiver.got)) == (State.FAILED, 1)


def test_event_is_sent_again_under_its_id_unless_the_webhook_is_off(receiver):
    webhook = webhook_at(receiver.url)
    [delivery] = deliver([webhook], EventType.TEST, {})
    sending.send_due.call(webhook.pk)

    assert sending.send_again(delivery)
    sending.send_due.call(webhook.pk)
    assert len(receiver.got) == 2
    assert len(set(receiver.header("webhook-id"))) == 1

    webhook.turn_off(Webhook.Off.ADMIN)
    assert not sending.send_again(delivery)
    assert not webhook.turn_off(Webhook.Off.GONE)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://10.0.0.8/", "https://169.254.169.254/latest/", "https://[::1]/",
        "https://[::ffff:10.0.0.1]/", "https://2130706433/", "https://0177.0.0.1/", "https://0x7f.1/",
        "https://localhost:8443/", "http://8.8.8.8/",
    ],
)  # fmt: skip
def test_address_in_the_operators_network_gets_nothing(url, settings):
    settings.OUTWARD_NETWORKS = []
    webhook = webhook_at(url)
    deliver([webhook], EventType.TEST, {})

    sending.send_due.call(webhook.pk)

    assert Attempt.objects.get().said == "No answer: the address isn't a public https:// address."


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://hooks.example.com/in?x=1", True),
        ("https://hooks.example.com:8443/", True),
        ("https://8.8.8.8/", True),
        ("http://hooks.example.com/", False),
        ("https://me:secret@hooks.example.com/", False),
        ("https://127.0.0.1/", False),
        ("https://017700000001/", False),
        ("https://[::ffff:127.0.0.1]/", False),
        ("https://hooks.example.com:0/", False),
        ("hooks.example.com", False),
    ],
)
def test_form_takes_addresses_that_may_be_asked_without_looking_them_up(url, is_allowed, settings, monkeypatch):
    settings.OUTWARD_NETWORKS = []
    assert outward.is_allowed(url) is is_allowed


def test_answer_that_is_too_large_is_a_failure_and_is_not_kept(receiver, monkeypatch):
    monkeypatch.setattr(sending, "LIMIT_BYTES", 5)
    receiver.statuses = [200]
    webhook = webhook_at(receiver.url)
    [delivery] = deliver([webhook], EventType.TEST, {})

    sending.send_due.call(webhook.pk)

    assert Attempt.objects.get().said == "No answer: its answer is too large."
    delivery.refresh_from_db()
    assert delivery.is_waiting


def test_start_of_an_answer_is_kept_as_text(receiver):
    receiver.statuses = [503]
    webhook = webhook_at(receiver.url)
    deliver([webhook], EventType.TEST, {})

    sending.send_due.call(webhook.pk)

    assert (Attempt.objects.get().status, Attempt.objects.get().said) == (503, "Seen it")


@pytest.mark.slow
def test_slow_address_ends_its_turn_and_leaves_the_others_theirs(receiver, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.1)
    hang = threading.Event()
    with serving(lambda handler: hang.wait(5)) as slow_url:
        slow, quick = webhook_at(slow_url), webhook_at(receiver.url)
        deliver([slow, slow, quick], EventType.TEST, {})
        monkeypatch.setattr(sending.send_due.get_backend(), "enqueue", lambda *args: None)

        assert sending.send_due.call(slow.pk) == 1  # of two that are due
        assert sending.send_due.call(quick.pk) == 1
        hang.set()

    assert Attempt.objects.order_by("pk").first().said == "No answer: it took too long to answer."
    assert Webhook.objects.filter(busy_until=None).count() == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_attempt(receiver):
    webhook = webhook_at(receiver.url)
    Delivery.objects.create(webhook=webhook, type=EventType.TEST)
    start = threading.Barrier(2)

    def work():
        start.wait()
        sending.send_due.call(webhook.pk)

    workers = [threading.Thread(target=in_thread(work)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(receiver.got) == Attempt.objects.count() == 1


@pytest.mark.parametrize("without", [{"is_active": False}, {"plan": "plus"}])
def test_what_waits_for_a_client_that_is_told_nothing_is_dropped_and_does_not_come_later(receiver, without):
    webhook = webhook_at(receiver.url)
    before = {name: getattr(webhook.client, name) for name in without}
    deliver([webhook], EventType.TEST, {})
    Client.objects.update(**without)

    assert (sending.send_due.call(webhook.pk), sending.send_all_due()) == (0, 0)
    Client.objects.update(**before)
    assert (sending.send_due.call(webhook.pk), sending.send_all_due()) == (0, 0)

    assert receiver.got == []
    [dropped] = Delivery.objects.all()
    assert dropped.state == Delivery.State.FAILED
    assert sending.send_again(dropped)
    assert sending.send_due.call(webhook.pk) == len(receiver.got) == 1


def test_attempt_that_a_dead_worker_claimed_is_made_by_the_next_run(receiver, monkeypatch):
    webhook = webhook_at(receiver.url)
    deliver([webhook], EventType.TEST, {})
    assert sending._begin_turn(webhook.pk)
    assert sending._claim(webhook.pk)  # and then it dies

    sending.send_all_due()
    assert receiver.got == []
    later(monkeypatch, minutes=2)
    assert sending.send_all_due() == 1
    assert len(receiver.got) == 1


def test_webhook_deleted_while_it_is_told_leaves_nothing(receiver):
    webhook = webhook_at(receiver.url)
    deliver([webhook], EventType.TEST, {})
    delivery = sending._claim(webhook.pk)
    assert delivery
    webhook.delete()

    assert sending._attempt(delivery)

    assert not Attempt.objects.exists()


@pytest.mark.parametrize(("status", "state"), [(200, State.DELIVERED), (500, State.FAILED)])
def test_answer_after_the_webhook_was_turned_off_is_noted(receiver, status, state):
    receiver.statuses = [status]
    webhook = webhook_at(receiver.url)
    deliver([webhook], EventType.TEST, {})
    delivery = sending._claim(webhook.pk)
    assert delivery
    webhook.turn_off(Webhook.Off.ADMIN)

    sending._attempt(delivery)

    assert (Delivery.objects.get().state, Attempt.objects.get().status) == (state, status)


def test_log_is_kept_for_thirty_days(monkeypatch):
    webhook = webhook_at("https://192.0.2.1/")
    kept = Delivery.objects.create(webhook=webhook, type=EventType.TEST)
    old = timezone.now() - timedelta(days=31)
    over = {"state": State.DELIVERED, "next_try_at": None}
    gone = Delivery.objects.create(webhook=webhook, type=EventType.TEST, happened_at=old, **over)
    Attempt.objects.create(delivery=gone, milliseconds=1, status=200)

    assert sending.remove_old() == 1

    assert list(Delivery.objects.all()) == [kept]


@pytest.mark.parametrize(
    ("constraint", "model", "values"),
    [
        ("webhook_off_because", Webhook, {"off_at": timezone.now()}),
        ("webhook_previous_until", Webhook, {"previous_secret": "x"}),
        ("delivery_waits_until", Delivery, {"next_try_at": None}),
        ("delivery_waits_until", Delivery, {"state": State.FAILED}),
    ],
)
def test_constraint(constraint, model, values):
    Delivery.objects.create(webhook=webhook_at("https://192.0.2.1/"), type=EventType.TEST)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**values)
    assert connection.in_atomic_block


def test_each_event_is_small_and_has_keys_only():
    assert {event.type for event in EVENTS} == set(EventType)
    for event in EVENTS:
        body = sending.body_of(Delivery(type=event.type, data=event.data))
        assert len(body) < 20_000
        for key in json.loads(body)["data"].values():
            assert isinstance(key, int) or UUID(key)


def test_sealing_of_a_foreign_key_is_refused(settings):
    token = sealing.sealed("secret")
    settings.SECRET_KEY = "another-key-0123456789-0123456789-0123456789-0123456789"
    with pytest.raises(sealing.Unreadable):
        sealing.unsealed(token)
