from io import StringIO

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, reverse

from certifications.models import Certification, CertificationType
from devtools.demo import filling
from devtools.demo.accounts import ACCOUNTS
from profiles.models import Profile, User, WorkHistory
from rollout.models import RolloutPolicy
from tests.devtools import demo_urls
from tests.factories import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def debug(settings):
    settings.DEBUG = True


@pytest.fixture
def account():
    """One of the demo's accounts, without the rest of it."""
    return UserFactory(email="basic@demo.test")


@pytest.fixture
def helpers(settings, debug):
    settings.ROOT_URLCONF = demo_urls.__name__


# When it is loaded


@pytest.mark.parametrize("factory", [UserFactory, ProfileFactory])
def test_a_database_with_other_people_is_left_alone(debug, factory):
    factory()

    with pytest.raises(CommandError, match="already holds other people"):
        call_command("demo", stdout=StringIO())

    assert not CertificationType.objects.exists()


def test_the_demo_is_refused_with_debug_off():
    with pytest.raises(CommandError, match="DEBUG on only"):
        call_command("demo", stdout=StringIO())

    assert not User.objects.exists()


# Helpers for trying the site


def test_helpers_have_no_address_with_debug_off(client):
    with pytest.raises(NoReverseMatch):
        reverse("demo_sign_in")

    assert client.get("/mail/", secure=True).status_code == 404
    assert client.post("/accounts/demo/", {"email": ACCOUNTS[0].email}, secure=True).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("get", "/mail/"), ("post", "/accounts/demo/")])
def test_helpers_refuse_by_themselves_with_debug_off(client, settings, account, helpers, method, path):
    settings.DEBUG = False

    response = getattr(client, method)(path, {"email": account.email}, secure=True)

    assert response.status_code == 404
    assert "_auth_user_id" not in client.session


def test_one_click_signs_in_and_goes_on(client, account, helpers):
    response = client.post("/accounts/demo/", {"email": "basic@demo.test", "next": "/talent/"}, secure=True)

    assert response["Location"] == "/talent/"
    assert client.session["_auth_user_id"] == str(account.pk)


@pytest.mark.parametrize("target", ["https://elsewhere.test/", "//elsewhere.test/", ""])
def test_one_click_never_leads_to_another_site(client, account, helpers, target):
    response = client.post("/accounts/demo/", {"email": "basic@demo.test", "next": target}, secure=True)

    assert response["Location"] == "/"


def test_one_click_is_for_the_demos_accounts_only(client, account, helpers):
    other = UserFactory()

    assert client.post("/accounts/demo/", {"email": other.email}, secure=True).status_code == 404
    assert client.get("/accounts/demo/", {"email": account.email}, secure=True).url == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_the_sign_in_page_offers_no_account_before_they_are_loaded(client, helpers):
    assert client.get(reverse("account_login"), secure=True).context["demo_accounts"]() == []


def test_mail_is_read_newest_first_with_its_links(client, settings, tmp_path, helpers):
    settings.MAIL_DIR = tmp_path
    backend = EmailBackend(file_path=str(tmp_path))
    first = EmailMultiAlternatives("First", "Hello <b>", "site@demo.test", ["a@demo.test"])
    second = EmailMultiAlternatives("Sécond", "Go to https://testserver/x/?a=1", "site@demo.test", ["b@demo.test"])
    second.attach_alternative('<p title="é">Gó', "text/html")
    backend.send_messages([first, second])

    page = client.get("/mail/", secure=True)
    content = page.content.decode()

    assert [mail["subject"] for mail in page.context["mails"]] == ["Sécond", "First"]
    assert 'href="https://testserver/x/?a=1"' in content
    assert "Hello &lt;b&gt;" in content
    assert 'srcdoc="&lt;p title=&quot;é&quot;&gt;Gó' in content
    assert "b@demo.test" in content


def test_the_mail_page_says_so_when_there_is_none(client, settings, tmp_path, helpers):
    settings.MAIL_DIR = tmp_path / "none"

    assert "No emails yet" in client.get("/mail/", secure=True).content.decode()


# Filling


@pytest.mark.slow
def test_fill_adds_up_to_a_number_of_profiles(debug):
    call_command("fill", "30", verbosity=0, stdout=StringIO())
    call_command("fill", "50", verbosity=0, stdout=StringIO())
    call_command("fill", "40", verbosity=0, stdout=StringIO())

    assert Profile.objects.filter(slug__startswith="filled-").count() == 50
    assert WorkHistory.objects.filter(profile__slug__startswith="filled-").exists()
    for profile in Profile.objects.all():
        profile.full_clean()
    for record in Certification.objects.all():
        record.full_clean(exclude=["attested_by"])  # no one attested what is made up


@pytest.mark.slow
def test_fill_makes_two_pages_that_differ_in_five_badges_only(debug):
    call_command("fill", "1", verbosity=0, stdout=StringIO())

    certified = Profile.objects.get(slug=filling.BENCH_CERTIFIED)
    plain = Profile.objects.get(slug=filling.BENCH_PLAIN)
    records = Certification.objects.filter(profile=certified).with_status(RolloutPolicy.in_force())

    assert len({record.type for record in records}) == 5
    assert {record.unseen_because for record in records} == {""}
    assert not plain.certifications.exists()
    assert (certified.name, certified.overview, certified.skills) == (plain.name, plain.overview, plain.skills)


def test_fill_is_refused_with_debug_off():
    with pytest.raises(CommandError, match="DEBUG on only"):
        call_command("fill", "1", verbosity=0)

    assert not Profile.objects.exists()
