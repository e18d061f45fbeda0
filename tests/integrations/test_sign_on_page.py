"""The page on which admins set up sign-on, and where members begin to sign in."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client as Browser

from common.models import Draft
from integrations.models import EmailDomain, IdentityProvider
from integrations.sign_on import oidc
from tests.factories import ClientFactory, ClientMembershipFactory
from tests.integrations.people import domain, member, signed_in, with_second_factor
from tests.integrations.test_domains import name_server
from tests.integrations.test_oidc import idp, provider_url, refusal, sign_in_there, someone_there
from tests.site import person, sign_in

__all__ = ["idp", "provider_url"]  # fixtures

PAGE = "/integrations/sign-on/"
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def page(client, cleo):
    sign_in(client, cleo, again=True)
    return client


def errors(response):
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


def test_admin_adds_a_domain_and_verifies_it(page, bright):
    page.post(PAGE, {"name": "Bücher.example"})
    assert EmailDomain.objects.filter(name=EmailDomain.of("mia@bücher.example")).exists()
    page.post(PAGE, {"name": " @Mail.Bright.Example "})
    added = EmailDomain.objects.get(name="mail.bright.example")
    with name_server({}):
        missing = page.post(f"{PAGE}domains/{added.pk}/check/", follow=True)
    with name_server({added.name: [f'"{added.record}"']}):
        found = page.post(f"{PAGE}domains/{added.pk}/check/", follow=True)

    assert added.record in missing.text
    assert "We found no TXT record for mail.bright.example" in missing.text
    assert "mail.bright.example</bdi> is verified." in found.text


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Enter a domain"),
        ("bright", "Enter a domain like example.com"),
        ("a b.example", "Enter a domain like example.com"),
        ("bright.example", "Your organization has this domain already"),
    ],
)
def test_domain_that_can_not_be_one_is_explained(page, typed, error):
    found = errors(page.post(PAGE, {"name": typed}))
    assert [error] in found.values()


def test_admin_sets_up_a_provider_and_keeps_its_secret(page, bright, provider_url, own_network):
    sent = {"issuer": f"{provider_url}/.well-known/openid-configuration", "client_key": "k", "client_secret": "s3cret"}
    page.post(f"{PAGE}provider/oidc/", sent)
    saved = IdentityProvider.objects.get()
    form = page.get(f"{PAGE}provider/oidc/")
    kept = page.post(f"{PAGE}provider/oidc/", {"issuer": provider_url, "client_key": "k", "client_secret": ""})

    assert (saved.issuer, saved.plain_secret) == (provider_url, "s3cret")
    assert "s3cret" not in form.text
    assert "http://testserver/accounts/oidc/bright/login/callback/" in form.text
    saved.refresh_from_db()
    assert (kept["Location"], saved.plain_secret) == (PAGE, "s3cret")


def test_secret_goes_to_no_provider_that_it_was_not_saved_for(page, idp, provider_url):
    sent = {"issuer": provider_url, "client_key": idp.client_key, "client_secret": ""}
    another_id = errors(page.post(f"{PAGE}provider/oidc/", sent | {"client_key": "k2"}))
    IdentityProvider.objects.update(issuer="https://former.example")
    another_issuer = errors(page.post(f"{PAGE}provider/oidc/", sent))
    IdentityProvider.objects.update(issuer=provider_url, protocol=IdentityProvider.Protocol.SAML)
    after_saml = errors(page.post(f"{PAGE}provider/oidc/", sent))

    assert list(another_id) == list(another_issuer) == list(after_saml) == ["client_secret"]
    assert another_id["client_secret"] == ["Enter the client secret again to change the issuer or the client ID"]
    assert after_saml["client_secret"] == ["Enter the client secret"]


@pytest.mark.parametrize("issuer", ["http://169.254.169.254/", "https://10.0.0.1", "https://[::1]/", "nothing"])
def test_issuer_that_is_no_public_address_is_explained_beside_the_field(page, issuer):
    found = errors(page.post(f"{PAGE}provider/oidc/", {"issuer": issuer, "client_key": "k", "client_secret": "s3cret"}))

    assert "the address isn't a public https:// address" in found["issuer"][0]
    assert "s3cret" not in Draft.objects.get().fields


def test_provider_is_turned_on_and_enforced_only_with_a_way_in(page, idp, bright, cleo):
    idp.is_on = False
    idp.save()
    wanted = {"is_on": "on", "is_enforced": "on"}
    no_admin = errors(page.post(f"{PAGE}people/", wanted))
    no_factor = errors(page.post(f"{PAGE}people/", wanted | {"break_glass": cleo.pk}))
    off = errors(page.post(f"{PAGE}people/", {"is_enforced": "on", "break_glass": cleo.pk}))
    with_second_factor(cleo)
    page.post(f"{PAGE}people/", wanted | {"break_glass": cleo.pk})

    assert no_admin == {"break_glass": ["Choose an admin who can still use a password"]}
    assert no_factor == {"break_glass": ["Cleo Chase has to turn on two-step sign-in first"]}
    assert off["is_enforced"] == ["Turn on sign-in through your provider first"]
    idp.refresh_from_db()
    assert (idp.is_on, idp.is_enforced, idp.break_glass, idp.changed_by) == (True, True, cleo, cleo)
    bright.email_domains.all().delete()
    assert errors(page.post(f"{PAGE}people/", {"is_on": "on"})) == {"is_on": ["Verify a domain first"]}


def test_test_shows_what_came_back_and_signs_no_one_in(page, idp, bright, cleo):
    idp.is_on = False
    idp.save()
    someone_there(idp, "n", email="new@bright.example", name="Nia New")
    back = sign_in_there(page, "n", "/accounts/oidc/bright/login/?process=test")
    refused = page.get(back["Location"])
    idp.adds_people = True
    idp.save()
    sign_in_there(page, "n", "/accounts/oidc/bright/login/?process=test")
    admitted = page.get(back["Location"])

    assert refused.context["result"] == ("n", "new@bright.example", "Nia New", refused.context["result"].verdict, False)
    assert "Ask an admin to add you" in refused.text
    assert "They would be added as a member" in admitted.text
    assert signed_in(page) == cleo.pk
    assert not bright.users.filter(email="new@bright.example").exists()


def test_admin_reads_why_it_failed_and_others_do_not(page, client, idp, bright):
    idp.issuer = "https://10.0.0.1"
    idp.save()
    told = page.get("/accounts/oidc/bright/login/")
    client.force_login(member(bright, "mia@bright.example"))
    plain = client.get("/accounts/oidc/bright/login/")

    assert "10.0.0.1" in told.text
    assert "10.0.0.1" not in plain.text
    assert refusal(told) == refusal(plain)


def test_pages_are_for_admins_of_the_client_alone(client, bright, idp):
    foreign = domain(ClientFactory(), "other.example", is_verified=False)
    addresses = [PAGE, f"{PAGE}provider/oidc/", f"{PAGE}people/", f"{PAGE}test/", f"{PAGE}domains/{foreign.pk}/remove/"]
    client.force_login(member(bright, "mia@bright.example"))
    assert {client.get(address).status_code for address in addresses} == {403}
    client.force_login(member(ClientFactory(is_active=False), "ina@closed.example"))
    assert {client.get(address).status_code for address in addresses} == {404}


def test_settings_of_the_provider_ask_who_it_is_again(client, cleo, idp):
    sign_in(client, cleo)
    [own] = idp.client.email_domains.all()
    asked = [client.get(f"{PAGE}{part}") for part in ("provider/oidc/", "people/", f"domains/{own.pk}/remove/")]
    asked += [client.post(f"{PAGE}domains/{own.pk}/{act}/") for act in ("check", "remove")]

    assert {response["Location"].partition("?")[0] for response in asked} == {"/accounts/reauthenticate/"}
    assert client.get(f"{PAGE}domains/{own.pk}/check/")["Location"] == PAGE
    assert idp.client.email_domains.exists()


def test_provider_that_two_clicks_save_is_one(page, bright, monkeypatch):
    def read_configuration(issuer):
        IdentityProvider.objects.get_or_create(client=bright, defaults={"issuer": issuer, "client_key": "k"})
        return {"issuer": issuer}

    monkeypatch.setattr(oidc, "read_configuration", read_configuration)
    sent = {"issuer": "https://id.example", "client_key": "k", "client_secret": "s3cret"}

    assert page.post(f"{PAGE}provider/oidc/", sent)["Location"] == PAGE
    assert IdentityProvider.objects.get().plain_secret == "s3cret"


def test_page_says_who_can_still_use_a_password(page, idp, cleo):
    IdentityProvider.objects.update(is_enforced=True, break_glass=cleo)
    assert "Cleo Chase</span> can still use one." in page.get(PAGE).text
    IdentityProvider.objects.update(break_glass=None)
    assert "No admin is chosen who can still use one." in page.get(PAGE).text


def test_requiring_sign_on_signs_out_whoever_it_binds_except_for_those_who_keep_a_password(page, idp, bright, cleo):
    mia, kim = (member(bright, f"{name}@bright.example") for name in ("mia", "kim"))
    glass = ClientMembershipFactory(user=with_second_factor(person()), client=bright, role="admin").user
    ClientMembershipFactory(user=kim)  # also of another client
    browsers = {user: Browser() for user in (mia, kim, glass)}
    for user, browser in browsers.items():
        sign_in(browser, user)
    wanted = {"is_on": "on", "break_glass": glass.pk}

    page.post(f"{PAGE}people/", wanted)
    before = [browser.get("/").context["request"].user for browser in browsers.values()]
    assert "they are signed out everywhere" in page.get(f"{PAGE}people/").text
    page.post(f"{PAGE}people/", wanted | {"is_enforced": "on"})

    assert before == [mia, kim, glass]
    signed_out = [user for user, browser in browsers.items() if browser.get("/").context["request"].user != user]
    assert signed_out == [mia]
    assert page.get(PAGE).status_code == 200


def test_removing_a_domain_warns_of_members_who_could_not_sign_in_then(page, idp, bright, cleo):
    [last] = bright.email_domains.all()
    mia, _ = member(bright, "mia@bright.example"), member(bright, "new@bright.example")
    SocialAccount.objects.create(user=mia, provider=idp.key, uid="m")
    said = "1 member doesn't have another way to sign in"

    free = page.get(f"{PAGE}domains/{last.pk}/remove/").text
    IdentityProvider.objects.update(is_enforced=True, break_glass=cleo)
    required = page.get(f"{PAGE}domains/{last.pk}/remove/").text
    other = domain(bright, "other.example")
    SocialAccount.objects.create(user=member(bright, "lee@elsewhere.example"), provider=idp.key, uid="l")
    unused = page.get(f"{PAGE}domains/{other.pk}/remove/").text

    assert [said in text.replace("&#x27;", "'") for text in (free, required, unused)] == [False, True, False]


def test_domain_of_another_client_is_not_there(page):
    foreign = domain(ClientFactory(), "other.example", is_verified=False)
    assert page.post(f"{PAGE}domains/{foreign.pk}/check/").status_code == 404
    assert page.post(f"{PAGE}domains/{foreign.pk}/remove/").status_code == 404


def test_removed_domain_signs_no_one_in(page, idp, bright):
    [own] = bright.email_domains.all()
    page.post(f"{PAGE}domains/{own.pk}/remove/")
    member(bright, "mia@bright.example")
    someone_there(idp, "m", email="mia@bright.example")

    assert refusal(sign_in_there(page, "m")) == "other_domain"


# Where members begin


def test_address_leads_to_the_provider_of_its_domain_whether_or_not_anyone_has_it(client, idp, bright):
    member(bright, "mia@bright.example")
    answers = {
        client.post("/accounts/sign-on/?next=/talent/", {"email": email, "next": "/talent/"}, follow=False)["Location"]
        for email in ("mia@bright.example", "no.one@BRIGHT.example")
    }
    leaving = client.get(answers.pop())

    assert not answers
    assert leaving["Refresh"] == "0; url=/accounts/oidc/bright/login/?next=%2Ftalent%2F"


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("", "Enter your work email address"),
        (
            "mia@other.example",
            "No organization has set up sign-in for other.example. Sign in with your password instead.",
        ),
    ],
)
def test_address_of_no_provider_is_explained(client, idp, email, error):
    response = client.post("/accounts/sign-on/", {"email": email})
    assert response.context["form"].errors == {"email": [error]}


def test_addresses_count_alike_whether_or_not_their_domain_has_a_provider(client, idp, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_on": "2/m/ip"}
    for email in ("mia@bright.example", "mia@other.example"):
        client.post("/accounts/sign-on/", {"email": email})
    last = [client.post("/accounts/sign-on/", {"email": f"mia@{name}.example"}) for name in ("bright", "other")]

    assert [response.status_code for response in last] == [429, 429]


def test_sign_in_page_offers_it_and_remembers_where_to_go(client, db):
    assert 'href="/accounts/sign-on/?next=%2Ftalent%2F"' in client.get("/accounts/login/?next=/talent/").text
