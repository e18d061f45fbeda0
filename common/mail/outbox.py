"""The one way in which email leaves the site: stored in the database first, and sent by a task after the commit.

A page never talks to the mail server, so none can fail or wait because of it. While the server is unavailable, email
waits and is tried again after pauses that grow; each email is sent once. Of an email that a server refuses permanently,
the address and the reason are kept for staff; it delays no other email.
"""

import logging
import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.mail import mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.utils import DNS_NAME
from django.db import transaction
from django.db.models import F, Max
from django.tasks import task
from django.utils import timezone
from django.utils.module_loading import import_string

from common.mail.letters import Letter
from common.mail.message import Email, one_line
from common.models import Mail

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)  # shorter than between two runs of `due`, so that each of them tries
LONGEST_WAIT = timedelta(days=5)  # for a server that answers "later" each time. Source: RFC 5321, 4.5.4.1
REFUSALS_KEPT_FOR = timedelta(days=30)
# Refusals that are about our own access to the server, not about one email. Source: RFC 4954, 6
OF_ACCESS = {530, 534, 535, 538}

TOO_LARGE = 552  # said before the text of an email is sent, and about that one alone. Source: RFC 1870, 6.1

logger = logging.getLogger(__name__)


def post(to: str, letter: Letter, *, about: str = "") -> None:
    """Send a finished Letter to an address, after the commit. `about`: see `forget`."""
    if letter.headers:
        raise ValueError("Only an email that is written as it leaves has headers of its own.")
    _keep(Mail(to=to, subject=letter.subject, text=letter.text, html=letter.html, about=about))


def post_later(
    to: str,
    writer: Callable[..., Letter | None],
    *,
    about: str = "",
    wait: timedelta = timedelta(),
    **arguments: Any,
) -> None:
    """After the commit and `wait`, send to an address the Letter that `writer` makes of `arguments` at that moment.

    `writer`: a function of a module, called with the address and `arguments` (values that JSON can hold). It returns
    None if there is nothing to email any more: a record that was hidden while the email waited is not mentioned.
    """
    due = timezone.now() + wait
    _keep(Mail(to=to, writer=_name(writer), arguments=arguments, about=about, next_try_at=due))


def _name(writer: Callable[..., Letter | None]) -> str:
    return f"{writer.__module__}.{writer.__qualname__}"


def _keep(mail: Mail) -> None:
    mail.save(force_insert=True)
    if mail.next_try_at > timezone.now():
        _try_again(mail.next_try_at)
    else:
        transaction.on_commit(send_waiting.enqueue, robust=True)


def forget_later(writer: Callable[..., Letter | None], **arguments: Any) -> None:
    """Delete the unsent emails that `writer` would make of `arguments`, whatever else they take."""
    Mail.objects.filter(writer=_name(writer), arguments__contains=arguments).delete()


def forget(about: str) -> None:
    """Delete every unsent or refused email about something. Waits for one that is being sent at this moment."""
    Mail.objects.filter(about=about).delete()


@task
def send_waiting() -> int:
    """Send the emails that are due. Returns how many were sent. Two tasks at once share the work.

    If the mail server cannot be reached, all waiting email is held for the same time, and one task tries again.
    """
    sent = 0
    if Mail.objects.waiting().filter(is_held=True, next_try_at__gt=timezone.now()).exists():
        return sent
    server = mailers["default"]
    try:
        while (outcome := _send_next(server)) is not None:
            sent += outcome
    except _Unreachable as error:
        _hold(error)
    finally:
        with suppress(OSError):
            server.close()
    return sent


class _Unreachable(Exception):
    """The mail server cannot be used now: none of what waits can be sent."""


@transaction.atomic
def _send_next(server: BaseEmailBackend) -> bool | None:
    """Send the next email that is due. Returns whether it was sent, or None if none is due.

    Its row is locked meanwhile, so that no other task sends it, and deleted once it is sent. Raises _Unreachable.
    """
    due = Mail.objects.waiting().filter(next_try_at__lte=timezone.now())
    mail = due.select_for_update(skip_locked=True).first()
    if mail is None:
        return None
    try:
        with transaction.atomic():
            written = _written(mail)
    except Exception:
        return _not_written(mail)
    if written is not None:
        try:
            server.open()
        except OSError as error:  # as is whatever smtplib raises
            raise _Unreachable(str(error)) from error
        try:
            server.send_messages([written])
        except (ValueError, OSError) as error:
            return _failed(mail, error)
        except Exception:  # Python's parser of addresses fails in many ways
            return _not_written(mail)
    mail.delete()
    return written is not None


