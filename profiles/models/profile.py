"""Freelancers' and agencies' profiles, and the people who edit them."""

import re
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from common.folding import fold
from common.searching import query_of, typed_words, words_of
from common.text import Line, Lines
from profiles import places
from profiles.models.user import User


class LocalTime(Func):
    """SQL: the wall-clock time of a moment in a column's time zone, as a `timestamp without time zone`."""

    function = "timezone"
    output_field = models.DateTimeField()


if TYPE_CHECKING:
    from profiles.viewer import Viewer


class ProfileQuerySet(models.QuerySet):
    def active(self) -> Self:
        """Filter to profiles that staff have not taken down."""
        return self.filter(is_active=True)

    def visible_to(self, viewer: "Viewer") -> Self:
        """Filter to profiles whose page `viewer` may open: the active ones, and those they edit."""
        if not viewer.memberships:
            return self.active()
        return self.filter(Q(is_active=True) | Q(pk__in=viewer.managed_profile_ids))

    def matching(self, words: str) -> Self:
        """Filter to profiles with each of `words`, or a word that starts with it, in name, headline or skills."""
        terms = typed_words(words)
        if not terms:
            return self
        query = " & ".join(query_of(word, lambda part: f"'{part}':*") for word in terms)
        return self.filter(search=SearchQuery(query, search_type="raw", config="simple"))


class Profile(models.Model):
    """The public page of a freelancer or an agency. It knows nothing of certifications."""

    class Kind(models.TextChoices):
        FREELANCER = "freelancer", "Freelancer"
        AGENCY = "agency", "Agency"

    kind = models.CharField(max_length=20, choices=Kind)
    slug = models.SlugField("address", max_length=80, unique=True, help_text="The last part of its page's address.")
    name = Line(max_length=100)
    headline = Line(max_length=120, blank=True)
    overview = Lines(max_length=5000, blank=True)
    skills = ArrayField(models.CharField(max_length=50), blank=True, default=list, size=30)
    languages = ArrayField(models.CharField(max_length=50), blank=True, default=list, size=15)
    hourly_rate = models.DecimalField(
        "hourly rate (USD)",
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(9999)],
    )
    country = models.CharField(max_length=2, default=places.UNITED_STATES)
    state = models.CharField(max_length=2, blank=True)
    city = Line(max_length=80, blank=True)
    # Days are counted in the zone the owner lives in: a certificate's last day ends at their midnight.
    time_zone = models.CharField(max_length=40, default=places.DEFAULT_TIME_ZONE)
    photo = models.ImageField(upload_to="photos/", blank=True)
    is_active = models.BooleanField(
        "active", default=True, help_text="When off, the page answers as if it did not exist."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    users = models.ManyToManyField(User, through="Membership", related_name="profiles")
    search = models.GeneratedField(
        expression=SearchVector(words_of(F("name")), weight="A", config="simple")
        + SearchVector(words_of(F("headline")), weight="B", config="simple")
        + SearchVector(
            words_of(Func(F("skills"), Value(" "), function="text_array_join", output_field=models.TextField())),
            weight="B",
            config="simple",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            GinIndex(fields=["search"], name="profile_search"),
            models.Index(fields=["kind", "-id"], name="profile_kind", condition=Q(is_active=True)),
            models.Index(fields=["country", "state", "-id"], name="profile_place", condition=Q(is_active=True)),
            models.Index(fields=["hourly_rate"], name="profile_rate", condition=Q(is_active=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="profile_state_only_in_us",
                condition=Q(state="") | Q(country=places.UNITED_STATES),
                violation_error_message="Only a U.S. profile names a U.S. state",
            ),
            models.CheckConstraint(
                name="profile_territory_in_us",
                condition=~Q(country__in=places.TERRITORIES),
                violation_error_message="A U.S. territory is kept as a state of the United States",
            ),
            models.CheckConstraint(
                name="profile_rate_positive",
                condition=Q(hourly_rate=None) | Q(hourly_rate__gte=1),
                violation_error_message="The hourly rate is at least $1",
            ),
            models.CheckConstraint(
                # One unknown zone would break every query that counts days in it, so the database refuses it.
                name="profile_time_zone_known",
                condition=Q(
                    IsNull(LocalTime(F("time_zone"), Value(datetime(2000, 1, 1, tzinfo=UTC))), False),
                ),
                violation_error_message="Choose a time zone from the list",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("profile", kwargs={"kind": self.kind, "slug": self.slug})

    @property
    def is_agency(self) -> bool:
        return self.kind == self.Kind.AGENCY

    @property
    def is_in_us(self) -> bool:
        return self.country == places.UNITED_STATES

    @property
    def country_name(self) -> str:
        return places.country_name(self.country)

    @property
    def location(self) -> str:
        """City, state and country as far as known."""
        state = places.state_name(self.state) if self.state else ""
        return ", ".join(part for part in (self.city, state, self.country_name) if part)

    @property
    def rate(self) -> str:
        """The hourly rate, such as `$90` or `$87.50`; "" if there is none."""
        if self.hourly_rate is None:
            return ""
        return f"${self.hourly_rate:,.2f}".removesuffix(".00")

    @property
    def initials(self) -> str:
        words = re.findall(r"\w+", self.name) or ["?"]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @property
    def avatar_class(self) -> str:
        """The CSS class of one of the eight backgrounds behind the initials, always the same for a profile."""
        return f"avatar--{self.pk % 8}"

    @property
    def photo_url(self) -> str:
        return reverse("profiles:photo", args=[str(self.photo.name).rpartition("/")[2]]) if self.photo else ""

    def day_of(self, moment: datetime) -> date:
        """Return the date of `moment` where the owner lives."""
        return timezone.localdate(moment, ZoneInfo(self.time_zone))

    def today(self) -> date:
        """Return today's date where the owner lives."""
        return self.day_of(timezone.now())

    def in_its_time_zone(self) -> AbstractContextManager:
        """Return a context in which times are the owner's. Every page and email about the profile uses it."""
        return timezone.override(self.time_zone)

    @staticmethod
    def free_slug(name: str) -> str:
        """Return a slug for `name` that no profile has, ending in random letters if the plain one is taken."""
        base = slugify(fold(name))[:60] or "profile"
        slug = base
        while Profile.objects.filter(slug=slug).exists():
            slug = f"{base}-{get_random_string(6, 'abcdefghjkmnpqrstuvwxyz23456789')}"
        return slug


class WorkHistory(models.Model):
    """A position or a project in a profile's work history."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="work_history")
    title = Line(max_length=100)
    organization = Line("company or client", max_length=100, blank=True)
    started_in = models.PositiveSmallIntegerField(
        "from year", validators=[MinValueValidator(1950), MaxValueValidator(2100)]
    )
    ended_in = models.PositiveSmallIntegerField(
        "to year",
        null=True,
        blank=True,
        validators=[MinValueValidator(1950), MaxValueValidator(2100)],
        help_text="Leave blank if you still do this.",
    )
    description = Lines(max_length=2000, blank=True)

    class Meta:
        ordering = ["-started_in", "-pk"]
        verbose_name_plural = "work history"
        constraints = [
            models.CheckConstraint(
                name="work_history_years_in_order",
                condition=Q(ended_in=None) | Q(ended_in__gte=F("started_in")),
                violation_error_message="The last year can't be before the first",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """A user's membership in a profile. A freelancer's profile has one owner and no other members."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"

    EDITORS = (Role.OWNER, Role.ADMIN)

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "profile member"
        constraints = [models.UniqueConstraint(fields=["user", "profile"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.profile}"
