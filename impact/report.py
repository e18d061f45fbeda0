"""The monitor's words: from the sums of a week to sentences, tables and charts, with small cells left out."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum

from certifications.models import CertificationType
from impact.measures import MEASURES, PRIMARY
from impact.models import Tally, WeekOfActs
from impact.statistics import ALPHA, FEWEST_ACTING, FEWEST_CLIENTS, Effect, Sums, effect
from impact.suppression import FEWEST, suppressed
from profiles.models import Client

WIDTH, HEIGHT, PADDING = 520, 120, 6
MOST_WEEKS = 52
WEEK = timedelta(weeks=1)
ALL = "all"
MINUS = "\N{MINUS SIGN}"
EXPOSED, HELD_OUT = 0, 1

type Scope = tuple[str, int | str | None]  # ALL, a type or a plan, and the key of which


@dataclass
class Line:
    """A row of a table: what was measured for whom. If it is not shown, all but `label` and `words` are empty."""

    label: str
    words: str
    # Of what `exposed` and `held_out` are told, such as "per 100 clients each week".
    unit: str = ""
    exposed: str = ""
    held_out: str = ""
    effect: Effect | None = None
    # The difference, such as "+4.2", and the ends of its interval, such as "-0.3 to +8.1".
    estimate: str = ""
    interval: str = ""
    detectable: str = ""
    # How much is compared: pairs of a client and a business, or contracts, on either side.
    compared: str = ""
    views: str = ""
    # "told", "harm", "unclear", or "few" if nothing can or may be said.
    state: str = "few"
    # Where a drawing of 100 by 10 has the estimate and the ends of its interval; zero is in the middle.
    estimate_at: str = ""
    low_at: str = ""
    high_at: str = ""


class Point(NamedTuple):
    """A week of a chart, to read in its table. What would reveal too few is empty."""

    week: date  # a Monday
    exposed: str
    held_out: str


class Mark(NamedTuple):
    """Something that happened in the weeks of a chart: when, what, and where it is drawn."""

    day: date
    words: str
    at: str


class Trend(NamedTuple):
    """A chart of weeks: its points to read, the polylines of both lines to draw, and its highest value."""

    points: list[Point]
    exposed: list[str]
    held_out: list[str]
    most: str

    @property
    def labels(self) -> list[date]:
        """The weeks that the axis names: the first, one in the middle and the last."""
        weeks = [point.week for point in self.points]
        return sorted({weeks[place] for place in (0, len(weeks) // 2, -1)}) if weeks else []

    def mark(self, day: date, words: str) -> Mark | None:
        """Return the mark of something that happened on `day`, or None if the chart does not show that day."""
        if not self.points or not self.points[0].week <= day < self.points[-1].week + WEEK:
            return None
        weeks = min((day - self.points[0].week) / WEEK, len(self.points) - 1)
        return Mark(day, words, f"{PADDING + weeks * _step(len(self.points)):.1f}")


class Report:
    """The sums of one week: a few hundred rows, however many acts they sum up."""

    def __init__(self, week: date | None = None) -> None:
        latest = Tally.objects.values_list("week", flat=True)[:1]
        self.week = week or latest.first()
        self.tallies = list(Tally.objects.filter(week=self.week)) if self.week else []
        self.plans = sorted({tally.plan for tally in self.tallies})
        self._hidden = {}

    @cached_property
    def types(self) -> list[CertificationType]:
        return list(CertificationType.objects.order_by("position", "pk"))

    def strata(self, measure: str, *, type: int | None = None, plan: str | None = None) -> list[list[Sums]]:
        """Return the Sums of exposed and of held-out clients, as a pair for each plan."""
        pairs = defaultdict(lambda: [Sums(), Sums()])
        for tally in self._of(measure, type, plan):
            sums = Sums(tally.n, tally.acting, tally.x, tally.y, tally.xx, tally.xy, tally.yy)
            pairs[tally.plan][tally.is_held_out] = sums
        return list(pairs.values())

    def _of(self, measure: str, type: int | None = None, plan: str | None = None) -> list[Tally]:
        return [
            tally
            for tally in self.tallies
            if tally.measure == measure and tally.type_id == type and plan in (None, tally.plan)
        ]

    @cached_property
    def views(self) -> dict[tuple, int]:
        """The views of businesses of a type by the clients of a plan and group, in all weeks since the draw."""
        rows = self._so_far(PRIMARY).values_list("plan", "is_held_out", "type").order_by().annotate(Sum("views"))
        return {tuple(key): views for *key, views in rows}

    def _so_far(self, measure: str) -> QuerySet[Tally]:
        """Return the sums of a measure for all weeks of this draw up to this one."""
        draw = self.tallies[0].draw_id if self.tallies else None
        return Tally.objects.filter(measure=measure, draw=draw, week__lte=self.week)

    def effect(
        self, measure: str, *, type: int | None = None, plan: str | None = None, alpha: float = ALPHA
    ) -> Effect | None:
        planned = MEASURES[measure].planned_error
        return effect(self.strata(measure, type=type, plan=plan), alpha=alpha, planned_error=planned)

    def hidden(self, measure: str) -> set[Scope]:
        """Return the scopes of a measure that are not shown, as a set of (kind, key)."""
        if measure not in self._hidden:
            self._hidden[measure] = self._find_hidden(measure)
        return self._hidden[measure]

    def _find_hidden(self, measure: str) -> set[Scope]:
        cells: dict[Scope, int] = {(ALL, None): self._fewest(measure)}
        cells |= {("type", type.pk): self._fewest(measure, type=type.pk) for type in self.types}
        cells |= {("plan", plan): self._fewest(measure, plan=plan) for plan in self.plans}
        by_type: list[Scope] = [(ALL, None), *(("type", type.pk) for type in self.types)]
        by_plan: list[Scope] = [(ALL, None), *(("plan", plan) for plan in self.plans)]
        return suppressed(cells, [by_type, by_plan])

    def _fewest(self, measure: str, *, type: int | None = None, plan: str | None = None) -> int:
        """Return the number of businesses, or of clients of either group, that a scope covers, whichever is lowest."""
        return min((_fewest(self._of(measure, type, plan), held) for held in (False, True)), default=0)

    def is_hidden(self, measure: str, type: int | None) -> bool:
        """Return True if the figures of a type (a key, or None for all) would reveal too few."""
        return (("type", type) if type else (ALL, None)) in self.hidden(measure)

    @staticmethod
    def sentence(measure: str, effect: Effect) -> str:
        """Return an Effect in plain words."""
        found = MEASURES[measure]
        low, high = (amount(measure, value) for value in (effect.low, effect.high))
        about = f"{number(measure, effect.estimate)} {found.told.format(_word(measure, effect.estimate))}"
        return f"About {about} {found.unit}; could be between {low} and {high}."

    def line(
        self, label: str, measure: str, *, kind: str = ALL, key: int | str | None = None, alpha: float = ALPHA
    ) -> Line:
        """Return the Line of one scope."""
        if (kind, key) in self.hidden(measure):
            return Line(label, "Hidden, because it covers too few businesses or clients.")
        scope: dict[str, Any] = {} if kind == ALL else {kind: key}
        rows = self._of(measure, **scope)
        pairs = self.strata(measure, **scope)
        groups = [sum((pair[side] for pair in pairs), Sums()) for side in (EXPOSED, HELD_OUT)]
        line = Line(
            label,
            f"Not enough data. It takes {FEWEST_CLIENTS} clients per group, {FEWEST_ACTING} of them active.",
            unit=MEASURES[measure].unit,
            exposed=number(measure, groups[EXPOSED].value),
            held_out=number(measure, groups[HELD_OUT].value),
            compared=_compared(measure, groups, rows[0].profiles),
            views=f"{_rounded(sum(self.views[row.plan, row.is_held_out, row.type_id] for row in rows)):,}",
        )
        found = self.effect(measure, **scope, alpha=alpha)
        if found:
            line.effect = found
            line.words = self.sentence(measure, found)
            line.estimate = signed(measure, found.estimate)
            line.interval = f"{signed(measure, found.low)} to {signed(measure, found.high)}"
            line.detectable = number(measure, found.detectable)
            if not found.is_told_apart:
                line.state = "unclear"
                line.words += " Not statistically significant yet."
            else:
                line.state = "harm" if MEASURES[measure].harm * found.estimate > 0 else "told"
        return line

    def overall(self) -> list[Line]:
        """Return a Line for each measure over all types and plans. The primary one has 5 percent; the rest share 5."""
        lines = []
        for name, measure in MEASURES.items():
            alpha = ALPHA if name == PRIMARY else ALPHA / (len(MEASURES) - 1)
            lines.append(self.line(measure.label, name, alpha=alpha))
        # Their units differ. What each could detect is what makes them comparable.
        return _drawn(lines, by=lambda effect: effect.detectable)

    def by_type(self, measure: str = PRIMARY) -> list[Line]:
        """Return a Line for each type. They share the 5 percent."""
        alpha = ALPHA / max(1, len(self.types))
        return _drawn([self.line(type.name, measure, kind="type", key=type.pk, alpha=alpha) for type in self.types])

    def by_plan(self, measure: str = PRIMARY) -> list[Line]:
        alpha = ALPHA / max(1, len(self.plans))
        return _drawn(
            [self.line(Client.Plan(plan).label, measure, kind="plan", key=plan, alpha=alpha) for plan in self.plans]
        )

    def trend(self, measure: str = PRIMARY) -> Trend:
        """Return the Trend of the last weeks up to this one, for a measure that `has_trend`. One query."""
        weeks = defaultdict(list)
        if self.week:
            for tally in self._so_far(measure).filter(type=None).order_by("week"):
                weeks[tally.week].append(tally)
        values = {week: [_of_week(rows, held) for held in (False, True)] for week, rows in weeks.items()}
        values = dict(list(values.items())[-MOST_WEEKS:])
        most = max([value for pair in values.values() for value in pair if value is not None], default=0) or 1
        step = _step(len(values))
        lines = [
            _pieces(
                None
                if value is None
                else (PADDING + place * step, HEIGHT - PADDING - (HEIGHT - 2 * PADDING) * value / most)
                for place, value in enumerate(pair[side] for pair in values.values())
            )
            for side in (EXPOSED, HELD_OUT)
        ]
        points = [Point(week, *(number(measure, value) for value in pair)) for week, pair in values.items()]
        return Trend(points, lines[EXPOSED], lines[HELD_OUT], number(measure, most))

    def acts(self) -> list[tuple[str, str, str]]:
        """Return what owners and clients did about certifications in this week, as (type, hidden, concerns)."""
        counts = {(act.type_id, act.kind): act.count for act in WeekOfActs.objects.filter(week=self.week)}
        kinds = WeekOfActs.Kind
        return [
            (type.name, *(few_or(counts.get((type.pk, kind), 0)) for kind in (kinds.HIDDEN, kinds.CONCERN)))
            for type in self.types
        ]

    @cached_property
    def clients(self) -> list[int]:
        """The number of compared clients: [exposed, held out]."""
        return [sum(tally.n for tally in self._of(PRIMARY) if tally.is_held_out == held) for held in (False, True)]

    def businesses(self) -> int | None:
        """Return the number of counted businesses, rounded down to tens, or None if there are too few."""
        profiles = max((tally.profiles for tally in self._of(PRIMARY)), default=0)
        return _rounded(profiles) if profiles >= FEWEST else None


def _step(weeks: int) -> float:
    """Return the distance of two weeks in a drawing of so many."""
    return (WIDTH - 2 * PADDING) / max(1, weeks - 1)


def _fewest(tallies: list[Tally], is_held_out: bool) -> int:
    """Return the number of clients or businesses in the sums of a group. A business may be in several plans' sums."""
    group = [tally for tally in tallies if tally.is_held_out == is_held_out]
    clients = min(sum(tally.n for tally in group), sum(tally.acting for tally in group))
    businesses = [min(tally.profiles, tally.acting_profiles) for tally in group]
    return min(clients, max(businesses, default=0))


