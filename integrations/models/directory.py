"""What a client's directory has told us: people and groups, and the tokens with which it tells."""

import secrets
import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common.text import Line
from integrations.models.token import RANDOM_BYTES, digest_of
from profiles.models import Client, ClientMembership, User


class DirectoryTokenQuerySet(models.QuerySet["DirectoryToken"]):
    def in_force(self) -> Self:
        """Return the tokens that work now, whoever made them: a directory outlives the admin who connected it."""
        return self.filter(client__is_active=True, revoked_at=None, expires_at__gt=timezone.now())

    def revoke(self, *, by: User) -> int:
        """End them for good. Returns how many were not ended before."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by)


class DirectoryToken(models.Model):
    """What a client's directory proves itself with. Only a digest is stored."""

    PREFIX = "dcm_scim_"
    LASTS = timedelta(days=365)
    MOST = 2  # a client: one in use, and one to replace it

    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False)  # the last characters, to tell tokens apart
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = DirectoryTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="directory_token_expires_within_a_year",
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + timedelta(days=366)),
                violation_error_message="A token expires within a year",
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.ending}"

    @classmethod
    def make(cls, client: int, *, by: User) -> tuple["DirectoryToken", str]:
        """Return a new token and its secret, which can be shown this one time."""
        secret = cls.PREFIX + secrets.token_hex(RANDOM_BYTES)
        values = {"digest": digest_of(secret), "ending": secret[-4:], "expires_at": timezone.now() + cls.LASTS}
        return cls.objects.create(client_id=client, made_by=by, **values), secret


class DirectoryEntry(models.Model):
    """An entry as the directory sent it. `resource` is what the protocol says of it, without what columns hold."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    resource = models.JSONField()
    external_id = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["created_at", "pk"]

    @property
    def etag(self) -> str:
        return f'W/"{self.version}"'


class DirectoryPerson(DirectoryEntry):
    """A person of a client's directory. `user` is whose account it is about, once there is one that it may give access.

    Access is a membership of the client, which an admin can also end here. So `is_active` is what the directory wants,
    and the membership is what is.
    """

    user_name = models.TextField()
    user_name_key = models.TextField(editable=False)  # as names are compared
    name = Line(max_length=100, blank=True)
    email = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="directory_people"
    )

    class Meta(DirectoryEntry.Meta):
        verbose_name = "person of a directory"
        verbose_name_plural = "people of directories"
        constraints = [
            models.UniqueConstraint(fields=["client", "user_name_key"], name="directory_person_once"),
            models.UniqueConstraint(fields=["client", "user"], name="directory_person_of_one_account"),
        ]
        indexes = [models.Index(fields=["client", "external_id"], name="directory_person_external")]

    def __str__(self) -> str:
        return self.user_name


class DirectoryGroup(DirectoryEntry):
    """A group of a client's directory. `role` is Admin if an admin chose that its people are admins here, or ""."""

    name = models.TextField()
    role = models.CharField(max_length=10, choices=ClientMembership.Role, blank=True)
    people = models.ManyToManyField(DirectoryPerson, related_name="groups")

    class Meta(DirectoryEntry.Meta):
        verbose_name = "group of a directory"
        verbose_name_plural = "groups of directories"
        constraints = [
            models.CheckConstraint(
                name="directory_group_of_admins_or_not", condition=Q(role__in=["", ClientMembership.Role.ADMIN])
            ),
        ]

    def __str__(self) -> str:
        return self.name
