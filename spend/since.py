"""What changed since an issued report, read from the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from certifications.models import CertificationType
from spend.changes import Changes, Now, Pair, Part, changes
from spend.choices import RETURNED, Reason
from spend.holdings import Holding
from spend.judged import JudgedLedger, Outcome, spelled, statement
from spend.models import IssuedReport, Payment
from spend.rules import Rules


def since(
    issued: IssuedReport, *, held: Mapping[int, Sequence[Holding]], rules: Rules, cutoff: datetime
) -> Changes | None:
    """Return what changed between an issued report and one of its period by `rules`, from what was known at `cutoff`.

    `held` has what each business held, by its key, as known then. Return None if they are in different currencies,
    which no sum may mix. The number of queries does not depend on the number of payments.
    """
    old_rules = issued.plain_rules()
    if old_rules.currency != rules.currency:
        return None
    catalogue = list(CertificationType.objects.values_list("key", flat=True))

    def judged(by: Rules) -> JudgedLedger:
        order = by.order(catalogue)
        return JudgedLedger.of(issued.client, issued.period, held=held, rules=by, order=order, cutoff=cutoff)

    return changes(_pairs(issued, judged(old_rules), judged(rules), cutoff))


def _pairs(issued: IssuedReport, old: JudgedLedger, new: JudgedLedger, cutoff: datetime) -> list[Pair]:
    """Return the payments of a report beside those of the ledger, added up. One query."""
    known = Payment.objects.filter(client=issued.client_id, paid_on__range=issued.period).known_before(issued.cutoff)
    known_then = spelled(known.filter(replaced_at__lt=cutoff).order_by().values("external_id"))
    parameters: dict[str, Any] = {
        "report": issued.pk,
        "client": issued.client_id,
        "issued_at": issued.cutoff,
        "cutoff": cutoff,
        "returned": sorted(RETURNED),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("since", known_then=known_then, judged=old.sql, by_rules=new.sql), parameters)
        rows = cursor.fetchall()
    found = []
    for types, reason, is_named, told, outcome, outcome_by_rules, amount, *about in rows:
        before = None if told is None else Part(told, tuple(types), Reason(reason) if reason else None)
        now = None
        if amount is not None:
            parts = (_part(amount, old.outcomes[outcome]), _part(amount, new.outcomes[outcome_by_rules]))
            now = Now(*parts, *about)
        found.append(Pair(before, now, is_named))
    return found


def _part(amount: Decimal, outcome: Outcome) -> Part:
    return Part(amount, outcome.types, outcome.reason)
