"""What can be certified, by whom, and what is known of it. Rows, so that staff change them without a deploy."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from certifications.numbers import acronyms
from common.text import Line
from profiles.places import state_choices

STATE_NAMES = " ".join(name for _, name in state_choices())


class SeededModel(models.Model):
    """A catalogue row that the loader wrote and staff may change.

    `seeded` holds the values the loader last wrote: a field that differs from it was changed by staff,
    and the loader leaves that field alone.
    """

    key = models.SlugField(max_length=80, unique=True, help_text="Names the row for the loader. Do not change it.")
    seeded = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class ValidityQuerySet(models.QuerySet):
    def valid_on(self, day):
        """Rows whose validity (both ends inclusive, either may be open) covers `day`."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


class Validity(models.Model):
    """Since when and until when a body issues, or a certificate is issued. Rules here change often."""

    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="The last day on which new records may name it.")

    objects = ValidityQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_validity_in_order",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message="The last valid day cannot be before the first.",
            )
        ]


class CertificationType(SeededModel):
    """One of the kinds of certified business ownership that the section knows."""

    name = Line(max_length=60, unique=True, help_text="As on the badge, such as “Woman-owned”.")
    description = Line(max_length=300, blank=True)
    icon = models.SlugField(max_length=30, default="building", help_text="A symbol of the icon sheet.")
    position = models.PositiveSmallIntegerField(default=0)
    is_offered = models.BooleanField("offered for new records", default=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name


class CertifyingBody(SeededModel, Validity):
    """Who issues certificates."""

    class Kind(models.TextChoices):
        FEDERAL = "federal", "Federal agency"
        NATIONAL = "national", "National certifying body"
        STATE = "state", "State or local agency"
        OTHER = "other", "Another certifying body"

    name = Line(max_length=120, unique=True)
    short_name = Line(max_length=30, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.NATIONAL)
    website = models.URLField(blank=True)
    register_url = models.URLField("public register", blank=True)
    keywords = Line(max_length=300, blank=True, help_text="Other words by which people search for it.")

    class Meta(Validity.Meta):
        ordering = ["name", "pk"]
        verbose_name_plural = "certifying bodies"

    def __str__(self):
        return self.short_name or self.name

    @property
    def full_name(self):
        """Short name and name, as far as there are both."""
        return f"{self.short_name}, {self.name}" if self.short_name else self.name

    @property
    def search_words(self):
        """Words that find it beside its names. A state or local agency is found by each state's name."""
        return f"{self.keywords} {STATE_NAMES}" if self.kind == self.Kind.STATE else self.keywords


class CertificateQuerySet(ValidityQuerySet):
    def offered(self, day):
        """Certificates that a new record may name on `day`: issued then, by a body active then, for an offered type."""
        return (
            self.valid_on(day)
            .filter(body__in=CertifyingBody.objects.valid_on(day), type__is_offered=True)
            .select_related("body", "type")
        )


class Certificate(SeededModel, Validity):
    """What a body issues. Without a type it is explained but not offered: it implies none of the types by itself."""

    body = models.ForeignKey(CertifyingBody, models.PROTECT, related_name="certificates")
    type = models.ForeignKey(CertificationType, models.PROTECT, null=True, blank=True, related_name="certificates")
    acronym = Line(max_length=20, blank=True)
    name = Line(max_length=120)
    names_body = models.BooleanField(
        "asks for the body's name", default=False, help_text="For “State or local agency” and the like."
    )
    term_months = models.PositiveSmallIntegerField("usual term (months)", null=True, blank=True)
    may_not_expire = models.BooleanField("some do not expire", default=False)
    renewal_lead_days = ArrayField(models.PositiveSmallIntegerField(), blank=True, default=list)
    keywords = Line(max_length=300, blank=True, help_text="Other words by which people search for it.")
    number_hint = Line(max_length=120, blank=True, help_text="How the number often looks. Never a rule.")
    position = models.PositiveSmallIntegerField(default=0)

    objects = CertificateQuerySet.as_manager()

    class Meta(Validity.Meta):
        ordering = ["position", "acronym", "name", "pk"]

    def __str__(self) -> str:
        return f"{self.label} ({self.body})"

    @property
    def acronyms(self):
        """What its body may print before or after the number: set of str."""
        return acronyms(self.acronym, self.body.short_name, self.body.name)

    @property
    def search_words(self) -> str:
        """Words that find it, beside those that its line says."""
        return f"{self.keywords} {self.body.search_words}".strip()

    @property
    def label(self):
        """Acronym and name, as far as there are both."""
        return f"{self.acronym} · {self.name}" if self.acronym else self.name


class Fact(SeededModel):
    """One sentence about a body or a certificate, and where it is from. Without a source, readers are told to check."""

    class Topic(models.TextChoices):
        WHO = "who", "Who it is for"
        HOW = "how", "How to get it"
        COST = "cost", "What it costs"
        TERM = "term", "How long it lasts"
        RENEWAL = "renewal", "How to renew it"
        REGISTER = "register", "Where it can be looked up"
        NUMBER = "number", "Where the number is"
        NOTE = "note", "Good to know"

    body = models.ForeignKey(CertifyingBody, models.CASCADE, null=True, blank=True, related_name="facts")
    certificate = models.ForeignKey(Certificate, models.CASCADE, null=True, blank=True, related_name="facts")
    topic = models.CharField(max_length=20, choices=Topic)
    text = Line(max_length=500)
    source = Line(max_length=300, blank=True, help_text="The page that says so. Empty: “check with the body”.")
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="fact_about_one_thing",
                condition=Q(body=None, certificate__isnull=False) | Q(body__isnull=False, certificate=None),
                violation_error_message="A fact is about a body or about a certificate.",
            )
        ]

    def __str__(self):
        return self.text

    @property
    def topic_position(self):
        """Where its topic stands among all, as readers are told them."""
        return self.Topic.values.index(self.topic)


def today():
    """The date in UTC, by which the catalogue counts."""
    return timezone.now().date()
