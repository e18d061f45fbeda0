"""Counts that everyone may read, published once a month and rounded, so that they tell of no single business."""

import secrets
from collections.abc import Iterable

from django.db.models import Count
from django.utils import timezone

from certifications.models import Certification, PublicNumbers, Step
from common.hooks import Hook
from profiles.models import Client
from rollout.models import RolloutPolicy

FEWEST = 10  # a count below it is not published, and others are published in steps of it

# More numbers to publish: each function returns a dict that JSON can hold.
more_numbers = Hook()


def publish_due() -> bool:
    """Write down what everyone may read, unless that was done this month. Returns whether it was."""
    today = timezone.now().date()
    if PublicNumbers.objects.filter(as_of__gte=today.replace(day=1)).exists():
        return False
    numbers = _numbers(RolloutPolicy.in_force())
    _, is_new = PublicNumbers.objects.get_or_create(as_of=today, defaults={"numbers": numbers})
    return is_new


def published() -> PublicNumbers | None:
    """The newest PublicNumbers, or None before the first. What someone does shows in none before the next month."""
    return PublicNumbers.objects.first()


def at_least(count: int) -> int | None:
    """`count` rounded down, to a step of FEWEST that chance picks anew each time, or None if that is less than one.

    So a number that changed from one month to the next tells of no single business, whoever knows of all the others.
    """
    lowest = count - secrets.randbelow(FEWEST)
    return lowest - lowest % FEWEST if lowest >= FEWEST else None


def rounded(table: Iterable[tuple[str, int]]) -> list[list]:
    """The rows of a table of (what is counted, how many), as they may be published."""
    return [[what, at_least(count)] for what, count in table]


def _numbers(policy: RolloutPolicy) -> dict:
    standing = Certification.Standing
    current = Certification.objects.current().with_step()
    good = dict(current.filter(standing=standing.GOOD).order_by().values_list("step").annotate(count=Count("pk")))
    apart = dict(current.exclude(standing=standing.GOOD).order_by().values_list("standing").annotate(count=Count("pk")))
    steps = [(step.label, good.get(step, 0)) for step in Step]
    steps += [(standing(value).label, apart.get(value, 0)) for value in (standing.SUSPENDED, standing.REFUSED)]
    clients = Client.objects.filter(is_active=True, plan__in=policy.audience).count()
    numbers = {"steps": rounded(steps), "clients": at_least(clients)}
    for more in more_numbers():
        numbers |= more
    return numbers
