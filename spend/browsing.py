"""The payments of a client, each with its verdict: those that a person asks for, page by page."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Self

from django.db.models import Q, TextChoices

from profiles.models import Client, Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from spend import report
from spend.counting import CountedEntry
from spend.models import Payment
from spend.rules import Period, Rules
from spend.totals import Line, cells, line

PER_PAGE = 50


class Show(TextChoices):
    """Which payments are listed."""

    ALL = "", "All payments"
    COUNTED = "counted", "Those that count"
    NOT_COUNTED = "not_counted", "Those that don't count"
    BASE = "base", "Those in the total of payments"
    OUTSIDE = "outside", "Those left out of the totals"

    def includes(self, row: CountedEntry) -> bool:
        match self:
            case Show.COUNTED:
                return bool(row.held)
            case Show.NOT_COUNTED:
                return row.is_in_base and not row.held
            case Show.BASE:
                return row.is_in_base
            case Show.OUTSIDE:
                return not row.is_in_base
        return True


@dataclass(frozen=True)
class Filters:
    """What a person asks for. What is empty does not narrow the list."""

    period: Period
    show: Show = Show.ALL
    type: str = ""
    reason: str = ""
    level: int | None = None
    kind: str = ""
    business: str = ""  # a part of its name, or the end of its address
    currency: str = ""
    cost_center: str = ""
    category: str = ""
    number: str = ""
    file: int | None = None

    def fits(self, row: CountedEntry) -> bool:
        """Return whether the verdict on a payment is what is asked for."""
        return (
            self.show.includes(row)
            and self.type in ("", *row.types)
            and self.reason in ("", row.reason)
            and self.level in (None, row.level)
            and self.kind in ("", row.entry.kind)
            and self.currency in ("", row.currency)
            and self.number in ("", row.entry.number)
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
        """Return the place that an address spells, or None."""
        day, _, number = text.partition(" ")
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
) -> Listing:
    """Return the payments that fit `filters`, newest first, from the one after the place `after` on."""
    made = report.make(client, filters.period, rules=rules, cutoff=cutoff, policy=policy)
    numbers = _numbers(client, filters, cutoff)
    payees = _payees(client, filters, viewer)
    found = [
        row
        for row in made.counted
        if filters.fits(row)
        and (numbers is None or row.entry.number in numbers)
        and (payees is None or row.payee in payees)
    ]
    found.sort(key=Place.of, reverse=True)
    later = [row for row in found if after is None or Place.of(row) < after]
    page = later[:PER_PAGE]
    currency = filters.currency or rules.currency
    own = [row for row in found if row.currency == currency]
    return Listing(
        page,
        currency,
        line(cells(own)),
        line(cells(row for row in own if row.held)),
        len(found) - len(own),
        Place.of(page[-1]) if len(later) > len(page) else None,
    )


def _numbers(client: Client, filters: Filters, cutoff: datetime) -> Set[str] | None:
    """Return the numbers of the payments with the columns asked for, or None if no column is."""
    columns = {
        "cost_center__iexact": filters.cost_center,
        "category__iexact": filters.category,
        "file": filters.file,
    }
    asked = {name: value for name, value in columns.items() if value}
    if not asked:
        return None
    payments = Payment.objects.filter(client=client, paid_on__range=filters.period).known_before(cutoff)
    return set(payments.filter(**asked).values_list("external_id", flat=True))


def _payees(client: Client, filters: Filters, viewer: Viewer) -> Set[int | None] | None:
    """Return the paid businesses asked for, or None if all are. Only profiles that `viewer` may see have a name."""
    if not filters.business:
        return None
    paid = Payment.objects.filter(client=client).values("profile")
    named = Q(name__icontains=filters.business) | Q(slug=filters.business)
    return set(Profile.objects.visible_to(viewer).filter(named, pk__in=paid).values_list("pk", flat=True))
