"""Signing in through providers on another site, with all that a browser refuses between sites."""

import pytest
import requests
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import expect
from saml2 import BINDING_HTTP_POST

from common.sealing import sealed
from integrations.models import IdentityProvider
from tests.factories import ClientFactory
from tests.integrations.loopback import NETWORK, serving
from tests.integrations.people import domain, member
from tests.integrations.saml_provider import ENTITY, SamlProvider

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bright(transactional_db, settings):
    settings.OUTWARD_NETWORKS = [NETWORK]
    bright = ClientFactory(name="Bright Foods", slug="bright")
    domain(bright, "bright.example")
    member(bright, "mia@bright.example", name="Mia Member")
    return bright


def begin(page):
    page.goto("/accounts/login/?next=/accounts/notifications/")
    page.get_by_role("link", name="Sign in with your organization").click()
    page.get_by_label("Work email address").fill("mia@bright.example")
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("script", [True, False])
def test_member_signs_in_through_openid_connect_on_another_site(visit, bright, script, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with run_server_in_thread() as server:
        url = f"http://127.0.0.1:{server.server_port}"
        IdentityProvider.objects.create(
            client=bright, issuer=url, client_key="us", client_secret=sealed("secret"), is_on=True
        )
        requests.put(f"{url}/users/m-1", json={"email": "mia@bright.example"}, timeout=60).raise_for_status()
        page = visit(script=script)
        begin(page)
        page.get_by_label("Subject").fill("m-1")
        page.get_by_role("button", name="Authorize").click()

        expect(page.get_by_role("heading", name="Notifications", exact=True)).to_be_visible()
        expect(page.get_by_text("Mia Member").first).to_be_visible()


def test_member_signs_in_through_saml_on_another_site(visit, bright, live_server, tmp_path):
    found = IdentityProvider.objects.create(client=bright, protocol="saml", issuer=ENTITY, is_on=True)
    ours = requests.get(f"{live_server.url}/accounts/saml/bright/metadata/", timeout=30).text

    def answer(handler):
        sent = provider.answer(handler.path, "m-1", attributes={"mail": "mia@bright.example"})
        address = provider.request(handler.path).assertion_consumer_service_url
        form = provider.server.apply_binding(BINDING_HTTP_POST, sent, address, response=True)
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(form["data"].encode())

    with serving(answer) as url:
        provider = SamlProvider(tmp_path, ours, f"{url}/sso")
        found.certificates, found.sign_in_url = [provider.certificate], f"{url}/sso"
        found.save()
        page = visit()
        begin(page)

        expect(page.get_by_role("heading", name="Notifications", exact=True)).to_be_visible()
        expect(page.get_by_text("Mia Member").first).to_be_visible()
