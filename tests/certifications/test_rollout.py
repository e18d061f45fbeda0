"""The policy of the roll-out: what narrows counts on the next request, what widens waits for two, nothing is edited."""

import re
from datetime import timedelta

import pgtrigger
import pytest
from django.contrib.auth.models import Permission
from django.db import ProgrammingError, transaction
from django.db.models import F
from django.utils import timezone

from certifications.badges import badges_for_clients
from certifications.models import Certification, Pause, RolloutPolicy
from certifications.sharing.viewers import kind_of_client
from common.days import day
from profiles.models import Client
from profiles.viewer import Viewer
from tests.factories import CertificationFactory, UserFactory
from tests.site import Site, client_person, held_out_person, roll_out, sign_in, staff

pytestmark = pytest.mark.django_db

ADD = "/admin/certifications/rolloutpolicy/add/"
LIST = "/admin/certifications/rolloutpolicy/"


def sees(viewer):
    return Certification.objects.visible_to(viewer).exists()


def permitted():
    names = ["add_rolloutpolicy", "view_rolloutpolicy"]
    return staff(*Permission.objects.filter(codename__in=names))


@pytest.fixture
def ada():
    return permitted()


@pytest.fixture
def ben():
    return permitted()


@pytest.fixture
def propose(client, ada):
    """Posts a change to the admin's form, as Ada: fields that are not given stay as they are in force."""

    def post(**fields):
        sign_in(client, ada)
        newest = RolloutPolicy.objects.confirmed().first()
        policy = newest or RolloutPolicy()
        data = {
            "plans": policy.plans,
            "holdout_percent": policy.holdout_percent,
            "paused_types": policy.paused_types,
            "pauses_on_alarm": "on",
            "reason": "The numbers of October.",
            "seen": newest.pk if newest else "",
        }
        return client.post(ADD, data | fields, follow=True)

    return post


def state(policy):
    return RolloutPolicy.objects.with_story().get(pk=policy.pk).state


def decide(client, user, policy, action):
    sign_in(client, user)
    data = {"action": action, "_selected_action": policy.pk}
    return client.post(LIST, data, follow=True)


def test_without_a_decision_it_is_as_the_marketplace_began():
    CertificationFactory()

    assert [plan for plan in Client.Plan if sees(Viewer(client_person(plan)))] == ["business", "enterprise"]


def test_stopping_counts_on_the_next_request_of_everybody(client):
    record = CertificationFactory()
    user = client_person("enterprise")
    client.force_login(user)
    page = record.profile.get_absolute_url()
    assert record.number in client.get(page).text

    roll_out(is_paused=True)

    assert record.number not in client.get(page).text
    assert client.get("/sourcing/").status_code == 404
    assert badges_for_clients(record.profile, Viewer(user))[0] == []
    assert (
        Certification.objects.with_status().get().status == "Not shown: we have stopped showing certifications for now"
    )


@pytest.mark.slow
def test_while_showing_is_stopped_owners_and_everybody_read_so(client):
    owner = UserFactory()
    page = CertificationFactory(profile__owner=owner).profile.get_absolute_url()
    client.force_login(owner)
    paths = [f"{page}certifications/", f"{page}preview/", "/help/certifications/"]
    told = "e have stopped showing certifications for now"
    assert [told in client.get(path).text for path in paths] == [False] * 3

    roll_out(is_paused=True)

    assert [told in client.get(path).text for path in paths] == [True] * 3


def test_stopping_a_type_leaves_the_others():
    stopped, other = CertificationFactory(), CertificationFactory()
    viewer = Viewer(client_person("business"))

    roll_out(paused_types=[stopped.type_id])

    assert list(Certification.objects.visible_to(viewer)) == [other]
    assert badges_for_clients(stopped.profile, viewer)[0] == []
    assert "we have stopped showing" in Certification.objects.with_status().get(pk=stopped.pk).status


def test_editors_see_their_own_while_showing_is_stopped():
    record = CertificationFactory(profile__owner=UserFactory())
    roll_out(is_paused=True)

    assert sees(Viewer(record.profile.memberships.get().user))


