"""Webhooks are told once that their client reached a goal, and once that it lost it again."""

import pytest

from certifications.models import Certification
from integrations.models import Delivery, EventType
from integrations.webhooks import goals
from spend.models import Goal
from spend.views.asked import Asked
from tests.integrations.programs import Program
from tests.integrations.test_webhooks import webhook_at
from tests.site import roll_out
from tests.spend import conftest
from tests.spend.test_report import pay

pytestmark = pytest.mark.django_db
house, books = conftest.house, conftest.books


@pytest.fixture
def client_with_goal(books, monkeypatch):
    """A client whose webhook listens, with a goal of $2,500 in its fiscal year, of which it has $2,100."""
    monkeypatch.setattr(Asked, "year_now", staticmethod(lambda rules: 2026))
    webhook_at("https://192.0.2.1/", client=books, events=[EventType.GOAL_CROSSED])
    Goal.objects.create(client=books, fiscal_year=2026, amount=2500)
    return books


def told():
    """What is told now."""
    goals.tell()
    found = list(Delivery.objects.order_by("pk").values_list("type", "data"))
    Delivery.objects.all().delete()
    return found


def reach():
    pay(("N1", "ann", "2025-09-02", "work", "400.00", ""))


def about(goal):
    return [("goal.crossed", {"goal": goal.pk, "year": 2026})]


def test_client_is_told_once_that_it_reached_a_goal_and_once_that_it_lost_it(client_with_goal):
    goal = Goal.objects.get()
    assert told() == []

    reach()
    assert (told(), told()) == (about(goal), [])

    for record in Certification.objects.filter(profile__slug="ann"):
        record.hide()
    assert (told(), told()) == (about(goal), [])

    for record in Certification.objects.filter(profile__slug="ann"):
        record.show()
    assert (told(), told()) == (about(goal), [])


def test_another_goal_that_a_change_of_it_makes_reached_is_told(client_with_goal):
    Goal.objects.update(amount=2100)

    assert told() == about(Goal.objects.get())
    Goal.objects.all().delete()
    assert told() == []


def test_goal_of_the_last_year_can_still_be_reached(client_with_goal, monkeypatch):
    monkeypatch.setattr(Asked, "year_now", staticmethod(lambda rules: 2027))
    reach()
    assert told() == about(Goal.objects.get())

    monkeypatch.setattr(Asked, "year_now", staticmethod(lambda rules: 2028))
    Goal.objects.update(amount=9999)
    assert told() == []


@pytest.mark.parametrize("policy", [{"is_paused": True}, {"plans": ["business"]}])
def test_client_that_may_be_shown_nothing_is_told_nothing(client_with_goal, policy):
    """Not even that it lost a goal: it has no page of its goals, either."""
    reach()
    assert told()

    roll_out(**policy)

    assert told() == []
    roll_out()
    assert told() == []


def test_the_api_has_what_the_event_names(client_with_goal):
    client_with_goal.memberships.update(role="admin")
    program = Program(client_with_goal.memberships.get().user)
    reach()
    [(_, data)] = told()

    [goal] = program.get(f"/spend/goals?year={data['year']}").json()["results"]

    assert (goal["id"], goal["pace"]["code"]) == (data["goal"], "reached")


@pytest.mark.slow
def test_number_of_queries_does_not_depend_on_the_number_of_goals(client_with_goal, django_assert_num_queries):
    goals.tell()
    goals.tell()
    for type in Certification.objects.order_by("type").values_list("type", flat=True).distinct()[:2]:
        Goal.objects.create(client=client_with_goal, fiscal_year=2026, type_id=type, amount=9999)
        with django_assert_num_queries(20):
            goals.tell()
