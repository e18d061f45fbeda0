"""Harm: what the monitor finds each week, whom it notifies, and what it stops until a person decides."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from certifications.models import CertificationType
from common.mail.letters import Letter, letter
from common.mail.outbox import post_later
from impact.measures import ALARMING, MEASURES
from impact.models import Alarm, WeekOfActs
from impact.report import Report
from impact.statistics import ALARM_ALPHA, BURST_WEEKS, Effect, is_burst
from profiles.models import User
from rollout.models import RolloutPolicy

DECISION_STANDS = timedelta(days=28)


def found(week: date) -> list[tuple[CertificationType | None, str, str]]:
    """Return the harm visible at the end of `week`, as (type or None for all, what it is about, words)."""
    types = {type.pk: type for type in CertificationType.objects.all()}
    harms = [
        (types[key] if key else None, measure, f"{MEASURES[measure].label}: {Report.sentence(measure, effect)}")
        for key, measure, effect in harmful(Report(week), types)
    ]
    recent = WeekOfActs.objects.filter(week__lte=week, week__gte=week - timedelta(weeks=BURST_WEEKS)).order_by("week")
    counts = {}
    for act in recent:
        counts.setdefault((act.type_id, act.kind), []).append(act.count)
    for (key, kind), weekly in counts.items():
        if is_burst(weekly):
            # Without the weeks before: a sum of them would tell of one that had few.
            label = WeekOfActs.Kind(kind).label
            words = f"{label}: {weekly[-1]} in the week, more than chance explains given the weeks before."
            harms.append((types[key], kind, words))
    return harms


def harmful(report: Report, types: Iterable[int]) -> list[tuple[int | None, str, Effect]]:
    """Return the harm that a Report shows for each of `types` (keys) and for all (None), as (key, measure, Effect).

    All types and all measures share the measures' part of the 5 percent.
    """
    keys = [None, *types]
    alpha = ALARM_ALPHA / (len(keys) * len(ALARMING))
    harms = []
    for key in keys:
        for measure in ALARMING:
            if report.is_hidden(measure, key):
                continue  # an alarm is read by staff like any other cell
            effect = report.effect(measure, type=key, alpha=alpha)
            if effect and effect.is_told_apart and MEASURES[measure].harm * effect.estimate > 0:
                harms.append((key, measure, effect))
    return harms


def raise_due(week: date) -> list[Alarm]:
    """Raise the alarms of `week`, each once, and return the new ones.

    A person's decision about a measure holds for four weeks, because its sums continue; about a burst, for its week.
    """
    recently = Q(about__in=ALARMING, closed_at__gt=timezone.now() - DECISION_STANDS)
    of_week = Q(about__in=WeekOfActs.Kind.values, week=week)
    decided = Alarm.objects.filter(recently | of_week, closed_at__isnull=False)
    raised = []
    for type, about, words in found(week):
        if decided.filter(type=type, about=about).exists():
            continue
        with transaction.atomic():
            alarm, is_new = Alarm.objects.get_or_create(
                type=type, about=about, closed_at=None, defaults={"week": week, "words": words}
            )
            if is_new:
                _stop(alarm)
                raised.append(alarm)
    return raised


def _stop(alarm: Alarm) -> None:
    """Stop showing the alarm's type, if the policy says so."""
    if alarm.type is None or not RolloutPolicy.in_force().pauses_on_alarm:
        return
    alarm.has_stopped_type = RolloutPolicy.stop_type(alarm.type.pk, reason=f"The monitor found harm. {alarm.words}")
    alarm.save(update_fields=["has_stopped_type"])


def _recipients() -> QuerySet[User]:
    """Return everyone who may close an alarm."""
    return User.objects.with_perm("impact.close_alarm").filter(is_staff=True, is_active=True).order_by("pk")


@transaction.atomic
def tell_staff() -> None:
    """Email everyone who may close alarms about the new ones: one email each, however many alarms there are."""
    untold = Alarm.objects.filter(told_at=None, closed_at=None).select_for_update().order_by("pk")
    keys = list(untold.values_list("pk", flat=True))
    if keys:
        for recipient in _recipients():
            post_later(recipient.email, write_alarms, alarms=keys, recipient_pk=recipient.pk)
        Alarm.objects.filter(pk__in=keys).update(told_at=timezone.now())


def write_alarms(to: str, *, alarms: list[int], recipient_pk: int) -> Letter | None:
    """Write about the alarms of a night that no one has closed yet, to a person who may close them."""
    found = list(Alarm.objects.filter(pk__in=alarms, closed_at=None).select_related("type").order_by("pk"))
    recipient = _recipients().filter(pk=recipient_pk).first() if found else None
    if recipient is None:
        return None
    return letter("impact/alarms", {"recipient": recipient, "alarms": found})
