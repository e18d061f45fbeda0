"""The sums that pages show: those of a period, of its quarters, and by verification level."""

from datetime import datetime
from typing import NamedTuple

from certifications.models import CertificationType, Step
from profiles.models import Client
from rollout.models import RolloutPolicy
from spend import report
from spend.rules import Period, Rules
from spend.totals import Line, Totals, cells, line, totals

QUARTER = 3  # months


class Quarter(NamedTuple):
    """The sums of a quarter of the fiscal year."""

    period: Period
    totals: Totals


class Overview(NamedTuple):
    """The sums of a fiscal year. `levels` divides what counts by verification level on the day of the payment."""

    period: Period
    cutoff: datetime
    rules: Rules
    totals: Totals
    quarters: list[Quarter]
    levels: dict[int, Line]


def overview(client: Client, period: Period, *, rules: Rules, cutoff: datetime, policy: RolloutPolicy) -> Overview:
    """Return the sums of `client` for a fiscal year, from what was known before `cutoff`."""
    made = report.make(client, period, rules=rules, cutoff=cutoff, policy=policy)
    types = rules.order(list(CertificationType.objects.values_list("key", flat=True)))
    quarters = [
        Quarter(part, totals(cells(row for row in made.counted if row.entry.paid_on in part), types))
        for part in period.parts(QUARTER)
    ]
    found = cells(made.counted)
    levels = {step.value: line(cell for cell in found if cell.level == step) for step in reversed(Step)}
    return Overview(period, cutoff, rules, made.totals, quarters, levels)
