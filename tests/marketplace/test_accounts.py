"""Pages of an account that allauth has none for: notifications, other sessions, and deleting the account."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser

from certifications.models import Certification, DigestSubscription, ReminderStop
from common.mail import outbox
from marketplace.closing import InTheWay, close, closing_of
from profiles.models import Client, ClientMembership, Invitation, Membership, Profile, User
from tests.factories import (
    PASSWORD,
    AgencyFactory,
    CertificationFactory,
    ClientMembershipFactory,
    MembershipFactory,
    ProfileFactory,
    WorkHistoryFactory,
)
from tests.site import person

pytestmark = pytest.mark.django_db

DELETE = "/accounts/delete/"


@pytest.fixture
def owner():
    return person(name="Fay Freeman", email="fay@example.test")


@pytest.fixture
def profile(owner):
    return ProfileFactory(owner=owner, name="Fay Freeman")


def delete(client, password=PASSWORD, **typed):
    return client.post(DELETE, {"password": password, "understood": "on"} | typed)


def test_an_account_goes_with_its_profile_and_all_its_certification_data(client, owner, profile):
    WorkHistoryFactory(profile=profile)
    CertificationFactory(profile=profile)
    Invitation.objects.create(email=owner.email, role="member", profile=AgencyFactory())
    client.force_login(owner)
    assert "Fay Freeman" in client.get(DELETE).text

    response = delete(client)

    assert response.url == "/"
    assert not User.objects.filter(pk=owner.pk).exists()
    assert not Profile.objects.filter(pk=profile.pk).exists()
    assert not Certification.objects.exists()
    assert not Invitation.objects.exists()
    assert "Sign in" in client.get("/").text
    outbox.send_waiting.call()
    assert "Your account was deleted" in [message.subject for message in mail.outbox]


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"password": "wrong"}, "That password is wrong. Try again."), ({"understood": ""}, "Confirm that this can")],
)
def test_nothing_is_deleted_without_the_password_and_the_confirmation(typed, said, client, owner, profile):
    client.force_login(owner)

    assert said in delete(client, **typed).text
    assert User.objects.filter(pk=owner.pk).exists()


def test_an_agency_with_other_members_needs_another_owner_first(client, owner):
    agency = AgencyFactory(owner=owner, name="Ames Works")
    member = MembershipFactory(profile=agency, user=person(), role=Membership.Role.ADMIN)
    client.force_login(owner)
    assert closing_of(owner).in_the_way == [agency]
    assert "Ames Works" in client.get(DELETE).text
    delete(client)
    with pytest.raises(InTheWay):
        close(owner)
    assert User.objects.filter(pk=owner.pk).exists()

    Membership.objects.filter(pk=member.pk).update(role=Membership.Role.OWNER)
    delete(client)

    assert not User.objects.filter(pk=owner.pk).exists()
    assert agency.memberships.get() == member


def test_a_client_stays_and_must_have_another_admin_first(owner):
    own = ClientMembershipFactory(user=owner, role=ClientMembership.Role.ADMIN)
    other = ClientMembershipFactory(client=own.client)
    assert closing_of(owner).in_the_way == [own.client]

    other.delete()
    close(owner)

    assert Client.objects.filter(pk=own.client_id).exists()


def test_staff_are_not_deleted_here(client, owner):
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    client.force_login(owner)

    delete(client)

    assert User.objects.filter(pk=owner.pk).exists()


def test_notifications_are_turned_on_and_off_in_one_place(client, owner, profile):
    record = CertificationFactory(profile=profile)
    CertificationFactory(profile=profile, expires_on=None, does_not_expire=True)  # has none to turn off
    client.force_login(owner)
    page = "/accounts/notifications/"
    assert client.get(page).text.count('class="switch"') == 2

    for path, values in (("seen-by/digest/", {"on": "1"}), (f"{record.pk}/reminders/", {})):
        address = f"{profile.get_absolute_url()}certifications/{path}"
        assert client.post(address, values | {"next": page}).url == page

    assert DigestSubscription.objects.filter(profile=profile, user=owner).exists()
    assert ReminderStop.objects.filter(certification=record, user=owner).exists()


def test_the_notifications_of_others_are_not_listed(client, profile):
    CertificationFactory(profile=profile)
    client.force_login(person())

    assert 'class="switch"' not in client.get("/accounts/notifications/").text


SESSIONS = "/accounts/sessions/"


def test_one_signs_out_everywhere_else_and_keeps_the_password(client, owner):
    elsewhere = Browser()
    for browser in (client, elsewhere):
        browser.force_login(owner)

    response = client.post(SESSIONS, {"password": PASSWORD}, follow=True)

    assert "You are signed out everywhere else." in response.text
    assert [browser.get(SESSIONS).status_code for browser in (client, elsewhere)] == [200, 302]
    assert User.objects.get().check_password(PASSWORD)


def test_no_one_is_signed_out_elsewhere_without_the_password(client, owner):
    elsewhere = Browser()
    for browser in (client, elsewhere):
        browser.force_login(owner)

    assert "That password is wrong. Try again." in client.post(SESSIONS, {"password": "wrong"}).text
    assert elsewhere.get(SESSIONS).status_code == 200


@pytest.mark.parametrize("path", [SESSIONS, DELETE])
def test_guessing_the_password_of_a_page_left_open_is_limited(path, client, owner, settings):
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"reauthenticate": "1/h/user"}
    client.force_login(owner)
    client.post(path, {"password": "wrong"})

    assert "Too many tries" in client.post(path, {"password": PASSWORD, "understood": "on"}).text
    assert User.objects.filter(pk=owner.pk).exists()
