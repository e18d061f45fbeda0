"""Contracts from the marketplace's books, what the nightly run writes, and the alarms it raised."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from certifications.models import CertificationType
from common.mail.letters import absolute
from common.text import Lines
from impact.measures import MEASURES
from profiles.models import Client, Profile
from rollout.models import RolloutPolicy

MEASURE_LABELS = {name: measure.label for name, measure in MEASURES.items()}


class Contract(models.Model):
    """A contract between a client and a profile, from the marketplace's own books. See `impact.contracts`."""

    external_id = models.CharField("number in the marketplace's books", max_length=80, unique=True)
    profile = models.ForeignKey(Profile, models.DB_CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="+")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    is_ended_early = models.BooleanField("ended early by the client", default=False)
    spend = models.DecimalField("spend (USD)", max_digits=12, decimal_places=2, default=0)
    rating = models.DecimalField(
        max_digits=3, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        ordering = ["-started_on", "-pk"]
        indexes = [models.Index(fields=["started_on"], name="contract_started")]
        constraints = [
            models.CheckConstraint(
                name="contract_ends_after_it_starts",
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                violation_error_message="The contract ends before it starts",
            ),
            models.CheckConstraint(
                name="contract_ended_early_has_ended",
                condition=Q(is_ended_early=False) | Q(ended_on__isnull=False),
                violation_error_message="A contract that ended early needs an end date",
            ),
            models.CheckConstraint(
                name="contract_spend_positive",
                condition=Q(spend__gte=0),
                violation_error_message="Spend is not negative",
            ),
            models.CheckConstraint(
                name="contract_rating_in_range",
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5),
                violation_error_message="A rating is from 1 to 5",
            ),
        ]

    def __str__(self) -> str:
        return f"Contract {self.external_id}"


class ContractFile(models.Model):
    """An imported file of contracts, with what became of its rows."""

    name = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    added = models.PositiveIntegerField("rows added")
    changed = models.PositiveIntegerField("rows changed")
    unchanged = models.PositiveIntegerField("rows unchanged")
    refused = models.PositiveIntegerField("rows skipped")
    notes = models.JSONField(default=list)  # on the file as a whole: sentences
    # The first of the rows left out: [place, why] each. Of their content only the start of a cell that cannot be read,
    # and never the profile's, which may be deleted later.
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class DrawnClient(models.Model):
    """A client as it was drawn: its plan, its group, and the week since which it counts. Never changed.

    A client that changes its plan later, or leaves, stays where it was drawn (intention to treat).
    """

    # The first policy of the draw. None is ever deleted, which its own trigger makes sure of.
    draw = models.ForeignKey(RolloutPolicy, models.DO_NOTHING, related_name="+")
    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="+")
    plan = models.CharField(max_length=20, choices=Client.Plan)
    is_held_out = models.BooleanField("held out")
    since = models.DateField("counts from the week of")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="client_drawn_once", fields=["draw", "client"])]

    def __str__(self) -> str:
        return f"{self.client}, {'held out' if self.is_held_out else 'exposed'}"


class ClientWeek(models.Model):
    """The acts of a drawn client in a week with businesses of a type, or of any (`type` None). Written once.

    It names no business. An owner who takes back the consent to be counted, or erases everything, is in no later week,
    and leaves no gap in the earlier ones that points to them.
    """

    drawn = models.ForeignKey(DrawnClient, models.DB_CASCADE, related_name="weeks")
    week = models.DateField("week from Monday")
    type = models.ForeignKey(CertificationType, models.DB_CASCADE, null=True, related_name="+")
    measure = models.CharField(max_length=20, choices=MEASURE_LABELS)
    x = models.FloatField()
    y = models.FloatField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="client_week_once", fields=["drawn", "week", "type", "measure"], nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure}, {self.week}"


class Tally(models.Model):
    """One sum over the exposed, or the held-out, clients of a plan, from the draw to the end of a week.

    It covers profiles with a type of certification, or with any (`type` None), whose owners agreed to be counted: `n`
    clients, and the sums of `impact.statistics.Sums` over them. `week_x`, `week_y` and `views` are of the last week
    alone. What would reveal too few profiles or clients is not shown, by `profiles`, `n`, `acting` and
    `acting_profiles`.
    """

    week = models.DateField("week from Monday")
    draw = models.ForeignKey(RolloutPolicy, models.PROTECT, related_name="+")
    plan = models.CharField(max_length=20, choices=Client.Plan)
    is_held_out = models.BooleanField("held out")
    type = models.ForeignKey(CertificationType, models.CASCADE, null=True, related_name="+")
    measure = models.CharField(max_length=20, choices=MEASURE_LABELS)
    profiles = models.PositiveIntegerField("businesses counted")
    views = models.PositiveBigIntegerField("views by these clients")
    n = models.PositiveIntegerField("clients")
    acting = models.PositiveIntegerField("clients that did any")
    acting_profiles = models.PositiveIntegerField("businesses they did it with")
    x = models.FloatField()
    y = models.FloatField()
    xx = models.FloatField()
    xy = models.FloatField()
    yy = models.FloatField()
    week_x = models.FloatField()
    week_y = models.FloatField()

    class Meta:
        ordering = ["-week", "pk"]
        verbose_name = "weekly sum"
        verbose_name_plural = "monitor"
        constraints = [
            models.UniqueConstraint(
                name="tally_once",
                fields=["week", "plan", "is_held_out", "type", "measure"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure}, {self.week}"


class WeekOfActs(models.Model):
    """The number of owners who took a type off their page in a week, and of concerns about it.

    Each owner counts once, if they agreed to be counted. Concerns count the businesses or the reporting clients,
    whichever are fewer, so that no single client can make a burst.
    """

    class Kind(models.TextChoices):
        HIDDEN = "hidden", "Owners who hid or removed it"
        CONCERN = "concern", "Concerns reported"

    week = models.DateField("week from Monday")
    type = models.ForeignKey(CertificationType, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-week", "pk"]
        constraints = [models.UniqueConstraint(name="week_of_acts_once", fields=["week", "type", "kind"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.week}"


class Alarm(models.Model):
    """Harm that the monitor found to businesses with a type of certification (or with any), until a person decides."""

    type = models.ForeignKey(CertificationType, models.CASCADE, null=True, related_name="+")
    about = models.CharField(max_length=20)  # a measure, or a WeekOfActs.Kind
    week = models.DateField("week from Monday")
    words = models.TextField("what was found")
    raised_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)  # when it was posted to staff
    has_stopped_type = models.BooleanField("paused the type", default=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = Lines("what was decided", max_length=1000, blank=True)

    class Meta:
        ordering = ["-pk"]
        permissions = [("close_alarm", "Can close alarms")]
        constraints = [
            models.UniqueConstraint(
                name="alarm_open_once", fields=["type", "about"], condition=Q(closed_at=None), nulls_distinct=False
            ),
            models.CheckConstraint(
                name="alarm_closed_with_a_note",
                condition=Q(closed_at=None) | ~Q(note=""),
                violation_error_message="Say what was decided",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def link(self) -> str:
        """The address of its page in the administration, for an email."""
        return absolute(reverse("admin:impact_alarm_change", args=[self.pk]))
