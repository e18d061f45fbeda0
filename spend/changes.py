"""What changed since an issued report, by cause and in money, so that the causes add up to the difference. Pure.

Permissions have no cause of their own. What an owner no longer shares is in one sum with certificates that ended or
were corrected, so its cause does not tell that someone withdrew. The sum may be that of one business, which a client
can tell by the amounts that it paid.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.db.models import TextChoices

from spend.choices import OUTSIDE_THE_BASE, RETURNED, Reason

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


class Judged(NamedTuple):
    """A payment as a report judged it: its amount, and the types under which it counts or the reason why not."""

    amount: Decimal
    types: tuple[str, ...]
    reason: Reason | None

    def amounts(self) -> Amounts:
        """Return what the payment adds to each sum."""
        names = [] if self.reason in OUTSIDE_THE_BASE else [BASE]
        if self.types:
            names += [COUNTED, *self.types]
        return dict.fromkeys(names, self.amount)

    def also(self, types: Iterable[str]) -> Self:
        """Return it as if it counted under `types` as well."""
        together = tuple(dict.fromkeys([*self.types, *types]))
        return self._replace(types=together, reason=None if together else self.reason)


class Now(NamedTuple):
    """A payment of the ledger as it is known now, judged by the rules of the earlier report and by the rules now."""

    by_old_rules: Judged
    by_rules: Judged
    kind: str
    is_new: bool  # imported after the earlier report
    is_corrected: bool  # or the payment that it goes back to
    is_moved: bool  # by a correction, into the period or to the client


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


def changes(then: Mapping[str, Judged], unnamed: Iterable[Judged], now: Mapping[str, Now]) -> Changes:
    """Return what changed between a report and now. `then` has its payments by number.

    `unnamed` has those of businesses that the report may no longer name, which have no number. In `now` they are the
    payments that were there before and aren't in `then`.
    """
    sums = _Sums()
    for number, payment in now.items():
        sums.move(Cause.RULES, payment.by_old_rules, payment.by_rules)
        before = then.get(number)
        if before is None:
            sums.add(_of_added(payment), payment.by_old_rules)
        elif payment.is_corrected:
            sums.move(Cause.CORRECTED, before, payment.by_old_rules)
        else:
            both = before.also(payment.by_old_rules.types)
            sums.move(Cause.COUNTS_NOW, before, both)
            sums.move(Cause.NO_LONGER, both, payment.by_old_rules)
    for number in then.keys() - now.keys():  # corrected, and no longer in the period or of the client
        sums.add(Cause.CORRECTED, then[number], -1)
    unnamed = list(unnamed)
    for judged in unnamed:
        sums.add(Cause.NO_LONGER, judged, -1)
    return Changes(
        total([*then.values(), *unnamed]), sums.by_cause(), total(payment.by_rules for payment in now.values())
    )


def _of_added(payment: Now) -> Cause:
    if payment.is_moved:
        return Cause.CORRECTED
    if not payment.is_new:
        return Cause.NO_LONGER
    return Cause.CAME_BACK if payment.kind in RETURNED else Cause.NEW


def total(payments: Iterable[Judged]) -> Amounts:
    """Return the sums of `payments`."""
    found: Amounts = defaultdict(Decimal)
    for judged in payments:
        for name, amount in judged.amounts().items():
            found[name] += amount
    return dict(found)


class _Sums:
    """What each cause adds to each sum, while payments are added."""

    def __init__(self) -> None:
        self.causes: dict[Cause, Amounts] = {cause: defaultdict(Decimal) for cause in Cause}

    def add(self, cause: Cause, judged: Judged, sign: int = 1) -> None:
        for name, amount in judged.amounts().items():
            self.causes[cause][name] += sign * amount

    def move(self, cause: Cause, before: Judged, after: Judged) -> None:
        if before != after:
            self.add(cause, before, -1)
            self.add(cause, after)

    def by_cause(self) -> dict[Cause, Amounts]:
        changed = {
            cause: {name: amount for name, amount in lines.items() if amount} for cause, lines in self.causes.items()
        }
        return {cause: lines for cause, lines in changed.items() if lines}
