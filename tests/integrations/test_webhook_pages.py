"""The pages where a client's admins set up webhooks and read what was sent."""

import html
import re
import time

import pytest
from django.urls import reverse
from standardwebhooks.webhooks import Webhook as Verifier

from integrations.models import Attempt, Delivery, EventType, Webhook
from profiles.models import Client, ClientMembership
from sourcing import terms
from tests.factories import ClientMembershipFactory
from tests.integrations.loopback import NETWORK, serving
from tests.integrations.test_webhooks import Receiver, webhook_at
from tests.site import person, sign_in

pytestmark = pytest.mark.django_db
LIST = "/integrations/webhooks/"
URL = "https://hooks.example.com/marketplace"


@pytest.fixture
def admin(client):
    membership = ClientMembershipFactory(
        user=person(name="Cleo Chase"), client__plan="enterprise", role=ClientMembership.Role.ADMIN
    )
    terms.accept(membership.client_id, purpose="To report our spend.", by=membership.user)
    sign_in(client, membership.user, again=True)
    return membership


def add(client, **fields):
    sent = {"address": URL, "description": "Supplier system", "events": ["report.ready"], **fields}
    return client.post(f"{LIST}new/", sent)


def test_admin_adds_changes_and_deletes_a_webhook(client, admin):
    page = add(client)
    webhook = Webhook.objects.get()
    assert page.url == webhook.get_absolute_url()
    assert (webhook.address, webhook.client, webhook.added_by) == (URL, admin.client, admin.user)
    assert URL in client.get(LIST).text

    events = ["report.ready", "report.superseded"]
    client.post(f"{LIST}{webhook.pk}/edit/", {"address": f"{URL}/2", "description": "", "events": events})
    before, webhook = webhook, Webhook.objects.get()
    assert (webhook.address, webhook.description, webhook.events) == (f"{URL}/2", "", events)
    assert webhook.secret == before.secret

    assert "Delete this webhook?" in client.get(f"{LIST}{webhook.pk}/delete/").text
    client.post(f"{LIST}{webhook.pk}/delete/")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"address": ""}, "Enter the address"),
        ({"address": "http://hooks.example.com/"}, "Enter a public address that begins with https://"),
        ({"address": "https://10.0.0.8/"}, "Enter a public address that begins with https://"),
        ({"events": []}, "Select at least one event"),
        ({"events": ["webhook.test"]}, "Select a valid choice. webhook.test is not one of the available choices."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(fields, error, client, admin):
    page = add(client, **fields)

    [name] = fields
    assert page.context["form"].errors == {name: [error]}
    assert not Webhook.objects.exists()


def test_client_has_a_largest_number_of_webhooks(client, admin, monkeypatch):
    monkeypatch.setattr(Webhook, "MOST", 1)
    webhook_at(URL, client=admin.client)

    assert "Delete one first" in add(client).text
    assert "Delete one to add another" in client.get(LIST).text
    assert Webhook.objects.count() == 1


def test_secret_is_shown_only_after_a_password(client, admin):
    webhook = webhook_at(URL, client=admin.client)
    page, secret_page = (f"{LIST}{webhook.pk}/{part}" for part in ("", "secret/"))
    assert webhook.shown_secret not in client.get(page).text
    assert webhook.shown_secret in client.get(secret_page).text

    sign_in(client, admin.user, ago=3600)
    for asks in (secret_page, f"{LIST}{webhook.pk}/rotate/"):
        assert client.get(asks).url.startswith("/accounts/reauthenticate/")


def test_rotation_is_asked_first_and_shows_the_new_secret(client, admin):
    webhook = webhook_at(URL, client=admin.client)
    rotate = f"{LIST}{webhook.pk}/rotate/"
    assert "Rotate the secret?" in client.get(rotate).text

    page = client.post(rotate, follow=True).text

    rotated = Webhook.objects.get()
    assert rotated.shown_secret in page
    assert webhook.shown_secret not in page
    assert "We sign with the secret before it too" in page
    assert "replaced last stops working" in client.get(rotate).text


def test_unreadable_secret_can_be_rotated(client, admin):
    webhook = webhook_at(URL, client=admin.client, secret="nonsense")

    assert "can't read this secret anymore" in client.get(f"{LIST}{webhook.pk}/secret/").text
    client.post(f"{LIST}{webhook.pk}/rotate/")

    assert Webhook.objects.get().shown_secret.startswith("whsec_")


def test_test_event_is_sent_and_its_answer_shown(client, admin, settings, django_capture_on_commit_callbacks):
    settings.OUTWARD_NETWORKS = [NETWORK]
    receiver = Receiver(418)
    with serving(receiver) as url:
        webhook = webhook_at(url, client=admin.client)
        with django_capture_on_commit_callbacks(execute=True):
            sent = client.post(f"{LIST}{webhook.pk}/test/")
        page = client.get(sent.url).text
        [(headers, body)] = receiver.got
        assert Verifier(webhook.shown_secret).verify(body, headers)["data"] == {"webhook": webhook.pk}
        for words in ("418 I&#x27;m a Teapot", "Seen it", headers["webhook-id"], "Next attempt"):
            assert words in page

        receiver.statuses = [200]
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"{sent.url}resend/")
    assert Delivery.objects.get().is_delivered
    assert list(Attempt.objects.values_list("status", flat=True)) == [200, 418]


