"""Staff propose, confirm and decline changes to the policy, and read what becomes of them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import ProgrammingError, transaction
from django.utils import timezone

from common.days import day
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests.factories import CertificationFactory
from tests.rollout.policies import ADD, LIST, STOP, decide, plan, sees, state
from tests.site import client_person, roll_out, sign_in, staff

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_staff_read_the_plans_and_what_becomes_of_them(client, propose, ada, ben):
    CertificationFactory()
    stop = plan(27, is_paused=True)
    from_its_day = f"the change scheduled for {day(stop.starts_at)} (Showing: On → Stopped for everyone)"

    told = propose(holdout_percent=5).text

    assert f"In effect now. Still scheduled: {from_its_day.removeprefix('the ')}." in told
    assert f"Keeps {from_its_day}" in told
    assert f"T{from_its_day[1:]}" in told  # in the summary of what is in force
    assert f"This doesn't cancel {from_its_day}" in client.get(ADD).text

    told = propose(holdout_percent=10, cancels_planned="on").text

    [waiting] = RolloutPolicy.objects.waiting()
    assert f"Approval cancels {from_its_day}." in told
    assert f"Cancels {from_its_day}" in told
    asked = decide(client, ben, waiting, "confirm").text
    assert f"Cancels {from_its_day}" in asked
    assert "Approve, and cancel what is scheduled" in asked
    assert RolloutPolicy.objects.planned().exists()

    data = {"action": "confirm", "_selected_action": waiting.pk, "confirmed": "1"}
    assert "Approved." in client.post(LIST, data, follow=True).text
    assert not RolloutPolicy.objects.planned().exists()
    assert RolloutPolicy.in_force().holdout_percent == 10


def test_an_explicit_choice_cancels_a_plan_and_an_unchanged_form_does_not(propose):
    plan(27, is_paused=True)

    assert "This is how it is now. Change a setting, or cancel." in propose().text
    assert "so another person must approve it" in propose(cancels_planned="on").text


def test_a_policy_without_plans_reads_as_showing_nothing(propose):
    told = propose(plans=[]).text

    assert "Visible to: Business and Enterprise clients → No one" in told
    assert "Showing: On → Off, no plan is selected" in told


def test_the_form_starts_from_the_policy_in_force_and_names_the_plans(client, ada):
    roll_out(holdout_percent=10)
    plan(9, is_paused=True, holdout_percent=10)
    sign_in(client, ada)

    response = client.get(ADD)

    assert response.context["adminform"].form["is_paused"].value() is False
    assert "(Showing: On → Stopped for everyone), unless you select" in response.text


def test_the_history_compares_each_change_with_the_policy_in_force(client, ada):
    plan(9, plans=["enterprise"])
    roll_out(is_paused=True)
    sign_in(client, ada)

    page = client.get(LIST).text

    assert "Showing: On → Stopped for everyone" in page
    assert "Enterprise clients → Business" not in page


def test_a_change_of_nothing_is_refused(propose):
    assert "This is how it is now" in propose().text
    assert not RolloutPolicy.objects.exists()


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
    assert "In effect now." in propose(plans=["enterprise"]).text
    assert not sees(viewer)

    assert "so another person must approve it" in propose(plans=["business", "enterprise"]).text
    wider = RolloutPolicy.objects.waiting().get()
    assert not sees(viewer)
    assert "Starts when approved." in " ".join(client.get(LIST).text.split())
    assert "You proposed this change" in decide(client, ada, wider, "confirm").text
    assert not sees(viewer)
    assert 'value="confirm">Approve</button>' in client.get(f"{LIST}{wider.pk}/change/").text

    assert "Approved." in decide(client, ben, wider, "confirm").text
    assert sees(viewer)
    page = client.get(f"{LIST}{wider.pk}/change/").text
    assert 'value="confirm"' not in page
    assert "Enterprise clients → Business and Enterprise clients" in page
    assert "The numbers of October." in page
    assert "was decided already" in decide(client, ben, wider, "decline").text


def test_the_database_stops_people_from_confirming_their_own_proposals(ada):
    roll_out(plans=["enterprise"])
    policy = RolloutPolicy(plans=["business", "enterprise"], reason="More.")
    policy.propose(by=ada)

    with pytest.raises(RolloutPolicy.NotPossible):
        policy.confirm(by=ada)


def test_a_change_can_be_planned_for_a_day(propose):
    start = timezone.now().date() + timedelta(days=9)
    page = propose(plans=["enterprise"], starts_on=start).text

    assert f"Scheduled for {day(start)}." in page
    policy = RolloutPolicy.objects.get()
    assert (policy.starts_at.date(), state(policy)) == (start, "Scheduled")
    assert RolloutPolicy.in_force().pk is None


@pytest.mark.slow
def test_a_declined_proposal_changes_nothing(client, propose, ben):
    propose(plans=["plus", "business", "enterprise"])
    policy = RolloutPolicy.objects.get()

    assert "Declined." in decide(client, ben, policy, "decline").text
    assert "was decided already" in decide(client, ben, policy, "confirm").text
    assert not RolloutPolicy.objects.confirmed().exists()


def test_proposals_are_never_edited_or_deleted():
    policy = roll_out(plans=["enterprise"])

    for act in (lambda: policy.delete(), lambda: RolloutPolicy.objects.update(plans=["basic"])):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": ""}, "Enter the reason for this change"),
        ({"holdout_percent": "51"}, "less than or equal to 50"),
        ({"holdout_percent": "-1"}, "greater than or equal to 0"),
        ({"plans": ["gold"]}, "not one of the available choices"),
        ({"starts_on": "2020-01-01"}, "Start date must be today or later"),
        ({"starts_on": "soon"}, "Enter a date, like 03/31/2027"),
        ({"seen": "999"}, "Someone changed the roll-out since you opened this page."),
    ],
)
def test_bad_input_is_explained_and_stays_in_the_form(propose, fields, message):
    response = propose(**{"reason": "As typed.", "plans": ["enterprise"]} | fields)

    assert message in response.text
    assert fields.get("reason", "As typed.") in response.text
    assert not RolloutPolicy.objects.exists()


def test_staff_without_the_permission_cannot_propose(client):
    reader = staff(Permission.objects.get(codename="view_rolloutpolicy"))
    sign_in(client, reader)

    assert client.get(ADD).status_code == 403
    assert "Change the roll-out" not in client.get(LIST).text


def test_stopping_needs_only_a_reason_and_one_click(client, ada):
    sign_in(client, ada)
    assert "Who is affected" in client.get(STOP).text
    assert "Enter the reason for stopping" in client.post(STOP, {"reason": " "}).text
    assert not RolloutPolicy.objects.exists()

    told = client.post(STOP, {"reason": "A client complained."}, follow=True).text

    assert "Stopped. No client sees certifications now." in told
    assert RolloutPolicy.in_force().is_paused
    assert "stopped already" in client.get(STOP, follow=True).text


def test_staff_without_the_permission_cannot_stop(client):
    sign_in(client, staff(Permission.objects.get(codename="view_rolloutpolicy")))

    assert client.post(STOP, {"reason": "A client complained."}).status_code == 403
    assert not RolloutPolicy.objects.exists()


def test_a_change_is_checked_before_it_is_saved(client, ada):
    CertificationFactory()
    client_person("business")
    client_person("enterprise")
    sign_in(client, ada)
    data = {"plans": ["enterprise"], "holdout_percent": 0, "pauses_on_alarm": "on", "reason": "Fewer.", "seen": ""}

    page = client.post(ADD, data)

    counts = {line.label: (line.before, line.after) for line in page.context["affected"]}
    assert counts["Clients that see certifications"] == (2, 1)
    assert counts["Businesses shown with a certification"] == (1, 1)
    assert counts["Open invitations from these clients"] == (0, 0)
    assert not RolloutPolicy.objects.exists()
    changed = client.post(ADD, data | {"plans": ["business"], "checked": page.context["checked"]})
    assert changed.context["title"] == "Check this change"
    client.post(ADD, data | {"checked": page.context["checked"]})
    assert RolloutPolicy.in_force().plans == ["enterprise"]


def test_a_proposal_shows_before_and_after_to_the_person_who_approves(client, propose, ben):
    propose(plans=["plus", "business", "enterprise"])
    sign_in(client, ben)

    [proposal] = client.get(LIST).context["proposals"]

    assert [str(line) for line in proposal["lines"]] == [
        "Visible to: Business and Enterprise clients → Plus, Business and Enterprise clients"
    ]
    assert proposal["may_approve"]