def _written(mail: Mail) -> Email | None:
    """Return the Email to send, or None if there is nothing to email any more."""
    letter = import_string(mail.writer)(mail.to, **mail.arguments) if mail.writer else _finished(mail)
    if letter is None:
        return None
    identity = {"Message-ID": f"<{mail.key}@{DNS_NAME}>"}
    email = Email(one_line(letter.subject), letter.text, None, [mail.to], headers={**letter.headers, **identity})
    email.attach_alternative(letter.html, "text/html")
    return email


def _finished(mail: Mail) -> Letter:
    return Letter(mail.subject, mail.text, mail.html)


def _not_written(mail: Mail) -> bool:
    """Log the error of our own that was just raised, which must not delay other email. Returns False."""
    logger.exception("Email %s could not be written", mail.pk)
    _postpone(mail, "It could not be written.")
    return False


def _failed(mail: Mail, error: Exception) -> bool | None:
    """Note that the server did not accept `mail`. Returns and raises what `_send_next` does."""
    codes = _codes(error)
    is_sender_refused = isinstance(error, smtplib.SMTPSenderRefused) and TOO_LARGE not in codes
    if codes & OF_ACCESS or is_sender_refused:
        raise _Unreachable(str(error)) from error
    if codes and min(codes) >= 500:
        _refuse(mail, error)
    else:
        _postpone(mail, error)
    # Without an answer the connection is lost. Another run finds out if the server is, or if this email was the cause.
    return False if codes else None


def _codes(error: Exception) -> set[int]:
    """Return the server's reply codes in `error`; none if it gave no reply."""
    if isinstance(error, ValueError):  # an address that no server can take
        return {553}
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return {code for code, _ in error.recipients.values()}
    return {error.smtp_code} if isinstance(error, smtplib.SMTPResponseException) else set()


def _refuse(mail: Mail, error: Exception | str) -> None:
    """Record that `mail` was refused permanently, and delete what it said."""
    logger.warning("Email %s was refused: %s", mail.pk, error)
    because = one_line(error)[:300]
    Mail.objects.filter(pk=mail.pk).update(
        refused_at=timezone.now(), refused_because=because, subject="", text="", html="", writer="", arguments={}
    )


def _postpone(mail: Mail, error: Exception | str) -> None:
    """Try `mail` again after a pause, unless it has waited too long for a server that replies."""
    now = timezone.now()
    if now - mail.written_at > LONGEST_WAIT:
        _refuse(mail, error)
        return
    until = now + _pause(mail.tries)
    Mail.objects.filter(pk=mail.pk).update(tries=F("tries") + 1, next_try_at=until, is_held=False)
    _try_again(until)


def _hold(error: Exception) -> None:
    """Hold all waiting email, for longer the more often it was held before."""
    waiting = Mail.objects.waiting()
    until = timezone.now() + _pause(waiting.filter(is_held=True).aggregate(most=Max("tries"))["most"] or 0)
    logger.warning("The mail server cannot be used, trying again at %s: %s", until, error)
    waiting.filter(next_try_at__lt=until).update(is_held=True, tries=F("tries") + 1, next_try_at=until)
    _try_again(until)


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * 2 ** min(tries, 10), LONGEST_PAUSE)


def _try_again(when: datetime) -> None:
    """Have the worker try at a moment. If tasks cannot be deferred, the next run of `due` tries."""
    if send_waiting.get_backend().supports_defer:
        transaction.on_commit(partial(send_waiting.using(run_after=when).enqueue), robust=True)


def remove_old() -> int:
    """Delete refusals that staff have had time to read. Returns how many."""
    return Mail.objects.filter(refused_at__lt=timezone.now() - REFUSALS_KEPT_FOR).delete()[0]


def counts() -> dict[str, int]:
    """Return what operators monitor: how many tried emails are `waiting`, and how many were `refused` within a day."""
    day_ago = timezone.now() - timedelta(days=1)
    return {
        "waiting": Mail.objects.waiting().filter(tries__gt=0).count(),
        "refused": Mail.objects.filter(refused_at__gt=day_ago).count(),
    }
