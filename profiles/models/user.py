"""People who sign in."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from common.text import Address, Line


class UserManager(DjangoUserManager["User"]):
    """Finds users by their email address, compared without case."""

    use_in_migrations = True

    def _create(self, email: str, password: str | None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an email address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._create(email, password, **{"is_staff": False, "is_superuser": False, **fields})

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._create(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def end_sessions(self, keys: Iterable[int]) -> None:
        """End all sessions of these people, wherever they are signed in."""
        self.filter(pk__in=keys).update(sessions_ended=F("sessions_ended") + 1)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractUser):
    """A person who signs in with an email address and a password."""

    class Purpose(models.TextChoices):
        FREELANCER = "freelancer", "Find work as a freelancer"
        AGENCY = "agency", "Find work for my agency"
        CLIENT = "client", "Hire talent"

    username = None
    first_name = None
    last_name = None
    email = Address("email address", unique=True, error_messages={"unique": "This address is taken"})
    name = Line(max_length=100, blank=True)
    # What they said they came for at sign-up; it only decides what the start page offers first.
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.FREELANCER)
    # How often all their sessions were ended. A session holds only with the number that it began with.
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        ordering = ["email", "pk"]
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_without_case")]

    def __str__(self) -> str:
        return self.email

    def end_sessions(self) -> None:
        """End all sessions of this person, wherever they are signed in."""
        type(self).objects.end_sessions([self.pk])
        self.refresh_from_db(fields=["sessions_ended"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must have been begun with to hold: the password, and how often sessions were ended."""
        begun_with = f"{self.password} {self.sessions_ended}"
        return salted_hmac("profiles.User.session", begun_with, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name or self.email

    get_short_name = get_full_name
