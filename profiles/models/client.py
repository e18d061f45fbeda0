"""Clients, and the people who act for them."""

from django.db import models
from django.urls import reverse

from common.searching import squashed_column
from common.text import Line
from profiles.models.user import User


class Client(models.Model):
    """An organization that buys. Its plan, while it is active, decides what its members may see."""

    class Plan(models.TextChoices):
        BASIC = "basic", "Basic"
        PLUS = "plus", "Plus"
        BUSINESS = "business", "Business"
        ENTERPRISE = "enterprise", "Enterprise"

    name = Line(max_length=100)
    slug = models.SlugField("address", max_length=80, unique=True, help_text="The last part of its page's address.")
    plan = models.CharField(max_length=20, choices=Plan, default=Plan.BASIC)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    users = models.ManyToManyField(User, through="ClientMembership", related_name="clients")
    name_key = models.GeneratedField(
        expression=squashed_column("name"), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("profiles:client", args=[self.slug])


class ClientMembership(models.Model):
    """A user's membership in a client."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"

    user = models.ForeignKey(User, models.CASCADE, related_name="client_memberships")
    client = models.ForeignKey(Client, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "client member"
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="client_membership_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.client}"
