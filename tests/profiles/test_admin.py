"""What staff may do with people, profiles and clients, and what they may not even if permitted much."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.back_office import MOST_ROWS
from profiles.models import Client, ClientMembership, Membership, User
from tests.factories import (
    ClientFactory,
    ClientMembershipFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client, settings):
    settings.DEBUG = True
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def staff(client, settings):
    """With every permission, and yet no superuser."""
    settings.DEBUG = True
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    return user


def page(model, view, *args):
    return reverse(f"admin:{model}_{view}", args=args)


def form_data(response, **changes):
    """What the browser would send from the page's form."""
    data = {}
    for form in [response.context["adminform"].form, *_inline_forms(response)]:
        for field in form:
            value = field.value()
            widget = field.field.widget
            if hasattr(widget, "decompress"):
                data |= {f"{field.html_name}_{n}": part or "" for n, part in enumerate(widget.decompress(value))}
            elif value is not None and value is not False:
                data[field.html_name] = value
    return data | changes


def _inline_forms(response):
    for inline in response.context["inline_admin_formsets"]:
        yield inline.formset.management_form
        yield from inline.formset.forms


@pytest.mark.slow
def test_staff_do_not_give_themselves_or_others_power(client, staff):
    person = UserFactory()
    url = page("profiles_user", "change", person.pk)
    sent = form_data(client.get(url), name="Ann", is_staff="on", is_superuser="on")

    assert client.post(url, sent).status_code == 302

    person.refresh_from_db()
    assert (person.name, person.is_staff, person.is_superuser) == ("Ann", False, False)
    assert client.post(page("auth_group", "add"), {"name": "All"}).status_code == 403
    assert not Group.objects.exists()


def test_staff_do_not_take_over_other_staff(client, staff):
    for other in (UserFactory(is_staff=True), UserFactory(is_superuser=True)):
        hashed = other.password
        new = {"password1": "Zebra-crossing-9", "password2": "Zebra-crossing-9", "usable_password": "true"}

        assert client.post(page("profiles_user", "change", other.pk), {"name": "X"}).status_code == 403
        assert client.post(f"/admin/profiles/user/{other.pk}/password/", new).status_code == 403

        other.refresh_from_db()
        assert other.password == hashed


def test_staff_set_the_password_of_ordinary_people(client, staff):
    person = UserFactory()
    new = {"password1": "Zebra-crossing-9", "password2": "Zebra-crossing-9", "usable_password": "true"}

    client.post(f"/admin/profiles/user/{person.pk}/password/", new)

    person.refresh_from_db()
    assert person.check_password("Zebra-crossing-9")


def test_a_new_person_is_known_by_their_address_in_lower_case(client, superuser):
    sent = {
        "email": "New@Example.test", "name": "", "usable_password": "true",
        "password1": "Zebra-crossing-9", "password2": "Zebra-crossing-9",
    }  # fmt: skip

    assert client.post(page("profiles_user", "add"), sent).status_code == 302
    assert User.objects.filter(email="new@example.test").exists()

    again = client.post(page("profiles_user", "add"), sent)
    assert "This address is taken" in again.text


def test_an_address_is_changed_by_its_owner_only(client, superuser):
    person = UserFactory(email="old@example.test")
    url = page("profiles_user", "change", person.pk)

    client.post(url, form_data(client.get(url), email="new@example.test"))

    person.refresh_from_db()
    assert person.email == "old@example.test"


@pytest.mark.parametrize("view", ["add", "change", "delete"])
def test_staff_do_not_decide_who_runs_a_profile(client, superuser, view):
    owner = MembershipFactory(role=Membership.Role.OWNER)

    response = client.post(page("profiles_membership", view, *([] if view == "add" else [owner.pk])), {"post": "yes"})

    assert response.status_code == 403
    assert list(Membership.objects.all()) == [owner]


@pytest.mark.parametrize("model", ["profiles_user", "profiles_profile"])
def test_what_others_attested_names_them_so_no_one_and_no_page_is_deleted(client, superuser, model):
    profile = ProfileFactory(owner=UserFactory())
    pk = profile.pk if model == "profiles_profile" else profile.users.get().pk

    assert client.post(page(model, "delete", pk), {"post": "yes"}).status_code == 403


def test_a_page_is_taken_down_and_its_words_are_left_alone(client, superuser):
    profile = ProfileFactory(name="Ann")
    url = page("profiles_profile", "change", profile.pk)
    sent = form_data(client.get(url), name="Changed", slug="ann-smith")
    sent.pop("is_active")

    client.post(url, sent)

    profile.refresh_from_db()
    assert (profile.name, profile.slug, profile.is_active) == ("Ann", "ann-smith", False)


def test_the_secrets_of_a_second_factor_are_never_shown_and_it_can_be_removed(client, superuser):
    factor = Authenticator.objects.create(user=UserFactory(), type="totp", data={"secret": "MARKEDSECRET"})
    url = page("mfa_authenticator", "change", factor.pk)

    shown = client.get(url)
    assert shown.status_code == 200
    assert "MARKEDSECRET" not in shown.text
    assert client.post(url, {"type": "totp"}).status_code == 403
    assert client.get(page("mfa_authenticator", "add")).status_code == 403

    client.post(page("mfa_authenticator", "delete", factor.pk), {"post": "yes"})
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_the_second_factor_of_staff_is_removed_by_superusers_alone(power, client, staff):
    factor = Authenticator.objects.create(user=UserFactory(**{power: True}), type="totp", data={})

    assert client.post(page("mfa_authenticator", "delete", factor.pk), {"post": "yes"}).status_code == 403


