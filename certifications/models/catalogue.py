"""The catalogue: types, certifying bodies, certificates and facts about them. Staff change them without a deploy."""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from certifications.numbers import acronyms
from common.text import Line
from profiles.places import state_choices

STATE_NAMES = " ".join(name for _, name in state_choices())


class SeededModel(models.Model):
    """A row that the catalogue's loader wrote and staff may change.

    `seeded` holds the values that the loader wrote last. If a field differs from it, staff changed the field and the
    loader leaves it alone.
    """

    key = models.SlugField(
        max_length=80, unique=True, help_text="A fixed name for this row. It can't be changed later."
    )
    seeded = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class ValidityQuerySet(models.QuerySet):
    def valid_on(self, day: date) -> Self:
        """Return the rows that are valid on `day`. Both ends are inclusive, and either may be open."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


class Validity(models.Model):
    """The days between which a body issues certificates, or a certificate is issued. They change often."""

    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="The last day on which someone can add it.")

    objects = ValidityQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_validity_in_order",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message="The last valid day cannot be before the first",
            )
        ]


class CertificationType(SeededModel):
    """One of the kinds of certified ownership, such as woman-owned."""

    name = Line(max_length=60, unique=True, help_text="As on the badge, like “Woman-owned”.")
    description = Line(max_length=300, blank=True)
    icon = models.SlugField(
        max_length=30, default="building", help_text="The name of the symbol on the badge, like building."
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_offered = models.BooleanField("offered for new records", default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class CertifyingBody(SeededModel, Validity):
    """An agency or organization that issues certificates."""

    class Kind(models.TextChoices):
        FEDERAL = "federal", "Federal agency"
        NATIONAL = "national", "National certifier"
        STATE = "state", "State or local agency"
        OTHER = "other", "A different certifying organization"

    name = Line(max_length=120, unique=True)
    short_name = Line(max_length=30, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.NATIONAL)
    website = models.URLField(blank=True)
    register_url = models.URLField("public directory", blank=True)
    keywords = Line(max_length=300, blank=True, help_text="Other words by which people search for it.")

    class Meta(Validity.Meta):
        ordering = ["name", "pk"]
        verbose_name = "certifier"

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def full_name(self) -> str:
        """The short name and the name, or the name alone."""
        return f"{self.short_name}, {self.name}" if self.short_name else self.name

    @property
    def search_words(self) -> str:
        """The words besides its names that find it. Every state's name finds a state or local agency."""
        return f"{self.keywords} {STATE_NAMES}" if self.kind == self.Kind.STATE else self.keywords


class CertificateQuerySet(ValidityQuerySet):
    def offered(self, day: date) -> Self:
        """Return the certificates that a new record may name on `day`: valid, from a valid body, of an offered type."""
        return (
            self.valid_on(day)
            .filter(body__in=CertifyingBody.objects.valid_on(day), type__is_offered=True)
            .select_related("body", "type")
        )


class Certificate(SeededModel, Validity):
    """A certificate that a body issues. One without a type is explained but cannot be chosen for a record."""

    body = models.ForeignKey(CertifyingBody, models.PROTECT, related_name="certificates", verbose_name="certifier")
    type = models.ForeignKey(CertificationType, models.PROTECT, null=True, blank=True, related_name="certificates")
    acronym = Line(max_length=20, blank=True)
    name = Line(max_length=120)
    names_body = models.BooleanField(
        "asks for the certifier's name", default=False, help_text="For a certifier like “State or local agency”."
    )
    term_months = models.PositiveSmallIntegerField("usual term (months)", null=True, blank=True)
    may_not_expire = models.BooleanField("some do not expire", default=False)
    renewal_lead_days = ArrayField(models.PositiveSmallIntegerField(), blank=True, default=list)
    keywords = Line(max_length=300, blank=True, help_text="Other words by which people search for it.")
    number_hint = Line(
        max_length=120, blank=True, help_text="A sentence on where the number is or how it often looks. Never a rule."
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = CertificateQuerySet.as_manager()

    class Meta(Validity.Meta):
        ordering = ["position", "acronym", "name", "pk"]

    def __str__(self) -> str:
        return f"{self.label} ({self.body})"

    @property
    def acronyms(self) -> set[str]:
        """The acronyms that its body may print before or after the number."""
        return acronyms(self.acronym, self.body.short_name, self.body.name)

    @property
    def search_words(self) -> str:
        """The words that find it, besides its label."""
        return f"{self.keywords} {self.body.search_words}".strip()

    @property
    def label(self) -> str:
        """The acronym and the name, or the name alone."""
        return f"{self.acronym} · {self.name}" if self.acronym else self.name


class Fact(SeededModel):
    """One sentence about a body or a certificate, with its source. Without a source, the page says to check."""

    class Topic(models.TextChoices):
        WHO = "who", "Who it's for"
        HOW = "how", "How to get it"
        COST = "cost", "Cost"
        TERM = "term", "How long it's valid"
        RENEWAL = "renewal", "How to renew"
        REGISTER = "register", "Where to look it up"
        NUMBER = "number", "Certificate number"
        NOTE = "note", "Good to know"

    body = models.ForeignKey(
        CertifyingBody, models.CASCADE, null=True, blank=True, related_name="facts", verbose_name="certifier"
    )
    certificate = models.ForeignKey(Certificate, models.CASCADE, null=True, blank=True, related_name="facts")
    topic = models.CharField(max_length=20, choices=Topic)
    text = Line(max_length=500)
    source = Line(max_length=300, blank=True, help_text="The page that says so. Empty: “Ask the certifier”.")
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="fact_about_one_thing",
                condition=Q(body=None, certificate__isnull=False) | Q(body__isnull=False, certificate=None),
                violation_error_message="A fact is about a body or about a certificate",
            )
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def topic_position(self) -> int:
        """The position of its topic on a page."""
        return self.Topic.values.index(self.topic)


def today() -> date:
    """Return the date in UTC, which the catalogue goes by."""
    return timezone.now().date()
