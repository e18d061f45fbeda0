"""A policy holds from the next request on, and a decision is never edited."""

import re

import pytest

from certifications.badges import badges_for_clients
from certifications.models import Pause
from certifications.sharing.viewers import kind_of_client
from common.translation import plain
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests.factories import CertificationFactory, UserFactory
from tests.in_force import visible_to, with_status
from tests.rollout.policies import sees
from tests.site import Site, client_person, held_out_person, roll_out

pytestmark = pytest.mark.django_db


def test_without_a_decision_business_and_enterprise_clients_see_certifications():
    CertificationFactory()

    assert [plan for plan in Client.Plan if sees(Viewer(client_person(plan)))] == ["business", "enterprise"]


def test_a_stop_holds_from_everyones_next_request(client):
    record = CertificationFactory()
    user = client_person("enterprise")
    client.force_login(user)
    page = record.profile.get_absolute_url()
    assert record.number in client.get(page).text

    roll_out(is_paused=True)

    assert record.number not in client.get(page).text
    assert client.get("/sourcing/").status_code == 404
    assert badges_for_clients(record.profile, Viewer(user), RolloutPolicy.in_force())[0] == []
    assert with_status().get().status == "Not shown because we've stopped showing certifications for now"


@pytest.mark.slow
def test_pages_for_owners_and_everyone_say_that_showing_is_stopped(client):
    owner = UserFactory()
    page = CertificationFactory(profile__owner=owner).profile.get_absolute_url()
    client.force_login(owner)
    told = {
        f"{page}certifications/": "We've stopped showing certifications for now.",
        f"{page}preview/": "Not shown because we've stopped showing certifications for now.",
        "/help/certifications/": "We've stopped showing certifications for now.",
    }
    assert [said in plain(client.get(path).text) for path, said in told.items()] == [False] * 3

    roll_out(is_paused=True)

    assert [said in plain(client.get(path).text) for path, said in told.items()] == [True] * 3


def test_stopping_a_type_leaves_the_others():
    stopped, other = CertificationFactory(), CertificationFactory()
    viewer = Viewer(client_person("business"))

    roll_out(paused_types=[stopped.type_id])

    assert list(visible_to(viewer)) == [other]
    assert badges_for_clients(stopped.profile, viewer, RolloutPolicy.in_force())[0] == []
    assert "we've stopped showing" in with_status().get(pk=stopped.pk).status


def test_editors_see_their_own_while_showing_is_stopped():
    record = CertificationFactory(profile__owner=UserFactory())
    roll_out(is_paused=True)

    assert sees(Viewer(record.profile.memberships.get().user))


def test_only_one_of_two_proposals_that_replace_the_same_policy_is_confirmed(ada, ben):
    roll_out(plans=["enterprise"])
    first, second = (RolloutPolicy(plans=["enterprise", plan], reason="More.") for plan in ("plus", "business"))
    first.propose(by=ada)
    second.propose(by=ada)
    first.confirm(by=ben)

    with pytest.raises(RolloutPolicy.NotPossible):
        second.confirm(by=ben)
    assert not RolloutPolicy.objects.waiting().exists()


def test_the_draw_is_stable_and_a_larger_holdout_contains_a_smaller_one():
    def held(key, percent):
        policy = RolloutPolicy(holdout_key=key, holdout_percent=percent)
        return {pk for pk in range(1, 3001) if policy.holds_out(pk)}

    assert held("key", 10) <= held("key", 30)
    # Three standard deviations of 3,000 draws at 10 percent.
    assert abs(len(held("key", 10)) - 300) < 3 * (3000 * 0.1 * 0.9) ** 0.5
    assert held("key", 10) != held("other key", 10)
    assert held("key", 0) == set()


def test_a_new_policy_keeps_the_key_of_the_draw():
    first = roll_out(holdout_percent=10)

    assert roll_out(holdout_percent=20).holdout_key == first.holdout_key


@pytest.mark.slow
def test_a_held_out_client_gets_the_same_bytes_as_a_basic_client(client):
    site = Site()
    site.add_certifications()
    Pause.objects.all().delete()
    records = [CertificationFactory(profile=profile, found=True) for profile in site.profiles]
    shown, held = client_person("enterprise"), held_out_person()
    pages = [profile.get_absolute_url() for profile in site.profiles]
    pages += ["/talent/", "/talent/?q=bookkeeping", *(f"/sourcing/save{page}" for page in pages)]

    def page(user, path):
        client.force_login(user)
        response = client.get(path)
        # The header names their own plan, which they may read.
        body = response.text.replace(Viewer(user).client.plan_name, "PLAN")
        headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
        return response.status_code, re.sub('name="(csrfmiddlewaretoken|typed_by)" value="[^"]+"', "", body), headers

    for record in records:
        assert record.number in page(shown, record.profile.get_absolute_url())[1]
    as_held_out = [page(held, path) for path in pages]
    assert client.get("/sourcing/").status_code == 404
    assert badges_for_clients(records[0].profile, Viewer(held), RolloutPolicy.in_force())[0] == []
    Client.objects.filter(users=held).update(plan=Client.Plan.BASIC)
    assert as_held_out == [page(held, path) for path in pages]


def test_a_held_out_client_reads_a_neutral_explanation_and_others_do_not(client):
    told = "Certification badges are coming to clients step by step."
    for user, is_told in (
        (held_out_person(), True),
        (client_person("enterprise"), False),
        (client_person("basic"), False),
    ):
        client.force_login(user)

        assert (told in client.get("/").text) == is_told


def test_previews_are_never_held_out():
    CertificationFactory()
    roll_out(holdout_percent=50)

    assert all(sees(kind_of_client(plan)) for plan in ("business", "enterprise"))
