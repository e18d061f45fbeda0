"""The payments of a client, each with its verdict: those that a person asks for, page by page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Self

from django.db.models import Q, TextChoices

from certifications.models import CertificationType
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from spend import report
from spend.counting import CountedEntry
from spend.judged import JudgedLedger, Outcome
from spend.models import Payment
from spend.rules import Period, Rules
from spend.totals import Cell, Line, line

PER_PAGE = 50


class Show(TextChoices):
    """Which payments are listed."""

    ALL = "", "All payments"
    COUNTED = "counted", "Those that count"
    NOT_COUNTED = "not_counted", "Those that don't count"
    BASE = "base", "Those in the total of payments"
    OUTSIDE = "outside", "Those left out of the totals"

    def includes(self, outcome: Outcome) -> bool:
        match self:
            case Show.COUNTED:
                return bool(outcome.types)
            case Show.NOT_COUNTED:
                return outcome.is_in_base and not outcome.types
            case Show.BASE:
                return outcome.is_in_base
            case Show.OUTSIDE:
                return not outcome.is_in_base
        return True


@dataclass(frozen=True)
class Filters:
    """What a person asks for. What is empty does not narrow the list."""

    period: Period
    show: Show = Show.ALL
    type: str = ""
    primary: str = ""  # the type that comes first
    types: str = ""  # all of them, separated by ;
    reason: str = ""
    level: int | None = None
    kind: str = ""
    business: str = ""  # a part of its name, or the end of its address
    currency: str = ""
    cost_center: str = ""
    category: str = ""
    number: str = ""
    file: int | None = None

    def fits(self, outcome: Outcome) -> bool:
        """Return whether an outcome is what is asked for."""
        return (
            self.show.includes(outcome)
            and self.type in ("", *outcome.types)
            and self.primary in ("", *outcome.types[:1])
            and self.types in ("", ";".join(outcome.types))
            and self.reason in ("", outcome.reason)
            and self.level in (None, outcome.level)
        )


class Place(NamedTuple):
    """Where a payment is in the list, which begins with the newest."""

    paid_on: date
    number: str

    @classmethod
    def of(cls, row: CountedEntry) -> Self:
        return cls(row.entry.paid_on, row.entry.number)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the place that an address spells, or None. No number has a NUL, which PostgreSQL doesn't take."""
        day, _, number = text.replace("\0", "").partition(" ")
        try:
            return cls(date.fromisoformat(day), number)
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.paid_on.isoformat()} {self.number}"


class Listing(NamedTuple):
    """A page of payments, the sums of all that were asked for, and the place after which the next page begins.

    The sums are in `currency`. `elsewhere` is the number of payments in others, which are in no sum.
    """

    rows: list[CountedEntry]
    currency: str
    total: Line
    counted: Line
    elsewhere: int
    next: Place | None


def browse(
    client: Client,
    filters: Filters,
    *,
    viewer: Viewer,
    rules: Rules,
    cutoff: datetime,
    policy: RolloutPolicy,
    after: Place | None = None,
    per_page: int = PER_PAGE,
) -> Listing:
    """Return the payments that fit `filters`, newest first, from the one after the place `after` on.

    All payments of the period are judged, in one query. Only those of the page are read.
    """
    order = rules.order(list(CertificationType.objects.values_list("key", flat=True)))
    held = report.held_by_payees(client, cutoff, policy)
    judged = JudgedLedger.of(client, filters.period, held=held, rules=rules, order=order, cutoff=cutoff)
    cells, numbers = _fitting(judged, filters, _payees(client, filters, viewer), after, most=per_page + 1)
    page = report.of_payments(client, numbers[:per_page], held=held, rules=rules, cutoff=cutoff)
    currency = filters.currency or rules.currency
    own = [cell for cell in cells if cell.currency == currency]
    return Listing(
        page,
        currency,
        line(own),
        line(cell for cell in own if cell.types),
        sum(cell.payments for cell in cells if cell.currency != currency),
        Place.of(page[-1]) if len(numbers) > per_page else None,
    )


def _fitting(
    judged: JudgedLedger, filters: Filters, payees: list[int] | None, after: Place | None, *, most: int
) -> tuple[list[Cell], list[str]]:
    """Return the cells of the payments that fit, and the numbers of the newest ones after a place. One query."""
    found = judged.rows(
        "listing",
        wanted=[number for number, outcome in enumerate(judged.outcomes) if filters.fits(outcome)],
        kind=filters.kind,
        in_currency=filters.currency,
        number=filters.number,
        cost_center=filters.cost_center,
        category=filters.category,
        file=filters.file,
        payees=payees,
        after_day=after and after.paid_on,
        after_number=after and after.number,
        most=most,
    )
    return [judged.cell(*cell) for *cell, _ in found], found[0][-1] if found else []  # each row has the numbers


def _payees(client: Client, filters: Filters, viewer: Viewer) -> list[int] | None:
    """Return the paid businesses asked for, or None if all are. Only profiles that `viewer` may see have a name."""
    if not filters.business:
        return None
    paid = Payment.objects.filter(client=client).values("profile")
    named = Q(name__icontains=filters.business) | Q(slug=filters.business)
    return list(Profile.objects.visible_to(viewer).filter(named, pk__in=paid).values_list("pk", flat=True))