def test_a_planned_change_counts_from_its_start_and_a_stop_before_it_keeps_it_stopped():
    CertificationFactory()
    viewer = Viewer(client_person("business"))
    planned = plan(30, plans=["enterprise"])
    assert state(planned) == "Planned"
    assert sees(viewer)

    stop = roll_out(is_paused=True)

    assert not sees(viewer)
    assert stop.replaces == planned
    assert RolloutPolicy.objects.in_force().first() == stop
    assert state(planned) == "Kept by a later change"
    kept = RolloutPolicy.objects.planned().get()
    assert (kept.carries, kept.replaces, kept.starts_at) == (planned, stop, planned.starts_at)
    assert (kept.plans, kept.is_paused) == (["enterprise"], True)


@pytest.mark.parametrize(
    "change",
    [
        {"plans": ["plus", "business", "enterprise"]},
        {"holdout_percent": 5},
        {"is_paused": False},
        {"paused_types": [1]},
        {"pauses_on_alarm": False},
    ],
)
def test_whatever_shows_more_or_guards_less_waits_for_a_second_person(change, ada):
    values = {"plans": ["business", "enterprise"], "holdout_percent": 10, "is_paused": True, "paused_types": [1, 2]}
    held = roll_out(**values)

    policy = RolloutPolicy(**values | change, reason="More.")
    policy.propose(by=ada)

    assert policy.is_widening
    assert RolloutPolicy.objects.in_force().first() == held


def test_to_cancel_a_stop_that_is_planned_takes_two_as_well(ada):
    RolloutPolicy(is_paused=True, reason="At the end.", starts_at=timezone.now() + timedelta(days=1)).propose(by=ada)

    policy = RolloutPolicy(reason="Go on.")
    policy.propose(by=ada)

    assert policy.is_widening


def plan(days, **values):
    """A policy of the Business and Enterprise plans that starts in so many days, whoever has to confirm it."""
    policy = RolloutPolicy(**values, reason="As planned.", starts_at=timezone.now() + timedelta(days=days))
    policy.propose(by=None)
    if policy.is_widening:
        policy.confirm(by=UserFactory())
    return policy


def test_to_cancel_a_stop_that_is_planned_takes_two_whatever_is_planned_after_it(ada):
    plan(10, is_paused=True)
    plan(20)

    policy = RolloutPolicy(reason="Go on.")
    policy.propose(by=ada)

    assert policy.is_widening


@pytest.mark.parametrize(
    "planned",
    [
        {"plans": ["plus", "business", "enterprise"]},
        {"plans": ["enterprise"]},
        {"holdout_percent": 5},
        {"holdout_percent": 20},
        {"pauses_on_alarm": False},
    ],
)
@pytest.mark.parametrize("way", ["?stop=1", ""])
def test_a_stop_waits_for_nobody_whatever_is_planned(way, planned, client, ada):
    CertificationFactory()
    viewer = Viewer(client_person("business"))
    roll_out(holdout_percent=10)
    later = plan(30, **{"holdout_percent": 10} | planned)
    sign_in(client, ada)
    form = client.get(f"{ADD}{way}").context["adminform"].form
    data = {name: form[name].value() for name in form.fields} | {
        "is_paused": "on",
        "reason": "Misuse.",
        "starts_on": "",
    }

    page = client.post(ADD, {name: value for name, value in data.items() if value is not False}, follow=True).text

    assert "It is in force." in page
    stop = RolloutPolicy.objects.in_force().first()
    assert (stop.is_paused, stop.replaces) == (True, later)
    assert not stop.widens(RolloutPolicy.objects.order_by("pk").first())
    assert not sees(viewer)


def test_a_type_is_stopped_at_once_and_in_what_is_planned():
    stopped, other = CertificationFactory(), CertificationFactory()
    viewer = Viewer(client_person("business"))
    roll_out(holdout_percent=1, holdout_key=roll_out_key(viewer))
    narrower = plan(10, plans=["enterprise"], holdout_percent=1)
    wider = plan(20, holdout_percent=0, plans=["plus", "business", "enterprise"])

    assert RolloutPolicy.stop_type(stopped.type_id, reason="Harm.")

    assert list(Certification.objects.visible_to(viewer)) == [other]
    planned = list(RolloutPolicy.objects.planned().order_by("pk"))[-2:]
    for policy, before in zip(planned, (narrower, wider), strict=True):
        assert policy.paused_types == [stopped.type_id]
        assert (policy.plans, policy.holdout_percent, policy.starts_at) == (
            before.plans, before.holdout_percent, before.starts_at,
        )  # fmt: skip
    assert RolloutPolicy.stop_type(stopped.type_id, reason="Harm.") is False


