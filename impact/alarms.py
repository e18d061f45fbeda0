"""Harm: what the monitor finds of it each week, whom it tells, and what it stops until a person decides."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.tasks import task
from django.urls import reverse
from django.utils import timezone

from certifications.mail.sending import absolute, send
from certifications.models import CertificationType, RolloutPolicy
from impact.measures import ALARMING, MEASURES
from impact.models import Alarm, WeekOfActs
from impact.report import Report, few_or
from impact.statistics import ALPHA, BURST_WEEKS, is_burst
from profiles.models import User

DECISION_STANDS = timedelta(days=28)


def found(week):
    """The harm that shows at the end of `week`: list of (type or None, what about, words)."""
    types = {None: None} | {type.pk: type for type in CertificationType.objects.all()}
    report = Report(week)
    # All types and all measures share the 5 percent.
    alpha = ALPHA / (len(types) * len(ALARMING))
    harms = []
    for key, type in types.items():
        if report.is_hidden(key):
            continue  # an alarm is read by staff like any other cell
        for measure in ALARMING:
            effect = report.effect(measure, type=key, alpha=alpha)
            harm = MEASURES[measure].harm
            if effect and ((harm < 0 and effect.high < 0) or (harm > 0 and effect.low > 0)):
                harms.append((type, measure, f"{MEASURES[measure].label}: {report.sentence(measure, effect)}"))
    recent = WeekOfActs.objects.filter(week__lte=week, week__gte=week - timedelta(weeks=BURST_WEEKS)).order_by("week")
    counts = {}
    for act in recent:
        counts.setdefault((act.type_id, act.kind), []).append(act.count)
    for (key, kind), weekly in counts.items():
        if is_burst(weekly):
            label = WeekOfActs.Kind(kind).label
            last, before = (few_or(count) for count in (weekly[-1], sum(weekly[:-1])))
            words = f"{label}: {last} in the week, {before} in the {BURST_WEEKS} weeks before."
            harms.append((types[key], kind, words))
    return harms


def raise_due(week):
    """Raise the alarms of `week`, each once: what a person decided stands for four weeks. Returns the new ones."""
    decided = Alarm.objects.filter(closed_at__gt=timezone.now() - DECISION_STANDS)
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
                transaction.on_commit(partial(tell_staff.enqueue, alarm.pk))
                raised.append(alarm)
    return raised


def _stop(alarm):
    """Stop showing the alarm's type, if the policy says so."""
    policy = RolloutPolicy.objects.in_force().first() or RolloutPolicy()
    if alarm.type is None or not policy.pauses_on_alarm or alarm.type_id in policy.paused_types:
        return
    RolloutPolicy(
        plans=policy.plans,
        holdout_percent=policy.holdout_percent,
        is_paused=policy.is_paused,
        paused_types=sorted([*policy.paused_types, alarm.type_id]),
        pauses_on_alarm=True,
        reason=f"The monitor found harm. {alarm.words}",
    ).propose(by=None)
    alarm.has_stopped_type = True
    alarm.save(update_fields=["has_stopped_type"])


@task
def tell_staff(pk):
    """Tell everybody who may close it that an alarm was raised."""
    alarm = Alarm.objects.select_related("type").filter(pk=pk, closed_at=None).first()
    if alarm is None:
        return
    link = absolute(reverse("admin:impact_alarm_change", args=[alarm.pk]))
    for reader in User.objects.with_perm("impact.close_alarm").filter(is_staff=True, is_active=True).order_by("pk"):
        send(reader.email, "The monitor raised an alarm", "impact/alarm.txt", {"alarm": alarm, "link": link})
