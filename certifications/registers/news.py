"""Telling editors that a register began or ceased to list a record, once the file that says so has stood for a day."""

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from certifications.mail.sending import absolute, editors_of, send_once
from certifications.models import Certification, Evidence, RegisterNews

# So long a file can be taken back without any owner hearing of it.
HOLD = timedelta(hours=24)

logger = logging.getLogger(__name__)


def note(record, file, *, was_listed):
    """Tell the editors of `record`, in its time, that `file` changed whether its register lists it.

    Several changes meanwhile are one: what counts is how it was when the first came, and how it is in the end.
    """
    due_at = max(timezone.now(), file.loaded_at + HOLD) if file.loaded_at else timezone.now()
    RegisterNews.objects.get_or_create(
        certification=record, register_id=file.register_id, defaults={"was_listed": was_listed, "due_at": due_at}
    )
    waiting = RegisterNews.objects.filter(certification=record, register=file.register_id)
    waiting.update(due_at=due_at)
    if due_at <= timezone.now():
        transaction.on_commit(partial(_tell, waiting), robust=True)


def send_due():
    """Send what is due. Returns how many e-mails went out, and how many records' could not."""
    sent = failed = 0
    due = RegisterNews.objects.filter(due_at__lte=timezone.now())
    for pk in list(due.order_by("pk").values_list("pk", flat=True)):
        try:
            sent += _tell(due.filter(pk=pk))
        except OSError:  # a mail server that refuses, or is not there
            logger.exception("News of a register could not be sent: %s", pk)
            failed += 1
    return sent, failed


def _tell(waiting):
    """Send the one piece of news in a queryset, if it still is news, and be done with it. Returns how many e-mails."""
    news = waiting.select_related("certification__profile").first()
    if news is None:
        return 0
    record = news.certification
    is_listed = Evidence.objects.of(record).filter(register=news.register_id).exists()
    sent = 0
    if is_listed != news.was_listed and not record.withdrawn_at:
        # Not which register, whose name may tell a type.
        context = {"record": record, "profile": record.profile, "what": "matched" if is_listed else "vanished"}
        context["link"] = absolute(record.get_absolute_url())
        subject = f"A register {'lists' if is_listed else 'no longer lists'} a certification of {record.profile}"
        for editor in editors_of(record.profile):
            arguments = (record.profile, editor.email, subject, "certifications/mail/register.txt")
            sent += send_once(
                f"register:{news.pk}:{editor.pk}",
                *arguments,
                {**context, "editor": editor},
                if_still=Certification.objects.current().filter(pk=record.pk),
            )
    RegisterNews.objects.filter(pk=news.pk, due_at=news.due_at).delete()
    return sent