def roll_out_key(viewer):
    """A key by which the viewer's client is not held out at one percent."""
    keys = (f"key {number}" for number in range(100))
    return next(
        key for key in keys if not RolloutPolicy(holdout_key=key, holdout_percent=1).holds_out(viewer.client.pk)
    )


def test_what_was_canceled_comes_back_by_no_stop_of_a_type():
    record = CertificationFactory()
    plan(1, plans=["enterprise"])
    plan(2, is_paused=True)
    now = roll_out(holdout_percent=1, cancels_planned=True)

    RolloutPolicy.stop_type(record.type_id, reason="Harm.")

    assert not RolloutPolicy.objects.planned().exists()
    held = RolloutPolicy.objects.in_force().first()
    assert (held.plans, held.holdout_percent, held.replaces) == (now.plans, 1, now)


def in_words(policies):
    """What each of `policies` says beside its start, briefly."""
    return [(policy.plans, policy.holdout_percent, policy.is_paused, policy.paused_types) for policy in policies]


ALL = ["business", "enterprise"]


@pytest.mark.parametrize(
    ("planned", "narrowing", "kept"),
    [
        ({"is_paused": True}, {"paused_types": [7]}, (ALL, 0, True, [7])),
        ({"is_paused": True}, {"plans": ["enterprise"]}, (["enterprise"], 0, True, [])),
        ({"is_paused": True}, {"holdout_percent": 5}, (ALL, 5, True, [])),
        ({"is_paused": True}, {"is_paused": True}, (ALL, 0, True, [])),
        ({"paused_types": [3]}, {"paused_types": [7]}, (ALL, 0, False, [3, 7])),
        ({"holdout_percent": 20}, {"holdout_percent": 5}, (ALL, 20, False, [])),
        ({"plans": ["plus", *ALL]}, {"plans": ["enterprise"]}, (["plus", "enterprise"], 0, False, [])),
        ({"plans": ["plus", *ALL]}, {"is_paused": True}, (["plus", *ALL], 0, True, [])),
    ],
)
def test_an_urgent_narrowing_is_in_force_at_once_and_keeps_what_is_planned(planned, narrowing, kept, ada):
    before = plan(27, **planned)

    urgent = RolloutPolicy(**narrowing, reason="A report of misuse.")
    urgent.propose(by=ada)

    assert not urgent.is_widening
    assert RolloutPolicy.objects.in_force().first() == urgent
    [after] = RolloutPolicy.objects.planned()
    assert in_words([after]) == [kept]
    assert (after.starts_at, after.reason) == (before.starts_at, "As planned.")


def test_a_chain_of_plans_is_kept_in_its_order(ada):
    first, second = plan(10, is_paused=True), plan(20, plans=["enterprise"])

    for types in ([7], [7, 8]):
        RolloutPolicy(paused_types=types, reason="Harm.").propose(by=ada)

    kept = list(RolloutPolicy.objects.planned().order_by("pk"))
    assert in_words(kept) == [(ALL, 0, True, [7, 8]), (["enterprise"], 0, False, [7, 8])]
    assert [policy.starts_at for policy in kept] == [first.starts_at, second.starts_at]


def test_what_is_planned_before_a_stop_that_is_planned_keeps_it(ada):
    plan(20, is_paused=True)

    sooner = RolloutPolicy(plans=["enterprise"], starts_at=timezone.now() + timedelta(days=10), reason="Step by step.")
    sooner.propose(by=ada)

    assert not sooner.is_widening
    assert in_words(RolloutPolicy.objects.planned().order_by("pk")) == [
        (["enterprise"], 0, False, []),
        (["enterprise"], 0, True, []),
    ]


