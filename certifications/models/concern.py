"""Concerns: reports by people about certifications that they were shown, and the outcomes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from certifications.models.record import Certification
from common.text import Line, Lines
from profiles.models import Client, Profile


class Concern(models.Model):
    """A report to staff. Its reporter sees their own words and the outcome, and nothing of the record itself."""

    class Kind(models.TextChoices):
        FALSE = "false", "Something shown isn't true"
        NOT_THEIRS = "not_theirs", "The certificate belongs to another business"
        DISCRIMINATION = "discrimination", "Someone uses it to treat people unfairly"
        OTHER = "other", "Something else"

    class Outcome(models.TextChoices):
        ACTED = "acted", "We found a reason to act, and did"
        UNFOUNDED = "unfounded", "We looked into it and found no reason to act"
        ELSEWHERE = "elsewhere", "Someone else has to decide this, and we told you who"

    # The address of the reporter's page. It reveals neither the number of concerns nor who reported them.
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="concerns")
    certification = models.ForeignKey(
        Certification, models.SET_NULL, null=True, related_name="concerns", verbose_name="record"
    )
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField("what it is about", max_length=20, choices=Kind)
    text = Lines("in your words", max_length=2000)
    reported_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    outcome_note = Line("note to the reporter", max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-reported_at", "-pk"]
        permissions = [("close_concern", "Can close concerns")]
        constraints = [
            models.CheckConstraint(
                name="concern_closed_with_an_outcome",
                condition=Q(outcome="", closed_at=None) | (~Q(outcome="") & Q(closed_at__isnull=False)),
                violation_error_message="A closed concern has an outcome and a time",
            )
        ]

    class AlreadyClosed(Exception):
        """Someone else has closed it in the meantime."""

    def __str__(self) -> str:
        return f"Concern {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("certifications:concern_receipt", args=[self.reference])

    @property
    def number(self) -> str:
        """The number that people call it by: the first eight characters of its reference."""
        return self.reference.hex[:8].upper()
