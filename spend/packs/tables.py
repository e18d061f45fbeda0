"""The tables of an issued report. Its page, its files and its audit pack are made of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from certifications.models import Step
from common.days import day
from rollout.models import RolloutPolicy
from sourcing.exports.files import Value
from spend import frozen, wording
from spend.choices import Kind, Reason
from spend.models import IssuedReport, ReportedDetails, ReportedPayee, ReportedPayment
from spend.packs import columns
from spend.packs.columns import Column, Holds
from spend.reported import Show
from spend.sums import Figures, Sums
from spend.totals import Amount, Line, percent, shown

BATCH = 2_000
NOT_NAMED = "Name removed"

type Row = Mapping[str, Value]  # by heading
# The filters that find the payments behind a number, see `spend.reported.Filters`. `report`: the number of another one.
type Behind = Mapping[str, str]


class Shown(NamedTuple):
    """A cell as people read it. `url`: where its payments are."""

    text: str
    url: str = ""


class Table(NamedTuple):
    """A table: the name of its files, its title, and its rows. `note` says how to read it.

    Its amounts are in `currency`, or in that of a row that has one. `names_businesses`: who reads it learns who holds a
    certificate. `behind` finds the payments behind an amount, by its row and its heading: {} for none. `link` gives the
    address of such payments, where there is a page of them.
    """

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Callable[[], Iterable[Row]]
    currency: str
    names_businesses: bool = False
    behind: Callable[[Row, str], Behind] = lambda row, heading: {}
    link: Callable[[Behind], str] | None = None

    @property
    def cells(self) -> Iterator[list[Value]]:
        """The rows as files have them."""
        return ([row[column.heading] for column in self.columns] for row in self.rows())

    @property
    def read_columns(self) -> list[Column]:
        """The columns that people read."""
        return [column for column in self.columns if column.holds is not Holds.KEY]

    @property
    def read_cells(self) -> Iterator[list[Shown]]:
        """The rows as people read them."""
        return ([self._shown(row, column) for column in self.read_columns] for row in self.rows())

    def _shown(self, row: Row, column: Column) -> Shown:
        text = _read(row[column.heading], column.holds, str(row.get("currency", self.currency)))
        behind = self.behind(row, column.heading) if self.link and column.holds is Holds.AMOUNT else {}
        return Shown(text, self.link(behind) if self.link and behind else "")


def _read(value: Value, holds: Holds, currency: str) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal) and holds is Holds.AMOUNT:
        return wording.money(value, currency)
    if isinstance(value, Decimal) and holds is Holds.SHARE:
        return f"{value:f}%".replace("-", wording.MINUS)
    return f"{value:,}" if isinstance(value, int) else str(value)


class Content(NamedTuple):
    """What an issued report says now: its sums, and the businesses that it may still name, by number."""

    issued: IssuedReport
    sums: Sums
    named: dict[int, ReportedPayee]

    @classmethod
    def of(cls, issued: IssuedReport, policy: RolloutPolicy) -> "Content":
        return cls(issued, frozen.sums(issued), frozen.named(issued, policy))

    @property
    def figures(self) -> Figures:
        issued = self.issued
        return Figures(self.sums, issued.plain_rules(), issued.names_of_types, issued.addressable)

    def details(self, row: ReportedPayment) -> ReportedDetails | None:
        """Return what identifies a row, or None if it may no longer be shown."""
        return frozen.details(row, self.named)

    def rows(self) -> Iterator[ReportedPayment]:
        return ReportedPayment.objects.filter(report=self.issued).select_related("details").iterator(BATCH)


def _sum(line: Line, base: Amount) -> dict[str, Value]:
    return {
        "amount": shown(line.amount),
        "payments": line.payments,
        "businesses": line.businesses,
        "share": percent(line.amount, base),
    }


def summary(figures: Figures) -> Iterator[Row]:
    totals = figures.sums.totals
    lines = {
        "base": ("Base: payments in the total", totals.base),
        "unduplicated": ("Counted: each payment once", totals.unduplicated),
    }
    for key, (name, line) in lines.items():
        yield {"key": key, "name": name, **_sum(line, figures.base)}
    views = {
        "overlapping": ("Sum of the types, overlapping", totals.overlapping),
        "primary": ("Sum of the types, primary type alone", totals.primary),
        "split": ("Sum of the types, in equal parts", totals.split),
    }
    for key, (name, found) in views.items():
        amount = sum((Fraction(line.amount) for line in found.values()), Fraction(0))
        share = percent(amount, figures.base)
        yield {"key": key, "name": name, "amount": shown(amount), "payments": None, "businesses": None, "share": share}
    addressable = figures.addressable
    if addressable is not None:
        share = percent(totals.unduplicated.amount, addressable)
        name = "Addressable spend, and the share of it that counts"
        yield {
            "key": "addressable", "name": name, "amount": addressable, "payments": None, "businesses": None,
            "share": share,
        }  # fmt: skip


def types(figures: Figures) -> Iterator[Row]:
    totals = figures.sums.totals
    for key, name in figures.names.items():
        yield {
            "key": key,
            "name": name,
            "overlapping": shown(totals.overlapping[key].amount),
            "primary": shown(totals.primary[key].amount),
            "split": shown(totals.split[key].amount),
            "payments": totals.overlapping[key].payments,
            "businesses": totals.overlapping[key].businesses,
            "share": percent(totals.overlapping[key].amount, figures.base),
        }


def quarters(figures: Figures) -> Iterator[Row]:
    for part in figures.sums.quarters:
        yield {
            "name": wording.quarter_of(figures.rules, part.period),
            "starts_on": part.period.starts_on,
            "ends_on": part.period.ends_on,
            "base": shown(part.totals.base.amount),
            "unduplicated": shown(part.totals.unduplicated.amount),
            "share": percent(part.totals.unduplicated.amount, part.totals.base.amount),
            **{key: shown(line.amount) for key, line in part.totals.overlapping.items()},
        }


def together(figures: Figures) -> Iterator[Row]:
    names = figures.names
    for held, line in figures.sums.together.items():
        yield {
            "types": ";".join(held),
            "names": " and ".join(names[key] for key in held),
            "amount": shown(line.amount),
            "payments": line.payments,
            "businesses": line.businesses,
            "beyond_once": shown(line.amount * (len(held) - 1)),
        }


def levels(figures: Figures) -> Iterator[Row]:
    counted = figures.sums.totals.unduplicated.amount
    for level, line in figures.sums.levels.items():
        yield {"level": level, "name": Step(level).label, **_sum(line, counted)}


def not_counted(figures: Figures) -> Iterator[Row]:
    for reason, code, line in figures.sums.totals.left_out(figures.rules.currency):
        yield {
            "reason": reason.value,
            "words": reason.label,
            "currency": code,
            "amount": shown(line.amount),
            "payments": line.payments,
            "businesses": line.businesses,
        }


def payments(content: Content) -> Iterator[Row]:
    for row in content.rows():
        details = content.details(row)
        is_named = details is not None and row.business is not None
        yield {
            **dict(zip(frozen.FROZEN, frozen.frozen(row), strict=True)),
            "amount": row.amount,
            "quarter": row.quarter,
            "kind_in_words": Kind(row.kind).label,
            "reason_in_words": Reason(row.reason).label if row.reason else "",
            "payee": content.named[row.business].name if is_named else "" if row.business is None else NOT_NAMED,
            "number": details.number if details else "",
            "version": details.version if details else None,
            "paid_on": details.paid_on if details else None,
            "refers_to": details.refers_to if details else "",
        }


def certificates(content: Content) -> Iterator[Row]:
    for row in content.rows():
        details = content.details(row)
        for certificate in details.certificates if details else ():
            yield {
                **certificate,
                "position": row.position,
                "starts_on": date.fromisoformat(certificate["starts_on"]),
                "ends_on": date.fromisoformat(certificate["ends_on"]) if certificate["ends_on"] else None,
                "level_in_words": Step(certificate["level"]).label,
            }


def _behind_summary(row: Row, heading: str) -> Behind:
    if row["key"] == "addressable":
        return {}
    return {"show": Show.BASE if row["key"] == "base" else Show.COUNTED}


def _behind_type(row: Row, heading: str) -> Behind:
    return {"primary" if heading == "primary" else "type": str(row["key"])}


def _behind_quarter(row: Row, heading: str) -> Behind:
    shows = {"base": {"show": Show.BASE}, "unduplicated": {"show": Show.COUNTED}}
    return {"quarter": str(row["starts_on"]), **shows.get(heading, {"type": heading})}


def _behind_types(row: Row, heading: str) -> Behind:
    is_none = heading == "beyond_once" and not row[heading]
    return {} if is_none else {"types": str(row["types"])}


def _behind_level(row: Row, heading: str) -> Behind:
    return {"level": str(row["level"])}


def _behind_reason(row: Row, heading: str) -> Behind:
    return {"reason": str(row["reason"]), "currency": str(row["currency"])}


class Plan(NamedTuple):
    """What a table of sums is: all but its figures."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Callable[[Figures], Iterable[Row]]
    behind: Callable[[Row, str], Behind]