def test_to_show_again_after_a_stop_that_is_planned_takes_two(ada):
    plan(10, is_paused=True)

    again = RolloutPolicy(starts_at=timezone.now() + timedelta(days=20), reason="The pause is over.")
    again.propose(by=ada)

    assert again.is_widening
    assert not again.cancels_planned


def test_what_two_people_widen_keeps_a_stop_that_is_planned(ada, ben):
    plan(10, is_paused=True)
    wider = RolloutPolicy(plans=["plus", *ALL], reason="More.")
    wider.propose(by=ada)

    wider.confirm(by=ben)

    assert RolloutPolicy.objects.in_force().first() == wider
    assert in_words(RolloutPolicy.objects.planned()) == [(ALL, 0, True, [])]


def test_an_alarm_overtakes_a_proposal_and_keeps_the_stop_that_is_planned(ada, ben):
    record = CertificationFactory()
    plan(10, is_paused=True)
    wider = RolloutPolicy(plans=["plus", *ALL], reason="More.")
    wider.propose(by=ada)

    RolloutPolicy.stop_type(record.type_id, reason="Harm.")

    with pytest.raises(RolloutPolicy.NotPossible):
        wider.confirm(by=ben)
    assert state(wider) == "Overtaken by another decision"
    assert in_words(RolloutPolicy.objects.planned()) == [(ALL, 0, True, [record.type_id])]


def days_pass(days):
    """So many days pass for what was proposed, confirmed and planned."""
    by = timedelta(days=days)
    with pgtrigger.ignore("certifications.RolloutPolicy:never_edited"):
        RolloutPolicy.objects.update(
            starts_at=F("starts_at") - by, proposed_at=F("proposed_at") - by, confirmed_at=F("confirmed_at") - by
        )


def test_a_proposal_from_before_a_planned_stop_began_does_not_end_it(ada, ben):
    plan(10, is_paused=True)
    wider = RolloutPolicy(plans=["plus", *ALL], reason="More.")
    wider.propose(by=ada)

    days_pass(11)

    assert RolloutPolicy.objects.in_force().first().is_paused
    with pytest.raises(RolloutPolicy.NotPossible):
        wider.confirm(by=ben)
    assert state(wider) == "Overtaken by another decision"


def test_showing_again_after_a_planned_stop_may_be_confirmed_once_it_began(ada, ben):
    plan(10, is_paused=True)
    again = RolloutPolicy(starts_at=timezone.now() + timedelta(days=20), reason="The pause is over.")
    again.propose(by=ada)

    days_pass(11)
    again.confirm(by=ben)

    assert RolloutPolicy.objects.in_force().first().is_paused
    assert RolloutPolicy.objects.planned().get() == again


@pytest.mark.slow
def test_staff_read_what_is_planned_and_what_becomes_of_it(client, propose, ada, ben):
    CertificationFactory()
    stop = plan(27, is_paused=True)
    from_its_day = f"the plan from {day(stop.starts_at)} (Showing: on → stopped)"

    told = propose(holdout_percent=5).text

    assert f"It is in force. Not canceled: {from_its_day}." in told
    assert f"Keeps {from_its_day}" in told
    assert f"T{from_its_day[1:]}" in told  # in the summary of what is in force
    assert f"does not cancel {from_its_day}" in client.get(ADD).text

    told = propose(holdout_percent=10, cancels_planned="on").text

    [waiting] = RolloutPolicy.objects.waiting()
    assert f"To confirm it cancels {from_its_day}." in told
    assert f"Cancels {from_its_day}" in told
    asked = decide(client, ben, waiting, "confirm").text
    assert f"Cancels {from_its_day}" in asked
    assert "Confirm, and cancel what is planned" in asked
    assert RolloutPolicy.objects.planned().exists()

    data = {"action": "confirm", "_selected_action": waiting.pk, "confirmed": "1"}
    assert "It is confirmed." in client.post(LIST, data, follow=True).text
    assert not RolloutPolicy.objects.planned().exists()
    assert RolloutPolicy.current().holdout_percent == 10


def test_a_plan_is_canceled_by_saying_so_and_not_by_saving_an_unchanged_form(propose):
    plan(27, is_paused=True)

    assert "This is how it is already: change something." in propose().text
    assert "waits until somebody else confirms it" in propose(cancels_planned="on").text


