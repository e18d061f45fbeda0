"""The chart of how many clients looked each week."""

from itertools import count
from typing import NamedTuple

from certifications.sharing.seen_by import Week

FEWEST_VIEWS = 10  # of fewer, the list alone says more
TICKS = 5
HEIGHT, STEP, BAR = 100, 24, 14  # in the units of the drawing
LABELED_EVERY = 3


class Bar(NamedTuple):
    """A week where the chart draws it. Only some have room for their day below."""

    week: Week
    x: int
    y: float
    width: int
    height: float
    is_labeled: bool


class Chart(NamedTuple):
    """The bars, the whole numbers of the axis from the top down, and where their lines are."""

    bars: list[Bar]
    ticks: list[int]
    lines: list[float]
    width: int
    height: int = HEIGHT


def tick_for(most: int) -> int:
    """Return the least of 1, 2, 5, 10, 20, 50 and so on of which TICKS reach `most`."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    return next(step for step in steps if step * TICKS >= most)


def chart_of(weeks: list[Week]) -> Chart | None:
    """Return the chart of `weeks`, oldest first, or None if too few clients looked for one."""
    if sum(week.views for week in weeks) < FEWEST_VIEWS:
        return None
    tick = tick_for(max(week.clients for week in weeks))
    bars = []
    for number, week in enumerate(weeks):
        height = round(HEIGHT * week.clients / (tick * TICKS), 1)
        x = number * STEP + (STEP - BAR) // 2
        bars.append(Bar(week, x, HEIGHT - height, BAR, height, number % LABELED_EVERY == 0))
    return Chart(
        bars,
        ticks=[tick * number for number in range(TICKS, -1, -1)],
        lines=[HEIGHT * number / TICKS for number in range(TICKS)],
        width=len(weeks) * STEP,
    )
