"""Directories of clients: who gets access by them, who loses it, and what Microsoft Entra and Okta send."""

import json
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_server.testing import ScimStorageContract
from scim2_tester import Status, check_server

from common.translation import plain
from integrations.models import AccessToken, DirectoryGroup, DirectoryPerson, DirectoryToken, EmailDomain
from integrations.scim.provider import PROVIDER
from integrations.scim.storage import Directory
from profiles.models import ClientMembership, User
from sourcing import terms
from sourcing.models import Shortlist
from tests.factories import AccessTokenFactory, ClientFactory, ClientMembershipFactory, ProfileFactory, UserFactory
from tests.site import person, sign_in

pytestmark = pytest.mark.django_db

TOO_LONG = f"{'b' * 60}@{'o.' * 100}bright.com"  # for an account
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class TestStorage(ScimStorageContract):
    """The library's own rules for a storage, but for those of cursors, which the service doesn't announce."""

    for name in [name for name in vars(ScimStorageContract) if name.startswith("test_cursor")]:
        locals()[name] = None

    @pytest.fixture
    def provider(self):
        return PROVIDER

    @pytest.fixture
    def storage(self, db):
        return Directory(ClientFactory().pk)


class Connected:
    """A client's directory that talks to the site."""

    def __init__(self, client, browser):
        self.client, self.browser = client, browser
        _, self.secret = DirectoryToken.make(client.pk, by=UserFactory())

    def ask(self, method, path, body=None, **headers):
        response = self.browser.generic(
            method,
            f"/scim/v2/{self.client.slug}/{quote(path, safe='/?&=')}",
            json.dumps(body) if body is not None else "",
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.secret}"} | headers,
        )
        return response.status_code, json.loads(response.content or b"null")

    def add(self, user_name="bo@bright.com", **values):
        status, found = self.ask("POST", "Users", {"schemas": [USER], "userName": user_name, "active": True} | values)
        assert status == 201, found
        return found["id"]

    def patch(self, path, *operations):
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def group(self, name, *members):
        values = {"schemas": [GROUP], "displayName": name, "members": [{"value": key} for key in members]}
        status, found = self.ask("POST", "Groups", values)
        assert status == 201, found
        return found["id"]


@pytest.fixture
def directory(client):
    """The directory of "bright", which has verified bright.com."""
    bright = ClientFactory(slug="bright", name="Bright Foods")
    EmailDomain.objects.create(client=bright, name="bright.com", verified_at=timezone.now())
    return Connected(bright, client)


