"""Registers what verification adds to certifications. Django imports this file when it starts."""

from django.apps import apps

from certifications import concerns, public_numbers
from certifications.data import about, erasure, history
from certifications.entry import saving
from certifications.views import add, record, section
from common.work import waiting_for_staff
from verification import history as verification_history
from verification import incoming, record_page, work
from verification.documents import keeping
from verification.models import Case
from verification.review import numbers

saving.reported.register(incoming.reported)
concerns.reported.register(incoming.concern_reported)

add.next_steps.register(record_page.attach_part)
record.more_parts.register(record_page.part)
section.pending.register(record_page.pending)

about.more_models.register(apps.get_app_config("verification").get_models)
about.more_decided.register(lambda: Case)
erasure.before_erasure.register(keeping.remove_about)
history.more_entries.register(verification_history.entries)

public_numbers.more_numbers.register(numbers.for_everyone)

waiting_for_staff.register(work.of_review)
waiting_for_staff.register(work.of_registers)
