"""The evidence ladder: the rows that raise a record above self-reported."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Expression, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone

from common.text import Line
from common.triggers import requires

if TYPE_CHECKING:
    from certifications.models.record import Certification

type Moment = datetime | F | OuterRef
type Day = date | Expression | F | OuterRef


class Step(models.IntegerChoices):
    """A verification level, lowest first, with its icon and its public name."""

    icon: str

    SELF_REPORTED = 0, "user", "Self-reported"
    DOCUMENT = 1, "file", "Document checked"
    REGISTER = 2, "list", "Listed in a public directory"
    CERTIFIER = 3, "stamp", "Confirmed by the certifier"

    def __new__(cls, value: int, icon: str = "") -> "Step":  # `Step(1)`, which looks one up, gives no icon
        step = int.__new__(cls, value)
        step._value_, step.icon = value, icon
        return step

    @property
    def look(self) -> str:
        """Its name in CSS classes."""
        return self.name.lower().replace("_", "-")


ENDLESS = Value(date.max, models.DateField())


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def holding(self, *, reported_at: Moment, issued_on: Day, expires_on: Day, today: Day) -> Self:
        """Return the evidence that holds for a record with these values. `today` is the owner's date.

        It is evidence of this report and this last day, has not ended, is not past its own last day, and is not
        older than the certificate.
        """
        return self.filter(
            Q(evidence_on__gte=Coalesce(issued_on, F("evidence_on"))),
            Q(holds_until=None) | Q(holds_until__gte=today),
            Exact(Coalesce("certified_until", ENDLESS), Coalesce(expires_on, ENDLESS)),
            reported_at=reported_at,
            ended_at=None,
        )

    def of(self, record: "Certification") -> Self:
        """Return the evidence that holds for `record` as it is now."""
        today = record.profile.today()
        return self.filter(certification=record).holding(
            reported_at=record.self_reported_at,
            issued_on=Value(record.issued_on, models.DateField()),
            expires_on=Value(record.expires_on, models.DateField()),
            today=today,
        )

    def best_first(self) -> Self:
        return self.order_by("-step", "-evidence_on", "-pk")


class Evidence(models.Model):
    """Evidence that raises a record to a step above self-reported. A row never changes; it expires or is ended.

    A record's verification level is the highest step of its evidence that holds: see
    `Certification.objects.with_step`.
    """

    class Ending(models.TextChoices):
        VANISHED = "vanished", "The register's newest file no longer lists it"
        REPLACED = "replaced", "Newer evidence took its place"
        WITHDRAWN = "withdrawn", "Taken back by the marketplace"
        FILE_WITHDRAWN = "file_withdrawn", "The register's file was wrong and was taken back"

    certification = models.ForeignKey("Certification", models.CASCADE, related_name="evidence")
    step = models.PositiveSmallIntegerField("verification level", choices=[c for c in Step.choices if c[0]])
    source = Line(max_length=300)
    evidence_on = models.DateField("date of the evidence")
    holds_until = models.DateField("holds until", null=True, blank=True)
    # It is evidence of one report. After a change of substance the record is another report.
    reported_at = models.DateTimeField("evidence of the report of", editable=False)
    # It is evidence of one last day. It says nothing about the renewed certificate.
    certified_until = models.DateField("evidence of the last day", null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="checked by"
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=20, choices=Ending, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                name="evidence_above_self_reported",
                condition=Q(step__in=[Step.DOCUMENT, Step.REGISTER, Step.CERTIFIER]),
                violation_error_message="What an owner reports is no evidence of itself",
            ),
            models.CheckConstraint(
                name="evidence_has_a_source",
                condition=~Q(source=""),
                violation_error_message="Evidence has a source",
            ),
            models.CheckConstraint(
                name="evidence_holds_from_its_day",
                condition=Q(holds_until=None) | Q(holds_until__gte=F("evidence_on")),
                violation_error_message="Evidence cannot end before its own day",
            ),
            models.CheckConstraint(
                name="evidence_ended_for_a_reason",
                condition=Q(ended_at=None, ended_because="") | Q(ended_at__isnull=False) & ~Q(ended_because=""),
                violation_error_message="Ended evidence says why it ended",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="evidence_stays_as_written",
                fields=[
                    "step",
                    "source",
                    "evidence_on",
                    "holds_until",
                    "reported_at",
                    "certified_until",
                ],
            ),
            requires(
                "evidence_not_before_the_certificate",
                """NOT EXISTS (
                    SELECT FROM certifications_certification
                    WHERE id = NEW.certification_id AND issued_on > NEW.evidence_on
                )""",
                "Evidence is older than the certificate.",
            ),
        ]

    class TooEarly(Exception):
        """The evidence is older than the certificate can be."""

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.source}"
