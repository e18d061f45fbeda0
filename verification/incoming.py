"""Opens cases and starts matching when an owner saves a record or someone reports a concern."""

from functools import partial

from django.db import transaction

from certifications.models import Certification, Concern
from verification.models import Case
from verification.registers.tasks import match_record
from verification.review.cases import changed, open_case, was_brought


def reported(record: Certification, *, is_corrected: bool) -> None:
    """Check a record that was just added or changed, in the same transaction. See `certifications.entry.saving`."""
    changed(record)  # no one decides on the previous report
    if record.with_same_number().exists() and not was_brought(record, Case.Cause.NUMBER):
        open_case(record, Case.Cause.NUMBER)
    if is_corrected:
        open_case(record, Case.Cause.CORRECTED)
    transaction.on_commit(partial(match_record.enqueue, record.pk), robust=True)


def concern_reported(concern: Concern) -> None:
    """Open a case for the record that a concern is about. See `certifications.concerns`."""
    if concern.certification:
        open_case(concern.certification, Case.Cause.CONCERN)
