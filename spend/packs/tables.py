"""The tables of an issued report. Its page, its files and its audit pack are made of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
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
from spend.sums import QUARTER
from spend.totals import Amount, Line, percent, shown

BATCH = 2_000
NOT_NAMED = "Name removed"

type Row = Mapping[str, Value]  # by heading


class Table(NamedTuple):
    """A table: the name of its files, its title, and its rows. `note` says how to read it.

    Its amounts are in `currency`, or in that of a row that has one. `names_businesses`: who reads it learns who holds a
    certificate.
    """

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Callable[[], Iterable[Row]]
    currency: str
    names_businesses: bool = False

    @property
    def cells(self) -> Iterator[list[Value]]:
        """The rows as files have them."""
        return ([row[column.heading] for column in self.columns] for row in self.rows())

    @property
    def read_columns(self) -> list[Column]:
        """The columns that people read."""
        return [column for column in self.columns if column.holds is not Holds.KEY]

    @property
    def read_cells(self) -> Iterator[list[str]]:
        """The rows as people read them."""
        columns = self.read_columns
        for row in self.rows():
            currency = str(row.get("currency", self.currency))
            yield [_read(row[column.heading], column.holds, currency) for column in columns]


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
    sums: frozen.Sums
    named: dict[int, ReportedPayee]

    @classmethod
    def of(cls, issued: IssuedReport, policy: RolloutPolicy) -> "Content":
        return cls(issued, frozen.sums(issued), frozen.named(issued, policy))

    @property
    def base(self) -> Amount:
        return self.sums.totals.base.amount

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


def summary(content: Content) -> Iterator[Row]:
    totals = content.sums.totals
    lines = {
        "base": ("Base: what shares are taken of", totals.base),
        "unduplicated": ("Counted: each payment once", totals.unduplicated),
    }
    for key, (name, line) in lines.items():
        yield {"key": key, "name": name, **_sum(line, content.base)}
    views = {
        "overlapping": ("Sum of the types, overlapping", totals.overlapping),
        "primary": ("Sum of the types, primary type alone", totals.primary),
        "split": ("Sum of the types, in equal parts", totals.split),
    }
    for key, (name, found) in views.items():
        amount = sum((Fraction(line.amount) for line in found.values()), Fraction(0))
        share = percent(amount, content.base)
        yield {"key": key, "name": name, "amount": shown(amount), "payments": None, "businesses": None, "share": share}
    addressable = content.issued.addressable
    if addressable is not None:
        share = percent(totals.unduplicated.amount, addressable)
        name = "Addressable spend, and the share of it that counts"
        yield {
            "key": "addressable", "name": name, "amount": addressable, "payments": None, "businesses": None,
            "share": share,
        }  # fmt: skip


def types(content: Content) -> Iterator[Row]:
    totals = content.sums.totals
    for key, name in content.issued.names_of_types.items():
        yield {
            "key": key,
            "name": name,
            "overlapping": shown(totals.overlapping[key].amount),
            "primary": shown(totals.primary[key].amount),
            "split": shown(totals.split[key].amount),
            "payments": totals.overlapping[key].payments,
            "businesses": totals.overlapping[key].businesses,
            "share": percent(totals.overlapping[key].amount, content.base),
        }


def quarters(content: Content) -> Iterator[Row]:
    rules = content.issued.plain_rules()
    for part in content.sums.quarters:
        of_year = rules.fiscal_year(part.period.starts_on).parts(QUARTER)
        yield {
            "name": wording.quarter(of_year.index(part.period) + 1, part.period),
            "starts_on": part.period.starts_on,
            "ends_on": part.period.ends_on,
            "base": shown(part.totals.base.amount),
            "unduplicated": shown(part.totals.unduplicated.amount),
            "share": percent(part.totals.unduplicated.amount, part.totals.base.amount),
            **{key: shown(line.amount) for key, line in part.totals.overlapping.items()},
        }


def together(content: Content) -> Iterator[Row]:
    names = content.issued.names_of_types
    for held, line in content.sums.together.items():
        yield {
            "types": ";".join(held),
            "names": " and ".join(names[key] for key in held),
            "amount": shown(line.amount),
            "payments": line.payments,
            "businesses": line.businesses,
            "beyond_once": shown(line.amount * (len(held) - 1)),
        }


def levels(content: Content) -> Iterator[Row]:
    counted = content.sums.totals.unduplicated.amount
    for level, line in content.sums.levels.items():
        yield {"level": level, "name": Step(level).label, **_sum(line, counted)}


def not_counted(content: Content) -> Iterator[Row]:
    for reason, code, line in content.sums.totals.left_out(content.issued.plain_rules().currency):
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


def tables(content: Content) -> list[Table]:
    """Return the tables of a report. Their rows are read when they are asked for."""
    currency = content.issued.plain_rules().currency
    names = content.issued.names_of_types

    def of(
        name: str,
        title: str,
        note: str,
        columns: Sequence[Column],
        rows: Callable[[Content], Iterable[Row]],
        *,
        names_businesses: bool = False,
    ) -> Table:
        return Table(name, title, note, columns, lambda: rows(content), currency, names_businesses)

    by_type = [columns.amount_of(key, name, f"What counts as {name}, overlapping.") for key, name in names.items()]
    return [
        of(
            "summary",
            "Summary",
            "Sums are exact, and rounded only where they are shown. So parts may differ from their sum by a cent.",
            columns.SUMMARY,
            summary,
        ),
        of(
            "types",
            "By type",
            "Overlapping: a payment counts in full under each of its types. Primary: under the first alone. Split: in "
            "equal parts.",
            columns.TYPES,
            types,
        ),
        of("quarters", "By quarter", "Each type has its overlapping amount.", (*columns.QUARTERS, *by_type), quarters),
        of(
            "together",
            "Types held together",
            "The overlapping sum less the last column is what counts with each payment once.",
            columns.TOGETHER,
            together,
        ),
        of(
            "levels",
            "Evidence",
            "What counts, by how it was verified on the day of the payment. The shares are of what counts.",
            columns.LEVELS,
            levels,
        ),
        of("not-counted", "Not counted", "Why payments of the period don't count.", columns.NOT_COUNTED, not_counted),
        of(
            "payments",
            "Payments",
            "Every payment of the period. Where a name was removed, its owner no longer shares it.",
            columns.ALL_PAYMENTS,
            payments,
            names_businesses=True,
        ),
        of(
            "certificates",
            "Certificates",
            "The certificates under which each payment counts, as they were known when the report was issued.",
            columns.CERTIFICATES,
            certificates,
            names_businesses=True,
        ),
    ]
