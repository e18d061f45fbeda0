"""Invitations to talk about a need, and what both sides write about them. They say nothing of certifications."""

import uuid
from datetime import date, timedelta
from enum import Enum
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from certifications.models import Block
from certifications.models.local_days import local_today
from common.history import events_of
from common.text import Line, Lines
from profiles.models import Client, ClientMembership, Profile, User
from profiles.viewer import Viewer


def _blocks(blocks: models.QuerySet, profile: str, client: str, *people: str) -> models.QuerySet:
    """Return those of `blocks` by which a profile blocks a client, or another client of one of these people.

    The profile, the client and the people are names of columns of the outer query.
    """
    is_one = Q.create([("user", OuterRef(OuterRef(name))) for name in people], connector=Q.OR)
    theirs = ClientMembership.objects.filter(is_one).values("client")
    return blocks.filter(Q(client=OuterRef(client)) | Q(client__in=theirs), profile=OuterRef(profile))


def _was_blocked(*columns: str) -> Exists:
    """Return whether a row with `sent_at` was sent under such a block that was lifted since. It never arrives."""
    lifted = _blocks(events_of(Block), *columns).filter(pgh_label="delete")
    return Exists(lifted.filter(blocked_at__lte=OuterRef("sent_at"), pgh_created_at__gte=OuterRef("sent_at")))


_SENT = ("profile", "client", "sent_by")  # the columns of an invitation that a block is about


class TalkInvitationQuerySet(models.QuerySet):
    def of(self, viewer: Viewer) -> Self:
        """Return the invitations of the client that `viewer` acts for."""
        return self.filter(client=viewer.acts_for.pk).with_question(TalkMessage.objects.all())

    def with_question(self, messages: "TalkMessageQuerySet") -> Self:
        """Annotate `has_question`: of the `messages` that a reader is shown, the profile's side wrote the last."""
        latest = messages.filter(invitation=OuterRef("pk")).order_by("-sent_at", "-pk")
        is_theirs = latest.values(is_theirs=~F("is_from_client"))[:1]
        return self.annotate(has_question=Coalesce(Subquery(is_theirs), False))

    def blocked(self) -> Self:
        """Return the invitations of clients that the profile blocks, and by people of whom it blocks another client."""
        return self.filter(Exists(_blocks(Block.objects.all(), *_SENT)))

    def unblocked(self) -> Self:
        """Return the invitations that are not blocked, and were not when they were sent."""
        return self.filter(~Exists(_blocks(Block.objects.all(), *_SENT)), ~_was_blocked(*_SENT))

    def delivered(self) -> Self:
        """Return the invitations that the profile's editors see: those they answered, and those that are not blocked.

        The client cannot tell: to it, a blocked invitation is one that no one answered.
        """
        return self.filter(~Q(answer="") | Q(pk__in=TalkInvitation.objects.unblocked().values("pk")))

    def for_editors(self, viewer: Viewer) -> Self:
        """Return the invitations that `viewer` may answer, as owner or admin of the profile."""
        own = self.delivered().filter(profile__in=viewer.managed_profile_ids)
        return own.with_question(TalkMessage.objects.delivered())

    def waiting(self) -> Self:
        """Return the invitations that can still be answered: until their last day ends where the owner lives."""
        return self.filter(answer="", withdrawn_at=None, answer_by__gte=local_today())


class State(Enum):
    """The state of an invitation: its code for programs, its icon, and its words."""

    def __init__(self, code: str, icon: str, label: str) -> None:
        self.code, self.icon, self.label = code, icon, label

    ACCEPTED = "accepted", "check", "Accepted"
    DECLINED = "declined", "open", "Declined"
    WITHDRAWN = "withdrawn", "open", "Withdrawn"
    OVER = "over", "open", "No response in time"
    QUESTION = "question", "mail", "Question awaiting an answer"
    WAITING = "waiting", "mail", "Awaiting a response"


