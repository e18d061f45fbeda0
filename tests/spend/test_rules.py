"""The rules of a client: plain values, read from a file or from their newest version."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from spend import report
from spend.choices import DateRule, Kind
from spend.models import AddressableSpend, SavedRules
from spend.rules import BadRules, Period, Rules, read
from tests.factories import CertificationTypeFactory, ClientFactory, UserFactory

KEYS = {"types": ["woman", "minority"], "bodies": ["council"]}


def test_what_a_file_leaves_out_is_the_default():
    assert read("{}", **KEYS) == Rules()
    assert read(
        '{"fiscal_year_start": 7, "types": ["woman"], "self_reported": true, "least_step": 0, "date_rule": "grace",'
        ' "grace_days": 30, "primary_order": ["minority"], "base_kinds": ["work"], "currency": "EUR"}',
        **KEYS,
    ) == Rules(
        fiscal_year_start=7,
        types=("woman",),
        self_reported=True,
        date_rule=DateRule.GRACE,
        grace_days=30,
        primary_order=("minority",),
        base_kinds=(Kind.WORK,),
        currency="EUR",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "This isn't JSON"),
        ("[" * 100_000, "This isn't JSON"),
        ('{"grace_days": 1, "grace_days": 2}', "These rules are there more than once: grace_days."),
        ("[]", "The rules must be a JSON object."),
        ('{"goal": 1}', "goal: There is no such rule."),
        ('{"fiscal_year_start": 13}', "fiscal_year_start: It must be a whole number from 1 to 12."),
        ('{"fiscal_year_start": true}', "fiscal_year_start: It must be"),
        ('{"types": ["wman"]}', "types: It must be a list without repetitions, of woman, minority."),
        ('{"types": ["woman", "woman"]}', "types: It must be"),
        ('{"types": "woman"}', "types: It must be"),
        ('{"types": [[]]}', "types: It must be"),
        ('{"self_reported": 1}', "self_reported: It must be true or false."),
        ('{"self_reported": null}', "self_reported: It must be true or false."),
        ('{"least_step": 4}', "least_step: It must be a whole number from 0 to 3."),
        ('{"grace_days": 366}', "grace_days: It must be a whole number from 0 to 365."),
        ('{"date_rule": "never"}', "date_rule: It must be one of at_payment"),
        ('{"base_kinds": ["gift"]}', "base_kinds: It must be a list"),
        ('{"currency": "usd"}', "currency: It must be an ISO code, like USD."),
    ],
)
def test_a_wrong_value_is_refused_in_words(text, problem):
    with pytest.raises(BadRules, match=problem.replace("[", r"\[")):
        read(text, **KEYS)


@pytest.mark.parametrize(
    ("start", "day", "year"),
    [
        (1, date(2026, 1, 1), Period(date(2026, 1, 1), date(2026, 12, 31))),
        (7, date(2026, 6, 30), Period(date(2025, 7, 1), date(2026, 6, 30))),
        (7, date(2026, 7, 1), Period(date(2026, 7, 1), date(2027, 6, 30))),
        (3, date(2024, 2, 29), Period(date(2023, 3, 1), date(2024, 2, 29))),
    ],
)
def test_the_fiscal_year_of_a_day(start, day, year):
    assert Rules(fiscal_year_start=start).fiscal_year(day) == year


def test_the_first_types_are_primary_and_the_others_follow_in_the_order_of_the_catalogue():
    catalogue = ["minority", "woman", "lgbt", "veteran"]

    assert Rules().order(catalogue) == catalogue
    assert Rules(primary_order=("lgbt", "woman")).order(catalogue) == ["lgbt", "woman", "minority", "veteran"]
    assert Rules(types=("woman", "veteran"), primary_order=("lgbt", "veteran")).order(catalogue) == ["veteran", "woman"]


@pytest.mark.django_db
def test_the_newest_version_holds_and_a_cutoff_has_the_one_of_its_time():
    client = ClientFactory()
    assert report.rules_of(client, timezone.now()) == Rules()
    SavedRules.objects.create(client=client, saved_by=UserFactory(), saved_at=timezone.now() - timedelta(days=2))
    SavedRules.objects.create(client=client, saved_by=UserFactory(), grace_days=9, date_rule=DateRule.GRACE)

    assert report.rules_of(client, timezone.now()) == Rules(grace_days=9, date_rule=DateRule.GRACE)
    assert report.rules_of(client, timezone.now() - timedelta(days=1)) == Rules()


@pytest.mark.django_db
def test_saved_rules_are_checked_as_those_of_a_file_are():
    CertificationTypeFactory(key="woman")
    rules = SavedRules(client=ClientFactory(), types=["woman"], primary_order=["wman"], currency="XXQ")

    with pytest.raises(ValidationError) as refused:
        rules.full_clean(exclude=["saved_by"])
    assert set(refused.value.message_dict) == {"primary_order", "currency"}


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"grace_days": 3}, {"saved_at": timezone.now()}, {"types": ["woman"]}])
def test_no_version_of_rules_is_ever_changed(change):
    SavedRules.objects.create(client=ClientFactory())

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        SavedRules.objects.update(**change)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"fiscal_year_start": 13}, {"grace_days": 366}, {"least_step": 4}])
def test_the_database_refuses_impossible_rules(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedRules.objects.create(client=ClientFactory(), **wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"amount": 0}, {"note": ""}, {"ends_on": date(2025, 1, 1)}])
def test_addressable_spend_is_an_amount_with_a_note_for_a_period(wrong):
    values = {
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "amount": Decimal(5),
        "note": "All agencies",
    }
    rules = SavedRules.objects.create(client=ClientFactory())
    AddressableSpend.objects.create(rules=rules, **values)

    with pytest.raises(IntegrityError), transaction.atomic():
        AddressableSpend.objects.create(rules=rules, **values | {"starts_on": date(2026, 2, 1)} | wrong)
