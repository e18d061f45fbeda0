"""The chart of what was paid and what counts in each quarter, as rectangles. The table beside it has the numbers."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from certifications.sharing.chart import TICKS, tick_for
from spend.totals import Amount

HEIGHT, STEP, BAR = 100, 40, 24  # in the units of the drawing
THOUSAND, MILLION = 1000, 1_000_000


class Bar(NamedTuple):
    """A rectangle that stands on the axis."""

    x: int
    y: float
    width: int
    height: float


class Pair(NamedTuple):
    """A quarter: its label, a bar for all that was paid, and one before it for what counts."""

    label: str
    whole: Bar
    part: Bar


class Chart(NamedTuple):
    """The bars, the amounts beside the axis from the top down, and where their lines are."""

    pairs: list[Pair]
    ticks: list[str]
    lines: list[float]
    width: int
    height: int = HEIGHT


def chart(labels: Sequence[str], wholes: Sequence[Amount], parts: Sequence[Amount]) -> Chart | None:
    """Return the chart of amounts by label, or None if there is nothing to draw. Less than nothing is drawn as 0."""
    most = max([*wholes, *parts], default=0)
    if most <= 0:
        return None
    tick = tick_for(ceil(most))

    def drawn(number: int, amount: Amount) -> Bar:
        height = round(HEIGHT * width_of(amount, tick * TICKS), 1)
        return Bar(number * STEP + (STEP - BAR) // 2, HEIGHT - height, BAR, height)

    rows = enumerate(zip(labels, wholes, parts, strict=True))
    return Chart(
        [Pair(label, drawn(number, whole), drawn(number, part)) for number, (label, whole, part) in rows],
        ticks=[_short(tick * number) for number in range(TICKS, -1, -1)],
        lines=[HEIGHT * number / TICKS for number in range(TICKS)],
        width=len(labels) * STEP,
    )


def width_of(part: Amount, whole: Amount) -> float:
    """Return how much of `whole` a bar for `part` fills, from 0 to 1."""
    return float(min(max(Fraction(part) / Fraction(whole), Fraction(0)), Fraction(1))) if whole > 0 else 0.0


def _short(amount: int) -> str:
    """Return a round amount as an axis has room for: 500, 20k, 1.5M."""
    for size, letter in ((MILLION, "M"), (THOUSAND, "k")):
        if amount >= size:
            return f"{amount / size:g}{letter}"
    return str(amount)
