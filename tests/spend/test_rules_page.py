"""The rules as an admin changes them: what a change does in money is shown before it is saved."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from certifications.models import CertificationType, CertifyingBody, UnusedType
from profiles.models import ClientMembership
from spend.models import AddressableSpend, Goal, SavedRules
from spend.rules import Period, Rules
from spend.views.asked import Asked
from tests.spend.test_overview import name_of, rows_of, text_of

pytestmark = pytest.mark.django_db

EDIT = "/spend/rules/edit/"
ADDRESSABLE = "/spend/rules/addressable-spend/?year=2026"
FISCAL_2026 = Period(date(2025, 7, 1), date(2026, 6, 30))


@pytest.fixture
def admin(books, monkeypatch):
    """The client of the house fixture, with a signed-in admin, in its fiscal year 2026."""
    books.memberships.update(role=ClientMembership.Role.ADMIN)
    monkeypatch.setattr(Asked, "year_now", staticmethod(lambda rules: 2026))
    return books


def newest():
    return SavedRules.objects.prefetch_related("addressable").first()


def fields_of(form):
    """What a browser sends of a form as it was shown."""
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in sent.items() if value not in (None, [], ())}


def send(client, step="check", at=EDIT, **changes):
    """Open the form, change it and send it."""
    sent = fields_of(client.get(at).context["form"]) | {"step": step} | changes
    return client.post(at, sent, follow=True)


def sent_again(page):
    """What the form on the page that checks the changes sends."""
    sent = defaultdict(list)
    for name, value in page.context["sent"]:
        sent[name].append(value)
    return sent | {"step": "save"}


def test_what_a_change_does_in_money_is_shown_and_nothing_is_saved_yet(admin, client):
    page = send(client, level="0", date_rule="any_time_in_fiscal_year")

    assert page.redirect_chain
    assert "Document checked → Self-reported" in text_of(page)
    assert rows_of(page, "Fiscal year 2026")[1:] == [
        ["Payments in the total", "$6,600.00", "$6,600.00", "–"],
        ["Counts as spend with certified businesses", "$2,100.00", "$2,600.00", "+$500.00"],
        [name_of("woman"), "$1,400.00", "$1,600.00", "+$200.00"],
        [name_of("minority"), "$1,400.00", "$1,600.00", "+$200.00"],
        [name_of("veteran"), "$0.00", "$300.00", "+$300.00"],
    ]
    assert "Last fiscal year Fiscal year 2025, Jul 1, 2024 to Jun 30, 2025 No amount changes." in text_of(page)
    assert SavedRules.objects.count() == 1


def test_checked_changes_are_saved_as_a_new_version_with_their_author(admin, client):
    AddressableSpend.objects.create(rules=newest(), amount=9, note="All", **FISCAL_2026._asdict())
    page = client.post(EDIT, sent_again(send(client, date_rule="grace", grace_days="30")), follow=True)

    assert newest().plain() == Rules(fiscal_year_start=7, date_rule="grace", grace_days=30)
    assert newest().saved_by == admin.memberships.get().user
    assert newest().addressable_in(FISCAL_2026).amount == 9
    assert "Rules saved." in page.text
    assert "within a grace period after it expired: 30 days" in text_of(page)
    assert "$2,300.00" in client.get("/spend/?year=2026").text


def test_the_order_of_types_changes_only_the_sums_of_first_types(admin, client):
    page = send(client, place_1="minority")

    assert rows_of(page, "Fiscal year 2026")[1:] == [
        ["Payments in the total", "$6,600.00", "$6,600.00", "–"],
        ["Counts as spend with certified businesses", "$2,100.00", "$2,100.00", "–"],
    ]
    assert rows_of(page, "Types that come first, Fiscal year 2026")[1:] == [
        [name_of("woman"), "$1,400.00", "$0.00", "−$1,400.00"],
        [name_of("minority"), "$0.00", "$1,400.00", "+$1,400.00"],
    ]


def test_amounts_in_two_currencies_have_no_difference(admin, client):
    AddressableSpend.objects.create(rules=newest(), amount=9, note="All", **FISCAL_2026._asdict())
    page = send(client, currency="EUR")

    assert rows_of(page, "Fiscal year 2026")[1] == ["Payments in the total", "$6,600.00", "EUR 0.00", "–"]
    assert "isn't converted to another currency" in text_of(page)


def test_another_fiscal_year_says_which_addressable_spend_it_leaves_behind(admin, client):
    AddressableSpend.objects.create(rules=newest(), amount=9, note="All", **FISCAL_2026._asdict())

    assert "Enter it again after you save" in text_of(send(client, fiscal_year_start="1"))
    assert "Enter it again after you save" not in text_of(send(client, level="0"))


def test_what_a_change_does_to_shares_and_goals_is_shown(admin, client):
    AddressableSpend.objects.create(rules=newest(), amount=20_000, note="All", **FISCAL_2026._asdict())
    Goal.objects.create(client=admin, fiscal_year=2026, amount=5_000)
    Goal.objects.create(client=admin, fiscal_year=2026, percent=10, type=CertificationType.objects.get(key="veteran"))

    page = send(client, level="0", date_rule="any_time_in_fiscal_year")

    assert rows_of(page, "Shares and goals, Fiscal year 2026")[1:] == [
        ["Share of payments", "31.8%", "39.4%", "+7.6 points"],
        ["Share of addressable spend", "10.5%", "13.0%", "+2.5 points"],
        ["Goal reached: Any certified business", "42.0%", "52.0%", "+10.0 points"],
        [f"Goal reached: {name_of('veteran')}", "0.0%", "15.0%", "+15.0 points"],
    ]


def test_goals_that_other_rules_give_another_meaning_are_named(admin, client):
    goal = Goal.objects.create(client=admin, fiscal_year=2026, amount=75_000)

    assert "Goals and addressable spend aren't converted to another currency." in text_of(send(client, currency="EUR"))
    assert "Each goal stays with the number of its fiscal year" in text_of(send(client, fiscal_year_start="1"))
    assert "Each goal" not in text_of(send(client, level="0"))

    Goal.objects.filter(pk=goal.pk).update(amount=None, percent=5)
    assert "Addressable spend isn't converted" in text_of(send(client, currency="EUR"))
    Goal.objects.all().delete()
    assert "Each goal stays" not in text_of(send(client, fiscal_year_start="1"))


def test_a_form_without_changes_says_so_and_saves_nothing(admin, client):
    for step in ("check", "save"):
        assert "You changed nothing" in send(client, step).text
    assert SavedRules.objects.count() == 1


WRONG: dict[str, tuple[dict, str]] = {
    "types": ({"types_accepted": "some"}, "Select at least one, or accept all of them"),
    "bodies": ({"bodies_accepted": "some"}, "Select at least one, or accept all of them"),
    "grace_days": ({"date_rule": "grace"}, "Enter a number of days from 1 to 365"),
    "base_kinds": ({"base_kinds": []}, "Select at least one kind of payment"),
    "place_2": ({"place_1": "woman", "place_2": "woman"}, "has a place already"),
    "place_3": ({"place_1": "woman", "place_3": "minority"}, "Choose a type for place 2 first"),
    "currency": ({"currency": "XXQ"}, "Select a valid choice"),
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(field, admin, client):
    changes, words = WRONG[field]
    page = send(client, tier_mode="tier_2", **changes)

    [error] = page.context["form"].errors[field]
    assert words in error
    assert page.context["form"]["tier_mode"].value() == "tier_2"
    assert SavedRules.objects.count() == 1


def test_of_two_people_at_once_the_second_is_told_and_loses_nothing(admin, client):
    opened = fields_of(client.get(EDIT).context["form"]) | {"level": "0", "step": "save"}
    SavedRules.objects.create(client=admin, fiscal_year_start=7, grace_days=9)

    page = client.post(EDIT, opened, follow=True)

    assert "Someone else saved new rules while you were editing." in page.text
    assert page.context["form"]["level"].value() == "0"
    assert newest().grace_days == 9
    assert SavedRules.objects.count() == 2

    client.post(EDIT, fields_of(page.context["form"]) | {"step": "save"})
    assert newest().self_reported


def test_a_second_click_on_saving_rules_is_answered_like_the_first(admin, client):
    sent = sent_again(send(client, date_rule="grace", grace_days="30"))

    answers = [client.post(EDIT, sent, follow=True) for _ in range(2)]

    assert all("Rules saved." in answer.text for answer in answers)
    assert SavedRules.objects.count() == 2


def test_turned_off_types_are_not_offered_and_stay_as_they_are(admin, client):
    SavedRules.objects.create(client=admin, fiscal_year_start=7, types=["woman", "veteran"], primary_order=["veteran"])
    UnusedType.objects.create(client=admin, type=CertificationType.objects.get(key="veteran"))

    assert "You changed nothing" in send(client, "save").text
    page = send(client, "save", types=["woman", "lgbt"])

    assert newest().plain().types == ("woman", "lgbt", "veteran")
    assert newest().plain().primary_order == ("veteran",)
    assert name_of("veteran") not in client.get(EDIT).text.split("<main")[1]
    assert "Rules saved." in page.text


@pytest.mark.parametrize(
    ("order", "used"),
    [
        (["veteran", "woman"], ["veteran", "woman"]),
        (["lgbt", "woman"], ["woman", "minority", "veteran"]),
        (["veteran", "lgbt", "woman"], ["woman"]),
    ],
)
def test_an_order_that_no_one_touched_stays_as_it_is(order, used, admin, client):
    SavedRules.objects.create(client=admin, fiscal_year_start=7, primary_order=order)
    for unused in CertificationType.objects.exclude(key__in=used):
        UnusedType.objects.create(client=admin, type=unused)

    assert "You changed nothing" in send(client, "save").text
    send(client, "save", level="0")
    assert newest().primary_order == order


def test_of_types_that_are_used_the_chosen_order_is_saved_and_the_others_follow(admin, client):
    SavedRules.objects.create(client=admin, fiscal_year_start=7, primary_order=["lgbt", "woman"])
    UnusedType.objects.create(client=admin, type=CertificationType.objects.get(key="lgbt"))
    send(client, "save", place_1="veteran", place_2="woman")

    assert newest().primary_order == ["veteran", "woman", "lgbt"]


def test_accepted_certifiers_are_saved_by_their_key(admin, client):
    body = CertifyingBody.objects.first()
    send(client, "save", bodies_accepted="some", bodies=[body.key], body_kinds_accepted="some", body_kinds=["national"])

    assert newest().bodies == [body.key]
    assert newest().body_kinds == ["national"]


@pytest.mark.parametrize("path", [EDIT, ADDRESSABLE])
def test_only_an_admin_of_the_client_changes_its_rules(path, books, client):
    books.memberships.update(role=ClientMembership.Role.MEMBER)

    assert client.get(path).status_code == client.post(path, {}).status_code == 403
    assert EDIT not in client.get("/spend/rules/").text
    assert "An admin of your organization can change the rules." in text_of(client.get("/spend/rules/"))


def test_addressable_spend_of_a_year_is_saved_with_the_rules_as_their_next_version(admin, client):
    send(client, at=ADDRESSABLE, year="$13,200", note="Professional services")

    assert newest().plain() == Rules(fiscal_year_start=7)
    assert newest().addressable_in(FISCAL_2026).amount == Decimal(13_200)
    assert "Share of addressable spend 15.9% of $13,200.00" in text_of(client.get("/spend/?year=2026"))
    page = text_of(client.get("/spend/rules/"))
    assert page.count("Addressable spend, Jul 1, 2025 to Jun 30, 2026: $13,200.00, Professional services") == 1


def test_a_version_that_removed_amounts_says_so(admin, client):
    page = send(client, at=ADDRESSABLE, year="5", note="All")
    assert "Addressable spend for fiscal year 2026 saved." in page.text
    send(client, at=ADDRESSABLE, year="", note="")

    assert "Addressable spend, Jul 1, 2025 to Jun 30, 2026: Removed" in text_of(client.get("/spend/rules/"))

    quarters = {"quarter_1": "1", "quarter_2": "2", "note": "Halves"}
    send(client, at=ADDRESSABLE, **quarters)
    send(client, at=ADDRESSABLE, **quarters | {"quarter_2": ""})  # removed in part
    assert "Addressable spend, Oct 1, 2025 to Dec 31, 2025: Removed" in text_of(client.get("/spend/rules/"))


def test_quarters_add_up_to_the_year_and_the_amounts_of_other_years_stay(admin, client):
    send(client, at="/spend/rules/addressable-spend/?year=2025", year="5k", note="All")
    page = send(client, at=ADDRESSABLE, quarter_1="1,000", quarter_2="2000.50", quarter_3="3000", note="Services")
    assert newest().addressable_in(FISCAL_2026) is None
    assert "Shares of the whole year show when all four quarters are entered." in text_of(page)
    send(client, at=ADDRESSABLE, quarter_4="4000")

    assert newest().addressable_in(FISCAL_2026).amount == Decimal("10000.50")
    assert newest().addressable_in(Period(date(2024, 7, 1), date(2025, 6, 30))).amount == 5000
    assert "You changed nothing" in send(client, at=ADDRESSABLE).text


def test_amounts_for_other_days_of_the_year_are_named_before_they_are_replaced(admin, client):
    calendar = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
    AddressableSpend.objects.create(rules=newest(), amount=9, note="All", **calendar)

    assert "replaces what was entered for Jan 1, 2025 to Dec 31, 2025." in text_of(client.get(ADDRESSABLE))
    send(client, at=ADDRESSABLE, year="8")
    assert [row.amount for row in newest().addressable.all()] == [8]


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("year", "much", "Enter an amount, like 250,000"),
        ("year", "0", "Enter an amount of more than 0"),
        ("year", "1.005", "Enter an amount with at most two digits after the period"),
        ("year", "9" * 15, "Enter a smaller amount"),
        ("note", "", "Say what is in this amount"),
        ("quarter_1", "-5", "Enter an amount of more than 0"),
    ],
)
def test_a_wrong_amount_is_refused_beside_its_field(field, typed, words, admin, client):
    page = send(client, at=ADDRESSABLE, **{"year": "5", "note": "All", field: typed})

    assert page.context["form"].errors[field] == [words]
    assert page.context["form"][field].value() == typed
    assert SavedRules.objects.count() == 1


def test_a_year_and_its_quarters_are_not_entered_together(admin, client):
    page = send(client, at=ADDRESSABLE, year="5", quarter_1="5", note="All")

    assert page.context["form"].errors["year"] == ["Enter the whole year or its quarters, not both"]


def test_someone_who_saved_rules_meanwhile_is_not_overwritten_by_amounts(admin, client):
    opened = fields_of(client.get(ADDRESSABLE).context["form"]) | {"year": "5", "note": "All"}
    SavedRules.objects.create(client=admin, fiscal_year_start=7, grace_days=9)

    assert "Someone else saved new rules while you were editing." in client.post(ADDRESSABLE, opened, follow=True).text
    assert newest().grace_days == 9


def test_a_second_click_on_saving_amounts_is_answered_like_the_first(admin, client):
    opened = fields_of(client.get(ADDRESSABLE).context["form"]) | {"year": "5", "note": "All"}

    answers = [client.post(ADDRESSABLE, opened, follow=True) for _ in range(2)]

    assert all("Addressable spend for fiscal year 2026 saved." in answer.text for answer in answers)
    assert SavedRules.objects.count() == 2
