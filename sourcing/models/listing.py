"""The listing that a search reads."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from profiles.models import Profile


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