class TalkInvitation(models.Model):
    """A client's wish to talk to a profile about a need, and the profile's answer."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    LONGEST = timedelta(days=180)
    # After a "no" the same client does not ask the same profile again for so long.
    COOL_DOWN = timedelta(days=30)

    client = models.ForeignKey(Client, models.CASCADE, related_name="talk_invitations")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="talk_invitations")
    title = Line("subject", max_length=120)
    text = Lines("what you need", max_length=3000)
    budget = models.DecimalField(
        "estimated total budget (USD)",
        max_digits=10,
        decimal_places=0,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(9_999_999_999)],
    )
    answer_by = models.DateField("respond by")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # Given to the form when it is first shown, so that a second click sends nothing twice.
    submission = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)

    has_question: bool  # what `with_question` annotates

    objects = TalkInvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = "invitation to talk"
        verbose_name_plural = "invitations to talk"
        indexes = [models.Index(fields=["sent_at"], name="talk_sent")]
        constraints = [
            models.UniqueConstraint(
                name="talk_open_once",
                fields=["client", "profile"],
                condition=Q(answer="", withdrawn_at=None),
                violation_error_message="Your organization is already awaiting a response",
            ),
            models.CheckConstraint(
                name="talk_answer_complete",
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                violation_error_message="An answer has its time",
            ),
            models.CheckConstraint(
                name="talk_budget_positive",
                condition=Q(budget=None) | Q(budget__gte=1),
                violation_error_message="A budget is at least $1",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    def get_absolute_url(self) -> str:
        """Return its page for the client."""
        return reverse("sourcing:talk", args=[self.pk])

    @property
    def inbox_url(self) -> str:
        """The address of its page for the profile's editors."""
        return reverse("sourcing:inbox_talk", args=[self.pk])

    @property
    def sent_on(self) -> date:
        """The date it was sent, in the time zone of the profile's owner."""
        return self.profile.day_of(self.sent_at)

    @property
    def budget_words(self) -> str:
        return f"${self.budget:,}" if self.budget is not None else "Not stated"

    @property
    def is_waiting(self) -> bool:
        """True while it can be answered. Same rule as `waiting`. Of one whose profile was loaded with it."""
        return not self.answer and self.withdrawn_at is None and self.answer_by >= self.profile.today()

    @property
    def state(self) -> State:
        """Its state, the same for both sides. Needs `with_question`."""
        if self.answer:
            return State.ACCEPTED if self.answer == self.Answer.ACCEPTED else State.DECLINED
        if self.withdrawn_at:
            return State.WITHDRAWN
        if not self.is_waiting:
            return State.OVER
        return State.QUESTION if self.has_question else State.WAITING

    def respond(self, answer: str, *, by: User) -> bool:
        """Accept or decline; what was declined can still be accepted in time. Returns whether it was done."""
        before = ["", self.Answer.DECLINED] if answer == self.Answer.ACCEPTED else [""]
        rows = TalkInvitation.objects.filter(
            pk=self.pk, answer__in=before, withdrawn_at=None, answer_by__gte=self.profile.today()
        )
        return bool(rows.update(answer=answer, answered_by=by, answered_at=timezone.now()))

    def withdraw(self) -> bool:
        """Take it back while it is not answered. Returns whether it was done."""
        return bool(
            TalkInvitation.objects.filter(pk=self.pk, answer="", withdrawn_at=None).update(withdrawn_at=timezone.now())
        )


class TalkMessageQuerySet(models.QuerySet):
    def delivered(self) -> Self:
        """Return the messages that the profile's editors see: none of a client that was sent after they blocked it.

        Nor after they blocked another client of its author or of the invitation's sender. The client cannot tell.
        """
        columns = ("invitation__profile", "invitation__client", "invitation__sent_by", "author")
        before = _blocks(Block.objects.all(), *columns).filter(blocked_at__lte=OuterRef("sent_at"))
        return self.filter(Q(is_from_client=False) | ~Exists(before) & ~_was_blocked(*columns))


class TalkMessage(models.Model):
    """A message of one side about an invitation: a question, its answer, a reason."""

    invitation = models.ForeignKey(TalkInvitation, models.CASCADE, related_name="messages")
    is_from_client = models.BooleanField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = Lines(max_length=2000)
    sent_at = models.DateTimeField(default=timezone.now)
    submission = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)

    objects = TalkMessageQuerySet.as_manager()

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="talk_message_says_something", condition=~Q(text=""), violation_error_message="Enter a message"
            )
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"
