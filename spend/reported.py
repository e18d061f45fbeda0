"""The payments of an issued report, as they were counted in it: those that a number of it is the sum of."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from spend.browsing import Show
from spend.choices import OUTSIDE_THE_BASE
from spend.models import IssuedReport, ReportedPayment

IN_BASE = ~Q(reason__in=sorted(OUTSIDE_THE_BASE))
COUNTED = ~Q(types=[])
SHOWN = {
    Show.ALL: Q(),
    Show.COUNTED: COUNTED,
    Show.NOT_COUNTED: IN_BASE & ~COUNTED,
    Show.BASE: IN_BASE,
    Show.OUTSIDE: ~IN_BASE,
}


@dataclass(frozen=True)
class Filters:
    """What a number of a report is the sum of. What is empty does not narrow the list.

    `primary` is the first of the types that a payment counts under, and `types` are all of them, separated by ;.
    `quarter` is the first day of one.
    """

    show: Show = Show.ALL
    type: str = ""
    primary: str = ""
    types: str = ""
    level: int | None = None
    reason: str = ""
    currency: str = ""
    quarter: date | None = None

    def of(self, issued: IssuedReport) -> QuerySet[ReportedPayment]:
        """Return the rows of a report that fit, in its order."""
        asked = {
            "types__contains": [self.type] if self.type else None,
            "types__0": self.primary or None,
            "types": self.types.split(";") if self.types else None,
            "level": self.level,
            "reason": self.reason or None,
            "currency": self.currency or None,
            "quarter": self.quarter,
        }
        narrowed = {name: value for name, value in asked.items() if value is not None}
        return ReportedPayment.objects.filter(SHOWN[self.show], report=issued, **narrowed)
