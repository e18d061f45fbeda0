"""The tokens with which a client's systems prove themselves, and those by which its programs use the API."""

import ipaddress
import secrets
import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self

from allauth.idp.oidc.models import Client as OAuthClient
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from common.text import Line
from profiles.models import Client, ClientMembership, User

RANDOM_BYTES = 32
LONGEST = timedelta(days=366)


def digest_of(secret: str) -> str:
    """Return what is stored of a token. It is random and long, so a plain hash can't be guessed back."""
    return sha256(secret.encode(errors="surrogateescape")).hexdigest()


class ClientTokenQuerySet(models.QuerySet):
    def of(self, client_pk: int) -> Self:
        """Return the tokens of a client."""
        return self.filter(client=client_pk)

    def in_force(self) -> Self:
        """Return the tokens that work now."""
        return self.filter(client__is_active=True, revoked_at=None, expires_at__gt=timezone.now())

    def revoke(self, *, by: User | None) -> int:
        """End them for good, without `by` because their maker left. Returns how many were not ended before."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by)


class ClientToken(models.Model):
    """A token of one client. Only a digest of its secret is stored."""

    PREFIX: str  # of its secret

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False)  # the last characters, to tell tokens apart
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    # How many days before its end the last email told of that. None before the first.
    announced_days = models.PositiveSmallIntegerField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
        ordering = ["-pk"]

    def draw(self) -> str:
        """Give it a new secret, and return that. Only its digest is stored, so this is the one time it can be shown."""
        secret = self.PREFIX + secrets.token_hex(RANDOM_BYTES)
        self.digest, self.ending = digest_of(secret), secret[-4:]
        return secret

    def note_use(self, at: datetime) -> None:
        """Store the day of its last use, once a day."""
        today = at.date()
        if self.last_used_on != today:
            type(self)._default_manager.filter(pk=self.pk).update(last_used_on=today)


class AccessTokenQuerySet(ClientTokenQuerySet):
    def with_maker(self) -> Self:
        """Annotate `is_of_admin`: whether the person who made it is still an active admin of the client."""
        admins = ClientMembership.objects.filter(
            user=OuterRef("made_by"), client=OuterRef("client"), role=ClientMembership.Role.ADMIN, user__is_active=True
        )
        return self.annotate(is_of_admin=Exists(admins))

    def in_force(self) -> Self:
        """Return the tokens that work now. The power of a token ends with that of the person who made it."""
        return super().in_force().with_maker().filter(is_of_admin=True)


class AccessToken(ClientToken):
    """A token of one client. It acts as the admin who made it, as a member of that client and as nothing else.

    So what it is given is what that member may be given, and it works only as long as they are an active admin.
    """

    class Scope(models.TextChoices):
        """What a token may be used for."""

        CERTIFICATIONS = "certifications:read", "Read certifications"
        SHORTLISTS = "shortlists:read", "Read shortlists"
        SHORTLISTS_WRITE = "shortlists:write", "Create shortlists, and add and remove profiles"
        INVITATIONS = "invitations:read", "Read invitations"
        INVITATIONS_WRITE = "invitations:write", "Send and withdraw invitations"
        EXPORTS = "exports", "Create and download files of certifications and of spend reports"
        SPEND = "spend:read", "Read spend with certified businesses"

    # Scanners for leaked secrets find it by `dcm_live_[0-9a-f]{64}`: "diversity certifications of the marketplace".
    PREFIX = "dcm_live_"
    MOST = 20  # a client, without those that are over

    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = Line(max_length=80)
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope))
    # The networks from which it may be used, each in CIDR notation. None means any.
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    # The OAuth client whose secret it also is, by which a program gets tokens that last an hour.
    oauth = models.OneToOneField(OAuthClient, models.SET_NULL, null=True, editable=False, related_name="access_token")
    # The key of the form that it was made with, so that a second click makes no second one.
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    # What `with_maker` annotates.
    is_of_admin: bool

    objects = AccessTokenQuerySet.as_manager()

    class Meta(ClientToken.Meta):
        constraints = [
            models.CheckConstraint(
                name="token_expires_within_a_year",
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST),
                violation_error_message="A token expires within a year",
            ),
            models.CheckConstraint(
                name="token_has_a_scope",
                condition=Q(scopes__len__gte=1),
                violation_error_message="Choose at least one",
            ),
            models.CheckConstraint(
                name="token_revoked_at_a_time",
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                violation_error_message="A revoked token says when it was revoked",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def connect(self, secret: str) -> None:
        """Make it the secret of an OAuth client, which may ask for what it may do and for nothing else."""
        client = OAuthClient(
            name=self.name,
            type=OAuthClient.Type.CONFIDENTIAL,
            grant_types=OAuthClient.GrantType.CLIENT_CREDENTIALS,
            response_types="",
            scopes="\n".join(self.scopes),
            default_scopes="\n".join(self.scopes),
        )
        client.set_secret(secret)
        client.save()
        self.oauth = client

    @property
    def scope_names(self) -> list[str]:
        """What it may be used for, in words."""
        return [self.Scope(scope).label for scope in self.scopes]

    @property
    def is_over(self) -> bool:
        """True once it is revoked or has expired."""
        return self.revoked_at is not None or self.has_expired

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def expires_soon(self) -> bool:
        return self.expires_at - timezone.now() < timedelta(days=30)

    def may_come_from(self, address: str) -> bool:
        """Return whether it may be used from this IP address."""
        if not self.networks:
            return True
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in ipaddress.ip_network(network) for network in self.networks)
