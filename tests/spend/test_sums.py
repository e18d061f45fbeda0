"""The sums that an overview shows are those of the report's rows, to the cent."""

from datetime import date

import pytest
from django.utils import timezone

from profiles.models import Client
from rollout.models import RolloutPolicy
from spend import report, sums
from spend.rules import Period, Rules

pytestmark = pytest.mark.django_db


def overview(client, period, **rules):
    return sums.overview(client, period, rules=Rules(**rules), cutoff=timezone.now(), policy=RolloutPolicy.in_force())


def test_an_overview_has_the_sums_of_the_report_and_of_its_quarters(house):
    client = Client.objects.get(slug="bright")
    period = Period(date(2025, 7, 1), date(2026, 6, 30))

    found = overview(client, period, fiscal_year_start=7)

    made = report.make(client, period, rules=found.rules, cutoff=found.cutoff, policy=RolloutPolicy.in_force())
    assert found.totals == made.totals
    assert [(str(quarter.period.starts_on), quarter.totals.unduplicated.amount) for quarter in found.quarters] == [
        ("2025-07-01", 1000),
        ("2025-10-01", 500),
        ("2026-01-01", 600),
        ("2026-04-01", 0),
    ]