def test_webhook_that_is_off_sends_nothing_until_it_is_on(client, admin):
    webhook = webhook_at(URL, client=admin.client)
    over = {"state": Delivery.State.FAILED, "next_try_at": None}
    told = Delivery.objects.create(webhook=webhook, type=EventType.TEST, **over)
    client.post(f"{LIST}{webhook.pk}/off/")

    page = client.get(f"{LIST}{webhook.pk}/").text
    assert "An admin turned it off" in page
    assert "Send a test" not in page
    assert "Turn it on first" in client.post(f"{LIST}{webhook.pk}/test/", follow=True).text
    assert "Turn it on first" in client.post(f"{told.get_absolute_url()}resend/", follow=True).text
    assert Delivery.objects.waiting().count() == 0

    client.post(f"{LIST}{webhook.pk}/on/")
    assert Webhook.objects.get().off_at is None
    client.post(f"{LIST}{webhook.pk}/test/")
    assert Delivery.objects.waiting().count() == 1


@pytest.mark.slow
def test_log_narrows_to_failed_and_costs_the_same_whatever_its_length(client, admin, django_assert_num_queries):
    webhook = webhook_at(URL, client=admin.client)
    page = f"{LIST}{webhook.pk}/"
    assert "Nothing was sent yet" in client.get(page).text
    for state in (Delivery.State.DELIVERED, *[Delivery.State.FAILED] * 3):
        told = Delivery.objects.create(webhook=webhook, type=EventType.TEST, state=state, next_try_at=None)
        Attempt.objects.create(delivery=told, milliseconds=4, status=None, said="No answer: the connection failed.")
        with django_assert_num_queries(8):
            client.get(page)

    shown = client.get(page, {"show": "failed"})
    assert len(shown.context["page"]) == 3
    assert len(client.get(page, {"show": "nonsense"}).context["page"]) == 4
    assert len(re.findall("No answer: the connection failed.", shown.text)) == 3


@pytest.mark.parametrize("page", ["", "edit/", "secret/", "rotate/", "test/", "off/", "on/", "delete/"])
def test_webhook_of_another_client_does_not_exist(page, client, admin):
    webhook = webhook_at(URL)

    assert client.post(f"{LIST}{webhook.pk}/{page}").status_code in {404, 405}
    told = Delivery.objects.create(webhook=webhook, type=EventType.TEST)
    assert client.get(told.get_absolute_url()).status_code == 404
    webhook.refresh_from_db()
    assert webhook.off_at is None


def test_admin_of_a_client_that_is_shown_nothing_ends_its_webhooks(client, admin):
    webhook = webhook_at(URL, client=admin.client)
    told = Delivery.objects.create(webhook=webhook, type=EventType.TEST)
    Client.objects.filter(pk=admin.client_id).update(plan="basic")
    page = webhook.get_absolute_url()

    texts = [client.get(url).text for url in (LIST, page, told.get_absolute_url())]

    assert URL in texts[0]
    of_webhook = [f"{page}{action}/" for action in ("edit", "secret", "rotate", "test", "on")]
    for url in (f"{LIST}new/", *of_webhook, f"{told.get_absolute_url()}resend/"):
        assert not any(f'"{url}"' in text for text in texts)
    for action in ("edit/", "secret/", "rotate/"):
        assert client.get(f"{page}{action}").status_code == 403
    client.post(f"{page}off/")
    assert Webhook.objects.get().off_at
    assert f"{page}on/" not in client.get(page).text
    assert "Webhook deleted" in client.post(f"{page}delete/", follow=True).text
    assert client.get(LIST).status_code == 403


def test_members_who_are_no_admins_are_refused(client, admin):
    client.force_login(ClientMembershipFactory(user=person(), client=admin.client).user)

    assert client.get(LIST).status_code == 403


def test_guide_is_public_and_its_code_verifies_its_example(client, monkeypatch):
    page = client.get(reverse("integrations:webhook_guide")).text

    for event in EventType:
        assert f'<h3><code translate="no">{event.value}</code></h3>' in page
    assert "24 hours later" in page
    assert "/certifications with updated_since, and /certifications/removed" in page
    example, *_, plain_python, _ = map(html.unescape, re.findall("<pre[^>]*><code>(.*?)</code></pre>", page, re.S))
    head, body = example.split("\n\n")
    headers = dict(line.split(": ") for line in head.splitlines()[1:])
    secret = re.search(r"whsec_[\w+/=]+", page)[0]
    monkeypatch.setattr(time, "time", lambda: int(headers["webhook-timestamp"]) + 299)
    code = {}
    exec(plain_python, code)  # noqa: S102
    assert code["is_ours"](secret, headers, body.encode())
    assert not code["is_ours"](secret, headers, b"{}")
