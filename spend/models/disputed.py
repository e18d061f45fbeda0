"""Payments that owners say are not theirs."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils import timezone

from profiles.models import Profile


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class Disputed(models.Model):
    """A payment that an editor of its profile says is not theirs. It counts for no client, nor does what follows it.

    It is named by its number in the marketplace's books, so a correction changes nothing about it. If the correction
    gives the payment to another profile, that one decides anew. The client is never told who said so.
    """

    profile = models.ForeignKey(Profile, models.DB_CASCADE, related_name="+")
    external_id = models.CharField("number of the payment", max_length=80)
    disputed_at = models.DateTimeField(default=timezone.now)
    disputed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-disputed_at", "-pk"]
        verbose_name = "disputed payment"
        constraints = [models.UniqueConstraint(name="disputed_once", fields=["profile", "external_id"])]

    def __str__(self) -> str:
        return f"Payment {self.external_id}"
