"""Requests that create something, by the key under which a program sends them."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from integrations.models.token import AccessToken


class IdempotentRequest(models.Model):
    """A request with an Idempotency-Key: the same again is not done again, and gets the same response.

    It is made before the request is done, and has a body once it is done.
    """

    KEPT_FOR = timedelta(hours=24)

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="+")
    key = models.TextField()
    request_digest = models.CharField(max_length=64)
    begun_at = models.DateTimeField(default=timezone.now)
    body = models.TextField(blank=True)  # of the answer

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(name="idempotent_once_a_token", fields=["token", "key"])]
        indexes = [models.Index(fields=["begun_at"], name="idempotent_age")]

    def __str__(self) -> str:
        return f"Request {self.pk}"


def remove_old() -> int:
    """Delete the requests whose time is over. Return how many."""
    return IdempotentRequest.objects.filter(begun_at__lt=timezone.now() - IdempotentRequest.KEPT_FOR).delete()[0]
