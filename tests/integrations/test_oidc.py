"""Sign-in through an OpenID provider of another make, which answers on this machine."""

import json
import time
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client as Browser
from oidc_provider_mock import run_server_in_thread

from common.sealing import sealed
from integrations.models import DirectoryPerson, IdentityProvider
from integrations.outward import NoAnswer, Reason
from integrations.sign_on import adapter, admitting, linking, oidc
from integrations.sign_on.admitting import Refusal
from marketplace.security_log import digest
from profiles.models import ClientMembership, User
from tests.factories import ClientFactory, ClientMembershipFactory, MembershipFactory, ProfileFactory
from tests.integrations.loopback import serving
from tests.integrations.people import domain, give_password, member, signed_in, with_second_factor
from tests.site import person, sign_in, staff

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

LOGIN = "/accounts/oidc/bright/login/"
LINK = "/accounts/sign-on/link/"


@pytest.fixture(scope="module")
def provider_url():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        with run_server_in_thread() as server:
            yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def idp(provider_url, bright, own_network):
    return IdentityProvider.objects.create(
        client=bright, issuer=provider_url, client_key="our-id", client_secret=sealed("our-secret"), is_on=True
    )


def someone_there(idp, subject, **claims):
    requests.put(f"{idp.issuer}/users/{subject}", json=claims, timeout=60).raise_for_status()


def leave(browser, login=LOGIN):
    """The address at the provider to which signing in leads."""
    response = browser.get(login)
    assert response.status_code == 302, response.text
    return response["Location"]


def come_back(address, subject):
    """The address here to which the provider leads back."""
    response = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=60)
    found = urlsplit(response.headers["Location"])
    return f"{found.path}?{found.query}"


def sign_in_there(browser, subject, login=LOGIN):
    return browser.get(come_back(leave(browser, login), subject))


def refusal(response):
    assert response.status_code == 403, response.headers
    return response.context["refusal"]


def test_member_signs_in_and_is_known_by_the_subject_from_then_on(client, idp, bright):
    mia = member(bright, "mia@bright.example")
    someone_there(idp, "m-1", email="Mia@Bright.example", email_verified=True)

    response = sign_in_there(client, "m-1", f"{LOGIN}?next=/talent/")

    assert (response["Location"], signed_in(client)) == ("/talent/", mia.pk)
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.uid, account.extra_data) == (mia, idp.key, "m-1", {})
    # Another address there is still her, and her old address with another subject is not.
    someone_there(idp, "m-1", email="mia.new@bright.example", email_verified=True)
    someone_there(idp, "m-2", email="mia@bright.example", email_verified=True)
    other = Browser()
    sign_in_there(other, "m-1")
    assert signed_in(other) == mia.pk
    assert refusal(sign_in_there(Browser(), "m-2")) == Refusal.ANOTHER_ID


def test_another_registration_at_the_provider_knows_people_anew(idp, bright):
    mia = member(bright, "mia@bright.example")
    someone_there(idp, "m-1", email="mia@bright.example")
    sign_in_there(Browser(), "m-1")
    idp.client_key = "our-new-id"
    idp.save()
    someone_there(idp, "m-2", email="mia@bright.example")
    browser = Browser()
    sign_in_there(browser, "m-2")

    assert signed_in(browser) == mia.pk


