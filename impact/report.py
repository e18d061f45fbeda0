"""What the monitor says: from the sums of a week to sentences, tables and a chart, with small cells left out."""

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from django.db.models import Sum

from certifications.models import CertificationType
from impact.measures import MEASURES, PRIMARY
from impact.models import Tally, WeekOfActs
from impact.statistics import ALPHA, FEWEST_CLIENTS, Sums, effect
from impact.suppression import FEWEST, suppressed
from profiles.models import Client

CHART_WIDTH, CHART_HEIGHT, PADDING = 520, 120, 6
ALL = "all"


class Line(NamedTuple):
    """A row of a table: what was measured for whom. All but `label` and `words` are "" where it is not shown."""

    label: str
    words: str
    exposed: str = ""
    held_out: str = ""
    interval: str = ""
    clients: str = ""
    businesses: str = ""
    views: str = ""
    # "told", "harm", "unclear", or "few" if nothing can or may be said.
    state: str = "few"


class Week(NamedTuple):
    """A point of the trend: both groups' value in one week, and where the chart draws them."""

    monday: object  # datetime.date
    exposed: str
    held_out: str


class Report:
    """The sums of one week, read: a few hundred rows, however much they are made of. Two queries."""

    def __init__(self, week=None):
        latest = Tally.objects.values_list("week", flat=True)[:1]
        self.week = week or latest.first()
        self.tallies = list(Tally.objects.filter(week=self.week)) if self.week else []
        self.plans = sorted({tally.plan for tally in self.tallies})

    @cached_property
    def types(self):
        return list(CertificationType.objects.order_by("position", "pk"))

    def strata(self, measure, *, type=None, plan=None):
        """The Sums of exposed and of held-out clients, a pair for each plan."""
        pairs = defaultdict(lambda: [Sums(), Sums()])
        for tally in self.tallies:
            if tally.measure == measure and tally.type_id == type and plan in (None, tally.plan):
                sums = Sums(tally.n, tally.x, tally.y, tally.xx, tally.xy, tally.yy)
                pairs[tally.plan][tally.is_held_out] = sums
        return list(pairs.values())

    @cached_property
    def views(self):
        """How often the clients of a plan and group looked at businesses of a type, in all weeks since the draw."""
        rows = self._so_far(PRIMARY).values_list("plan", "is_held_out", "type").order_by().annotate(Sum("views"))
        return {tuple(key): views for *key, views in rows}

    def _so_far(self, measure):
        """The sums of a measure of all weeks of this draw up to this one."""
        since = self.tallies[0].since if self.tallies else None
        return Tally.objects.filter(measure=measure, since=since, week__lte=self.week)

    def effect(self, measure, *, type=None, plan=None, alpha=ALPHA):
        planned = MEASURES[measure].planned_error
        return effect(self.strata(measure, type=type, plan=plan), alpha=alpha, planned_error=planned)

    @cached_property
    def hidden(self):
        """Which scopes are not shown: a set of (kind, key)."""
        cells = {(ALL, None): self._fewest()}
        cells |= {("type", type.pk): self._fewest(type=type.pk) for type in self.types}
        cells |= {("plan", plan): self._fewest(plan=plan) for plan in self.plans}
        by_type = [(ALL, None), *(("type", type.pk) for type in self.types)]
        by_plan = [(ALL, None), *(("plan", plan) for plan in self.plans)]
        return suppressed(cells, [by_type, by_plan])

    def _fewest(self, *, type=None, plan=None):
        """How many businesses, exposed or held-out clients a scope tells of, whichever are fewest."""
        pairs = self.strata(PRIMARY, type=type, plan=plan)
        clients = [sum(pair[side].n for pair in pairs) for side in (0, 1)]
        profiles = [tally.profiles for tally in self.tallies if tally.type_id == type]
        return min([*clients, *profiles[:1]], default=0)

    def is_hidden(self, type):
        """Whether what is told of a type (a key, or None for all) would tell of too few."""
        return (("type", type) if type else (ALL, None)) in self.hidden

    def sentence(self, measure, effect):
        """An Effect in plain words."""
        found = MEASURES[measure]
        about, low, high = (_amount(measure, value) for value in (effect.estimate, effect.low, effect.high))
        per = f"per {found.per} {found.of}" if found.per > 1 else f"per {found.of}"
        about = f"{about} {found.noun}" if found.noun else about
        return f"About {about} {per}; could be between {low} and {high}."

    def line(self, label, measure, *, kind=ALL, key=None, alpha=ALPHA):
        """The Line of one scope."""
        if (kind, key) in self.hidden:
            return Line(label, "Not shown: it would tell of too few.")
        scope = {} if kind == ALL else {kind: key}
        pairs = self.strata(measure, **scope)
        found = self.effect(measure, **scope, alpha=alpha)
        groups = [sum((pair[side] for pair in pairs), Sums()) for side in (0, 1)]
        mine = [
            tally
            for tally in self.tallies
            if tally.measure == measure
            and tally.type_id == scope.get("type")
            and key in (None, tally.plan, tally.type_id)
        ]
        shown = {
            "exposed": _value(measure, groups[0].value),
            "held_out": _value(measure, groups[1].value),
            "clients": f"{groups[0].n:,} and {groups[1].n:,}",
            "businesses": f"{_rounded(mine[0].profiles):,}+" if mine else "",
            "views": f"{sum(self.views[tally.plan, tally.is_held_out, tally.type_id] for tally in mine):,}",
        }
        if found is None:
            words = f"Too little data: it takes {FEWEST_CLIENTS} clients in each group, and acts of theirs."
            return Line(label, words, **shown)
        shown["interval"] = f"{_amount(measure, found.low)} to {_amount(measure, found.high)}"
        words = self.sentence(measure, found)
        if not found.is_told_apart:
            detectable = _number(measure, found.detectable)
            return Line(
                label,
                f"{words} This cannot be told from chance: from {detectable} on it could.",
                state="unclear",
                **shown,
            )
        is_harm = MEASURES[measure].harm * found.estimate > 0
        return Line(label, words, state="harm" if is_harm else "told", **shown)

    def overall(self):
        """A Line for each measure, of all types and plans together."""
        return [self.line(MEASURES[measure].label, measure) for measure in MEASURES]

    def by_type(self, measure=PRIMARY):
        """A Line for each type. They share the 5 percent."""
        alpha = ALPHA / max(1, len(self.types))
        return [self.line(type.name, measure, kind="type", key=type.pk, alpha=alpha) for type in self.types]

    def by_plan(self, measure=PRIMARY):
        alpha = ALPHA / max(1, len(self.plans))
        return [self.line(Client.Plan(plan).label, measure, kind="plan", key=plan, alpha=alpha) for plan in self.plans]

    def trend(self, measure=PRIMARY):
        """The weeks up to this one, oldest first: list of Week, and the polylines' points of both groups. One query."""
        if self.week is None or (ALL, None) in self.hidden:
            return [], "", ""
        rows = self._so_far(measure).filter(type=None).order_by("week")
        sums = defaultdict(lambda: [[0.0, 0.0], [0.0, 0.0]])
        for week, held, x, y in rows.values_list("week", "is_held_out", "week_x", "week_y"):
            sums[week][held][0] += x
            sums[week][held][1] += y
        values = {week: [y / x if x else 0 for x, y in groups] for week, groups in list(sums.items())[-52:]}
        most = max([value for pair in values.values() for value in pair], default=0) or 1
        step = (CHART_WIDTH - 2 * PADDING) / max(1, len(values) - 1)

        def points(side):
            places = (
                (PADDING + number * step, CHART_HEIGHT - PADDING - (CHART_HEIGHT - 2 * PADDING) * pair[side] / most)
                for number, pair in enumerate(values.values())
            )
            return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)

        weeks = [Week(week, *(_value(measure, value) for value in pair)) for week, pair in values.items()]
        return weeks, points(0), points(1)

    def acts(self):
        """What owners and clients did about certifications in this week: list of (type, hidden, concerns)."""
        counts = {(act.type_id, act.kind): act.count for act in WeekOfActs.objects.filter(week=self.week)}
        kinds = WeekOfActs.Kind
        return [
            (type.name, *(few_or(counts.get((type.pk, kind), 0)) for kind in (kinds.HIDDEN, kinds.CONCERN)))
            for type in self.types
        ]

    def businesses(self):
        """How many businesses are counted, rounded down to tens, or None if too few."""
        profiles = [tally.profiles for tally in self.tallies if tally.type_id is None]
        return _rounded(profiles[0]) if profiles and (ALL, None) not in self.hidden else None


def few_or(count):
    """A count to read, without telling which of the small ones it is."""
    return f"{count:,}" if count >= FEWEST else f"fewer than {FEWEST}"


def _rounded(count):
    return count // 10 * 10


def _number(measure, value):
    found = MEASURES[measure]
    number = f"{abs(value) * found.per:,.{max(found.digits, 0 if abs(value) * found.per >= 10 else 1)}f}"
    return f"${number}" if found.is_money else number


def _value(measure, value):
    return "" if value is None else _number(measure, value)


def _amount(measure, value):
    """A difference in words: "4 more", "0.2 fewer", "$30 less"."""
    found = MEASURES[measure]
    less = "less" if found.is_money or found.digits else "fewer"
    return f"{_number(measure, value)} {'more' if value >= 0 else less}"
