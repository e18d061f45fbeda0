"""Webhooks: an address of a client's system, what it is told, and each attempt to tell it."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from common.sealing import is_readable, sealed, unsealed
from integrations.webhooks.signing import new_secret
from profiles.models import Client
from rollout.models import RolloutPolicy
from spend.models import Goal


class EventType(models.TextChoices):
    """What a webhook tells of. What each means is in `integrations.webhooks.events`."""

    CERTIFICATION_CHANGED = "certification.changed", "A certification changed that your system has"
    REPORT_READY = "report.ready", "A report was issued"
    REPORT_SUPERSEDED = "report.superseded", "A report was superseded"
    EXPORT_READY = "export.ready", "An export is ready"
    IMPORT_FINISHED = "import.finished", "Payments were imported"
    GOAL_CROSSED = "goal.crossed", "A goal was reached, or lost again"
    MEMBER_DEPROVISIONED = "member.deprovisioned", "A member left"
    TEST = "webhook.test", "A test"


class WebhookQuerySet(models.QuerySet):
    def on(self) -> Self:
        """Filter to webhooks that are turned on."""
        return self.filter(off_at=None)

    def told(self, policy: RolloutPolicy) -> Self:
        """Filter to webhooks that are on, of clients that may be told anything."""
        return self.on().filter(client__is_active=True, client__plan__in=policy.plans)

    def forget_old_secrets(self) -> int:
        """Delete the previous secrets that sign no more. Returns how many."""
        return self.filter(previous_until__lte=timezone.now()).update(previous_secret="", previous_until=None)


class Webhook(models.Model):
    """An address that is told of events of a client. It signs with a secret that the client's system knows."""

    class Off(models.TextChoices):
        """Why a webhook is off."""

        ADMIN = "admin", "An admin turned it off"
        GONE = "gone", "Its address answered that it is gone (410)"
        FAILING = "failing", "An event could not be delivered in three days"

    ROTATION = timedelta(hours=24)  # how long the previous secret signs too
    MOST = 20  # of a client

    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="webhooks")
    address = models.TextField()
    description = models.TextField(blank=True)
    events = ArrayField(models.TextField(choices=EventType), default=list)
    secret = models.TextField("secret, sealed")
    previous_secret = models.TextField("previous secret, sealed", blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")
    off_at = models.DateTimeField(null=True, blank=True)
    off_because = models.TextField(choices=Off, blank=True)
    # Until then, one worker sends to it and no other does.
    busy_until = models.DateTimeField(null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["address", "pk"]
        constraints = [
            models.CheckConstraint(
                name="webhook_off_because",
                condition=Q(off_at=None, off_because="") | Q(off_at__isnull=False) & ~Q(off_because=""),
                violation_error_message="A webhook that is off says why",
            ),
            models.CheckConstraint(
                name="webhook_previous_until",
                condition=Q(previous_secret="", previous_until=None)
                | Q(previous_until__isnull=False) & ~Q(previous_secret=""),
                violation_error_message="A previous secret has an end",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return reverse("integrations:webhook", args=[self.pk])

    def set_secret(self) -> None:
        """Give a new webhook its first secret."""
        self.secret = sealed(new_secret())

    @property
    def shown_secret(self) -> str:
        """The secret as its client's admins may read it, or "" if it can't be read any more."""
        return unsealed(self.secret) if self.can_sign else ""

    @property
    def can_sign(self) -> bool:
        """False once no key of the site reads the secret any more."""
        return is_readable(self.secret)

    def secrets_at(self, moment: datetime) -> list[str]:
        """Return the secrets that sign at a moment, the newest first. Raises Unreadable if that can't be read."""
        tokens = [self.secret]
        if self.previous_until and moment < self.previous_until and is_readable(self.previous_secret):
            tokens.append(self.previous_secret)
        return [unsealed(token) for token in tokens]

    def rotate(self) -> bool:
        """Replace the secret. The one before signs too for a day, if it can be read.

        Returns False if someone else did it meanwhile.
        """
        mine = Webhook.objects.filter(pk=self.pk, secret=self.secret)
        until = timezone.now() + self.ROTATION if self.can_sign else None
        before = self.secret if until else ""
        return bool(mine.update(secret=sealed(new_secret()), previous_secret=before, previous_until=until))

    @property
    def is_rotating(self) -> bool:
        """True while the previous secret signs too."""
        return self.previous_until is not None and timezone.now() < self.previous_until

    def turn_off(self, because: Off) -> bool:
        """Stop sending. What waits counts as failed, and can be sent again. Returns False if it was off already."""
        if not Webhook.objects.on().filter(pk=self.pk).update(off_at=timezone.now(), off_because=because):
            return False
        Delivery.objects.waiting().filter(webhook=self.pk).update(state=Delivery.State.FAILED, next_try_at=None)
        return True

    def turn_on(self) -> None:
        Webhook.objects.filter(pk=self.pk).update(off_at=None, off_because="")


class DeliveryQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Filter to those that are still to be sent, now or later."""
        return self.filter(state=Delivery.State.WAITING)

    def due(self, policy: RolloutPolicy) -> Self:
        """Filter to those that are to be sent now. None of a client that may not be told anything."""
        told = Webhook.objects.told(policy)
        return self.waiting().filter(next_try_at__lte=timezone.now(), webhook__in=told)

    def drop(self, policy: RolloutPolicy) -> int:
        """Count as failed what waits for a client that may not be told anything now. Returns how many."""
        told = Webhook.objects.told(policy)
        return self.waiting().exclude(webhook__in=told).update(state=Delivery.State.FAILED, next_try_at=None)

    def with_attempts(self) -> Self:
        """Add `attempts_made`, and what came of the last attempt: `last_status`, `last_said`."""
        made = Attempt.objects.filter(delivery=OuterRef("pk"))
        count = made.order_by().values("delivery").values(count=Count("pk"))
        return self.annotate(
            attempts_made=Coalesce(Subquery(count), 0),
            last_status=Subquery(made.values("status")[:1]),
            last_said=Subquery(made.values("said")[:1]),
        )


class Delivery(models.Model):
    """An event that a webhook is told of. Its key is the `webhook-id`, which stays the same over all attempts."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    KEPT_FOR = timedelta(days=30)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, models.DB_CASCADE, related_name="deliveries")
    type = models.TextField(choices=EventType)
    data = models.JSONField(default=dict)
    happened_at = models.DateTimeField(default=timezone.now)
    state = models.TextField(choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)  # since it was last asked for
    next_try_at = models.DateTimeField(default=timezone.now, null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at", "-pk"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["webhook", "-happened_at", "-id"], name="delivery_log"),
            models.Index(fields=["webhook", "next_try_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["happened_at"], name="delivery_age"),
        ]
        constraints = [
            models.CheckConstraint(
                name="delivery_waits_until",
                condition=Q(state="waiting", next_try_at__isnull=False) | ~Q(state="waiting") & Q(next_try_at=None),
                violation_error_message="What waits has the time of its next attempt",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.key}"

    def get_absolute_url(self) -> str:
        return reverse("integrations:delivery", args=[self.webhook_id, self.key])

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_delivered(self) -> bool:
        return self.state == self.State.DELIVERED


class Attempt(models.Model):
    """One attempt to deliver: when, how long it took, and what the address answered.

    `status` is that of HTTP. Without an answer it is None, and `said` has the reason; else the start of the answer.
    """

    KEPT_BYTES = 1_000  # of the answer

    delivery = models.ForeignKey(Delivery, models.DB_CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    said = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.status or self.said}, {self.at:%Y-%m-%d %H:%M:%S}"


class ToldGoal(models.Model):
    """A goal of which a client's webhooks know that it is reached. The row goes once they are told that it isn't."""

    goal = models.OneToOneField(Goal, models.DB_CASCADE, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Goal {self.goal_id}"
