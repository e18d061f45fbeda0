"""The goals of a client: how far it is, and how admins set them."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from certifications.models import CertificationType, UnusedType
from profiles.models import ClientMembership
from spend.goals import Bases, Basis, Pace, elapsed, progress
from spend.models import AddressableSpend, Goal, SavedRules
from spend.rules import Period
from tests.factories import ClientFactory, UserFactory
from tests.spend.test_overview import figure, links_of, rows_of, text_of
from tests.spend.test_rules_page import FISCAL_2026, fields_of

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
HALF = Fraction(1, 2)
GOALS = "/spend/goals/?year=2026"
NEW = "/spend/goals/new/?year=2026"


def toward(actual, *, amount=None, percent=None, payments=1000, addressable=None, over=HALF):
    return progress(
        amount=amount and Decimal(amount),
        percent=percent and Decimal(percent),
        actual=Decimal(actual),
        bases=Bases(Decimal(payments), addressable and Decimal(addressable)),
        over=over,
    )


@pytest.mark.parametrize(
    ("today", "over"),
    [
        ("2025-12-31", Fraction(0)),
        ("2026-01-01", Fraction(1, 365)),
        ("2026-07-01", Fraction(182, 365)),
        ("2026-12-31", Fraction(1)),
        ("2027-05-05", Fraction(1)),
    ],
)
def test_today_is_the_last_day_of_what_is_over(today, over):
    assert elapsed(YEAR, date.fromisoformat(today)) == over


def test_an_amount_is_due_in_even_parts():
    found = toward(400, amount=1000)

    assert (found.basis, found.target, found.due, found.missing, found.ahead) == (Basis.AMOUNT, 1000, 500, 600, -100)
    assert found.pace == Pace.BEHIND


def test_a_percent_is_of_the_addressable_spend_of_the_whole_year_if_there_is_one():
    found = toward(30, percent="2.5", addressable=2000)

    assert (found.basis, found.target, found.due, found.ahead) == (Basis.ADDRESSABLE, 50, 25, 5)
    assert found.pace == Pace.AHEAD


def test_a_percent_of_payments_so_far_grows_with_them_and_is_its_own_pace():
    found = toward(60, percent=5)

    assert (found.basis, found.target, found.due, found.ahead) == (Basis.PAYMENTS, 50, 50, 10)
    assert found.pace == Pace.AHEAD  # not reached: more payments raise it
    assert toward(60, percent=5, over=Fraction(1)).pace == Pace.REACHED


@pytest.mark.parametrize(
    ("goal", "pace"),
    [
        ({"amount": 100, "over": Fraction(0)}, Pace.NOT_BEGUN),
        ({"percent": 5, "payments": 0}, Pace.NOT_BEGUN),
        ({"percent": 5, "payments": -20}, Pace.NOT_BEGUN),
        ({"amount": 60}, Pace.REACHED),
        ({"amount": 120}, Pace.AHEAD),
        ({"amount": 121}, Pace.BEHIND),
        ({"amount": 61, "over": Fraction(1)}, Pace.MISSED),
    ],
)
def test_where_a_client_is_with_a_goal(goal, pace):
    assert toward(60, **goal).pace == pace


def test_more_refunds_than_payments_leave_more_than_the_goal_to_reach():
    assert toward(-50, amount=100).missing == 150


# Source: O7, the discretionary budgets of Massachusetts, FY2023.
@pytest.mark.parametrize(
    ("percent", "actual", "target", "attained"),
    [(8, 89_489, 3_517_519, "2.5"), (14, 530_638, 6_155_657, "8.6"), (3, 2_813_780, 1_319_069, "213.3")],
)
def test_published_goals_come_to_their_amounts(percent, actual, target, attained):
    found = toward(actual, percent=percent, addressable=43_968_982, over=Fraction(1))

    assert round(found.target) == target
    assert f"{float(Fraction(found.actual) / Fraction(found.target) * 100):.1f}" == attained


pages = pytest.mark.django_db


@pytest.fixture
def admin(books, monkeypatch):
    """The client of the house fixture, with a signed-in admin, after the end of its fiscal year 2026."""
    monkeypatch.setattr("spend.views.goals.elapsed", lambda period, today: Fraction(1))
    books.memberships.update(role=ClientMembership.Role.ADMIN)
    return books


def type_of(key):
    return CertificationType.objects.get(key=key)


@pages
def test_goals_are_shown_with_their_progress_and_link_to_payments(admin, client):
    Goal.objects.create(client=admin, fiscal_year=2026, percent=50)
    Goal.objects.create(client=admin, fiscal_year=2026, type=type_of("woman"), amount=1000)

    page = client.get(GOALS)

    words = text_of(page)
    assert "Any certified business" in words
    assert "Goal: 50% of payments on the marketplace so far: $3,300.00" in words
    assert "Missed by $1,200.00" in words
    assert "Goal: $1,000.00" in words
    assert "Counted so far$1,400.00 Reached140.0% Expected by today$1,000.00 Left to reach$0.00" in words
    assert "A payment can count toward several goals, so goals don't add up." in words
    for amount in ("$2,100.00", "$1,400.00"):
        [address] = links_of(page, amount)
        assert figure(client.get(address)) == amount


@pages
def test_a_percent_says_of_which_base_it_is(admin, client):
    rules = SavedRules.objects.get()
    AddressableSpend.objects.create(rules=rules, amount=10_000, note="All", **FISCAL_2026._asdict())
    Goal.objects.create(client=admin, fiscal_year=2026, percent=Decimal("12.5"))

    words = text_of(client.get(GOALS))

    assert "Goal: 12.5% of addressable spend: $1,250.00" in words
    assert "Share21.0%" in words
    assert "Shares are of your addressable spend of $10,000.00." in words


@pages
def test_the_overview_lists_the_goals_of_its_year(admin, client):
    Goal.objects.create(client=admin, fiscal_year=2026, amount=2100)
    Goal.objects.create(client=admin, fiscal_year=2025, amount=7)

    page = client.get("/spend/?year=2026")

    assert rows_of(page, "Goals of the year")[1:] == [
        ["Any certified business$2,100.00", "$2,100.00", "100.0%", "Reached"]
    ]


@pages
def test_without_goals_the_page_says_what_a_goal_is(admin, client):
    words = text_of(client.get(GOALS))

    assert "A goal is an amount or a percent that your organization wants to spend with certified businesses" in words
    assert "Add a goal" in words


@pages
def test_a_goal_for_a_type_that_cannot_count_says_so_without_a_number(admin, client):
    Goal.objects.create(client=admin, fiscal_year=2026, type=type_of("woman"), amount=1000)
    UnusedType.objects.create(client=admin, type=type_of("woman"))

    words = text_of(client.get(GOALS))

    assert "Nothing counts toward this goal." in words
    assert "$1,400.00" not in words
    assert "Nothing counts toward it" in text_of(client.get("/spend/?year=2026"))


@pages
def test_an_admin_adds_changes_and_deletes_a_goal(admin, client):
    woman = type_of("woman")
    client.post(NEW, {"type": woman.pk, "amount": "12,000"})
    goal = Goal.objects.get()
    assert (goal.client, goal.fiscal_year, goal.type, goal.amount) == (admin, 2026, woman, 12_000)
    assert goal.set_by == admin.memberships.get().user

    address = goal.get_absolute_url()
    page = client.post(
        address, fields_of(client.get(address).context["form"]) | {"amount": "", "percent": "7.5"}, follow=True
    )
    goal.refresh_from_db()
    assert (goal.amount, goal.percent) == (None, Decimal("7.5"))
    assert "The goal for fiscal year 2026 was changed." in page.text

    assert "Delete this goal?" in client.get(f"{address}delete/").text
    assert Goal.objects.exists()
    assert "The goal for fiscal year 2026 was deleted." in client.post(f"{address}delete/", follow=True).text
    assert not Goal.objects.exists()


@pages
@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "amount", "Enter an amount or a percent"),
        ({"amount": "5", "percent": "5"}, "percent", "Enter an amount or a percent, not both"),
        ({"percent": "101"}, "percent", "Enter a percent from 0.01 to 100"),
        ({"percent": "0"}, "percent", "Enter a percent from 0.01 to 100"),
        ({"percent": "a tenth"}, "percent", "Enter a percent from 0.01 to 100"),
        ({"percent": "7.125"}, "percent", "Enter a percent with at most two digits after the period"),
        ({"amount": "lots"}, "amount", "Enter an amount, like 250,000"),
    ],
)
def test_a_wrong_goal_is_refused_beside_its_field(typed, field, words, admin, client):
    page = client.post(NEW, typed, follow=True)

    assert page.context["form"].errors == {field: [words]}
    assert not Goal.objects.exists()


@pages
def test_a_second_goal_for_the_same_type_and_year_is_refused(admin, client):
    Goal.objects.create(client=admin, fiscal_year=2026, amount=1)

    page = client.post(NEW, {"amount": "5"}, follow=True)

    assert "There is a goal for this fiscal year already. Change that one." in page.text
    assert Goal.objects.count() == 1


@pages
def test_a_second_click_on_a_goal_is_answered_like_the_first(admin, client):
    answers = [client.post(NEW, {"amount": "5"}, follow=True) for _ in range(2)]

    assert all("The goal for fiscal year 2026 was set." in answer.text for answer in answers)
    address = f"{Goal.objects.get().get_absolute_url()}delete/"
    assert "was deleted" in client.post(address, follow=True).text
    assert "This goal is not there anymore." in client.post(address, follow=True).text


@pages
def test_the_form_proposes_the_first_goal_that_is_missing(admin, client):
    def proposed():
        return client.get(NEW).context["form"]["type"].value()

    assert proposed() is None
    Goal.objects.create(client=admin, fiscal_year=2026, amount=1)
    first = proposed()
    Goal.objects.create(client=admin, fiscal_year=2026, amount=1, type_id=first)
    assert proposed() not in (None, first)


@pages
def test_of_two_people_who_change_a_goal_the_second_is_told(admin, client):
    goal = Goal.objects.create(client=admin, fiscal_year=2026, amount=1)
    opened = fields_of(client.get(goal.get_absolute_url()).context["form"])
    Goal.objects.update(amount=2)

    page = client.post(goal.get_absolute_url(), opened | {"amount": "3"}, follow=True)

    assert "Someone else changed this while you were editing." in page.text
    assert Goal.objects.get().amount == 2


@pages
def test_only_an_admin_of_the_client_sets_goals(books, client):
    books.memberships.update(role=ClientMembership.Role.MEMBER)
    goal = Goal.objects.create(client=books, fiscal_year=2026, amount=1)
    own = goal.get_absolute_url()

    for path in (NEW, own, f"{own}delete/"):
        assert client.get(path).status_code == client.post(path, {}).status_code == 403
    assert own not in client.get(GOALS).text


@pages
def test_goals_of_another_client_are_not_there(admin, client):
    goal = Goal.objects.create(client=ClientFactory(), fiscal_year=2026, amount=1_234_567)
    own = goal.get_absolute_url()

    assert client.get(own).status_code == client.get(f"{own}delete/").status_code == 404
    assert "This goal is not there anymore." in client.post(f"{own}delete/", follow=True).text
    assert Goal.objects.exists()
    assert "1,234,567" not in client.get(GOALS).text


@pages
def test_a_goal_outlives_the_account_of_the_person_who_set_it(admin, client):
    person = UserFactory()
    Goal.objects.create(client=admin, fiscal_year=2026, amount=1, set_by=person)
    person.delete()

    assert "Set by a former member, " in text_of(client.get(GOALS))


@pages
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"amount": 1, "percent": 1},
        {"amount": 0},
        {"amount": -1},
        {"percent": 0},
        {"percent": Decimal("100.01")},
        {"amount": 1, "fiscal_year": 1999},
    ],
)
def test_the_database_refuses_an_impossible_goal(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Goal.objects.create(client=ClientFactory(), **{"fiscal_year": timezone.localdate().year} | wrong)


@pages
def test_the_database_has_one_goal_a_type_and_year():
    Goal.objects.create(client=ClientFactory(), fiscal_year=2026, amount=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Goal.objects.create(client=Goal.objects.get().client, fiscal_year=2026, percent=1)
