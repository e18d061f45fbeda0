"""People who sign in."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models.functions import Lower

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

    def get_full_name(self) -> str:
        return self.name or self.email

    get_short_name = get_full_name
