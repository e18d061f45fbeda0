"""Counts of the review: for staff by the day, and for everybody with small counts left out."""

from datetime import timedelta

from django.db.models import Aggregate, Count, DurationField, F
from django.db.models.functions import Now
from django.utils import timezone

from certifications.models import Case, Certification, Step

WEEK = timedelta(days=7)
FEWEST = 10  # a count below it is not published


class Median(Aggregate):
    """The middle of a duration."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def for_staff():
    """What the queue shows above itself: dict of `waiting`, `median_age` (timedelta or None) and `decided`.

    `decided`: (outcome, how many) of the last seven days, for each outcome. Two queries.
    """
    waiting = (
        Case.objects.waiting().order_by().aggregate(waiting=Count("pk"), median_age=Median(Now() - F("opened_at")))
    )
    since = Case.objects.filter(decided_at__gte=timezone.now() - WEEK)
    by_outcome = dict(since.order_by().values_list("outcome").annotate(count=Count("pk")))
    return waiting | {"decided": [(label, by_outcome.get(value, 0)) for value, label in Case.Outcome.choices]}


def outcomes():
    """What everybody may know, of records that their owners have not withdrawn: dict of tables.

    A table is a list of (what, count), where a count below FEWEST is None. If a single one is left out of a table,
    the smallest of the others is left out with it: else the sum would tell it.
    """
    standing = Certification.Standing
    current = Certification.objects.current().with_step()
    good = dict(current.filter(standing=standing.GOOD).order_by().values_list("step").annotate(count=Count("pk")))
    apart = dict(current.exclude(standing=standing.GOOD).order_by().values_list("standing").annotate(count=Count("pk")))
    steps = [(step.label, good.get(step, 0)) for step in Step]
    steps += [(standing(value).label, apart.get(value, 0)) for value in (standing.SUSPENDED, standing.REFUSED)]

    decided = Case.objects.filter(decided_at__isnull=False).order_by()
    counts = dict(decided.filter(appeals=None).values_list("outcome").annotate(count=Count("pk")))
    appeals = dict(decided.exclude(appeals=None).values_list("outcome").annotate(count=Count("pk")))
    reasons = dict(decided.filter(outcome=Case.Outcome.REFUSED).values_list("reason").annotate(count=Count("pk")))
    upheld = {Case.Outcome.KEPT, Case.Outcome.REFUSED, Case.Outcome.SUSPENDED}
    timed = decided.aggregate(count=Count("pk"), median=Median(F("decided_at") - F("opened_at")))
    return {
        "steps": suppressed(steps),
        "decisions": suppressed([(label, counts.get(value, 0)) for value, label in Case.Outcome.choices]),
        "reasons": suppressed([(label, reasons.get(value, 0)) for value, label in Certification.Reason.choices]),
        "appeals": suppressed(
            [
                ("The decision stood", sum(count for outcome, count in appeals.items() if outcome in upheld)),
                ("The decision was changed", sum(count for outcome, count in appeals.items() if outcome not in upheld)),
            ]
        ),
        "median": timed["median"] if timed["count"] >= FEWEST else None,
    }


def suppressed(table):
    """`table`, a list of (what, count), with None for counts that are not published, see `outcomes`."""
    small = {what for what, count in table if 0 < count < FEWEST}
    others = [(count, what) for what, count in table if count and what not in small]
    if len(small) == 1 and others:
        small.add(min(others)[1])
    return [(what, None if what in small else count) for what, count in table]