def test_someone_who_comes_twice_at_once_is_added_once(client, idp, bright, monkeypatch):
    idp.adds_people = True
    idp.save()
    someone_there(idp, "n", email="new@bright.example")
    lookup = admitting.admit

    def admit(*args, **kwargs):
        admitted = lookup(*args, **kwargs)
        member(bright, "new@bright.example")  # by the other request
        return admitted

    monkeypatch.setattr(adapter, "admit", admit)

    assert refusal(sign_in_there(client, "n")) == Refusal.FAILED
    assert bright.users.filter(email="new@bright.example").count() == 1


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({}, Refusal.NO_EMAIL),
        ({"email": "not an address"}, Refusal.NO_EMAIL),
        ({"email": f"{'m' * 250}@bright.example"}, Refusal.NO_EMAIL),
        ({"email": "mia@bright.example", "email_verified": False}, Refusal.NOT_VERIFIED),
        ({"email": "mia@other.example"}, Refusal.OTHER_DOMAIN),
        ({"email": "mia@mail.bright.example"}, Refusal.OTHER_DOMAIN),
        ({"email": "mia@unproved.example"}, Refusal.OTHER_DOMAIN),
        ({"email": "new@bright.example"}, Refusal.NOT_A_MEMBER),
    ],
)
def test_who_has_no_confirmed_address_of_a_member_is_refused(client, idp, bright, claims, why):
    member(bright, "mia@bright.example")
    domain(bright, "unproved.example", is_verified=False)
    someone_there(idp, "x", **claims)

    assert refusal(sign_in_there(client, "x")) == why
    assert (signed_in(client), SocialAccount.objects.count()) == (None, 0)


def test_staff_and_closed_accounts_and_former_members_are_refused(idp, bright):
    root = staff(email="root@bright.example")
    ClientMembershipFactory(user=root, client=bright)
    member(bright, "gone@bright.example", is_active=False)
    left = member(bright, "left@bright.example")
    for name in ("root", "gone", "left"):
        someone_there(idp, name, email=f"{name}@bright.example")
    sign_in_there(Browser(), "left")
    left.client_memberships.all().delete()
    idp.adds_people = True
    idp.save()

    whys = [refusal(sign_in_there(Browser(), name)) for name in ("root", "gone", "left")]

    assert whys == [Refusal.STAFF, Refusal.CLOSED, Refusal.NOT_A_MEMBER]


def test_account_that_is_not_the_clients_alone_is_proved_by_its_password_once(client, idp, bright):
    both = member(bright, "both@bright.example")
    ClientMembershipFactory(user=both)
    talent = member(bright, "talent@bright.example")
    MembershipFactory(user=talent, profile=ProfileFactory())
    unconfirmed = member(bright, "unconfirmed@bright.example")
    EmailAddress.objects.filter(user=unconfirmed).update(verified=False)
    outsider = person(email="outsider@bright.example")
    names = ("both", "talent", "unconfirmed", "outsider")
    for name in names:
        someone_there(idp, name, email=f"{name}@bright.example")
    idp.adds_people = True
    idp.save()

    assert {refusal(sign_in_there(Browser(), name)) for name in names} == {Refusal.PROVE_FIRST}
    for user, name in ((both, "both"), (outsider, "outsider")):
        client.force_login(user)
        sign_in_there(client, name)
        client.post(LINK)
        later = Browser()
        sign_in_there(later, name)
        assert signed_in(later) == user.pk
    assert bright.memberships.get(user=outsider).role == ClientMembership.Role.MEMBER


def test_account_of_someone_who_is_signed_in_is_linked_only_once_they_agree(
    client, idp, bright, django_capture_on_commit_callbacks, mailoutbox
):
    both = member(bright, "both@bright.example")
    ClientMembershipFactory(user=both)
    someone_there(idp, "both", email="both@bright.example")
    client.force_login(both)

    asked = sign_in_there(client, "both", f"{LOGIN}?next=/talent/")
    page = client.get(asked["Location"])
    assert not SocialAccount.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        linked = client.post(asked["Location"])
    client.post(asked["Location"])

    assert "can then sign in as you" in page.text
    assert 'href="/">Cancel' in page.text
    assert (linked["Location"], signed_in(client)) == ("/talent/", both.pk)
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.uid) == (both, idp.key, "both")
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["both@bright.example"], "Your account is linked to Bright Foods")
    ]