def test_a_policy_without_plans_is_not_told_to_show_anything(propose):
    told = propose(plans=[]).text

    assert "Shown to: Business and Enterprise clients → nobody" in told
    assert "Showing: on → off: no plan is selected" in told


def test_to_hold_out_more_waits_for_nobody_whatever_was_replaced(ada):
    plan(1, is_paused=True)
    roll_out(holdout_percent=10)

    policy = RolloutPolicy(holdout_percent=20, reason="To learn sooner.")
    policy.propose(by=ada)

    assert not policy.is_widening


def test_the_form_starts_from_what_is_in_force_and_says_what_is_planned(client, ada):
    roll_out(holdout_percent=10)
    plan(9, is_paused=True, holdout_percent=10)
    sign_in(client, ada)

    response = client.get(ADD)

    assert response.context["adminform"].form["is_paused"].value() is False
    assert "(Showing: on → stopped), unless you tick" in response.text


def test_the_history_tells_what_changed_of_what_was_in_force(client, ada):
    plan(9, plans=["enterprise"])
    roll_out(is_paused=True)
    sign_in(client, ada)

    page = client.get(LIST).text

    assert "Showing: on → stopped" in page
    assert "Enterprise clients → Business" not in page


def test_what_changes_nothing_is_not_proposed(propose):
    assert "This is how it is already" in propose().text
    assert not RolloutPolicy.objects.exists()


def test_a_proposal_that_was_overtaken_says_so(ada):
    roll_out(plans=["enterprise"])
    wider = RolloutPolicy(plans=["enterprise", "business"], reason="More.")
    wider.propose(by=ada)
    assert state(wider) == "Waits for a second person"

    roll_out(plans=[], is_paused=True)

    assert state(wider) == "Overtaken by another decision"


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_takes_the_same_queries_however_long(count, client, ada, django_assert_num_queries):
    for number in range(count):
        roll_out(holdout_percent=10 + number, paused_types=[CertificationFactory().type_id])
    plan(5, holdout_percent=50)
    sign_in(client, ada)
    client.get(LIST)

    with django_assert_num_queries(12):
        client.get(LIST)


@pytest.mark.slow
def test_one_person_narrows_and_two_widen(client, propose, ada, ben):
    CertificationFactory()
    viewer = Viewer(client_person("business"))
    assert "It is in force." in propose(plans=["enterprise"]).text
    assert not sees(viewer)

    assert "waits until somebody else confirms it" in propose(plans=["business", "enterprise"]).text
    wider = RolloutPolicy.objects.waiting().get()
    assert not sees(viewer)
    assert "You proposed it" in decide(client, ada, wider, "confirm").text
    assert not sees(viewer)
    assert 'value="confirm">Confirm</button>' in client.get(f"{LIST}{wider.pk}/change/").text

    assert "It is confirmed." in decide(client, ben, wider, "confirm").text
    assert sees(viewer)
    page = client.get(f"{LIST}{wider.pk}/change/").text
    assert 'value="confirm"' not in page
    assert "Enterprise clients → Business and Enterprise clients" in page
    assert "The numbers of October." in page
    assert "was decided already" in decide(client, ben, wider, "decline").text


def test_the_database_itself_lets_nobody_confirm_what_they_proposed(ada):
    roll_out(plans=["enterprise"])
    policy = RolloutPolicy(plans=["business", "enterprise"], reason="More.")
    policy.propose(by=ada)

    with pytest.raises(RolloutPolicy.NotPossible):
        policy.confirm(by=ada)


def test_a_change_can_be_planned_for_a_day(propose):
    start = timezone.now().date() + timedelta(days=9)
    page = propose(plans=["enterprise"], starts_on=start).text

    assert "It is planned." in page
    policy = RolloutPolicy.objects.get()
    assert (policy.starts_at.date(), state(policy)) == (start, "Planned")
    assert RolloutPolicy.current().pk is None


@pytest.mark.slow
def test_declined_it_is_gone_and_nothing_changes(client, propose, ben):
    propose(plans=["plus", "business", "enterprise"])
    policy = RolloutPolicy.objects.get()

    assert "It is declined" in decide(client, ben, policy, "decline").text
    assert "was decided already" in decide(client, ben, policy, "confirm").text
    assert not RolloutPolicy.objects.confirmed().exists()


