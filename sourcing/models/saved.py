"""Searches that a client's member keeps, and what each has found before."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from certifications.models import Consent
from common.text import Line
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from sourcing.models.shortlist import OfClientQuerySet


class SavedSearchQuerySet(OfClientQuerySet):
    def of(self, viewer: Viewer) -> Self:
        """Return the searches of `viewer` for the client they act for: a saved search is its member's own."""
        return self.filter(client=viewer.acts_for.pk, user=viewer.user)


class SavedSearch(models.Model):
    """A search under a name, about which its member may get emails."""

    class Frequency(models.TextChoices):
        NEVER = "", "No email"
        DAILY = "daily", "Daily, when there are new results"
        WEEKLY = "weekly", "Weekly, when there are new results"

    # A little less than a day or a week: the command that sends runs hourly.
    PERIODS = {Frequency.DAILY: timedelta(hours=23, minutes=30), Frequency.WEEKLY: timedelta(days=6, hours=23)}
    MOST = 50  # a member

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    name = Line(max_length=80)
    query = models.TextField("what is searched for, as in an address", max_length=2000, blank=True)
    frequency = models.CharField("email alerts", max_length=10, choices=Frequency, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # When it was last run for an email, and when it last found a new profile.
    run_at = models.DateTimeField(null=True)
    news_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "saved searches"
        constraints = [
            models.UniqueConstraint(
                F("client"),
                F("user"),
                Lower("name"),
                name="saved_search_name_once",
                condition=Q(removed_at=None),
                violation_error_message="You already have a saved search with this name",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the search itself."""
        return f"{reverse('sourcing:search')}?{self.query}"

    @property
    def news_url(self) -> str:
        """The address of the search, narrowed to profiles that it had not found before its last email."""
        return f"{reverse('sourcing:search')}?{self.query}{'&' if self.query else ''}new_in={self.pk}"


class SavedMatch(models.Model):
    """A profile that a saved search found in its last run. It tells which profiles are new, and is shown to no one.

    If it was found by a certification, that rests on a consent, and is deleted with it: so nothing is left of a
    profile that erased its certification data.
    """

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="matches")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="+")
    consent = models.ForeignKey(Consent, models.CASCADE, null=True, related_name="+")
    found_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(name="saved_match_once", fields=["search", "profile"])]

    def __str__(self) -> str:
        return f"Match {self.pk}"
