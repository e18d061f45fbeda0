"""What other rules would do to a period, in money: the same payments, counted by both rules."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from profiles.models import Client
from rollout.models import RolloutPolicy
from spend import sums
from spend.rules import Period, Rules
from spend.totals import Amount, Line, Totals


class Change(NamedTuple):
    """A sum by the rules now and by the other rules."""

    name: str
    before: Line
    after: Line

    @property
    def difference(self) -> Amount:
        return Fraction(self.after.amount) - Fraction(self.before.amount)

    @property
    def has_changed(self) -> bool:
        return self.before != self.after


class Effect(NamedTuple):
    """What changes in a period: its base, what counts, and the sums of types that change.

    `types` have the full amount of each payment, `primary` the payments whose first type it is. `before`
    has all sums by the rules now, `after` those by the other rules.
    """

    period: Period
    before: Totals
    after: Totals
    base: Change
    counted: Change
    types: list[Change]
    primary: list[Change]

    @property
    def sums(self) -> tuple[Totals, Totals]:
        return self.before, self.after

    @property
    def has_changed(self) -> bool:
        return self.base.has_changed or self.counted.has_changed or bool(self.types or self.primary)


def effect(
    client: Client, period: Period, *, now: Rules, then: Rules, types: Mapping[str, str], policy: RolloutPolicy
) -> Effect:
    """Return what counting by `then` instead of `now` does to `period`. `types` are the names of those to show."""
    before = sums.current(client, period, rules=now, policy=policy).totals
    after = sums.current(client, period, rules=then, policy=policy).totals

    def changed(lines: Mapping[str, Line], others: Mapping[str, Line]) -> list[Change]:
        nothing = Line(0, 0, 0)
        found = [Change(name, lines.get(key, nothing), others.get(key, nothing)) for key, name in types.items()]
        return [change for change in found if change.has_changed]

    return Effect(
        period,
        before,
        after,
        Change("Payments in the total", before.base, after.base),
        Change("Counts as spend with certified businesses", before.unduplicated, after.unduplicated),
        changed(before.overlapping, after.overlapping),
        changed(before.primary, after.primary),
    )
