"""The listings that a search reads."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from profiles.models import Profile

# What a search asks of a row: with it in an index, a page is read in its order without the table.
READ = ["state", "hourly_rate", "valid_until", "terms"]


class UncompressedSearchVector(SearchVectorField):
    """A search vector stored without compression: a scan of an index would unpack it for each row."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return f"{super().db_type(connection)} STORAGE EXTERNAL"


class ListingRow(models.Model):
    """The columns of a profile that a search reads, in one narrow row. It does not decide who sees what.

    The database writes it, in the transaction that changes what it is made of; see sourcing/sql/README.md. `terms`
    holds the words of the profile and, each as one lexeme that no word can be, the rest of what is filtered for.
    """

    profile = models.OneToOneField(Profile, models.DB_CASCADE, primary_key=True, related_name="+")
    active_at = models.DateTimeField()
    name_key = models.TextField()
    state = models.CharField(max_length=2)
    hourly_rate = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    terms = SearchVectorField()

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return self.name_key


class Listing(ListingRow):
    """Every active profile, certified or not."""

    class Meta(ListingRow.Meta):
        indexes = [
            models.Index(fields=["-active_at", "-profile"], name="listing_active"),
            models.Index(fields=["name_key", "profile"], name="listing_name"),
            GinIndex(fields=["terms"], name="listing_terms", fastupdate=False),
        ]


class CertifiedListing(ListingRow):
    """The active profiles whose owner agreed to be found by a certification, and which have one.

    Of certifications a row says what there may be, never what someone may see: each profile that it proposes is put
    to the rule before anybody is told. Who expired more than two days ago has none, or soon no more. A table of its
    own, so that the database knows how frequent each term is here. `terms` is kept so short that an entry of an index
    holds it.
    """

    terms = UncompressedSearchVector()
    valid_until = models.DateField()

    class Meta(ListingRow.Meta):
        indexes = [
            models.Index(fields=["-active_at", "-profile"], include=READ, name="listing_certified_active"),
            models.Index(fields=["name_key", "profile"], include=READ, name="listing_certified_name"),
            GinIndex(fields=["terms"], name="listing_certified_terms", fastupdate=False),
        ]
