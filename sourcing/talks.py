"""Invitations to talk: sending them, answering them, and telling the other side by e-mail.

Every e-mail goes out by a task, also one that turns out not to be sent: how long a page takes tells nobody of a block.
"""

from datetime import timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.tasks import task
from django.utils import timezone

from certifications.mail.sending import absolute, editors_of, send
from certifications.models.record import day
from profiles.models import Client, ClientMembership
from sourcing.models import TalkInvitation, TalkMessage

# How many a client sends a day. Beside it each member has a rate limit by the hour.
MOST_A_DAY = 100


def invite(invitation):
    """Send a new invitation. Returns it, or of a second click the one that was sent.

    Raises ValidationError with a sentence if the client waits for an answer of the profile, was declined lately, or
    has sent too many today.
    """
    before = TalkInvitation.objects.filter(client=invitation.client_id, profile=invitation.profile_id)
    now = timezone.now()
    # One client's are sent one after the other: the count holds, and a second click finds what the first one sent.
    try:
        with transaction.atomic():
            Client.objects.select_for_update().get(pk=invitation.client_id)
            sent = before.filter(submission=invitation.submission).first()
            if sent:
                return sent
            before.filter(answer="", withdrawn_at=None, answer_by__lt=invitation.profile.today()).update(
                withdrawn_at=now
            )
            declined = before.filter(answer="declined", answered_at__gt=now - TalkInvitation.COOL_DOWN)
            declined_at = declined.values_list("answered_at", flat=True).first()
            if declined_at:
                again = day(declined_at + TalkInvitation.COOL_DOWN)
                raise ValidationError(
                    f"{invitation.profile} declined an invitation of your organization. Ask again from {again} on."
                )
            day_ago = now - timedelta(days=1)
            if TalkInvitation.objects.filter(client=invitation.client_id, sent_at__gt=day_ago).count() >= MOST_A_DAY:
                raise ValidationError(
                    f"Your organization has sent {MOST_A_DAY} invitations within a day. "
                    "What you wrote is kept here: try tomorrow."
                )
            invitation.save(force_insert=True)
            transaction.on_commit(partial(tell_invited.enqueue, invitation.pk), robust=True)
    except IntegrityError as error:
        if "talk_open_once" not in str(error):
            raise
        raise ValidationError(
            "Your organization has invited them already and waits for an answer. Withdraw that one to send another."
        ) from None
    return invitation


def _keep(message):
    """Keep a new message, once. Returns it, and whether it is new."""
    values = {name: getattr(message, name) for name in ("invitation", "is_from_client", "author", "text")}
    return TalkMessage.objects.get_or_create(submission=message.submission, defaults=values)


def write(message):
    """Send a new message to the other side. A second click sends nothing twice."""
    message, is_new = _keep(message)
    if is_new:
        transaction.on_commit(partial(tell_other_side.enqueue, message.invitation_id, message.pk), robust=True)


@transaction.atomic
def respond(invitation, answer, *, by, message=None):
    """Accept or decline, with a message if there is one. Returns whether it could be done, or the same click did it."""
    if not invitation.respond(answer, by=by):
        is_sent = message is None or TalkMessage.objects.filter(submission=message.submission).exists()
        return is_sent and TalkInvitation.objects.filter(pk=invitation.pk, answer=answer, answered_by=by).exists()
    if message:
        _keep(message)
    transaction.on_commit(partial(tell_answer.enqueue, invitation.pk), robust=True)
    return True


def _load(rows, pk):
    return rows.filter(pk=pk).select_related("client", "profile", "sent_by").first()


@task
def tell_invited(pk):
    """Tell the editors of a profile that they are invited, if they are to be told."""
    invitation = _load(TalkInvitation.objects.unblocked().waiting(), pk)
    if invitation:
        _send_to_editors(invitation, f"{invitation.client} would like to talk", "sourcing/mail/invited.txt")


@task
def tell_answer(pk):
    """Tell who sent an invitation that it is answered."""
    invitation = _load(TalkInvitation.objects.exclude(answer=""), pk)
    if invitation:
        subject = f"{invitation.profile} {invitation.answer} your invitation"
        _send_to_sender(invitation, subject, "sourcing/mail/answered.txt")


@task
def tell_other_side(pk, message_pk):
    """Tell the side that did not write a message that there is one; nothing of whom they have blocked since."""
    message = TalkMessage.objects.delivered().filter(pk=message_pk, invitation=pk).first()
    from_client = message is not None and message.is_from_client
    rows = TalkInvitation.objects.unblocked() if from_client else TalkInvitation.objects.delivered()
    invitation = _load(rows, pk)
    if invitation and message:
        if message.is_from_client:
            subject = f"{invitation.client} wrote about “{invitation.title}”"
            _send_to_editors(invitation, subject, "sourcing/mail/message.txt", message=message)
        else:
            subject = f"{invitation.profile} wrote about “{invitation.title}”"
            _send_to_sender(invitation, subject, "sourcing/mail/message.txt", message=message)


def _send_to_editors(invitation, subject, template, **context):
    link = absolute(invitation.inbox_url)
    for editor in editors_of(invitation.profile):
        send(editor.email, subject, template, {"invitation": invitation, "reader": editor, "link": link, **context})


def _send_to_sender(invitation, subject, template, **context):
    """To who sent it, as long as they belong to the client."""
    belongs = ClientMembership.objects.filter(client=invitation.client_id, user=invitation.sent_by_id)
    reader = invitation.sent_by
    if reader and reader.is_active and belongs.exists():
        link = absolute(invitation.get_absolute_url())
        send(reader.email, subject, template, {"invitation": invitation, "reader": reader, "link": link, **context})
