"""How members of a client sign in through its own identity provider, and the email domains that are the client's."""

from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string

from common.sealing import unsealed
from common.text import Line
from integrations.hosts import in_ascii
from profiles.models import Client, User


def new_token() -> str:
    return get_random_string(32)


class EmailDomainQuerySet(models.QuerySet["EmailDomain"]):
    def verified(self) -> Self:
        """Filter to domains that are proved."""
        return self.filter(verified_at__isnull=False)


class IdentityProviderQuerySet(models.QuerySet["IdentityProvider"]):
    def in_use(self) -> Self:
        """Filter to providers that are on, of active clients, each with its client."""
        return self.filter(is_on=True, client__is_active=True).select_related("client")


class EmailDomain(models.Model):
    """A domain of a client's email addresses. It counts once a DNS record with its `token` proved it.

    The record is looked for again, and if it stays away for GRACE, the domain doesn't count any more.
    """

    GRACE = timedelta(days=14)

    client = models.ForeignKey(Client, models.CASCADE, related_name="email_domains")
    name = Line("domain", max_length=253)  # in ASCII and lowercase, as in an address
    token = models.CharField(max_length=32, default=new_token, editable=False)
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)  # again, since it was verified
    # Since when its record is not in the DNS any more, while it still counts.
    missing_since = models.DateTimeField(null=True)

    objects = EmailDomainQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "name"],
                name="email_domain_once",
                violation_error_message="Your organization has this domain already",
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(verified_at__isnull=False), name="email_domain_of_one_client"
            ),
            models.CheckConstraint(
                name="email_domain_lowercase", condition=Q(name__regex=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
            ),
            models.CheckConstraint(
                name="email_domain_missing_while_it_counts",
                condition=Q(missing_since=None) | Q(verified_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def counts_until(self) -> datetime | None:
        """The moment after which it doesn't count any more if its record stays away, or None if that is there."""
        return self.missing_since and self.missing_since + self.GRACE

    @property
    def record(self) -> str:
        """The text of the DNS record that proves the domain."""
        return f"marketplace-verification={self.token}"

    @staticmethod
    def of(address: str) -> str:
        """Return the domain of an email address, as `name` holds it. One that can't be encoded is returned as it is."""
        domain = address.rpartition("@")[2].lower()
        with suppress(ValueError):
            return in_ascii(domain)
        return domain


class IdentityProvider(models.Model):
    """A client's identity provider, and whom it signs in. Its settings are kept while it is off."""

    class Protocol(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML"

    client = models.OneToOneField(Client, models.CASCADE, related_name="identity_provider")
    protocol = models.CharField(max_length=10, choices=Protocol, default=Protocol.OIDC)
    issuer = Line(max_length=150)
    # OpenID Connect: what the provider calls us.
    client_key = Line("client ID", max_length=191, blank=True)
    client_secret = models.TextField("client secret, sealed", blank=True)
    # SAML: where the provider signs people in, and by which of its certificates, in base64.
    sign_in_url = models.TextField("address to sign in at", blank=True)
    certificates = ArrayField(models.TextField(), blank=True, default=list)
    is_on = models.BooleanField("on", default=False)
    adds_people = models.BooleanField("adds people", default=False)
    is_enforced = models.BooleanField("enforced", default=False)
    # The admin who can still use a password while the provider is enforced and, say, down.
    break_glass = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = IdentityProviderQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="identity_provider_enforced_while_on",
                condition=Q(is_enforced=False) | Q(is_on=True),
                violation_error_message="Turn on sign-in through your provider first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_protocol_display()} of {self.client}"

    @property
    def plain_secret(self) -> str:
        """The client secret as the provider gave it."""
        return unsealed(self.client_secret)

    @property
    def key(self) -> str:
        """What the accounts that it signs in are kept under.

        Another issuer, or another registration of the site at it, may use the same subjects for other people.
        """
        registration = self.client_key if self.protocol == self.Protocol.OIDC else ""
        return f"{self.client_id} {sha256(f'{self.protocol} {self.issuer} {registration}'.encode()).hexdigest()}"