def test_of_two_proposals_on_the_same_ground_one_is_confirmed(ada, ben):
    roll_out(plans=["enterprise"])
    first, second = (RolloutPolicy(plans=["enterprise", plan], reason="More.") for plan in ("plus", "business"))
    first.propose(by=ada)
    second.propose(by=ada)
    first.confirm(by=ben)

    with pytest.raises(RolloutPolicy.NotPossible):
        second.confirm(by=ben)
    assert not RolloutPolicy.objects.waiting().exists()


def test_what_was_proposed_is_never_edited_or_deleted():
    policy = roll_out(plans=["enterprise"])

    for act in (lambda: policy.delete(), lambda: RolloutPolicy.objects.update(plans=["basic"])):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": ""}, "Say why: it is kept with the change."),
        ({"holdout_percent": "51"}, "less than or equal to 50"),
        ({"holdout_percent": "-1"}, "greater than or equal to 0"),
        ({"plans": ["gold"]}, "not one of the available choices"),
        ({"starts_on": "2020-01-01"}, "This is in the past."),
        ({"starts_on": "soon"}, "Enter a valid date."),
        ({"seen": "999"}, "Something was decided since you opened this page."),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(propose, fields, message):
    response = propose(**{"reason": "As typed.", "plans": ["enterprise"]} | fields)

    assert message in response.text
    assert fields.get("reason", "As typed.") in response.text
    assert not RolloutPolicy.objects.exists()


def test_staff_without_the_permission_propose_nothing(client):
    reader = staff(Permission.objects.get(codename="view_rolloutpolicy"))
    sign_in(client, reader)

    assert client.get(ADD).status_code == 403
    assert "Propose a change" not in client.get(LIST).text


def test_to_stop_takes_a_reason_and_one_click(client, ada):
    sign_in(client, ada)

    def is_checked(page):
        return "checked" in str(client.get(page).context["adminform"].form["is_paused"])

    assert is_checked(f"{ADD}?stop=1")
    assert not is_checked(ADD)


def test_a_draw_is_stable_and_those_held_out_stay_so_at_a_larger_share():
    def held(key, percent):
        policy = RolloutPolicy(holdout_key=key, holdout_percent=percent)
        return {pk for pk in range(1, 3001) if policy.holds_out(pk)}

    assert held("key", 10) <= held("key", 30)
    # Three standard deviations of 3,000 draws at 10 percent.
    assert abs(len(held("key", 10)) - 300) < 3 * (3000 * 0.1 * 0.9) ** 0.5
    assert held("key", 10) != held("other key", 10)
    assert held("key", 0) == set()


def test_the_key_of_the_draw_is_handed_on():
    first = roll_out(holdout_percent=10)

    assert roll_out(holdout_percent=20).holdout_key == first.holdout_key


@pytest.mark.slow
def test_a_held_out_client_is_shown_the_bytes_of_a_basic_one_on_every_profile(client):
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
        # What the header says of their own plan is theirs to read.
        body = response.text.replace(Viewer(user).client.plan_name, "PLAN")
        headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
        return response.status_code, re.sub('name="(csrfmiddlewaretoken|typed_by)" value="[^"]+"', "", body), headers

    for record in records:
        assert record.number in page(shown, record.profile.get_absolute_url())[1]
    as_held_out = [page(held, path) for path in pages]
    assert client.get("/sourcing/").status_code == 404
    assert badges_for_clients(records[0].profile, Viewer(held))[0] == []
    Client.objects.filter(users=held).update(plan=Client.Plan.BASIC)
    assert as_held_out == [page(held, path) for path in pages]


def test_a_held_out_client_is_told_neutrally_and_others_are_not(client):
    told = "Certification badges come to clients step by step."
    for user, is_told in (
        (held_out_person(), True),
        (client_person("enterprise"), False),
        (client_person("basic"), False),
    ):
        client.force_login(user)

        assert (told in client.get("/").text) == is_told


def test_previews_are_in_no_draw():
    CertificationFactory()
    roll_out(holdout_percent=50)

    assert all(sees(kind_of_client(plan)) for plan in ("business", "enterprise"))
