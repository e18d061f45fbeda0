"""What brings a record to staff or to the registers when it is saved."""

from functools import partial

from django.db import transaction

from certifications.models import Case
from certifications.registers.tasks import match_record
from certifications.review.cases import changed, open_case, was_brought


def reported(record):
    """A record was added or changed in substance, in the transaction of whoever calls this."""
    changed(record)  # nobody decides on what it said before
    if record.with_same_number().exists() and not was_brought(record, Case.Cause.NUMBER):
        open_case(record, Case.Cause.NUMBER)
    transaction.on_commit(partial(match_record.enqueue, record.pk), robust=True)
