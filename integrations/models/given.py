"""What of certifications the API gave to a client, so that it can be told what to delete again."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from certifications.models import Certification
from profiles.models import Client


class Given(models.Model):
    """A certification that a client was given through the API, under a key that no other client has for it.

    It says nothing about the certification. If that is deleted, the row stays without it, so that the client's system
    is told to delete it, too.
    """

    KEPT_DAYS = 400  # after the client was told that it is gone for good

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    certification = models.ForeignKey(Certification, models.SET_NULL, null=True, related_name="given")
    key = models.UUIDField(unique=True)
    given_at = models.DateTimeField()  # for the first time, or again after it was gone
    gone_at = models.DateTimeField(null=True)  # when the client was told that it may not be shown it any more
    # What the client's webhooks were told: the newest change, and that it may not be shown it any more.
    told_change_at = models.DateTimeField(null=True)
    is_told_gone = models.BooleanField(db_default=False)

    class Meta:
        default_permissions = ()
        verbose_name = "certification in a client's system"
        verbose_name_plural = "certifications in clients' systems"
        constraints = [models.UniqueConstraint(name="given_once_a_client", fields=["client", "certification"])]
        indexes = [models.Index(fields=["client", "id"], name="given_of_client")]

    def __str__(self) -> str:
        return str(self.key)


def remove_old() -> int:
    """Delete what is left of certifications that were deleted, once clients had a year to be told. Return how many."""
    long_ago = timezone.now() - timedelta(days=Given.KEPT_DAYS)
    return Given.objects.filter(certification=None, gone_at__lt=long_ago).delete()[0]
