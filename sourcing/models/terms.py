"""The terms that a client accepts before its members search."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.text import Line
from profiles.models import Client


class TermsAcceptance(models.Model):
    """A client admin's acceptance of a version of the inclusive-use terms (`sourcing.terms`) for all members."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="terms_acceptances")
    version = models.CharField(max_length=20)
    purpose = Line("what you use it for", max_length=500)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-accepted_at", "-pk"]
        verbose_name = "acceptance of terms"
        verbose_name_plural = "terms accepted"
        constraints = [
            models.UniqueConstraint(name="terms_accepted_once_a_version", fields=["client", "version"]),
            models.CheckConstraint(
                name="terms_accepted_for_a_purpose",
                condition=~Q(purpose=""),
                violation_error_message="Say what you use it for",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}: terms of {self.version}"
