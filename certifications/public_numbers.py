"""Counts that everyone may read, published once a month and rounded, so that none reveals a single business."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.utils import timezone

from certifications.models import Certification, PublicNumbers, Step
from common import databases
from common.hooks import Hook
from profiles.models import Client
from rollout.models import RolloutPolicy

FEWEST = 10  # a count below it is not published, and others are published in steps of it

# More numbers to publish: each function returns a dict that JSON can hold.
more_numbers = Hook()


def publish_due() -> bool:
    """Publish the counts, unless they were published this month. Return True if they were published now."""
    today = timezone.now().date()
    if PublicNumbers.objects.filter(as_of__gte=today.replace(day=1)).exists():
        return False
    numbers = _numbers(RolloutPolicy.in_force())
    _, is_new = PublicNumbers.objects.get_or_create(as_of=today, defaults={"numbers": numbers})
    return is_new


def published() -> PublicNumbers | None:
    """Return the newest PublicNumbers, or None before the first. A change shows in the next month's at the earliest."""
    return PublicNumbers.objects.using(databases.for_reading()).first()


def at_least(count: int) -> int | None:
    """Return `count` minus a random number below FEWEST, rounded down to a multiple of FEWEST, or None if it is small.

    A change from one month to the next therefore reveals no single business, even to someone who knows all others.
    """
    lowest = count - secrets.randbelow(FEWEST)
    return lowest - lowest % FEWEST if lowest >= FEWEST else None


def rounded(table: Iterable[tuple[str, int]]) -> list[list[str | int | None]]:
    """Return the rows of a table of (label, count) with the counts rounded, as they may be published."""
    return [[what, at_least(count)] for what, count in table]


def _numbers(policy: RolloutPolicy) -> dict[str, Any]:
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
