"""The goals of a client for a fiscal year, with how far it is. Admins set them."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from certifications.models import CertificationType
from common import drafts
from common.redirects import with_query
from profiles.models import User
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend import sums, wording
from spend.charts import width_of
from spend.forms.goals import GoalForm
from spend.goals import Bases, Basis, Pace, Progress, elapsed, progress
from spend.models import Goal
from spend.models.goals import GOAL_EXISTS
from spend.totals import Line, Totals
from spend.views.asked import Asked

BAR = 100  # the length of a full bar, in the units of its drawing


class GoalRow(NamedTuple):
    """A goal and how far it is, in words. `is_counted` is False for a type that can't count: then there is no more."""

    goal: Goal
    name: str
    is_counted: bool
    target: str
    actual: str
    url: str  # of the payments that count toward it
    line: Line
    reached: str
    due: str
    missing: str
    share: str
    pace: str
    is_behind: bool
    bar: float
    due_at: float
    made: Progress


@access.with_terms
@require_safe
def goals(request: SignedInPolicyRequest) -> HttpResponse:
    asked = Asked.of(request)
    found = sums.current(asked.client, asked.period, rules=asked.rules, policy=request.policy)
    rows = goal_rows(asked, found.totals)
    context = {
        "asked": asked,
        "rows": rows,
        "base_words": _base_words(asked, found.totals),
        "overlap": len(rows) > 1,
        "is_admin": request.viewer.acts_for.is_admin,
    }
    return render(request, "spend/goals.html", context)


def goal_rows(asked: Asked, totals: Totals) -> list[GoalRow]:
    """Return the goals of the fiscal year, the one for any business first. `totals` are the sums of the year."""
    goals = Goal.objects.filter(client=asked.client, fiscal_year=asked.year).select_related("type", "set_by")
    in_order = goals.order_by(F("type__position").asc(nulls_first=True), "pk")
    return [_row(goal, asked, totals) for goal in in_order]


def _row(goal: Goal, asked: Asked, totals: Totals) -> GoalRow:
    is_counted = goal.type is None or goal.type.key in asked.types
    line = totals.unduplicated
    if goal.type:
        line = totals.overlapping[goal.type.key] if is_counted else Line(0, 0, 0)
    filters: dict[str, Any] = {"type": goal.type.key} if goal.type else {"show": "counted"}
    bases = Bases(totals.base.amount, asked.addressable)
    today = timezone.localdate()
    made = progress(
        amount=goal.amount,
        percent=goal.percent,
        actual=line.amount,
        bases=bases,
        over=elapsed(asked.period, today),
    )
    currency = asked.rules.currency
    return GoalRow(
        goal=goal,
        name=goal.name,
        is_counted=is_counted,
        target=_target(goal, made, currency),
        actual=wording.money(made.actual, currency),
        url=asked.payments(**filters),
        line=line,
        reached=wording.percentage(made.actual, made.target),
        due=wording.money(made.due, currency),
        missing=wording.money(made.missing, currency),
        share=wording.percentage(made.actual, bases.addressable or bases.payments),
        pace=_pace(made, currency),
        is_behind=made.pace in (Pace.BEHIND, Pace.MISSED),
        bar=round(BAR * width_of(made.actual, made.target), 1),
        due_at=round(BAR * width_of(made.due, made.target), 1),
        made=made,
    )


def _target(goal: Goal, made: Progress, currency: str) -> str:
    """Return what the goal is: an amount, or a percent and the amount that it comes to."""
    amount = wording.money(made.target, currency)
    if goal.percent is None:
        return amount
    of = "addressable spend" if made.basis == Basis.ADDRESSABLE else "payments on the marketplace so far"
    return f"{goal.percent.normalize():f}% of {of}: {amount}"


def _pace(made: Progress, currency: str) -> str:
    """Return where the client is with a goal today."""
    match made.pace:
        case Pace.NOT_BEGUN:
            return "Nothing to compare yet"
        case Pace.REACHED:
            return "Reached"
        case Pace.MISSED:
            return f"Missed by {wording.money(made.missing, currency)}"
        case Pace.AHEAD if not made.ahead:
            return "Exactly at the pace"
        case Pace.AHEAD:
            return f"{wording.money(made.ahead, currency)} ahead of the pace"
    return f"{wording.money(-made.ahead, currency)} behind the pace"


