"""Counts about reviews: exact for staff, rounded for everyone else."""

from datetime import timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, F
from django.db.models.functions import Now
from django.utils import timezone

from certifications.models import Certification
from certifications.public_numbers import at_least, rounded
from verification.models import OUTCOMES, Case

WEEK = timedelta(days=7)
# The median duration is rounded up to one of these before it is published.
DURATIONS = [timedelta(hours=4), *(timedelta(days=days) for days in (1, 2, 3, 5, 7, 10, 14, 21, 30))]


class Median(Aggregate):
    """The median of a duration."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def for_staff() -> dict[str, Any]:
    """Return the numbers above the queue: `waiting`, `median_age` (timedelta or None) and `decided`.

    `decided` counts the last seven days: one pair of label and count for each outcome. Two queries.
    """
    waiting = (
        Case.objects.waiting().order_by().aggregate(waiting=Count("pk"), median_age=Median(Now() - F("opened_at")))
    )
    since = Case.objects.filter(decided_at__gte=timezone.now() - WEEK)
    by_outcome = dict(since.order_by().values_list("outcome").annotate(count=Count("pk")))
    return waiting | {"decided": [(label, by_outcome.get(value, 0)) for value, label in Case.Outcome.choices]}


def for_everyone() -> dict[str, Any]:
    """Return counts of decisions, reasons and appeals, and the usual duration, rounded for publication."""
    decided = Case.objects.filter(decided_at__isnull=False).order_by()
    counts = dict(decided.filter(appeals=None).values_list("outcome").annotate(count=Count("pk")))
    appeals = dict(decided.exclude(appeals=None).values_list("outcome").annotate(count=Count("pk")))
    reasons = dict(decided.filter(outcome=Case.Outcome.REFUSED).values_list("reason").annotate(count=Count("pk")))
    stood = sum(count for outcome, count in appeals.items() if OUTCOMES[outcome].upholds)
    timed = decided.aggregate(count=Count("pk"), median=Median(F("decided_at") - F("opened_at")))
    return {
        "decisions": rounded((label, counts.get(value, 0)) for value, label in Case.Outcome.choices),
        "reasons": rounded((label, reasons.get(value, 0)) for value, label in Certification.Reason.choices),
        "appeals": rounded(
            [("The decision stood", stood), ("The decision was changed", sum(appeals.values()) - stood)]
        ),
        "median_hours": _hours(timed["median"]) if at_least(timed["count"]) else None,
    }


def _hours(duration: timedelta) -> int | None:
    """Return `duration` rounded up to one of DURATIONS, in hours. None if it is longer than all of them."""
    longer = [each for each in DURATIONS if each >= duration]
    return longer[0] // timedelta(hours=1) if longer else None
