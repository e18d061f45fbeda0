"""Reads what changed since an issued report from the database."""

from datetime import datetime
from typing import NamedTuple

from spend import report
from spend.changes import Changes, Judged, Now, changes
from spend.choices import Reason
from spend.counting import CountedEntry
from spend.models import IssuedReport, Payment


class Imported(NamedTuple):
    """The numbers of the payments that were imported since a report, and of those that were corrected since.

    `moved` are those that a correction brought into its period, or to its client.
    """

    new: set[str]
    corrected: set[str]
    moved: set[str]


def since(issued: IssuedReport, made: report.Report) -> Changes | None:
    """Return what changed between an issued report and `made`, a report of its period from what was known later.

    Return None if they are in different currencies, which no sum may mix.
    """
    old_rules = issued.plain_rules()
    if old_rules.currency != made.rules.currency:
        return None
    by_old_rules = made if old_rules == made.rules else made.known.by(old_rules)
    imported = _imported(issued, made.cutoff)
    touched = imported.new | imported.corrected
    by_rules = {row.entry.number: _judged(row) for row in made.counted}
    now = {
        row.entry.number: Now(
            _judged(row),
            by_rules[row.entry.number],
            row.entry.kind,
            row.entry.number in imported.new,
            row.entry.number in imported.corrected or row.entry.refers_to in touched,
            row.entry.number in imported.moved,
        )
        for row in by_old_rules.counted
    }
    then: dict[str, Judged] = {}
    unnamed: list[Judged] = []
    rows = issued.payments.values_list("details__number", "amount", "types", "reason")
    for number, amount, types, reason in rows.iterator():
        judged = Judged(amount, tuple(types), Reason(reason) if reason else None)
        if number is None:
            unnamed.append(judged)
        else:
            then[number] = judged
    return changes(then, unnamed, now)


def _judged(row: CountedEntry) -> Judged:
    return Judged(row.amount, tuple(row.types), row.reason)


def _imported(issued: IssuedReport, cutoff: datetime) -> Imported:
    later = Payment.objects.filter(client=issued.client_id, recorded_at__gte=issued.cutoff, recorded_at__lt=cutoff)
    versions = list(later.values_list("external_id", "version"))
    new = {number for number, version in versions if version == 1}
    corrected = {number for number, version in versions if version > 1} - new
    then = Payment.objects.filter(client=issued.client_id, paid_on__range=issued.period).known_before(issued.cutoff)
    moved = corrected.difference(then.filter(replaced_at__lt=cutoff).values_list("external_id", flat=True))
    return Imported(new, corrected, moved)
