"""What clients agreed to before they search, and the listing that a search reads."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from profiles.models import Client, Profile


class TermsAcceptance(models.Model):
    """That a client's admin accepted a version of the inclusive-use terms (`sourcing.terms`) for all its members."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="terms_acceptances")
    version = models.CharField(max_length=20)
    purpose = models.CharField("what you use it for", max_length=500)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-accepted_at", "-pk"]
        verbose_name = "acceptance of the terms"
        verbose_name_plural = "acceptances of the terms"
        constraints = [
            models.UniqueConstraint(name="terms_accepted_once_a_version", fields=["client", "version"]),
            models.CheckConstraint(
                name="terms_accepted_for_a_purpose",
                condition=~Q(purpose=""),
                violation_error_message="Say what you use it for.",
            ),
        ]

    def __str__(self):
        return f"{self.client}: terms of {self.version}"


class Listing(models.Model):
    """What a search reads of an active profile, in one narrow row. It decides nothing about who sees what.

    The database writes it, in the transaction that changes what it is made of (migration 0002). `terms` holds the
    words of the profile and, each as one lexeme that no word can be, the rest of what is filtered for; see
    `sourcing.listing`. Of certifications it says what a profile may have, never what somebody may see: each profile
    that it proposes is put to the rule before anybody is told.
    """

    profile = models.OneToOneField(Profile, models.DB_CASCADE, primary_key=True, related_name="listing")
    active_at = models.DateTimeField()
    name_key = models.TextField()
    state = models.CharField(max_length=2)
    hourly_rate = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    is_certified = models.BooleanField()
    valid_until = models.DateField(null=True)
    terms = SearchVectorField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["-active_at", "-profile"], name="listing_active"),
            models.Index(fields=["name_key", "profile"], name="listing_name"),
            GinIndex(fields=["terms"], name="listing_terms", fastupdate=False),
            models.Index(
                fields=["-active_at", "-profile"], name="listing_certified_active", condition=Q(is_certified=True)
            ),
            models.Index(fields=["name_key", "profile"], name="listing_certified_name", condition=Q(is_certified=True)),
            GinIndex(
                fields=["terms"], name="listing_certified_terms", condition=Q(is_certified=True), fastupdate=False
            ),
        ]

    def __str__(self):
        return self.name_key