OF_SUMS = (
    Plan(
        "summary",
        "Summary",
        "Sums are exact, and rounded only where they are shown. So parts may differ from their sum by a cent.",
        columns.SUMMARY,
        summary,
        _behind_summary,
    ),
    Plan(
        "types",
        "By type",
        "Overlapping: a payment counts in full under each of its types. Primary: under the first alone. Split: in "
        "equal parts.",
        columns.TYPES,
        types,
        _behind_type,
    ),
    Plan(
        "quarters",
        "By quarter",
        "Each type has its overlapping amount.",
        columns.QUARTERS,
        quarters,
        _behind_quarter,
    ),
    Plan(
        "together",
        "Types held together",
        "The overlapping sum less the last column is what counts with each payment once.",
        columns.TOGETHER,
        together,
        _behind_types,
    ),
    Plan(
        "levels",
        "Evidence",
        "What counts, by how it was verified on the day of the payment. The shares are of what counts.",
        columns.LEVELS,
        levels,
        _behind_level,
    ),
    Plan(
        "not-counted",
        "Not counted",
        "Why payments of the period don't count.",
        columns.NOT_COUNTED,
        not_counted,
        _behind_reason,
    ),
)


def of_sums(figures: Figures) -> list[Table]:
    """Return the tables of the sums of a report. Their rows are made when they are asked for."""
    by_type = [
        columns.amount_of(key, name, f"What counts as {name}, overlapping.") for key, name in figures.names.items()
    ]
    return [
        Table(
            plan.name,
            plan.title,
            plan.note,
            [*plan.columns, *by_type] if plan.rows is quarters else plan.columns,
            partial(plan.rows, figures),
            figures.rules.currency,
            behind=plan.behind,
        )
        for plan in OF_SUMS
    ]


def of_payments(content: Content) -> list[Table]:
    """Return the tables with a row for each payment or certificate. Their rows are read when they are asked for."""
    currency = content.issued.plain_rules().currency
    return [
        Table(
            "payments",
            "Payments",
            "Every payment of the period. Where a name was removed, its owner no longer shares it.",
            columns.ALL_PAYMENTS,
            partial(payments, content),
            currency,
            names_businesses=True,
        ),
        Table(
            "certificates",
            "Certificates",
            "The certificates under which each payment counts, as they were known when the report was issued.",
            columns.CERTIFICATES,
            partial(certificates, content),
            currency,
            names_businesses=True,
        ),
    ]
