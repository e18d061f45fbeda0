"""Sends and answers talk invitations, and emails the other side.

Every email is posted, even one that `write_…` will not send, so that the time a page takes reveals no block.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from certifications.mail.sending import editors_of
from common.days import day
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post_later
from profiles.models import Client, ClientMembership, User
from sourcing.models import TalkInvitation, TalkMessage

# The most invitations of a client in a day. Each member has an hourly rate limit, too.
MOST_A_DAY = 100
MOST_AT_ONCE = 20  # profiles that get the same message


def invite(invitation: TalkInvitation) -> TalkInvitation:
    """Send a new invitation and return it. A second click returns the one that was sent.

    Raises ValidationError if the client waits for an answer of the profile, was declined lately, or has sent too many
    today.
    """
    before = TalkInvitation.objects.filter(client=invitation.client_id, profile=invitation.profile_id)
    now = timezone.now()
    # A client sends one at a time, so that the count holds and a second click finds the first one's invitation.
    try:
        with transaction.atomic():
            Client.objects.select_for_update().get(pk=invitation.client_id)
            sent = before.filter(submission=invitation.submission).first()
            if sent:
                return sent
            before.filter(answer="", withdrawn_at=None, answer_by__lt=invitation.profile.today()).update(
                withdrawn_at=now
            )
            cooling_down_since = now - TalkInvitation.COOL_DOWN
            declined = before.filter(answer=TalkInvitation.Answer.DECLINED, answered_at__gt=cooling_down_since)
            declined_at = declined.values_list("answered_at", flat=True).first()
            if declined_at:
                again = day(invitation.profile.day_of(declined_at + TalkInvitation.COOL_DOWN))
                raise ValidationError(
                    f"They declined an invitation from your organization. You can ask again from {again}."
                )
            day_ago = now - timedelta(days=1)
            if TalkInvitation.objects.filter(client=invitation.client_id, sent_at__gt=day_ago).count() >= MOST_A_DAY:
                raise ValidationError(
                    f"Your organization has sent {MOST_A_DAY} invitations in the last 24 hours. Try again tomorrow."
                )
            invitation.save(force_insert=True)
            _post_to_editors(invitation, write_invited)
    except IntegrityError as error:
        if "talk_open_once" not in str(error):
            raise
        raise ValidationError(
            "Your organization is already awaiting their response. To send another invitation, withdraw that one first."
        ) from None
    return invitation


class Unsent(NamedTuple):
    """An invitation that could not be sent, and the sentence that says why."""

    invitation: TalkInvitation
    reason: str


def invite_all(invitations: Iterable[TalkInvitation], *, may_send: Callable[[], bool]) -> list[Unsent]:
    """Send each of these new invitations that can be. Returns those that could not.

    `may_send` counts one more against the sender's rate limit, and tells whether it is within. A second click sends
    nothing twice, and counts nothing twice.
    """
    unsent = []
    for invitation in invitations:
        is_sent = TalkInvitation.objects.filter(submission=invitation.submission).exists()
        if not is_sent and not may_send():
            unsent.append(Unsent(invitation, "You've sent too many invitations in the last hour. Try again later."))
            continue
        try:
            invite(invitation)
        except ValidationError as error:
            unsent.append(Unsent(invitation, " ".join(error.messages)))
    return unsent


def _keep(message: TalkMessage) -> tuple[TalkMessage, bool]:
    """Save a new message once. Return it, and whether it is new."""
    values = {name: getattr(message, name) for name in ("invitation", "is_from_client", "author", "text")}
    return TalkMessage.objects.get_or_create(submission=message.submission, defaults=values)


def write(message: TalkMessage) -> None:
    """Send a new message to the other side. A second click sends nothing twice."""
    with transaction.atomic():
        message, is_new = _keep(message)
        if is_new and message.is_from_client:
            _post_to_editors(message.invitation, write_of_message, message_pk=message.pk)
        elif is_new:
            _post_to_sender(message.invitation, write_of_message, message_pk=message.pk)


@transaction.atomic
def respond(invitation: TalkInvitation, answer: str, *, by: User, message: TalkMessage | None = None) -> bool:
    """Accept or decline, with an optional message. Return whether this click or the same one before did it."""
    if not invitation.respond(answer, by=by):
        is_sent = message is None or TalkMessage.objects.filter(submission=message.submission).exists()
        return is_sent and TalkInvitation.objects.filter(pk=invitation.pk, answer=answer, answered_by=by).exists()
    if message:
        _keep(message)
    _post_to_sender(invitation, write_answered)
    return True


def _post_to_editors(invitation: TalkInvitation, writer: Callable[..., Letter | None], **arguments: Any) -> None:
    for editor in editors_of(invitation.profile_id):
        post_later(editor.email, writer, invitation_pk=invitation.pk, recipient_pk=editor.pk, **arguments)


def _post_to_sender(invitation: TalkInvitation, writer: Callable[..., Letter | None], **arguments: Any) -> None:
    """Post an email to the sender, if they still have an account."""
    if invitation.sent_by:
        post_later(invitation.sent_by.email, writer, invitation_pk=invitation.pk, **arguments)


def write_invited(to: str, *, invitation_pk: int, recipient_pk: int) -> Letter | None:
    """Return the email about a new invitation to an editor of the profile. None if it is blocked or over."""
    invitation = _load(TalkInvitation.objects.unblocked().waiting(), invitation_pk)
    return _to_editor(invitation, recipient_pk, "sourcing/invited")


def write_answered(to: str, *, invitation_pk: int) -> Letter | None:
    """Return the email to the sender about the answer to an invitation."""
    invitation = _load(TalkInvitation.objects.exclude(answer=""), invitation_pk)
    return _to_sender(invitation, "sourcing/answered")


def write_of_message(to: str, *, invitation_pk: int, message_pk: int, recipient_pk: int | None = None) -> Letter | None:
    """Return the email about a message to someone on the other side. None if they blocked the client since."""
    message = TalkMessage.objects.delivered().filter(pk=message_pk, invitation=invitation_pk).first()
    if message is None:
        return None
    rows = TalkInvitation.objects.unblocked() if message.is_from_client else TalkInvitation.objects.delivered()
    invitation = _load(rows, invitation_pk)
    if invitation is None:
        return None
    if message.is_from_client:
        return _to_editor(invitation, recipient_pk, "sourcing/message", message=message, writer=invitation.client)
    return _to_sender(invitation, "sourcing/message", message=message, writer=invitation.profile)


def _load(rows: QuerySet[TalkInvitation], pk: int) -> TalkInvitation | None:
    return rows.filter(pk=pk).select_related("client", "profile", "sent_by").first()


def _to_editor(invitation: TalkInvitation | None, recipient_pk: int | None, name: str, **context: Any) -> Letter | None:
    """Return the email to an editor of the invited profile. None without an invitation or if they no longer edit it."""
    if invitation is None:
        return None
    recipient = editors_of(invitation.profile_id).filter(pk=recipient_pk).first()
    if recipient is None:
        return None
    link = absolute(invitation.inbox_url)
    return letter(name, {"invitation": invitation, "recipient": recipient, "link": link, **context})


def _to_sender(invitation: TalkInvitation | None, name: str, **context: Any) -> Letter | None:
    """Return the email to the sender of an invitation. None without one or if they have left the client."""
    recipient = invitation.sent_by if invitation else None
    if invitation is None or recipient is None or not recipient.is_active:
        return None
    if not ClientMembership.objects.filter(client=invitation.client_id, user=recipient).exists():
        return None
    link = absolute(invitation.get_absolute_url())
    return letter(name, {"invitation": invitation, "recipient": recipient, "link": link, **context})
