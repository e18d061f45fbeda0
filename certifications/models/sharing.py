"""The owner's choices about who sees certifications: consents, pauses, named clients and blocks."""

from collections.abc import Sequence
from typing import Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Expression, F, OuterRef, Q
from django.utils import timezone

from common.compiled import IsAmong
from profiles.models import Client, Profile


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Consent(models.Model):
    """The owner's last answer about one purpose of a profile's certifications, and the plans that it covers.

    The texts are in `certifications.sharing.consents`. What the owner declined since is kept apart. A "no" to a wider
    audience therefore leaves the earlier consent as it was, and is not asked again.
    """

    class Purpose(models.TextChoices):
        SHOW = "show", "Show certifications on my profile"
        FIND = "find", "Let clients find me by certification"
        COUNT = "count", "Include me in diversity-spend reports"
        MEMBERS = "members", "Let members of this agency see its certifications"

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=10, choices=Purpose)
    is_given = models.BooleanField("agreed")
    version = models.CharField("version of the text", max_length=20)
    plans = ArrayField(models.CharField(max_length=20, choices=Client.Plan), verbose_name="clients agreed to")
    declined_version = models.CharField("declined version of the text", max_length=20, blank=True)
    declined_plans = ArrayField(
        models.CharField(max_length=20, choices=Client.Plan), default=list, verbose_name="clients declined"
    )
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="consent_once_a_purpose", fields=["profile", "purpose"])]

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_purpose_display()}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Pause(models.Model):
    """The owner's switch that hides all certifications of a profile, until a day or until they are shown again."""

    profile = models.OneToOneField(Profile, models.CASCADE, related_name="certification_pause")
    paused_at = models.DateTimeField(default=timezone.now)
    # The first day on which they are shown again, from midnight in the profile's time zone.
    until = models.DateField("shown again on", null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.profile}, until {self.until or 'shown again'}"


class NamedClientQuerySet(models.QuerySet["NamedClient"]):
    def in_audience(self, plans: Sequence[str], agreed: Expression | F | OuterRef) -> Self:
        """Return the named clients that are active and on one of `plans` that SQL's array `agreed` also has."""
        return self.filter(IsAmong(F("client__plan"), agreed), client__is_active=True, client__plan__in=plans)


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class NamedClient(models.Model):
    """A client that an owner chose to show one certification to."""

    certification = models.ForeignKey("Certification", models.CASCADE, related_name="named_clients")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)

    objects = NamedClientQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="named_client_once", fields=["certification", "client"])]

    def __str__(self) -> str:
        return f"Named client {self.pk}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class Block(models.Model):
    """A client whose members see no trace of a profile's certifications. Only the profile's editors know of it.

    The database itself deletes it with the client, so that staff who delete a client do not learn who blocked it.
    """

    profile = models.ForeignKey(Profile, models.DB_CASCADE, related_name="certification_blocks")
    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="+")
    blocked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = "blocked client"
        constraints = [models.UniqueConstraint(name="block_once", fields=["profile", "client"])]

    def __str__(self) -> str:
        return f"Block {self.pk}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class UnusedType(models.Model):
    """A type that a client may not use or does not want to use. None of its members sees certifications of it."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="unused_types")
    type = models.ForeignKey("CertificationType", models.CASCADE, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = "type turned off by a client"
        verbose_name_plural = "types turned off by clients"
        constraints = [models.UniqueConstraint(name="unused_type_once", fields=["client", "type"])]

    def __str__(self) -> str:
        return f"{self.client} does not use {self.type}"


class ClientView(models.Model):
    """A profile view: the members of one client who were shown a profile's certifications on one day of its owner's.

    `readers` holds a keyed hash of each member, which changes every day. Each is counted once a day, and no one can be
    followed or named. `filters` holds the values of the search that led there, by the names of the search's fields.
    """

    class Surface(models.TextChoices):
        PAGE = "page", "On your profile"
        SEARCH = "search", "In a search"
        SHORTLIST = "shortlist", "On a list of theirs"
        EXPORT = "export", "In a file"
        API = "api", "In a system of theirs"

    KEPT_DAYS = 400

    profile = models.ForeignKey(Profile, models.DB_CASCADE, related_name="certification_views")
    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="+")
    surface = models.CharField(max_length=10, choices=Surface)
    day = models.DateField()  # in the profile's time zone, by the database's clock
    filters = models.JSONField(default=dict)
    readers = ArrayField(models.BigIntegerField())
    count = models.GeneratedField(
        expression=models.Func("readers", function="cardinality"),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-day", "-pk"]
        verbose_name = "view by a client"
        verbose_name_plural = "views by clients"
        constraints = [
            models.UniqueConstraint(name="client_view_once_a_day", fields=["profile", "client", "surface", "day"]),
            models.CheckConstraint(
                name="client_view_by_someone",
                condition=Q(readers__len__gte=1),
                violation_error_message="A view is by someone",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="client_view_day")]

    def __str__(self) -> str:
        return f"View {self.pk}"


class DigestSubscription(models.Model):
    """An editor's subscription to the weekly email about profile views."""

    profile = models.ForeignKey(Profile, models.DB_CASCADE, related_name="digest_subscriptions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="+")

    class Meta:
        verbose_name = "weekly email"
        constraints = [models.UniqueConstraint(name="digest_subscription_once", fields=["profile", "user"])]

    def __str__(self) -> str:
        return f"Digest {self.pk}"


class ReminderStop(models.Model):
    """An editor's choice to get no reminders of a certification. Other editors still get theirs."""

    certification = models.ForeignKey("Certification", models.CASCADE, related_name="reminder_stops")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "reminders turned off"
        verbose_name_plural = "reminders turned off"
        constraints = [models.UniqueConstraint(name="reminder_stop_once", fields=["certification", "user"])]

    def __str__(self) -> str:
        return f"Reminder stop {self.pk}"


class SentMail(models.Model):
    """A note that an email about a profile was posted. Only one of two machines can write it, and so post the email."""

    profile = models.ForeignKey(Profile, models.DB_CASCADE, related_name="+")
    key = models.CharField(max_length=120, unique=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "email sent"
        verbose_name_plural = "emails sent"

    def __str__(self) -> str:
        return self.key


class ErasureCount(models.Model):
    """The number of profiles that erased their certification data on a day. Nothing else of an erasure is kept."""

    day = models.DateField(unique=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        verbose_name = "day of deletions by owners"
        verbose_name_plural = "data deleted by owners"

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"


class PublicNumbers(models.Model):
    """The counts of all certifications that everyone may read, as of one day. Each is rounded."""

    as_of = models.DateField(unique=True)
    numbers = models.JSONField()

    class Meta:
        ordering = ["-as_of"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"Public numbers as of {self.as_of}"
