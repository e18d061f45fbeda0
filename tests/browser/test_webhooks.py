"""Webhooks as an admin sets one up: added, tried on a system of their own, and read in the log."""

import pytest
from playwright.sync_api import expect
from standardwebhooks.webhooks import Webhook as Verifier

from profiles.models import ClientMembership
from sourcing import terms
from tests.factories import ClientMembershipFactory
from tests.integrations.loopback import NETWORK, serving
from tests.integrations.test_webhooks import Receiver
from tests.site import person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_admin_adds_a_webhook_tries_it_and_resends_what_failed(visit, settings, assert_accessible):
    settings.OUTWARD_NETWORKS = [NETWORK]
    admin = ClientMembershipFactory(
        user=person(name="Cleo Chase"), client__name="Bright Foods", role=ClientMembership.Role.ADMIN
    )
    terms.accept(admin.client_id, purpose="To report our spend.", by=admin.user)
    page = visit(admin.user, width=390, scheme="dark")
    page.goto("/")
    page.get_by_text("Acting for").click()
    page.get_by_role("link", name="Integrations").click()
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="Add a webhook").click()
    page.get_by_role("button", name="Add webhook").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the address")
    assert_accessible(page)

    receiver = Receiver(500, 204)
    with serving(receiver) as url:
        page.get_by_label("Address").fill(url)
        page.get_by_label("A report was issued").check()
        page.get_by_role("button", name="Add webhook").click()
        page.get_by_role("link", name="Show secret").click()
        secret = page.get_by_text("whsec_").inner_text()
        page.get_by_role("link", name="Webhook", exact=True).click()

        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("500 Internal Server Error")).to_be_visible()
        expect(page.get_by_text("Waiting")).to_be_visible()
        page.get_by_role("button", name="Resend").click()
        expect(page.get_by_text("204 No Content")).to_be_visible()
        assert_accessible(page)

    assert [Verifier(secret).verify(body, headers)["type"] for headers, body in receiver.got] == ["webhook.test"] * 2
    page.get_by_role("link", name="Webhook", exact=True).click()
    expect(page.get_by_role("cell", name="Delivered")).to_be_visible()
    page.get_by_label("Show").select_option("Failed")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No delivery failed")).to_be_visible()