def test_no_one_confirms_an_address_for_its_owner(client, superuser):
    address = EmailAddress.objects.create(user=UserFactory(), email="a@example.test")

    listed = client.post(
        page("account_emailaddress", "changelist"), {"action": "make_verified", "_selected_action": address.pk}
    )

    address.refresh_from_db()
    assert listed.status_code in {200, 302, 403}
    assert not address.verified


def test_a_clients_plan_members_and_switch_are_looked_after(client, superuser):
    person = UserFactory()
    client_organization = ClientFactory(plan="basic")
    url = page("profiles_client", "change", client_organization.pk)
    sent = form_data(client.get(url), plan="enterprise")
    sent.pop("is_active")
    sent |= {"memberships-TOTAL_FORMS": 1, "memberships-0-user": person.pk, "memberships-0-role": "admin"}

    assert client.post(url, sent).status_code == 302

    changed = Client.objects.get()
    assert (changed.plan, changed.is_active, changed.users.get()) == ("enterprise", False, person)


def test_what_two_people_change_of_a_client_at_once_is_both_kept(client, superuser):
    place = ClientMembershipFactory(client__name="Alder", client__plan="basic", role="member")
    url = page("profiles_client", "change", place.client_id)
    opened = client.get(url)
    Client.objects.update(plan="enterprise")
    ClientMembership.objects.update(role="admin")

    said = client.post(url, form_data(opened, name="Alderwood"), follow=True).text

    assert "Kept what someone else changed meanwhile: Plan." in said
    changed = Client.objects.get()
    assert (changed.name, changed.plan, ClientMembership.objects.get().role) == ("Alderwood", "enterprise", "admin")


def test_the_same_field_changed_by_two_people_is_told_and_replaced_only_if_saved_again(client, superuser):
    place = ClientMembershipFactory(client__plan="basic")
    url = page("profiles_client", "change", place.client_id)
    opened = client.get(url)
    Client.objects.update(plan="enterprise")

    told = client.post(url, form_data(opened, plan="plus"))

    assert "It now says “Enterprise”. Save again to keep yours." in told.text
    assert Client.objects.get().plan == "enterprise"
    assert client.post(url, form_data(told)).status_code == 302
    assert Client.objects.get().plan == "plus"


def test_permissions_that_a_colleague_gave_meanwhile_are_kept(client, superuser):
    person = UserFactory(is_staff=True)
    url = page("profiles_user", "change", person.pk)
    opened = client.get(url)
    person.groups.add(Group.objects.create(name="Reviewers"))

    assert client.post(url, form_data(opened, name="Pat Park")).status_code == 302

    person.refresh_from_db()
    assert (person.name, person.groups.get().name) == ("Pat Park", "Reviewers")


def test_staff_who_only_read_see_nothing_of_the_comparison(client, superuser):
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_client"))
    client.force_login(reader)

    assert "opened" not in client.get(page("profiles_client", "change", ClientFactory().pk)).text.lower()


def test_pages_link_to_each_other(client, superuser):
    profile = ProfileFactory(owner=UserFactory())
    person = profile.users.get()
    place = ClientMembershipFactory(user=person).client

    on_profile = client.get(page("profiles_profile", "change", profile.pk)).text
    on_person = client.get(page("profiles_user", "change", person.pk)).text

    assert page("profiles_user", "change", person.pk) in on_profile
    assert f"{page('certifications_certification', 'changelist')}?profile__id__exact={profile.pk}" in on_profile
    assert page("profiles_profile", "change", profile.pk) in on_person
    assert page("profiles_client", "change", place.pk) in on_person


def test_a_profiles_page_does_not_speak_of_certifications_to_staff_without_the_permission(client, staff):
    staff.user_permissions.set(Permission.objects.filter(codename="view_profile"))

    shown = client.get(page("profiles_profile", "change", ProfileFactory().pk))

    assert shown.status_code == 200
    assert "ertification" not in shown.text


@pytest.mark.parametrize(
    "model",
    [
        "profiles_user", "profiles_profile", "profiles_client", "profiles_membership", "profiles_clientmembership",
        "profiles_invitation", "account_emailaddress", "mfa_authenticator", "auth_group",
    ],
)  # fmt: skip
def test_a_list_costs_the_same_whatever_its_length(client, superuser, model, django_assert_num_queries):
    def add(count):
        for _ in range(count):
            user = UserFactory()
            profile = ProfileFactory(owner=user)
            ClientMembershipFactory(user=user)
            profile.invitations.create(email=user.email, role="member")
            EmailAddress.objects.create(user=user, email=user.email)
            Group.objects.create(name=user.email)
            Authenticator.objects.create(user=user, type="totp", data={})

    add(2)
    client.get(page(model, "changelist"))
    with CaptureQueriesContext(connection) as few:
        client.get(page(model, "changelist"))
    add(4)
    with django_assert_num_queries(len(few)):
        client.get(page(model, "changelist"))


def test_a_page_that_claims_thousands_of_rows_is_answered_with_no_more_than_a_request_can_hold(client, superuser):
    claimed = {"memberships-TOTAL_FORMS": "9" * 40, "memberships-INITIAL_FORMS": "0"}

    response = client.post(page("profiles_client", "add"), {"name": "Bright Foods", **claimed})

    [inline] = response.context["inline_admin_formsets"]
    assert inline.formset.total_form_count() == MOST_ROWS
