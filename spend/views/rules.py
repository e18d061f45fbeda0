"""The rules by which a client counts: in words, with every earlier version, and as an admin changes them.

A change has two steps over one draft (`common.drafts`): the form, and a page that says what it does in money.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from certifications.models import CertificationType, CertifyingBody
from common import drafts
from common.redirects import with_query
from common.translation import untranslated
from profiles.models import Client
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend import wording
from spend.effects import Change, Effect, effect
from spend.forms.rules import AddressableForm, Choosable, RulesForm
from spend.goals import Bases, progress
from spend.models import Goal, SavedRules
from spend.rules import Rules
from spend.saying import Names, Said, removed, said, said_addressable
from spend.totals import Amount, Totals, share
from spend.views.asked import Asked

CHECK, SAVE = "check", "save"  # the second step, and the button on it


class Version(NamedTuple):
    """A version of the rules, and what it changed."""

    saved: SavedRules
    changes: list[Said]


class Difference(NamedTuple):
    """A rule before and after a change."""

    term: str
    before: Said
    after: Said


class EffectRow(NamedTuple):
    """A sum before and after a change, in words. Amounts in two currencies have no difference."""

    name: str
    before: str
    after: str
    difference: str


class EffectTable(NamedTuple):
    """What a change of the rules does to a fiscal year.

    `primary` has the sums of the types that come first. `shares` has the share that counts, and how much is reached of
    each goal of the year.
    """

    name: str
    days: str
    is_changed: bool
    rows: list[EffectRow]
    primary: list[EffectRow]
    shares: list[EffectRow]


@access.with_terms
@require_safe
def rules(request: SignedInPolicyRequest) -> HttpResponse:
    asked = Asked.of(request)
    names = Names.read()
    context = {
        "asked": asked,
        "rules": [*said(asked.rules, names), *said_addressable(asked.saved)],
        "versions": _versions(asked, names),
        "is_admin": request.viewer.acts_for.is_admin,
    }
    return render(request, "spend/rules.html", context)


def _versions(asked: Asked, names: Names) -> list[Version]:
    """Return all versions, newest first, each with the rules that it changed."""
    saved = list(
        SavedRules.objects.filter(client=asked.client).select_related("saved_by").prefetch_related("addressable")
    )
    spoken = [*(said(version.plain(), names) for version in saved), said(Rules(), names)]
    amounts = [*(said_addressable(version) for version in saved), []]
    return [
        Version(
            version,
            [
                *(now for now, was in zip(rules, before, strict=True) if now != was),
                *(now for now in entered if now not in entered_before),
                *removed(entered_before, entered),
            ],
        )
        for version, (rules, before), (entered, entered_before) in zip(
            saved, pairwise(spoken), pairwise(amounts), strict=True
        )
    ]


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def edit(request: SignedInPolicyRequest) -> HttpResponse:
    """Ask for other rules, then show what they change. The second step saves them."""
    asked = _latest(request)
    used = dict(access.used_types(asked.client.pk).values_list("key", "name"))
    choosable = Choosable(used, {body.key: untranslated(body) for body in CertifyingBody.objects.all()})
    form = drafts.form(request, RulesForm, saved=asked.saved, rules=asked.rules, choosable=choosable)
    step = request.POST.get("step") or request.GET.get("step")
    if request.method == "POST" and form.is_valid():
        is_second_click = step == SAVE and form.is_second_click
        if not form.is_changed() and not is_second_click:
            messages.info(request, "You changed nothing, so there is nothing to save.")
            return redirect("spend:rules")
        if step == SAVE:
            if not is_second_click:
                addressable = asked.saved.addressable_rows() if asked.saved else []
                SavedRules.save_next(asked.client, form.changed_rules(), addressable, by=request.user)
            messages.success(request, "Rules saved. Every page and draft counts by them from now on.")
            return redirect("spend:rules")
        if response := drafts.see_again(request, step=CHECK if step == CHECK else "form"):
            return response
    if step == CHECK and form.is_bound and not form.errors:
        return render(request, "spend/rules_check.html", _checked(request, asked, form))
    return render(request, "spend/rules_edit.html", {"asked": asked, "form": form})


def _latest(request: SignedInPolicyRequest) -> Asked:
    """Return what is asked for. In a POST no one else changes the rules until the transaction ends."""
    if request.method == "POST":
        Client.objects.select_for_update(no_key=True).get(pk=request.viewer.acts_for.pk)
    return Asked.of(request)


def _checked(request: SignedInPolicyRequest, asked: Asked, form: RulesForm) -> dict[str, Any]:
    """Return the context of the page that says what the rules in `form` change, in words and in money."""
    then = form.changed_rules()
    names = Names.read()
    changes = zip(said(asked.rules, names), said(then, names), strict=True)
    this_year = then.fiscal_year_named(asked.year_now(then))
    last_year = then.fiscal_year(this_year.starts_on - timedelta(days=1))
    order = CertificationType.objects.values_list("key", flat=True)
    types = {key: form.choosable.types[key] for key in order if key in form.choosable.types}
    effects = [
        effect(asked.client, period, now=asked.rules, then=then, types=types, policy=request.policy)
        for period in (this_year, last_year)
    ]
    goals = Goal.objects.filter(client=asked.client)
    sent = cast(QueryDict, form.data).lists()
    return {
        "asked": asked,
        "changes": [Difference(was.term, was, now) for was, now in changes if was != now],
        "effects": [_table(found, asked, then) for found in effects],
        "loses_addressable": asked.saved is not None and _loses_addressable(asked.saved, then),
        "moves_goals": then.fiscal_year_start != asked.rules.fiscal_year_start and goals.exists(),
        "changes_currency": then.currency != asked.rules.currency,
        "has_amounts_as_goals": goals.filter(percent=None).exists(),
        "sent": [(name, value) for name, values in sent if name in form.fields for value in values],
        "back": with_query(reverse("spend:rules_edit"), draft=request.GET.get("draft", "")),
    }


def _loses_addressable(saved: SavedRules, then: Rules) -> bool:
    """Return whether an amount that was entered for a fiscal year doesn't fill one by the rules `then`."""
    days = [row.starts_on for row in saved.addressable.all()]
    now = saved.plain()
    return any(
        saved.addressable_in(now.fiscal_year(day)) and not saved.addressable_in(then.fiscal_year(day)) for day in days
    )


