"""What a client's directory has told us: people and groups, and the tokens with which it tells."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common.text import Line
from integrations.models.token import LONGEST, ClientToken, ClientTokenQuerySet
from profiles.models import Client, ClientMembership, User


class DirectoryToken(ClientToken):
    """What a client's directory proves itself with. It outlives the membership of the admin who made it."""

    PREFIX = "dcm_scim_"
    LASTS = timedelta(days=365)
    MOST = 2  # a client: one in use, and one to replace it

    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = ClientTokenQuerySet.as_manager()

    class Meta(ClientToken.Meta):
        constraints = [
            models.CheckConstraint(
                name="directory_token_expires_within_a_year",
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST),
                violation_error_message="A token expires within a year",
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.ending}"

    @classmethod
    def make(cls, client: int, *, by: User) -> tuple["DirectoryToken", str]:
        """Return a new token and its secret, which can be shown this one time."""
        token = cls(client_id=client, made_by=by, expires_at=timezone.now() + cls.LASTS)
        secret = token.draw()
        token.save()
        return token, secret


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
