"""The payments of a client, judged by PostgreSQL: each has the number of its outcome, and stays where it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Self

from django.db import connection
from django.db.models import QuerySet

from profiles.models import Client
from spend.choices import NEVER_COUNTED, OUTSIDE_THE_BASE, Reason
from spend.counting import stretches
from spend.holdings import Holding
from spend.models import Payment
from spend.report import STORED
from spend.rules import Period, Rules
from spend.totals import Cell

FOLDER = Path(__file__).parent / "sql"
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

    @property
    def is_in_base(self) -> bool:
        return self.reason not in OUTSIDE_THE_BASE


class JudgedLedger(NamedTuple):
    """The payments of a client in a period, as the first part of SQL statements: the table `judged`.

    `outcomes` are what the numbers of outcomes in it stand for.
    """

    sql: str
    outcomes: list[Outcome]

    @classmethod
    def of(
        cls,
        client: Client,
        period: Period,
        *,
        held: Mapping[int, Sequence[Holding]],
        rules: Rules,
        order: Sequence[str],
        cutoff: datetime,
    ) -> Self:
        """Judge the payments of `period`, as `counting.count` does. `held` has what each business held, by its key."""
        numbers = {Outcome((), None, reason): number for number, reason in enumerate(PLAIN)}
        stretch: dict[str, list] = {"businesses": [], "since": [], "until": [], "outcomes": []}
        for business, holdings in held.items():
            for since, until, verdict in stretches(holdings, rules, order):
                outcome = Outcome(tuple(holding.type for holding in verdict.held), verdict.level, verdict.reason)
                stretch["businesses"].append(business)
                stretch["since"].append(since)
                stretch["until"].append(until)
                stretch["outcomes"].append(numbers.setdefault(outcome, len(numbers)))
        known = Payment.objects.filter(client=client).known_before(cutoff).order_by()
        columns = known.values_list(*STORED, "cost_center", "category", "file_id")
        parameters = {
            "starts_on": period.starts_on,
            "ends_on": period.ends_on,
            "currency": rules.currency,
            "base_kinds": list(rules.base_kinds),
            "never_counted": sorted(NEVER_COUNTED),
            **{reason.value: number for number, reason in enumerate(PLAIN)},
            **stretch,
        }
        sql = statement("judged", ledger=spelled(columns))
        with connection.cursor() as cursor:
            return cls(cursor.mogrify(sql, parameters), list(numbers))

    def cells_by_part(self, parts: Sequence[Period]) -> list[list[Cell]]:
        """Return the cells of each part of the period: the same as those of the rows that `counting.count` returns.

        `parts` follow each other without a gap. One query.
        """
        found: list[list[Cell]] = [[] for _ in parts]
        for part, *cell in self.rows("cells", parts=[part.starts_on for part in parts]):
            found[part - 1].append(self.cell(*cell))
        return found

    def cell(self, outcome: int, currency: str, amount: Decimal, payments: int, businesses: list[int]) -> Cell:
        return Cell(*self.outcomes[outcome], currency, amount, payments, frozenset(businesses))

    def rows(self, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of the statement `name`.sql, which reads the judged payments. One query."""
        with connection.cursor() as cursor:
            cursor.execute(statement(name, judged=self.sql), parameters)
            return cursor.fetchall()


def statement(name: str, **parts: str) -> str:
    """Return the statement `name`.sql with these `parts`, SQL without parameters, where it names them in braces."""
    sql = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    for part, spelled_out in parts.items():
        sql = sql.replace(f"{{{part}}}", spelled_out.replace("%", "%%"))
    return sql


def spelled(rows: QuerySet[Any, Any]) -> str:
    """Return the SQL of `rows`, its parameters within."""
    with connection.cursor() as cursor:
        spelled_out: str = cursor.mogrify(*rows.query.sql_with_params())
    return spelled_out
