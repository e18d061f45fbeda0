"""Emails about registers that began or stopped listing a record, sent once the file has stood for a day."""

from datetime import timedelta
from enum import StrEnum
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from certifications.mail.sending import DueEmail, editors_of, letter_about, post_once
from certifications.models import Certification, Evidence
from common.mail.letters import Letter, absolute
from verification.models import RegisterFile, RegisterNews

# In this time a file can be taken back before any owner is emailed.
HOLD = timedelta(hours=24)


class What(StrEnum):
    """The kinds of news. Each has an email: `mail/verification/register/<value>.html`."""

    MATCHED = "matched"
    VANISHED = "vanished"


def note(record: Certification, file: RegisterFile, *, was_listed: bool) -> None:
    """Plan an email to the editors of `record`: `file` changed whether its register lists the record.

    Several changes before it is due become one, from the first state to the last.
    """
    due_at = max(timezone.now(), file.loaded_at + HOLD) if file.loaded_at else timezone.now()
    RegisterNews.objects.get_or_create(
        certification=record, register_id=file.register_id, defaults={"was_listed": was_listed, "due_at": due_at}
    )
    waiting = RegisterNews.objects.filter(certification=record, register=file.register_id)
    waiting.update(due_at=due_at)
    if due_at <= timezone.now():
        transaction.on_commit(partial(_tell, waiting), robust=True)


def post_due() -> int:
    """Post the emails that are due. Return their number."""
    due = RegisterNews.objects.filter(due_at__lte=timezone.now())
    return sum(_tell(due.filter(pk=pk)) for pk in list(due.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _tell(waiting: QuerySet[RegisterNews]) -> int:
    """Post the one piece of news in a queryset, if it is still true, and delete it. Return the number of emails."""
    news = waiting.select_related("certification__profile").first()
    if news is None:
        return 0
    record = news.certification
    is_listed = _is_listed(record, news.register_id)
    posted = 0
    if is_listed != news.was_listed and not record.withdrawn_at:
        what = What.MATCHED if is_listed else What.VANISHED
        for editor in editors_of(record.profile):
            key = f"register:{news.pk}:{editor.pk}"
            arguments = {"record_pk": record.pk, "register_pk": news.register_id, "what": what, "editor_pk": editor.pk}
            posted += post_once(DueEmail(key, record.profile_id, editor.email, write_news, arguments))
    RegisterNews.objects.filter(pk=news.pk, due_at=news.due_at).delete()
    return posted


def _is_listed(record: Certification, register_pk: int) -> bool:
    return Evidence.objects.of(record).filter(match__register=register_pk).exists()


def write_news(to: str, *, key: str, record_pk: int, register_pk: int, what: str, editor_pk: int) -> Letter | None:
    """Return the email that a register began or ceased to list a record: not which, whose name may reveal a type.

    None if that is no longer so: the mail server may have been unavailable for days.
    """
    record = Certification.objects.current().filter(pk=record_pk).select_related("profile").first()
    editor = record and editors_of(record.profile_id).filter(pk=editor_pk).first()
    if record is None or editor is None or _is_listed(record, register_pk) != (what == What.MATCHED):
        return None
    context = {"recipient": editor, "record": record, "link": absolute(record.get_absolute_url())}
    return letter_about(record.profile, f"verification/register/{what}", context)