def _base_words(asked: Asked, totals: Totals) -> str:
    """Return which base shares and percents are taken of."""
    if asked.addressable is not None:
        return f"your addressable spend of {wording.money(asked.addressable, asked.rules.currency)}"
    return f"payments on the marketplace so far, {wording.money(totals.base.amount, asked.rules.currency)}"


def _types(asked: Asked, goal: Goal) -> Q:
    """Return the condition for the types that a goal can be for: those in use, and the one that it has."""
    return Q(key__in=asked.types) | Q(pk=goal.type_id)


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInPolicyRequest) -> HttpResponse:
    """Set a goal for the fiscal year in the address."""
    asked = Asked.of(request)
    return _edit(request, asked, Goal(client=asked.client, fiscal_year=asked.year, set_by=request.user))


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def edit(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    asked = Asked.of(request)
    own = Goal.objects.filter(client=asked.client)
    goal = get_object_or_404(own.select_for_update() if request.method == "POST" else own, pk=pk)
    return _edit(request, asked, goal)


def _edit(request: SignedInPolicyRequest, asked: Asked, goal: Goal) -> HttpResponse:
    is_new = goal.pk is None
    types = CertificationType.objects.filter(_types(asked, goal))
    initial = {"type": _first_without_goal(asked, types)} if is_new else {}
    form = drafts.form(request, GoalForm, instance=goal, types=types, initial=initial)
    name = wording.fiscal_year(asked.rules, asked.rules.fiscal_year_named(goal.fiscal_year))
    if request.method == "POST" and ((form.is_valid() and _save(form, request.user)) or _is_set(form)):
        done = "set" if is_new else "changed"
        messages.success(request, f"The goal for {wording.in_sentence(name)} was {done}.")
        return redirect(with_query(reverse("spend:goals"), year=goal.fiscal_year))
    context = {
        "asked": asked,
        "form": form,
        "goal": goal,
        "is_new": is_new,
        "days": wording.days(asked.rules.fiscal_year_named(goal.fiscal_year)),
        "back": with_query(reverse("spend:goals"), year=goal.fiscal_year),
    }
    return render(request, "spend/goal_edit.html", context)


def _first_without_goal(asked: Asked, types: QuerySet[CertificationType]) -> CertificationType | None:
    """Return the first of `types` that has no goal for the fiscal year. None for any business, or if all have one."""
    goals = Goal.objects.filter(client=asked.client, fiscal_year=asked.year)
    if not goals.filter(type=None).exists():
        return None
    return types.exclude(pk__in=goals.exclude(type=None).values("type")).order_by("position", "pk").first()


def _save(form: GoalForm, by: User) -> bool:
    """Save a valid form. Return False with an error in it if another click or person was first."""
    form.instance.set_by, form.instance.set_at = by, timezone.now()
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error(None, GOAL_EXISTS)
        return False
    return True


def _is_set(form: GoalForm) -> bool:
    """Return whether a form that was refused asks for just the goal that there is: a second click."""
    goal, asked = form.instance, form.cleaned_data
    if goal.pk is not None or set(form.errors) != {NON_FIELD_ERRORS}:
        return False
    same = Goal.objects.filter(client=goal.client_id, fiscal_year=goal.fiscal_year, type=asked["type"])
    return same.filter(amount=asked["amount"], percent=asked["percent"]).exists()


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Ask whether to delete a goal, and delete it."""
    asked = Asked.of(request)
    goal = Goal.objects.filter(client=asked.client, pk=pk).select_related("type").first()
    if goal is None and request.method == "POST":  # a second click, or someone else was first
        messages.info(request, "This goal is not there anymore.")
        return redirect("spend:goals")
    if goal is None:
        raise Http404
    back = with_query(reverse("spend:goals"), year=goal.fiscal_year)
    name = wording.fiscal_year(asked.rules, asked.rules.fiscal_year_named(goal.fiscal_year))
    if request.method == "POST":
        goal.delete()
        messages.success(request, f"The goal for {wording.in_sentence(name)} was deleted.")
        return redirect(back)
    context = {
        "heading": "Delete this goal?",
        "message": f"{goal.type or 'Any certified business'}, {name}. Payments and reports stay as they are.",
        "action": "Delete goal",
        "back": back,
    }
    return render(request, "components/confirm.html", context)
