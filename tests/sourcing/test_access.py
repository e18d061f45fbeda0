"""Who may search, on which terms, and which types a client uses."""

import pytest

from certifications.models import NamedClient, UnusedType
from certifications.sharing.viewers import sights
from common.history import events_of
from common.translation import plain
from profiles.models import ClientMembership
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import access, terms
from sourcing.models import TermsAcceptance
from tests.factories import CertificationFactory, CertificationTypeFactory, ClientMembershipFactory
from tests.in_force import visible_to, with_status
from tests.site import Site, client_person, held_out_person, person, roll_out, staff

pytestmark = pytest.mark.django_db

PAGES = ["/sourcing/", "/sourcing/terms/", "/sourcing/types/"]


@pytest.fixture
def admin():
    """An admin of an Enterprise client."""
    return ClientMembershipFactory(user=person(name="Cleo Chase"), role=ClientMembership.Role.ADMIN).user


def accept(client, user, **data):
    client.force_login(user)
    return client.post("/sourcing/terms/", {"purpose": "To invite small businesses.", "accepts": "on"} | data)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["talent", "basic", "plus", "inactive", "staff"])
def test_to_others_the_search_does_not_exist(page, who, client):
    users = {
        "talent": person,
        "staff": staff,
        "inactive": lambda: client_person("enterprise", is_active=False),
    }
    client.force_login(users.get(who, lambda: client_person(who))())

    assert client.get(page).status_code == 404
    assert "/sourcing/" not in client.get("/").text


@pytest.mark.slow
@pytest.mark.parametrize("who", ["talent", "basic", "plus", "inactive", "held out", "staff"])
def test_to_others_no_method_tells_that_an_address_is_there(who, client):
    users = {
        "talent": person,
        "staff": staff,
        "inactive": lambda: client_person("enterprise", is_active=False),
        "held out": held_out_person,
    }
    site = Site()
    methods = ["GET", "HEAD", "POST", "PUT", "OPTIONS"]
    paths = [path for path in site.paths() if path.startswith("/sourcing/")]

    def answer(method, path):
        response = client.generic(method, path)
        response.headers.pop("Vary", None)  # "Cookie" at each address at which someone is looked for
        return response.status_code, response.getvalue(), dict(response.headers)

    client.force_login(site.client_admin)
    assert 404 not in {answer(method, path)[0] for method in methods for path in paths if method != "POST"}
    client.force_login(users.get(who, lambda: client_person(who))())
    nowhere = {method: answer(method, "/sourcing/nothing-here/") for method in methods}

    for path in paths:
        assert {method: answer(method, path) for method in methods} == nowhere, path


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
def test_a_visitor_is_asked_to_sign_in(method, client):
    paths = [path for path in Site().paths() if path.startswith("/sourcing/")]

    urls = {client.generic(method, path).url for path in paths}

    assert urls == {f"/accounts/login/?next={path}" for path in paths}


def test_no_one_searches_before_an_admin_accepted_the_terms(admin, client):
    member = ClientMembershipFactory(user=person(), client=admin.clients.get()).user
    client.force_login(member)
    assert client.get("/sourcing/").url == "/sourcing/terms/?next=%2Fsourcing%2F"
    assert "Ask Cleo Chase (admin) to accept these terms." in " ".join(
        plain(client.get("/sourcing/terms/").text).split()
    )

    response = accept(client, admin)

    assert response.url == "/sourcing/"
    acceptance = TermsAcceptance.objects.get()
    assert (acceptance.accepted_by, acceptance.version) == (admin, terms.newest()[0])
    client.force_login(member)
    assert client.get("/sourcing/").status_code == 200


