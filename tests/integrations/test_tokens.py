"""Tokens of a client: who creates and revokes them, how long they work, and what is kept of them."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from integrations.forms import NetworksField
from integrations.models import AccessToken
from integrations.models.token import digest_of
from tests.factories import AccessTokenFactory, ClientFactory, ClientMembershipFactory
from tests.site import person, sign_in

pytestmark = pytest.mark.django_db

LIST = "/integrations/"
NEW = "/integrations/tokens/new/"


def fields(**values):
    given = {"name": "Supplier database", "scopes": ["certifications:read"], "lasts": "90", "networks": ""}
    return given | {"submission": str(uuid.uuid4())} | values


def test_a_new_token_is_shown_once_and_only_its_digest_is_stored(client, admin):
    assert "No tokens yet" in client.get(LIST).text

    response = client.post(NEW, fields(networks="203.0.113.7\n2001:db8::/32", lasts="365"))

    [secret] = set(re.findall(r"dcm_live_[0-9a-f]{64}", response.text))
    assert response.headers["Cache-Control"] == "private, no-store"
    token = AccessToken.objects.get()
    assert (token.digest, token.ending, token.made_by) == (digest_of(secret), secret[-4:], admin.user)
    assert token.networks == ["203.0.113.7/32", "2001:db8::/32"]
    assert token.expires_at - token.created_at == timedelta(days=365)
    listed = client.get(LIST).text
    assert secret not in listed
    assert all(words in listed for words in ("Supplier database", secret[-4:], "Read certifications", "203.0.113.7/32"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(token)::text FROM integrations_accesstoken AS token")
        assert secret[9:] not in cursor.fetchone()[0]


def test_pages_say_of_what_a_token_for_files_gives_files(client, admin):
    words = "files of certifications and of spend reports"

    assert words in client.get(NEW).text
    assert words in client.get("/developers/").text


def test_a_second_click_creates_no_second_token(client, admin):
    sent = fields()
    client.post(NEW, sent)

    again = client.post(NEW, sent, follow=True)

    assert "can't be shown again" in unescape(again.text)
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"scopes": []}, "Choose at least one"),
        ({"scopes": ["everything"]}, "Select a valid choice"),
        ({"lasts": "900"}, "Select a valid choice"),
        ({"networks": "203.0.113.7\nour office"}, "“our office” isn't an address or a range of addresses"),
        ({"networks": "203.0.113.7/24"}, "“203.0.113.7/24” is an address within a range. The range is 203.0.113.0/24."),
        ({"networks": "\n".join(f"10.0.0.{n}" for n in range(51))}, "You listed 51."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_created(client, admin, values, words):
    response = client.post(NEW, fields(**values))

    assert words in unescape(response.text)
    assert not AccessToken.objects.exists()


def test_form_begins_without_addresses_and_a_draft_keeps_those_typed(client, admin):
    assert re.search(r'<textarea name="networks"[^>]*>\s*</textarea>', client.get(NEW).text)
    page = client.post(NEW, fields(name="", networks="203.0.113.7\n2001:db8::/32"), follow=True)

    assert re.search(r'<textarea name="networks"[^>]*>\s*203.0.113.7\n2001:db8::/32</textarea>', page.text)


def test_networks_are_listed_once_each():
    assert NetworksField(required=False).clean("10.0.0.1, 10.0.0.1/32\n\n2001:DB8::1") == [
        "10.0.0.1/32",
        "2001:db8::1/128",
    ]


def test_a_client_has_no_more_tokens_than_it_can_look_after(client, admin):
    AccessTokenFactory.create_batch(AccessToken.MOST, client=admin.client, made_by=admin.user)

    assert "has 20 tokens. Revoke one first." in client.post(NEW, fields()).text
    AccessToken.objects.filter(pk=AccessToken.objects.first().pk).revoke(by=admin.user)

    assert client.post(NEW, fields()).status_code == 201


def test_revoking_is_confirmed_and_final(client, admin):
    token = AccessTokenFactory(client=admin.client, made_by=admin.user)
    url = f"{LIST}tokens/{token.pk}/revoke/"

    assert "Programs that use this token stop working at once" in client.get(url).text
    assert AccessToken.objects.in_force().get() == token
    assert "is revoked" in client.post(url, follow=True).text

    token.refresh_from_db()
    assert token.revoked_by == admin.user
    first = token.revoked_at
    client.post(url)
    token.refresh_from_db()
    assert token.revoked_at == first
    assert not AccessToken.objects.in_force().exists()


def test_another_clients_token_does_not_exist(client, admin):
    token = AccessTokenFactory(name="Theirs")

    assert client.post(f"{LIST}tokens/{token.pk}/revoke/").status_code == 404
    assert "Theirs" not in client.get(LIST).text
    assert AccessToken.objects.in_force().get() == token


@pytest.mark.parametrize("url", [LIST, NEW])
def test_pages_are_for_admins_of_clients_that_may_be_shown_certifications(client, admin, url):
    member = ClientMembershipFactory(client=admin.client, user=person()).user
    basic = ClientMembershipFactory(client__plan="basic", role="admin", user=person()).user
    inactive = ClientMembershipFactory(client__is_active=False, role="admin", user=person()).user
    answers = {}
    for name, user in {"member": member, "basic": basic, "inactive": inactive, "none": person()}.items():
        sign_in(client, user, again=True)
        answers[name] = client.get(url).status_code

    assert answers == {"member": 403, "basic": 404, "inactive": 404, "none": 404}


def test_admin_of_a_client_that_is_shown_nothing_revokes_its_tokens(client):
    admin = ClientMembershipFactory(client__plan="basic", role="admin", user=person())
    token = AccessTokenFactory(client=admin.client, made_by=admin.user, name="Leaked")
    revoke = f"{LIST}tokens/{token.pk}/revoke/"
    member = ClientMembershipFactory(client=admin.client, user=person()).user
    sign_in(client, member, again=True)
    assert [client.get(url).status_code for url in (LIST, revoke)] == [403, 403]
    sign_in(client, admin.user, again=True)

    listed = client.get(LIST)

    assert f'href="{LIST}"' in client.get("/integrations/sign-on/").text
    assert "Leaked" in listed.text
    assert NEW not in listed.text
    assert client.get(NEW).status_code == 404
    assert "is revoked" in client.post(revoke, follow=True).text
    assert not AccessToken.objects.in_force().exists()


def leaves(token):
    token.made_by.client_memberships.all().delete()


def is_no_admin_any_more(token):
    token.made_by.client_memberships.update(role="member")


def is_inactive(token):
    type(token.made_by).objects.filter(pk=token.made_by_id).update(is_active=False)


def has_an_inactive_client(token):
    type(token.client).objects.filter(pk=token.client_id).update(is_active=False)


@pytest.mark.parametrize("end", [leaves, is_no_admin_any_more, is_inactive, has_an_inactive_client])
def test_a_token_works_only_as_long_as_its_maker_is_an_active_admin(end):
    token = AccessTokenFactory()
    ClientMembershipFactory(user=token.made_by, role="admin")  # being an admin elsewhere does not count
    assert AccessToken.objects.in_force().get() == token

    end(token)

    assert not AccessToken.objects.in_force().exists()


def test_the_list_says_that_a_token_of_a_former_admin_does_not_work(client, admin):
    token = AccessTokenFactory(client=admin.client)
    leaves(token)

    assert "its creator is no longer an admin" in client.get(LIST).text


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"expires_at": timezone.now() + timedelta(days=400)}, "token_expires_within_a_year"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "token_expires_within_a_year"),
        ({"scopes": []}, "token_has_a_scope"),
        ({"revoked_by_id": 1}, "token_revoked_at_a_time"),
    ],
)
def test_the_database_refuses_what_no_token_is(values, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AccessTokenFactory(client=ClientFactory(), **values)


def test_an_expired_token_does_not_work(client, admin):
    AccessTokenFactory(client=admin.client, made_by=admin.user, created_at=timezone.now() - timedelta(days=91))

    assert not AccessToken.objects.in_force().exists()
    assert "Tokens that no longer work" in client.get(LIST).text


@pytest.mark.parametrize(
    ("networks", "address", "may"),
    [
        ([], "198.51.100.1", True),
        (["203.0.113.0/24"], "203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.114.9", False),
        (["203.0.113.0/24", "2001:db8::/32"], "2001:db8::9", True),
        (["203.0.113.0/24"], "", False),
    ],
)
def test_a_token_is_used_only_from_its_addresses(networks, address, may):
    assert AccessToken(networks=networks).may_come_from(address) is may


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_takes_as_many_queries_however_long(client, admin, count, django_assert_num_queries):
    AccessTokenFactory.create_batch(count, client=admin.client)
    client.get(LIST)

    with django_assert_num_queries(6):
        client.get(LIST)
