"""Counts of the review: for staff as they are, and for everybody once a month, so that they tell of nobody."""

import secrets
from datetime import timedelta

from django.db.models import Aggregate, Count, DurationField, F
from django.db.models.functions import Now
from django.utils import timezone

from certifications.models import Case, Certification, PublicNumbers, Step
from certifications.models.rollout import audience_now
from profiles.models import Client

WEEK = timedelta(days=7)
FEWEST = 10  # a count below it is not published, and others are published in steps of it
# What the median duration is published as: the first of these that is not shorter.
DURATIONS = [timedelta(hours=4), *(timedelta(days=days) for days in (1, 2, 3, 5, 7, 10, 14, 21, 30))]


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


def publish_due():
    """Write down what everybody may read, unless that was done this month. Returns whether it was."""
    today = timezone.now().date()
    if PublicNumbers.objects.filter(as_of__gte=today.replace(day=1)).exists():
        return False
    _, is_new = PublicNumbers.objects.get_or_create(as_of=today, defaults={"numbers": _numbers()})
    return is_new


def published():
    """The newest PublicNumbers, or None before the first. What somebody does shows in none before the next month."""
    return PublicNumbers.objects.first()


def at_least(count):
    """`count` rounded down, to a step of FEWEST that chance picks anew each time, or None if that is less than one.

    So a number that changed from one month to the next tells of no single business, whoever knows of all the others.
    """
    lowest = count - secrets.randbelow(FEWEST)
    return lowest - lowest % FEWEST if lowest >= FEWEST else None


def _numbers():
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
    stood = sum(count for outcome, count in appeals.items() if outcome in upheld)
    timed = decided.aggregate(count=Count("pk"), median=Median(F("decided_at") - F("opened_at")))
    clients = Client.objects.filter(is_active=True, plan__in=audience_now()).count()
    return {
        "steps": _rounded(steps),
        "decisions": _rounded((label, counts.get(value, 0)) for value, label in Case.Outcome.choices),
        "reasons": _rounded((label, reasons.get(value, 0)) for value, label in Certification.Reason.choices),
        "appeals": _rounded(
            [("The decision stood", stood), ("The decision was changed", sum(appeals.values()) - stood)]
        ),
        "median_hours": _hours(timed["median"]) if at_least(timed["count"]) else None,
        "clients": at_least(clients),
    }


def _rounded(table):
    return [[what, at_least(count)] for what, count in table]


def _hours(duration):
    """The hours of the first of DURATIONS that is not shorter, or None if it is longer than all."""
    longer = [each for each in DURATIONS if each >= duration]
    return longer[0] // timedelta(hours=1) if longer else None