def test_a_member_cannot_accept_for_the_client(client):
    assert accept(client, client_person("business")).status_code == 403

    assert not TermsAcceptance.objects.exists()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"purpose": " "}, "Enter how you will use this information"),
        ({"accepts": ""}, "Check the box to accept these terms"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(missing, said, admin, client):
    response = accept(client, admin, **missing)

    assert response.status_code == 200
    assert said in response.text
    assert missing.get("purpose") or "To invite small businesses." in response.text


def test_a_second_click_accepts_nothing_twice(admin, client):
    accept(client, admin)

    assert accept(client, admin, purpose="Another").url == "/sourcing/"

    assert TermsAcceptance.objects.get().purpose == "To invite small businesses."


def test_a_new_version_asks_again(admin, client, monkeypatch):
    accept(client, admin)

    monkeypatch.setitem(terms.TEXTS, "2027-01", ("Another point.",))

    assert client.get("/sourcing/").url == "/sourcing/terms/?next=%2Fsourcing%2F"
    assert "Another point." in client.get("/sourcing/terms/").text


def test_a_type_that_a_client_does_not_use_is_shown_to_it_nowhere_and_logged(admin, client):
    shown = CertificationFactory(found=True)
    hidden = CertificationFactory(profile=shown.profile, found=True)
    accept(client, admin)

    response = client.post("/sourcing/types/", {"types": [shown.type.pk]})

    assert response.status_code == 302
    assert list(visible_to(Viewer(admin))) == [shown]
    page, found = client.get(shown.profile.get_absolute_url()).text, client.get("/sourcing/").text
    for text in (page, found):
        assert shown.type.name in text
        assert hidden.type.name not in text
    event = events_of(UnusedType).get()
    assert (event.type, event.pgh_context.metadata["user"]) == (hidden.type, admin.pk)

    client.post("/sourcing/types/", {"types": [shown.type.pk, hidden.type.pk]})
    assert visible_to(Viewer(admin)).count() == 2


def test_an_owner_who_names_the_client_reads_the_true_reason(admin):
    record = CertificationFactory(audience="named")
    client = admin.clients.get()
    NamedClient.objects.create(certification=record, client=client)
    access.use_types(client.pk, [])

    named = sights(with_status().get(), RolloutPolicy.in_force(), blocked=[])[-1]

    assert named == (client.name, False, "This client doesn't use certifications of this type.")


def test_what_another_client_uses_stays(admin, client):
    record = CertificationFactory()
    access.use_types(admin.clients.get().pk, [])

    assert not visible_to(Viewer(admin)).exists()
    assert list(visible_to(Viewer(client_person("business")))) == [record]


def test_only_an_admin_chooses_types(admin, client):
    accept(client, admin)
    client.force_login(ClientMembershipFactory(user=person(), client=admin.clients.get()).user)

    assert client.post("/sourcing/types/", {"types": []}).status_code == 403
    assert not UnusedType.objects.exists()


def test_of_two_admins_who_choose_types_neither_undoes_the_other_unseen(admin, client):
    first, second = CertificationTypeFactory(name="First-owned"), CertificationTypeFactory(name="Second-owned")
    accept(client, admin)
    opened = client.get("/sourcing/types/").context["form"]["opened"].value()
    client.post("/sourcing/types/", {"types": [first.pk], "opened": opened})

    told = client.post("/sourcing/types/", {"types": [second.pk], "opened": opened})

    assert "Someone else changed this to: First-owned. Save again to keep your choice." in told.text
    used = access.used_types(admin.clients.get().pk)
    assert list(used) == [first]
    now = told.context["form"]["opened"].value()
    client.post("/sourcing/types/", {"types": [second.pk], "opened": now})
    assert list(access.used_types(admin.clients.get().pk)) == [second]


def test_types_that_another_admin_chose_at_the_same_moment_are_told_before_they_are_replaced(
    admin, client, monkeypatch
):
    first, second = CertificationTypeFactory(name="First-owned"), CertificationTypeFactory(name="Second-owned")
    accept(client, admin)
    opened = client.get("/sourcing/types/").context["form"]["opened"].value()
    lock = access.lock_types

    def chosen_while_waiting(client_pk):
        monkeypatch.setattr(access, "lock_types", lock)
        access.use_types(client_pk, [first])
        lock(client_pk)

    monkeypatch.setattr(access, "lock_types", chosen_while_waiting)

    told = client.post("/sourcing/types/", {"types": [second.pk], "opened": opened})

    assert "Someone else changed this to: First-owned." in told.text
    assert list(access.used_types(admin.clients.get().pk)) == [first]


def test_a_type_that_does_not_exist_is_refused_next_to_the_field(admin, client):
    CertificationTypeFactory()
    accept(client, admin)

    response = client.post("/sourcing/types/", {"types": ["999999"]})

    assert response.status_code == 200
    assert "not one of the available choices" in response.text


def test_after_accepting_the_terms_one_lands_where_one_wanted_to_go(admin, client):
    client.force_login(admin)
    wanted = "/sourcing/?q=design&types=2"
    page = client.get(client.get(wanted).url)
    assert '<input type="hidden" name="next" value="/sourcing/?q=design&amp;types=2">' in page.text

    assert accept(client, admin, next=wanted).url == wanted
    assert client.get("/sourcing/terms/?next=//example.com/").context["next"] == ""


def test_acting_for_a_place_that_may_not_see_the_page_leads_to_one_that_it_may(admin, client):
    accept(client, admin)
    basic = ClientMembershipFactory(user=admin, client__name="Birchwood", client__plan="basic").client
    page = client.get(client.post("/acting-for/", {"client": basic.pk, "next": "/sourcing/"}).url, follow=True)

    assert page.redirect_chain == [("/talent/", 302)]
    assert "The page you were on isn't available when acting for Birchwood." in plain(page.text)
    assert client.get("/sourcing/").status_code == 404  # asked for afterwards it is not there, as ever


def test_to_turn_off_every_type_is_asked_first(cleo, client):
    CertificationFactory(found=True)
    client.force_login(cleo)

    asked = client.post("/sourcing/types/", {"types": []})

    assert "With no type selected, no one in your organization sees a certification." in asked.text
    assert "Turn off every type" in asked.text
    assert not UnusedType.objects.exists()
    client.post("/sourcing/types/", {"types": [], "confirmed": "on"})
    assert UnusedType.objects.count() == 1
    assert "Your organization has turned off every certification type." in client.get("/sourcing/").text


def test_a_paused_type_is_named_and_no_filter_is_blamed(cleo, client):
    record = CertificationFactory(found=True)
    other = CertificationFactory(found=True)
    roll_out(paused_types=[record.type_id])
    client.force_login(cleo)

    page = client.get(f"/sourcing/?types={record.type_id}&state=NY").text

    assert f"The marketplace has paused {record.type}" in page
    assert "Removing one filter isn" not in page
    page = client.get(f"/sourcing/?types={other.type_id}").text
    assert f"The marketplace has paused {record.type}." in page  # beside the filter
    assert f"The marketplace has paused {record.type}, so no one" not in page