def _of_week(tallies: list[Tally], is_held_out: bool) -> float | None:
    """Return the value of a group in one week, or None if it would reveal too few."""
    group = [tally for tally in tallies if tally.is_held_out == is_held_out]
    x = sum(tally.week_x for tally in group)
    fewest = min([x, *(tally.profiles for tally in group)], default=0)
    return sum(tally.week_y for tally in group) / x if fewest >= FEWEST else None


def _pieces(places: Iterable[tuple[float, float] | None]) -> list[str]:
    """Return polylines through `places`; a line ends at None."""
    pieces, piece = [], []
    for place in [*places, None]:
        if place is not None:
            piece.append("{:.1f},{:.1f}".format(*place))
        elif piece:
            # A single week between two gaps is drawn as a dot: a line of no length with round ends.
            pieces.append(" ".join(piece if len(piece) > 1 else piece * 2))
            piece = []
    return pieces


def _drawn(lines: list[Line], by: Callable[[Effect], float] = lambda effect: 1) -> list[Line]:
    """Return `lines` with the positions of their intervals, on one scale. Each is measured `by` a unit of its own."""
    drawn = [(line, line.effect, by(line.effect)) for line in lines if line.effect and by(line.effect)]
    most = max([max(abs(found.low), abs(found.high)) / unit for _, found, unit in drawn], default=0)
    for line, found, unit in drawn:
        if most:
            places = (50 + 48 * value / unit / most for value in (found.estimate, found.low, found.high))
            line.estimate_at, line.low_at, line.high_at = (f"{place:.1f}" for place in places)
    return lines


