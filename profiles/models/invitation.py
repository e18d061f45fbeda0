"""Invitations to join an agency or a client."""

from datetime import timedelta
from typing import Self, cast

from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from common.text import Address, with_article
from profiles.models.client import Client
from profiles.models.profile import Membership, Profile
from profiles.models.user import User


class InvitationQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Filter to invitations that can still be accepted."""
        return self.filter(accepted_at=None, withdrawn_at=None, created_at__gt=timezone.now() - Invitation.LASTS)


class Invitation(models.Model):
    """An offer by email to join an agency or a client. Its link is signed and expires."""

    LASTS = timedelta(days=7)

    profile = models.ForeignKey(Profile, models.CASCADE, null=True, blank=True, related_name="invitations")
    client = models.ForeignKey(Client, models.CASCADE, null=True, blank=True, related_name="invitations")
    email = Address("email address")
    role = models.CharField(max_length=10)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = "member invitation"
        constraints = [
            models.CheckConstraint(
                name="invitation_to_one_place",
                condition=Q(profile=None, client__isnull=False) | Q(profile__isnull=False, client=None),
                violation_error_message="An invitation is to a profile or to a client",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.place}"

    def get_absolute_url(self) -> str:
        return reverse("profiles:invitation", args=[self.token])

    @property
    def place(self) -> Profile | Client:
        """The profile or the client that it invites to."""
        return self.profile or cast(Client, self.client)  # one of them is set, by a constraint

    @property
    def is_open(self) -> bool:
        """True while it can be accepted. Same rule as `InvitationQuerySet.open`."""
        return type(self).objects.open().filter(pk=self.pk).exists()

    @property
    def role_words(self) -> str:
        """The role with its article, such as "a member"."""
        return with_article(Membership.Role(self.role).label.lower())

    @property
    def token(self) -> str:
        return signing.dumps(self.pk, salt="profiles.invitation")

    @classmethod
    def from_token(cls, token: str) -> "Invitation | None":
        """Return the invitation of `token`, answered or not, or None if the link is forged or too old."""
        try:
            pk = signing.loads(token, salt="profiles.invitation", max_age=cls.LASTS)
        except signing.BadSignature:
            return None
        return cls.objects.select_related("profile", "client", "invited_by").filter(pk=pk).first()
