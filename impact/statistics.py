"""The statistics of the monitor: what exposed clients did against held-out ones, with intervals valid at every look.

Fixed in advance, before there is data:

- The unit is the client, because clients are what is drawn. Of each client there are two totals since the draw: how
  much there was (`y`, such as invitations) and of what (`x`, such as weeks). A group's value is sum(y) / sum(x), a
  ratio of means whose variance follows by the delta method with clients as clusters.
  Source: Deng, Knoblich, Lu: Applying the Delta Method in Metric Analytics (KDD 2018), section 3.
- The effect is exposed minus held out, within each plan, weighted by the plan's clients: intention to treat. It is
  zero if the badge does nothing, whoever did look.
- The interval holds at all weekly looks at once with 95 %: a normal mixture confidence sequence on the score, whose
  time is the information 1 / variance. Source: Robbins (1970); Howard, Ramdas, McAuliffe, Sekhon: Time-uniform,
  nonparametric, nonasymptotic confidence sequences (Annals of Statistics 2021), equation 14 and proposition 3. That
  estimates of all data so far may be read so, though clients come again every week, follows from their independent
  increments: Kim, Tsiatis (Biometrika 2020). It is asymptotic: below FEWEST_CLIENTS in a group, or FEWEST_ACTING of
  them that did any of it, none is given. A group in which hardly anybody did anything would seem to be known exactly.
- The lines of a table share 5 % among them (Bonferroni); the primary outcome has 5 % to itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb, inf, log, sqrt
from operator import add
from statistics import NormalDist
from typing import NamedTuple

ALPHA = 0.05
POWER = 0.8
# In each group; the normal approximation is not trusted below.
FEWEST_CLIENTS = 30
FEWEST_ACTING = 10
FEWEST_OF_A_PLAN = 10
# Of the 5 % of years in which chance alone raises an alarm: for measures, and for bursts.
ALARM_ALPHA, BURST_ALPHA = 0.04, 0.01 / 520  # 52 weeks, 5 types, 2 kinds of act
BURST_WEEKS = 8  # that a week is compared with, at most
FEWEST_IN_A_BURST = 10


class Sums(NamedTuple):
    """The totals of a group of clients: their number, and the sums of x, y, x², xy and y² over them.

    Clients without any x do not count. `acting` of them have any y.
    """

    n: int = 0
    acting: int = 0
    x: float = 0
    y: float = 0
    xx: float = 0
    xy: float = 0
    yy: float = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*map(add, self, other))

    @classmethod
    def of(cls, totals: Iterable[tuple[float, float]]) -> "Sums":
        """Return the Sums of (x, y) pairs, one for each client."""
        totals = [(x, y) for x, y in totals if x]
        return cls(
            len(totals),
            sum(1 for _, y in totals if y),
            sum(x for x, _ in totals),
            sum(y for _, y in totals),
            sum(x * x for x, _ in totals),
            sum(x * y for x, y in totals),
            sum(y * y for _, y in totals),
        )

    @property
    def value(self) -> float | None:
        """sum(y) / sum(x), or None if there is nothing to divide by."""
        return self.y / self.x if self.x else None

    @property
    def variance(self) -> float:
        """The variance of `value`, by the delta method; infinite while it is unknown."""
        if self.n < 2 or not self.x:
            return inf
        ratio = self.y / self.x
        # Of the residuals y - ratio * x, whose mean is zero.
        residuals = max(self.yy - 2 * ratio * self.xy + ratio * ratio * self.xx, 0)
        return residuals / (self.n - 1) / self.n / (self.x / self.n) ** 2


@dataclass(frozen=True)
class Effect:
    """How much more exposed clients did: the estimate, its standard error, and the interval valid at every look."""

    estimate: float
    error: float
    half_width: float
    power_level: float = POWER

    @property
    def low(self) -> float:
        return self.estimate - self.half_width

    @property
    def high(self) -> float:
        return self.estimate + self.half_width

    @property
    def is_told_apart(self) -> bool:
        """True if the interval excludes zero."""
        return self.low > 0 or self.high < 0

    @property
    def detectable(self) -> float:
        """The smallest effect that a look at this much data finds with a power of 80 %."""
        return self.half_width + NormalDist().inv_cdf(self.power_level) * self.error


def tuning(information: float, alpha: float) -> float:
    """Return the rho whose boundary is tightest at this much information. Howard et al. (2021), section 3.5."""
    spent = 2 * log(1 / alpha)
    return information / (spent + log(1 + spent))


def boundary(information: float, alpha: float, rho: float) -> float:
    """Return the bound below which the score stays for all time with probability 1 - alpha, if there is no effect."""
    return sqrt((information + rho) * log((information + rho) / (alpha * alpha * rho)))


def effect(strata: Iterable[Sequence[Sums]], *, alpha: float = ALPHA, planned_error: float) -> Effect | None:
    """Return the Effect over `strata` (a plan's exposed and held-out Sums each), or None with too few clients.

    `planned_error` is the standard error at which the boundary is tightest, fixed before there is data.
    """
    told = [pair for pair in strata if all(group.n >= FEWEST_OF_A_PLAN for group in pair)]
    groups = [sum((pair[side] for pair in told), Sums()) for side in (0, 1)]
    if any(group.n < FEWEST_CLIENTS or group.acting < FEWEST_ACTING for group in groups):
        return None
    clients = sum(group.n for group in groups)
    estimate = variance = 0.0
    for exposed, held_out in told:
        weight = (exposed.n + held_out.n) / clients
        estimate += weight * (exposed.y / exposed.x - held_out.y / held_out.x)
        variance += weight * weight * (exposed.variance + held_out.variance)
    if not variance:  # all did the same: nothing is known of how it varies
        return None
    information = 1 / variance
    rho = tuning(planned_error**-2, alpha)
    return Effect(estimate, sqrt(variance), boundary(information, alpha, rho) / information)


def is_burst(counts: list[int]) -> bool:
    """Return True if the last of weekly counts (oldest first) exceeds what chance makes of the ones before.

    If acts come at a steady rate, the last of k weeks has its share of all of them as 1 in k drawn: an exact test of
    two Poisson rates (Przyborowski, Wilenski, Biometrika 1940), one-sided. The very first week has none before it.
    """
    recent = counts[-BURST_WEEKS - 1 :]
    total, last, share = sum(recent), recent[-1], 1 / len(recent)
    if len(recent) < 2 or last < FEWEST_IN_A_BURST:
        return False
    tail = sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(last, total + 1))
    return tail < BURST_ALPHA