def _compared(measure: str, groups: list[Sums], profiles: int) -> str:
    if MEASURES[measure].is_weekly:
        pairs = (f"{group.n * _rounded(profiles):,}" for group in groups)
        return f"{' / '.join(pairs)} pairs"
    return f"{' / '.join(f'{group.x:,.0f}' for group in groups)} contracts"


def few_or(count: int) -> str:
    """Return a count to read, without revealing which small one it is."""
    return f"{count:,}" if count >= FEWEST else f"fewer than {FEWEST}"


def _rounded(count: int) -> int:
    return count // 10 * 10


def number(measure: str, value: float | None) -> str:
    """Return a value to read, or "" for None."""
    if value is None:
        return ""
    found = MEASURES[measure]
    value = abs(value) * found.per
    digits = 0 if value >= 10 else 1
    if 0 < value < 0.1:
        digits = 2  # so that little is not told as nothing
    told = f"{value:,.{max(found.digits, digits)}f}"
    return f"${told}" if found.is_money else told


def signed(measure: str, value: float) -> str:
    """Return a difference for a table: "+4", "-0.2", "+$30"."""
    told = number(measure, value)
    return f"{MINUS if value < 0 else '+'}{told}"


def amount(measure: str, value: float) -> str:
    """Return a difference in words: "4 more", "0.2 fewer", "$30 less"."""
    return f"{number(measure, value)} {_word(measure, value)}"


def _word(measure: str, value: float) -> str:
    return MEASURES[measure].words[value < 0]