def _table(found: Effect, asked: Asked, then: Rules) -> EffectTable:
    now = asked.rules

    def rows(changes: list[Change]) -> list[EffectRow]:
        return [_row(change, now.currency, then.currency) for change in changes]

    return EffectTable(
        wording.fiscal_year(then, found.period),
        wording.days(found.period),
        found.has_changed or now.currency != then.currency,
        rows([found.base, found.counted, *found.types]),
        rows(found.primary) if found.primary != found.types else [],
        list(_shares(found, asked, then)),
    )


def _shares(found: Effect, asked: Asked, then: Rules) -> Iterator[EffectRow]:
    """Yield the shares of a fiscal year that count, and how much of each of its goals is reached.

    Goals and addressable spend have amounts in the currency now, so another one leaves them out.
    """
    yield _share_row("Share of payments", [(sums.unduplicated.amount, sums.base.amount) for sums in found.sums])
    if then.currency != asked.rules.currency:
        return
    row = asked.saved.addressable_in(found.period) if asked.saved else None
    addressable = row.amount if row else None
    if addressable:
        counted = [(sums.unduplicated.amount, addressable) for sums in found.sums]
        yield _share_row("Share of addressable spend", counted)
    used = Q(type=None) | Q(type__in=access.used_types(asked.client.pk))
    of_year = Goal.objects.filter(used, client=asked.client, fiscal_year=found.period.ends_on.year)
    for goal in of_year.select_related("type").order_by(F("type__position").asc(nulls_first=True), "pk"):
        reached = [_reached(goal, sums, addressable) for sums in found.sums]
        yield _share_row(f"Goal reached: {goal.name}", reached)


def _reached(goal: Goal, sums: Totals, addressable: Decimal | None) -> tuple[Amount, Amount]:
    """Return what counts toward a goal by these sums, and what the goal is."""
    line = sums.overlapping.get(goal.type.key) if goal.type else sums.unduplicated
    bases = Bases(sums.base.amount, addressable)
    actual = line.amount if line else 0  # the rules don't accept its type
    made = progress(amount=goal.amount, percent=goal.percent, actual=actual, bases=bases, over=Fraction(1))
    return made.actual, made.target


def _share_row(name: str, shares: Sequence[tuple[Amount, Amount]]) -> EffectRow:
    """Return a row of two shares, each a part and its base."""
    before, after = (wording.percentage(*parts) for parts in shares)
    is_known = all(base for _, base in shares)
    changed = share(*shares[1]) - share(*shares[0])
    return EffectRow(name, before, after, wording.points(changed) if is_known else wording.NO_SHARE)


def _row(change: Change, before: str, after: str) -> EffectRow:
    return EffectRow(
        change.name,
        wording.money(change.before.amount, before),
        wording.money(change.after.amount, after),
        wording.difference(change.difference, after) if before == after else wording.NO_SHARE,
    )


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def addressable(request: SignedInPolicyRequest) -> HttpResponse:
    """Ask what the client could have spent in a fiscal year. It is kept with the rules, as their next version."""
    asked = _latest(request)
    form = drafts.form(request, AddressableForm, saved=asked.saved, period=asked.period)
    if request.method == "POST" and form.is_valid():
        if form.is_changed():
            SavedRules.save_next(asked.client, asked.rules, form.rows(), by=request.user)
        if form.is_changed() or form.is_second_click:
            part = " Shares of the whole year show when all four quarters are entered." if form.is_part else ""
            messages.success(request, f"Addressable spend for {wording.in_sentence(asked.name)} saved.{part}")
        else:
            messages.info(request, "You changed nothing, so there is nothing to save.")
        return redirect("spend:rules")
    return render(request, "spend/addressable.html", {"asked": asked, "form": form})