def test_account_is_not_linked_by_what_was_asked_long_ago_of_other_settings_or_of_someone_else(
    client, idp, bright, monkeypatch
):
    both = member(bright, "both@bright.example")
    ClientMembershipFactory(user=both)
    someone_there(idp, "both", email="both@bright.example")

    def asked():
        client.force_login(both)
        sign_in_there(client, "both")

    client.force_login(both)
    assert client.post(LINK)["Location"] == "/accounts/sign-on/"
    asked()
    client.force_login(person())
    assert client.post(LINK)["Location"] == "/accounts/sign-on/"
    asked()
    with monkeypatch.context() as later:
        now = time.time()
        later.setattr(time, "time", lambda: now + linking.SECONDS + 1)
        assert client.post(LINK)["Location"] == "/accounts/sign-on/"
    asked()
    both.client_memberships.filter(client=bright).delete()
    assert refusal(client.post(LINK)) == Refusal.NOT_A_MEMBER
    ClientMembershipFactory(user=both, client=bright)
    asked()
    IdentityProvider.objects.update(client_key="another-id")
    assert client.post(LINK)["Location"] == "/accounts/sign-on/"
    assert not SocialAccount.objects.exists()


def test_someone_new_becomes_a_member_with_the_lowest_role_if_the_client_adds_people(client, idp, bright):
    idp.adds_people = True
    idp.save()
    someone_there(idp, "n", email="new@bright.example", name="Nia  New")

    sign_in_there(client, "n")

    nia = User.objects.get(email="new@bright.example")
    assert (signed_in(client), nia.name, nia.has_usable_password()) == (nia.pk, "Nia New", False)
    assert nia.client_memberships.get().role == ClientMembership.Role.MEMBER


def test_someone_whom_the_directory_turned_off_or_an_admin_removed_is_not_added_again(client, idp, bright):
    idp.adds_people = True
    idp.save()
    removed = person(email="removed@bright.example")
    entry = {"client": bright, "resource": {}}
    DirectoryPerson.objects.create(user=removed, user_name="removed", user_name_key="removed", **entry)
    DirectoryPerson.objects.create(
        email="Off@bright.example", is_active=False, user_name="o", user_name_key="o", **entry
    )
    for name in ("removed", "off"):
        someone_there(idp, name, email=f"{name}@bright.example")
    client.force_login(removed)

    assert refusal(sign_in_there(client, "removed")) == Refusal.NOT_A_MEMBER
    assert refusal(sign_in_there(Browser(), "off")) == Refusal.NOT_A_MEMBER


def test_second_factor_of_this_site_is_still_asked_for(client, idp, bright):
    with_second_factor(member(bright, "mia@bright.example"))
    someone_there(idp, "m", email="mia@bright.example")

    response = sign_in_there(client, "m")

    assert (response["Location"], signed_in(client)) == ("/accounts/2fa/authenticate/", None)


def test_provider_signs_in_no_member_of_another_client(client, idp):
    other = ClientFactory()
    domain(other, "other.example")
    member(other, "olga@other.example")
    someone_there(idp, "o", email="olga@other.example")

    assert refusal(sign_in_there(client, "o")) == Refusal.OTHER_DOMAIN


def test_answer_is_taken_once_from_the_browser_that_asked(client, idp, bright):
    member(bright, "mia@bright.example")
    someone_there(idp, "m", email="mia@bright.example")
    back = come_back(leave(client), "m")

    stolen = Browser().get(back)
    client.get(back)
    client.logout()
    again = client.get(back)

    assert [refusal(response) for response in (stolen, again)] == [Refusal.FAILED] * 2


def test_request_is_bound_by_a_challenge_and_asks_for_nothing_that_an_address_names(client, idp):
    asked = parse_qs(urlsplit(leave(client, f"{LOGIN}?auth_params=prompt%3Dnone&scope=admin")).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in asked


def test_canceling_there_signs_no_one_in(client, idp):
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]

    assert refusal(client.get(f"{LOGIN}callback/?error=access_denied&state={state}")) == Refusal.FAILED