@pytest.fixture
def kept_connection():
    """A whole request leaves the connection of the test open, which Django otherwise closes after each."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("kept_connection")
def test_the_standards_own_checks_pass(directory, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    asked = WSGISCIMClient(
        WSGIHandler(),
        base_url=f"http://testserver/scim/v2/{directory.client.slug}",
        headers={"Authorization": f"Bearer {directory.secret}"},
    )

    results = check_server(asked)

    wrong = [f"{each.title}: {each.reason}" for each in results if each.status in (Status.ERROR, Status.CRITICAL)]
    assert wrong == []
    assert sum(each.status in (Status.SUCCESS, Status.COMPLIANT) for each in results) > 50


def members(directory):
    return set(ClientMembership.objects.filter(client=directory.client).values_list("user__email", flat=True))


def test_a_person_of_the_directory_gets_an_account_and_becomes_a_member(directory):
    key = directory.add("bo", name={"givenName": "Bo", "familyName": "Berg"}, emails=[{"value": "Bo@Bright.com"}])

    user = User.objects.get(email="bo@bright.com")
    assert (user.name, user.has_usable_password(), user.is_staff) == ("Bo Berg", False, False)
    assert user.client_memberships.get().role == ClientMembership.Role.MEMBER
    status, found = directory.ask("GET", f"Users/{key}")
    assert (status, found["userName"], found["active"]) == (200, "bo", True)
    assert found["meta"]["location"].endswith(f"/scim/v2/bright/Users/{key}")


OFF = [
    pytest.param([{"op": "replace", "path": "active", "value": False}], id="with a path"),
    pytest.param([{"op": "replace", "value": {"active": False}}], id="without a path, as Okta"),
    pytest.param([{"op": "Replace", "path": "active", "value": "False"}], id="as a string, as Entra"),
    pytest.param([{"op": "Add", "path": "active", "value": "false"}], id="added"),
]


@pytest.mark.parametrize("operations", OFF)
def test_turning_someone_off_ends_access_and_sessions_at_once_and_nothing_else(operations, directory, client):
    key = directory.add()
    user = User.objects.get(email="bo@bright.com")
    kept = Shortlist.objects.create(client=directory.client, name="Bids", created_by=user)
    client.force_login(user)
    assert client.get("/accounts/email/").status_code == 200

    assert directory.patch(f"Users/{key}", *operations)[0] == 204

    assert directory.ask("GET", f"Users/{key}")[1]["active"] is False
    assert members(directory) == set()
    assert client.get("/accounts/email/").status_code == 302
    kept.refresh_from_db()
    assert kept.created_by == user


def test_deleting_someone_ends_their_access_and_they_can_be_added_again(directory):
    key = directory.add()

    assert directory.ask("DELETE", f"Users/{key}") == (204, None)
    assert directory.ask("GET", f"Users/{key}")[0] == 404
    assert members(directory) == set()

    directory.add()
    assert members(directory) == {"bo@bright.com"}


def test_only_the_membership_of_this_client_is_taken(directory):
    bo = person(email="bo@bright.com")
    elsewhere = ClientMembershipFactory(user=bo)
    own = ProfileFactory(owner=bo)
    key = directory.add()
    assert members(directory) == {"bo@bright.com"}

    directory.ask("DELETE", f"Users/{key}")

    assert list(bo.client_memberships.all()) == [elsewhere]
    assert own.users.get() == bo


def test_someone_whom_an_admin_removed_comes_back_only_when_the_directory_turns_them_on_anew(directory):
    key = directory.add()
    ClientMembership.objects.all().delete()

    directory.patch(f"Users/{key}", {"op": "replace", "path": "title", "value": "Buyer"})
    directory.patch(f"Users/{key}", {"op": "replace", "path": "active", "value": True})
    assert members(directory) == set()

    for value in (False, True):
        directory.patch(f"Users/{key}", {"op": "replace", "path": "active", "value": value})
    assert members(directory) == {"bo@bright.com"}


def test_someone_whom_the_directory_turns_on_again_is_who_they_were_whatever_their_address_here_is(directory):
    key = directory.add()
    bo = User.objects.get(email="bo@bright.com")
    directory.patch(f"Users/{key}", {"op": "replace", "path": "active", "value": False})
    User.objects.filter(pk=bo.pk).update(email="bo@home.example")
    EmailAddress.objects.filter(user=bo).update(email="bo@home.example")
    person(email="bo@bright.com")  # someone else has the address now

    directory.patch(f"Users/{key}", {"op": "replace", "path": "active", "value": True})

    assert members(directory) == {"bo@home.example"}


def staff_member():
    person(email="bo@bright.com", is_staff=True)


def closed_account():
    person(email="bo@bright.com", is_active=False)


def unconfirmed_account():
    EmailAddress.objects.create(user=UserFactory(email="bo@bright.com"), email="bo@bright.com", primary=True)


@pytest.mark.parametrize(
    ("existing", "words"),
    [
        (staff_member, "Staff of the marketplace aren't added"),
        (closed_account, "The marketplace has closed this account"),
        (unconfirmed_account, "They have an account here and haven't confirmed its email address"),
    ],
)
def test_no_account_that_is_not_the_clients_to_give_gets_access(existing, words, directory, client):
    existing()
    before = User.objects.values("is_staff", "is_active", "password").get(email="bo@bright.com")

    key = directory.add()
    for value in (False, True):
        directory.patch(f"Users/{key}", {"op": "replace", "path": "active", "value": value})

    assert members(directory) == set()
    assert User.objects.values("is_staff", "is_active", "password").get(email="bo@bright.com") == before
    assert words in page_of(directory, client)


@pytest.mark.parametrize("email", ["bo@other.com", "bo@sub.bright.com", "bo@bright.com.evil.com", "bo", TOO_LONG])
def test_only_addresses_in_a_verified_domain_give_access(email, directory):
    EmailDomain.objects.create(client=directory.client, name="other.com")

    directory.add(email)

    assert members(directory) == set()
    assert not User.objects.filter(email=email).exists()


@pytest.mark.django_db(transaction=True)
def test_someone_gets_access_once_they_confirm_their_address(directory):
    unconfirmed_account()
    directory.add()
    address = EmailAddress.objects.get()
    address.verified = True
    address.save()

    email_confirmed.send(EmailAddress, request=None, email_address=address)

    assert members(directory) == {"bo@bright.com"}


def roles(*names):
    found = ClientMembership.objects.filter(user__email__in=[f"{name}@bright.com" for name in names])
    return dict(found.values_list("user__email", "role"))


def test_groups_give_roles_once_an_admin_chose_them_and_someone_stays_an_admin(directory, client):
    ada = lead(directory, client)
    bo, cy = directory.add("bo@bright.com"), directory.add("cy@bright.com")
    buyers = directory.group("Buyers", bo)
    assert set(roles("bo", "cy").values()) == {"member"}

    client.post(f"/integrations/directory/groups/{buyers}/role/", {"role": "admin"})
    assert roles("ada", "bo", "cy") == {ada.email: "admin", "bo@bright.com": "admin", "cy@bright.com": "member"}

    directory.patch(f"Groups/{buyers}", {"op": "Add", "path": "members", "value": [{"value": cy}]})
    directory.patch(f"Groups/{buyers}", {"op": "Remove", "path": "members", "value": [{"value": bo}]})
    assert roles("bo", "cy") == {"bo@bright.com": "member", "cy@bright.com": "admin"}

    ada.client_memberships.all().delete()
    directory.patch(f"Groups/{buyers}", {"op": "remove", "path": f'members[value eq "{cy}"]'})
    assert roles("cy") == {"cy@bright.com": "admin"}


@pytest.mark.parametrize("end", ["group", "choice"])
def test_who_was_an_admin_by_a_group_is_none_without_it(end, directory, client):
    ada = lead(directory, client)
    group = directory.group("Buyers", directory.add("bo@bright.com"), directory.add("cy@bright.com"))
    chosen = f"/integrations/directory/groups/{group}/role/"
    client.post(chosen, {"role": "admin"})
    assert set(roles("bo", "cy").values()) == {"admin"}

    if end == "group":
        directory.ask("DELETE", f"Groups/{group}")
    else:
        assert "makes no one an admin now" in client.post(chosen, {"role": ""}, follow=True).text

    assert roles("ada", "bo", "cy") == {ada.email: "admin", "bo@bright.com": "member", "cy@bright.com": "member"}


def test_of_several_who_would_stop_being_admins_one_stays(directory, client):
    ada = lead(directory, client)
    group = directory.group("Buyers", directory.add("bo@bright.com"), directory.add("cy@bright.com"))
    client.post(f"/integrations/directory/groups/{group}/role/", {"role": "admin"})
    ada.client_memberships.all().delete()

    directory.ask("DELETE", f"Groups/{group}")

    assert roles("bo", "cy") == {"bo@bright.com": "admin", "cy@bright.com": "member"}


def test_a_token_does_not_work_again_when_its_maker_comes_back(directory, client):
    key = directory.add()
    AccessTokenFactory(client=directory.client, made_by=User.objects.get(email="bo@bright.com"))

    for value in (False, True):
        directory.patch(f"Users/{key}", {"op": "replace", "path": "active", "value": value})
    ClientMembership.objects.update(role=ClientMembership.Role.ADMIN)

    assert members(directory) == {"bo@bright.com"}
    assert not AccessToken.objects.in_force().exists()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ('filter=userName eq "BO@bright.com"', 1),
        ('filter=userName eq "no one"', 0),
        ('filter=externalId eq "e-1"', 1),
        ('filter=emails[type eq "work"].value eq "bo@bright.com"', 1),
        ("count=0", 2),
        ("startIndex=2&count=1", 2),
        ("sortBy=userName&sortOrder=descending", 2),
    ],
)
def test_directories_look_someone_up_before_they_add_them(query, count, directory):
    directory.add(externalId="e-1", emails=[{"value": "bo@bright.com", "type": "work"}])
    directory.add("cy@bright.com")
    other = ClientFactory()
    DirectoryPerson.objects.create(client=other, user_name="bo@bright.com", user_name_key="bo@bright.com", resource={})

    status, found = directory.ask("GET", f"Users?{query}")

    assert (status, found["totalResults"]) == (200, count)


def test_the_same_user_name_twice_is_a_conflict(directory):
    directory.add()

    status, found = directory.ask("POST", "Users", {"schemas": [USER], "userName": "BO@bright.com"})

    assert (status, found["scimType"]) == (409, "uniqueness")


def test_a_password_is_never_kept(directory):
    directory.add(password="LEAKPASSWORD")

    assert "LEAKPASSWORD" not in json.dumps(DirectoryPerson.objects.get().resource)
    assert not User.objects.get(email="bo@bright.com").has_usable_password()


@pytest.mark.parametrize("change", ["revoked_at", "expires_at", "secret", "client"])
def test_a_token_that_does_not_hold_learns_nothing(change, directory):
    directory.add()
    if change == "secret":
        directory.secret = directory.secret[:-1] + "x"
    elif change == "client":
        directory.client = ClientFactory(slug="other")
    else:
        moment = timezone.now() if change == "revoked_at" else timezone.now() - timedelta(seconds=1)
        values = {change: moment}
        if change == "expires_at":
            values["created_at"] = moment - timedelta(days=1)
        DirectoryToken.objects.update(**values)

    answers = [directory.ask("GET", path) for path in ("Users", "Groups", "Users/x", "Schemas")]
    directory.client = ClientFactory.build(slug="no-such-client")
    nowhere = directory.ask("GET", "Users")

    assert {status for status, _ in answers} == {401}
    assert nowhere == answers[0]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "Users/not-a-key", None, 404),
        ("GET", "Users/00000000-0000-0000-0000-000000000000", None, 404),
        ("GET", "Nothing", None, 404),
        ("GET", 'Users?filter=userName eq "a\x00b"', None, 400),
        ("POST", "Users/.search", {"schemas": [SEARCH], "filter": 'userName eq "\\ud800"'}, 200),
        ("GET", "Users?filter=userName eq", None, 400),
        ("GET", "Users?count=x", None, 400),
        ("PUT", "Users", {}, 405),
        ("POST", "Bulk", {}, 501),
        ("POST", "Users", {}, 400),
        ("POST", "Users", [1], 400),
        ("POST", "Users", {"schemas": [USER], "userName": "a\x00b"}, 400),
        ("POST", "Users", {"schemas": [USER], "userName": "bo", "title": "\ud800"}, 400),
        ("POST", "Users", {"schemas": [USER], "userName": "x" * 3_000}, 400),
        ("POST", "Users", {"schemas": [USER], "userName": "bo", "externalId": "x" * 3_000}, 400),
        ("POST", "Groups", {"schemas": [GROUP], "displayName": "A", "members": [{"value": "x"}]}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_in_the_words_of_the_protocol(method, path, body, expected, directory):
    status, found = directory.ask(method, path, body)

    assert status == expected, found
    if status >= 400:
        assert found["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert not DirectoryPerson.objects.exists()
    assert not DirectoryGroup.objects.exists()


def lead(directory, client):
    """An admin of the client, signed in."""
    found = person(email="ada@bright.com")
    ClientMembershipFactory(client=directory.client, user=found, role=ClientMembership.Role.ADMIN)
    terms.accept(directory.client.pk, purpose="To buy.", by=found)
    sign_in(client, found, again=True)
    return found


def page_of(directory, client):
    lead(directory, client)
    return plain(client.get("/integrations/directory/").text)


def test_an_admin_connects_the_directory_with_a_token_that_is_shown_once(directory, client):
    lead(directory, client)
    DirectoryToken.objects.all().delete()

    made = client.post("/integrations/directory/tokens/new/")

    [token] = DirectoryToken.objects.all()
    [directory.secret] = re.findall(r"<code[^>]*>(dcm_scim_\w+)</code>", made.text)
    assert directory.ask("GET", "Users")[0] == 200
    assert directory.secret not in client.get("/integrations/directory/").text
    client.post(f"/integrations/directory/tokens/{token.pk}/revoke/")
    assert directory.ask("GET", "Users")[0] == 401


@pytest.mark.page
def test_others_manage_no_directory(directory, client):
    token = DirectoryToken.objects.get()
    group = directory.group("Buyers")
    paths = ["", "tokens/new/", f"tokens/{token.pk}/revoke/", f"groups/{group}/role/"]
    stranger = ClientMembershipFactory(role=ClientMembership.Role.ADMIN).user
    member = ClientMembershipFactory(client=directory.client, role=ClientMembership.Role.MEMBER).user

    for found in (member, stranger):
        terms.accept(found.clients.get().pk, purpose="To buy.", by=found)

    client.force_login(member)
    assert {client.post(f"/integrations/directory/{path}", {"role": "admin"}).status_code for path in paths} <= {
        403,
        405,
    }
    client.force_login(stranger)
    assert client.post(f"/integrations/directory/{paths[2]}").status_code == 404
    assert client.post(f"/integrations/directory/{paths[3]}", {"role": "admin"}).status_code == 404
    assert DirectoryToken.objects.get(pk=token.pk).revoked_at is None
    assert DirectoryGroup.objects.get().role == ""
