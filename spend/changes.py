"""What changed since an issued report, by cause and in money, so that the causes add up to the difference. Pure.

Permissions have no cause of their own. What an owner no longer shares is in one sum with certificates that ended or
were corrected, so its cause does not tell that someone withdrew. The sum may be that of one business, which a client
can tell by the amounts that it paid.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.db.models import TextChoices

from spend.choices import OUTSIDE_THE_BASE, Reason

# The sums of a report by name: its base, what counts, and each type in full by its key.
type Amounts = dict[str, Decimal]

BASE, COUNTED = "base", "unduplicated"


class Cause(TextChoices):
    """Why a report says something other than the one before."""

    NEW = "new_payments", "Payments that were added"
    CAME_BACK = "came_back", "Refunds and chargebacks that were added"
    CORRECTED = "corrected", "Payments that were corrected"
    COUNTS_NOW = "counts_now", "Certificates that arrived later, or count again"
    NO_LONGER = "no_longer", "Certificates that ended, were corrected, or are no longer shared"
    RULES = "rules", "Rules that your organization changed"


class Part(NamedTuple):
    """Payments that are judged alike: their amount, and the types under which they count or the reason why not."""

    amount: Decimal
    types: tuple[str, ...]
    reason: Reason | None

    def amounts(self) -> Amounts:
        """Return what they add to each sum."""
        names = [] if self.reason in OUTSIDE_THE_BASE else [BASE]
        if self.types:
            names += [COUNTED, *self.types]
        return dict.fromkeys(names, self.amount)

    def also(self, types: Iterable[str]) -> Self:
        """Return them as if they counted under `types` as well."""
        together = tuple(dict.fromkeys([*self.types, *types]))
        return self._replace(types=together, reason=None if together else self.reason)


class Now(NamedTuple):
    """Payments of the ledger as they are known now, judged by the rules of the earlier report and by the rules now."""

    by_old_rules: Part
    by_rules: Part
    is_returned: bool  # refunds and chargebacks
    is_new: bool  # imported after the earlier report
    is_corrected: bool  # or the payments that they go back to
    is_moved: bool  # by a correction, into the period or to the client


class Pair(NamedTuple):
    """The same payments in a report and in the ledger now. None where there are none such.

    `is_named`: the report may still name them. If not, no one can tell which of the ledger's payments they are. Those
    are then the ones that were there before and have no `before`.
    """

    before: Part | None
    now: Now | None
    is_named: bool = True


class Changes(NamedTuple):
    """The sums before, what each cause adds to them, and the sums after. A cause that changes nothing isn't there."""

    before: Amounts
    causes: dict[Cause, Amounts]
    after: Amounts

    def as_json(self) -> dict[str, Any]:
        lines = {"before": self.before, **self.causes, "after": self.after}
        return {str(key): {name: str(amount) for name, amount in line.items()} for key, line in lines.items()}

    @classmethod
    def of_json(cls, lines: Mapping[str, Any]) -> Self:
        read = {key: {name: Decimal(amount) for name, amount in line.items()} for key, line in lines.items()}
        return cls(read["before"], {cause: read[cause] for cause in Cause if cause in read}, read["after"])


def changes(pairs: Sequence[Pair]) -> Changes:
    """Return what changed between a report and now."""
    sums = _Sums()
    for before, now, is_named in pairs:
        if now:
            sums.move(Cause.RULES, now.by_old_rules, now.by_rules)
        if before and now:
            _compare(sums, before, now)
        elif now:
            sums.add(_of_added(now), now.by_old_rules)
        elif before:  # if named, then corrected, and no longer in the period or of the client
            sums.add(Cause.CORRECTED if is_named else Cause.NO_LONGER, before, -1)
    return Changes(
        total(pair.before for pair in pairs if pair.before),
        sums.by_cause(),
        total(pair.now.by_rules for pair in pairs if pair.now),
    )


def _compare(sums: "_Sums", before: Part, now: Now) -> None:
    if now.is_corrected:
        sums.move(Cause.CORRECTED, before, now.by_old_rules)
    else:
        both = before.also(now.by_old_rules.types)
        sums.move(Cause.COUNTS_NOW, before, both)
        sums.move(Cause.NO_LONGER, both, now.by_old_rules)


def _of_added(now: Now) -> Cause:
    if now.is_moved:
        return Cause.CORRECTED
    if not now.is_new:
        return Cause.NO_LONGER
    return Cause.CAME_BACK if now.is_returned else Cause.NEW


def total(parts: Iterable[Part]) -> Amounts:
    """Return the sums of `parts`."""
    found: Amounts = defaultdict(Decimal)
    for part in parts:
        for name, amount in part.amounts().items():
            found[name] += amount
    return dict(found)


class _Sums:
    """What each cause adds to each sum, while payments are added."""

    def __init__(self) -> None:
        self.causes: dict[Cause, Amounts] = {cause: defaultdict(Decimal) for cause in Cause}

    def add(self, cause: Cause, part: Part, sign: int = 1) -> None:
        for name, amount in part.amounts().items():
            self.causes[cause][name] += sign * amount

    def move(self, cause: Cause, before: Part, after: Part) -> None:
        if before != after:
            self.add(cause, before, -1)
            self.add(cause, after)

    def by_cause(self) -> dict[Cause, Amounts]:
        changed = {
            cause: {name: amount for name, amount in lines.items() if amount} for cause, lines in self.causes.items()
        }
        return {cause: lines for cause, lines in changed.items() if lines}
