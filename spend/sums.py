"""The sums that pages show: those of a period, of its quarters, and by verification level."""

from datetime import datetime
from itertools import chain
from typing import NamedTuple

from certifications.models import CertificationType, Step
from profiles.models import Client
from rollout.models import RolloutPolicy
from spend import report
from spend.adding import cells_by_part
from spend.rules import Period, Rules
from spend.totals import Line, Totals, line, totals

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
    """Return the sums that `report.make` returns for the same arguments, in all and by quarter.

    The number of queries does not depend on the number of payments.
    """
    types = rules.order(list(CertificationType.objects.values_list("key", flat=True)))
    held = report.held_by_payees(client, cutoff, policy)
    parts = period.parts(QUARTER)
    by_part = cells_by_part(client, parts, held=held, rules=rules, order=types, cutoff=cutoff)
    quarters = [Quarter(part, totals(cells, types)) for part, cells in zip(parts, by_part, strict=True)]
    whole = list(chain.from_iterable(by_part))
    levels = {step.value: line(cell for cell in whole if cell.level == step) for step in reversed(Step)}
    return Overview(period, cutoff, rules, totals(whole, types), quarters, levels)
