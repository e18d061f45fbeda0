"""The public page about the roll-out and its impact."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from impact import tallies
from impact.measures import MEASURES, PRIMARY
from impact.models import Alarm
from impact.report import Report
from rollout.audience import audience_words
from rollout.middleware import PolicyRequest

BEGAN = "November 2026"


@login_not_required
@require_safe
def impact(request: PolicyRequest) -> HttpResponse:
    report = Report()
    policy = request.policy
    drawn = tallies.draw()
    context = {
        "began": BEGAN,
        "policy": policy,
        "audience": audience_words(policy.plans),
        "drawn": drawn,
        "businesses": report.businesses(),
        "found": report.line(MEASURES[PRIMARY].label, PRIMARY) if report.tallies else None,
        "week": report.week,
        "measure": MEASURES[PRIMARY],
        "stopped": [type.name for type in report.types if type.pk in policy.paused_types],
        "alarms": Alarm.objects.filter(closed_at=None),
        "trend": report.trend(),
    }
    return render(request, "impact/impact.html", context)
