"""The goals of a client for a fiscal year."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from certifications.models import CertificationType
from profiles.models import Client

YEARS = range(2000, 2101)  # that a page can be asked for
GOAL_EXISTS = "There is a goal for this fiscal year already. Change that one."


class Goal(models.Model):
    """What a client wants to spend with certified businesses in a fiscal year: an amount, or a percent of its spend."""

    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="spend_goals")
    fiscal_year = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(YEARS.start), MaxValueValidator(YEARS[-1])]
    )
    type = models.ForeignKey(CertificationType, models.DB_CASCADE, null=True, blank=True, related_name="+")  # None: any
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-fiscal_year", "pk"]
        verbose_name = "spend goal"
        constraints = [
            models.UniqueConstraint(
                name="goal_once_a_type_and_year",
                fields=["client", "fiscal_year", "type"],
                nulls_distinct=False,
                violation_error_message=GOAL_EXISTS,
            ),
            models.CheckConstraint(
                name="goal_amount_or_percent",
                condition=Q(amount__isnull=False, amount__gt=0, percent=None)
                | Q(amount=None, percent__isnull=False, percent__gt=0, percent__lte=100),
                violation_error_message="Enter an amount or a percent, not both",
            ),
            models.CheckConstraint(
                name="goal_year",
                condition=Q(fiscal_year__gte=YEARS.start, fiscal_year__lte=YEARS[-1]),
                violation_error_message="There is no such fiscal year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.fiscal_year}"

    def get_absolute_url(self) -> str:
        return reverse("spend:goal_edit", args=[self.pk])

    @property
    def name(self) -> str:
        return self.type.name if self.type else "Any certified business"
