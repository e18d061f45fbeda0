"""The cells of a report, added up by PostgreSQL. Payments stay where they are; only their sums come back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from profiles.models import Client
from spend.choices import NEVER_COUNTED, Reason
from spend.counting import stretches
from spend.holdings import Holding
from spend.models import Payment
from spend.report import COLUMNS
from spend.rules import Period, Rules
from spend.totals import Cell

STATEMENT = (Path(__file__).parent / "sql" / "cells.sql").read_text(encoding="utf-8")
# The reasons that no certificate is needed to find.
PLAIN = (
    Reason.OTHER_CURRENCY,
    Reason.UNKNOWN_PAYMENT,
    Reason.EXCLUDED_KIND,
    Reason.FEE_OR_TAX,
    Reason.NO_CERTIFICATE,
)


class Outcome(NamedTuple):
    """What a verdict says about a payment, without the certificates themselves."""

    types: tuple[str, ...]
    level: int | None
    reason: Reason | None


def cells_by_part(
    client: Client,
    parts: Sequence[Period],
    *,
    held: Mapping[int, Sequence[Holding]],
    rules: Rules,
    order: Sequence[str],
    cutoff: datetime,
) -> list[list[Cell]]:
    """Return the cells of each part of a period: the same as those of the rows that `counting.count` returns.

    `held` has what each business held. `parts` follow each other without a gap. One query.
    """
    numbers = {Outcome((), None, reason): number for number, reason in enumerate(PLAIN)}
    stretch: dict[str, list] = {"businesses": [], "since": [], "until": [], "outcomes": []}
    for business, holdings in held.items():
        for since, until, verdict in stretches(holdings, rules, order):
            outcome = Outcome(tuple(holding.type for holding in verdict.held), verdict.level, verdict.reason)
            stretch["businesses"].append(business)
            stretch["since"].append(since)
            stretch["until"].append(until)
            stretch["outcomes"].append(numbers.setdefault(outcome, len(numbers)))
    outcomes = list(numbers)
    found: list[list[Cell]] = [[] for _ in parts]
    ledger = Payment.objects.filter(client=client).known_before(cutoff).with_disputed().order_by().values_list(*COLUMNS)
    with connection.cursor() as cursor:
        known = cursor.mogrify(*ledger.query.sql_with_params())
        cursor.execute(
            STATEMENT.replace("{ledger}", known.replace("%", "%%")),
            {
                "parts": [part.starts_on for part in parts],
                "ends_on": parts[-1].ends_on,
                "currency": rules.currency,
                "base_kinds": list(rules.base_kinds),
                "never_counted": sorted(NEVER_COUNTED),
                **{reason.value: number for number, reason in enumerate(PLAIN)},
                **stretch,
            },
        )
        for part, outcome, currency, amount, payments, businesses in cursor:
            types, level, reason = outcomes[outcome]
            found[part - 1].append(Cell(types, level, reason, currency, amount, payments, frozenset(businesses)))
    return found