def test_provider_that_is_off_or_of_an_inactive_client_is_not_there(client, idp, bright):
    idp.is_on = False
    idp.save()
    addresses = (LOGIN, f"{LOGIN}callback/", "/accounts/sign-on/bright/")
    assert {client.get(address).status_code for address in addresses} == {404}
    idp.is_on = True
    idp.save()
    bright.is_active = False
    bright.save()
    assert {client.get(address).status_code for address in addresses} == {404}


def test_no_page_of_allauth_links_an_account_to_a_provider(client, idp, cleo):
    client.force_login(cleo)
    for address in (
        "3rdparty/",
        "3rdparty/signup/",
        "3rdparty/login/error/",
        "social/connections/",
        "saml/bright/acs/",
    ):
        assert client.get(f"/accounts/{address}").status_code == 404
    assert client.get(f"{LOGIN}?process=connect").status_code == 404
    assert client.get(f"{LOGIN}?process=redirect").status_code == 404


# Confirming that it is still them


def test_signing_in_there_again_is_enough_for_what_asks_for_it(client, idp, bright):
    mia = member(bright, "mia@bright.example")
    mia.set_unusable_password()
    mia.save()
    someone_there(idp, "m", email="mia@bright.example")
    sign_in_there(client, "m")

    asked = client.get("/accounts/2fa/totp/activate/")
    there = client.get(asked["Location"])
    query = parse_qs(urlsplit(leave(client, there["Location"])).query)
    back = sign_in_there(client, "m", there["Location"])
    on = client.get(back["Location"])

    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
    assert on["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get(on["Location"]).status_code == 200


def test_signing_in_there_again_is_another_way_for_someone_who_has_a_password(client, idp, bright):
    mia = member(bright, "mia@bright.example")
    sign_in(client, mia)

    asked = client.get("/accounts/2fa/totp/activate/")
    page = client.get(asked["Location"])

    ways = [way["url"] for way in page.context["reauthentication_alternatives"]]
    assert ways == ["/accounts/sign-on/again/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"]


def test_someone_without_a_password_closes_the_account_and_ends_sessions_after_signing_in_again(client, idp, bright):
    idp.adds_people = True
    idp.save()
    someone_there(idp, "n", email="new@bright.example")
    other = Browser()
    sign_in_there(other, "n")
    sign_in_there(client, "n")
    for address in ("/accounts/sessions/", "/accounts/delete/"):
        assert client.get(address)["Location"].partition("?")[0] == "/accounts/sign-on/again/"

    sign_in_there(client, "n", f"{LOGIN}?process=again")
    client.post("/accounts/sessions/")
    client.post("/accounts/delete/", {"understood": "on"})

    assert other.get("/accounts/notifications/").status_code == 302
    assert not User.objects.filter(email="new@bright.example").exists()


def test_someone_without_any_way_to_confirm_that_it_is_them_is_led_to_choose_a_password(client, idp, bright):
    idp.adds_people = True
    idp.save()
    someone_there(idp, "n", email="new@bright.example")
    sign_in_there(client, "n")
    idp.delete()

    for address in ("/accounts/sessions/", "/accounts/delete/"):
        led = client.get(address)
        assert led["Location"].partition("?")[0] == "/accounts/password/reset/"
    assert "Choose one, then do this again." in client.get(led["Location"]).text


def test_someone_else_there_confirms_nothing(client, idp, bright):
    mia = member(bright, "mia@bright.example")
    member(bright, "max@bright.example")
    for name in ("mia", "max"):
        someone_there(idp, name, email=f"{name}@bright.example")
    sign_in_there(client, "mia")

    assert refusal(sign_in_there(client, "max", f"{LOGIN}?process=again")) == Refusal.SOMEONE_ELSE
    assert signed_in(client) == mia.pk


# What is enforced


@pytest.fixture
def enforced(idp, cleo):
    idp.is_enforced, idp.break_glass = True, with_second_factor(cleo)
    idp.save()
    return idp


def test_password_leads_to_the_provider_while_it_is_enforced(client, enforced, bright):
    mia = member(bright, "mia@bright.example")

    response = give_password(client, mia, next="/talent/")

    assert unquote(response["Location"]) == "/accounts/sign-on/bright/?next=/talent/"
    assert signed_in(client) is None


def test_password_still_does_for_whom_it_is_not_enforced(enforced, bright, cleo):
    elsewhere = member(bright, "mia@elsewhere.example")
    outsider = person(email="outsider@bright.example")
    root = person(email="root@bright.example", is_staff=True)
    ClientMembershipFactory(user=root, client=bright)
    unlinked = member(bright, "both@bright.example")
    ClientMembershipFactory(user=unlinked)

    for user in (elsewhere, outsider, root, unlinked):
        browser = Browser()
        give_password(browser, user)
        assert signed_in(browser) == user.pk
    assert give_password(Browser(), cleo)["Location"] == "/accounts/2fa/authenticate/"


def test_another_address_here_gives_no_password_back(client, enforced, bright):
    mia = member(bright, "mia@bright.example")
    someone_there(enforced, "m", email="mia@bright.example")
    sign_in_there(client, "m")
    mia.emailaddress_set.update(email="mia@elsewhere.example")
    User.objects.filter(pk=mia.pk).update(email="mia@elsewhere.example")
    mia.refresh_from_db()
    browser = Browser()

    assert give_password(browser, mia)["Location"] == "/accounts/sign-on/bright/"
    assert signed_in(browser) is None


def test_refusal_is_in_the_security_log_without_the_address(client, idp, caplog):
    someone_there(idp, "n", email="new@bright.example")
    with caplog.at_level("WARNING", "marketplace.security"):
        sign_in_there(client, "n")

    [record] = [record for record in caplog.records if record.name == "marketplace.security"]
    assert (record.getMessage(), record.facts) == ("Failed to sign in", {"address": digest("new@bright.example")})


def test_admin_who_keeps_a_password_needs_a_second_factor_for_it(client, enforced, cleo):
    cleo.authenticator_set.all().delete()

    assert give_password(client, cleo)["Location"] == "/accounts/sign-on/bright/"


def test_no_password_can_be_reset_while_the_provider_is_enforced(
    client, enforced, bright, mailoutbox, django_capture_on_commit_callbacks
):
    member(bright, "mia@bright.example")
    with django_capture_on_commit_callbacks(execute=True):
        for email in ("mia@bright.example", "cleo@bright.example"):
            client.post("/accounts/password/reset/", {"email": email})

    subjects = {mail.to[0]: mail.subject for mail in mailoutbox}
    assert subjects == {
        "mia@bright.example": "Sign in with your organization",
        "cleo@bright.example": "Choose a new password",
    }


# Whatever a provider answers


CONFIGURATION = {
    "issuer": "{url}",
    "authorization_endpoint": "{url}/a",
    "token_endpoint": "{url}/t",
    "jwks_uri": "{url}/k",
}


def answering(**pages):
    """Serve JSON, or text, by path, with the server's address in it."""

    def answer(handler):
        page = pages.get(handler.path.strip("/").partition("/")[0].strip("."), "")
        text = page if isinstance(page, str) else json.dumps(page)
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(text.replace("{url}", f"http://{handler.headers['Host']}").encode())

    return serving(answer)


@pytest.mark.parametrize(
    "configuration",
    [
        "", "not JSON", "[]", "1", {}, CONFIGURATION | {"issuer": "https://other.example"},
        CONFIGURATION | {"token_endpoint": 7}, CONFIGURATION | {"authorization_endpoint": "javascript:alert(1)"},
    ],
)  # fmt: skip
def test_provider_that_says_nonsense_of_itself_is_refused(client, idp, configuration):
    with answering(**{"well-known": configuration}) as url:
        IdentityProvider.objects.update(issuer=url)
        assert refusal(client.get(LOGIN)) == Refusal.FAILED


def test_provider_that_does_not_answer_is_asked_once_a_minute(client, idp, monkeypatch, settings):
    IdentityProvider.objects.update(issuer="https://down.example")
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_on_lead": "2/m/ip"}
    asked = []

    def fetch(address):
        asked.append(address)
        raise NoAnswer(Reason.CONNECTION)

    monkeypatch.setattr(oidc, "fetch", fetch)

    assert [refusal(client.get(LOGIN)) for _ in range(2)] == [Refusal.FAILED] * 2
    assert len(asked) == 1
    assert client.get(LOGIN).status_code == 429


def signed(key, claims, **headers):
    return jwt.encode(claims, key, algorithm="RS256", headers=headers)


def test_id_token_is_trusted_only_if_the_provider_signed_it_for_us_and_now(own_network):
    key, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": "1", "alg": "RS256"}
    now = int(time.time())
    with answering(**{"well-known": CONFIGURATION, "k": {"keys": [public]}}) as url:
        found = oidc.configuration(url)
        good = {"iss": url, "aud": "us", "sub": "s", "iat": now, "exp": now + 60, "email": "a@b.example"}
        assert oidc.claims(found, {"id_token": signed(key, good, kid="1")}, client_key="us").subject == "s"
        odd = {"id_token": signed(key, good | {"auth_time": 10**30, "email": "\ud800", "name": "A\0"}, kid="1")}
        assert oidc.claims(found, odd, client_key="us") == ("s", "", None, "A", None)
        bad = {
            "another key": signed(other, good, kid="1"),
            "an unknown key": signed(key, good, kid="2"),
            "none": jwt.encode(good, "", algorithm="none", headers={"kid": "1"}),
            "a shared secret": jwt.encode(good, "our-secret-" * 4, algorithm="HS256", headers={"kid": "1"}),
            "another audience": signed(key, good | {"aud": "them"}, kid="1"),
            "made for others too": signed(key, good | {"aud": ["us", "them"], "azp": "them"}, kid="1"),
            "another issuer": signed(key, good | {"iss": "https://other.example"}, kid="1"),
            "expired": signed(key, good | {"exp": now - 600}, kid="1"),
            "from the future": signed(key, good | {"iat": now + 600}, kid="1"),
            "no subject": signed(key, {name: value for name, value in good.items() if name != "sub"}, kid="1"),
            "a subject that can't be stored": signed(key, good | {"sub": "s\0"}, kid="1"),
            "an end that is no time": signed(key, good | {"exp": float("inf")}, kid="1"),
            "no token": "",
        }
        for what, token in bad.items():
            with pytest.raises(oidc.BadProvider):
                pytest.fail(f"{what}: {oidc.claims(found, {'id_token': token}, client_key='us')}")


def test_provider_that_names_no_way_to_give_the_secret_gets_it_in_a_header(own_network):
    with answering(t={"access_token": "x"}) as url:
        found = {"token_endpoint": f"{url}/t", "token_endpoint_auth_methods_supported": None}
        assert oidc.tokens(found, client=("us", "secret"), code="c") == {"access_token": "x"}


def test_user_info_about_someone_else_is_refused(own_network):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    now = int(time.time())
    pages = {"well-known": CONFIGURATION | {"userinfo_endpoint": "{url}/u"}, "k": {"keys": [public]}}
    said = {"aud": "us", "sub": "s", "iat": now, "exp": now + 60}
    for subject, is_taken in (("s", True), ("t", False)):
        with answering(**pages, u={"sub": subject, "email": "a@b.example"}) as url:
            found = oidc.configuration(url)
            given = {"id_token": signed(key, said | {"iss": url}), "access_token": "x"}
            if is_taken:
                assert oidc.claims(found, given, client_key="us").email == "a@b.example"
            else:
                with pytest.raises(oidc.BadProvider):
                    oidc.claims(found, given, client_key="us")
