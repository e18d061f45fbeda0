"""The rules of a client, version by version, with their date and author."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, NamedTuple, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from certifications.models import CertificationType, CertifyingBody, Step
from common.text import Line
from profiles.models import Client, User
from spend.choices import DateRule, Kind, TierMode
from spend.models.payment import CURRENCY_CHOICES
from spend.rules import LONGEST_GRACE, Period, Rules, problems


def first_base() -> list[str]:
    return [Kind.WORK, Kind.BONUS]


class Addressable(NamedTuple):
    """What a client could have spent in a period with any business. `note` says what is in it."""

    amount: Decimal
    note: str


class SavedRules(models.Model):
    """One version of a client's rules. A change is another row, and a report keeps the version it was made by.

    Types and certifiers are named by their keys, as in a file of rules. NULL accepts all of them.
    """

    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="spend_rules")
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")
    fiscal_year_start = models.PositiveSmallIntegerField(
        "first month of the fiscal year", default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    types = ArrayField(models.SlugField(max_length=80), null=True, blank=True, verbose_name="accepted types")
    bodies = ArrayField(models.SlugField(max_length=80), null=True, blank=True, verbose_name="accepted certifiers")
    body_kinds = ArrayField(
        models.CharField(max_length=20, choices=CertifyingBody.Kind),
        null=True,
        blank=True,
        verbose_name="accepted kinds of certifiers",
    )
    self_reported = models.BooleanField("self-reported certifications count", default=False)
    least_step = models.PositiveSmallIntegerField("lowest verification level", choices=Step, default=Step.SELF_REPORTED)
    date_rule = models.CharField(max_length=30, choices=DateRule, default=DateRule.AT_PAYMENT)
    grace_days = models.PositiveSmallIntegerField(
        "grace period (days)", default=0, validators=[MaxValueValidator(LONGEST_GRACE)]
    )
    primary_order = ArrayField(
        models.SlugField(max_length=80), default=list, blank=True, verbose_name="types that come first"
    )
    base_kinds = ArrayField(
        models.CharField(max_length=20, choices=Kind),
        default=first_base,
        blank=True,
        verbose_name="kinds in the base",
    )
    tier_mode = models.CharField(max_length=10, choices=TierMode, default=TierMode.TIER_1)
    currency = models.CharField(max_length=3, choices=CURRENCY_CHOICES, default="USD")

    class Meta:
        ordering = ["-pk"]
        verbose_name = "rules of a client"
        verbose_name_plural = "rules of clients"
        constraints = [
            models.CheckConstraint(
                name="saved_rules_month",
                condition=Q(fiscal_year_start__gte=1, fiscal_year_start__lte=12),
                violation_error_message="A month is from 1 to 12",
            ),
            models.CheckConstraint(
                name="saved_rules_grace",
                condition=Q(grace_days__lte=LONGEST_GRACE),
                violation_error_message=f"A grace period has at most {LONGEST_GRACE} days",
            ),
            models.CheckConstraint(
                name="saved_rules_step",
                condition=Q(least_step__lte=max(Step)),
                violation_error_message="There is no such verification level",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="saved_rules_stay",
                exclude=["saved_by"],  # which becomes empty when the person's account is deleted
            )
        ]

    def __str__(self) -> str:
        return f"{self.client}, {self.saved_at:%Y-%m-%d}"

    def clean(self) -> None:
        """Raise ValidationError for values that `spend.rules` refuses, by field."""
        types = list(CertificationType.objects.values_list("key", flat=True))
        bodies = list(CertifyingBody.objects.values_list("key", flat=True))
        if wrong := problems({name: getattr(self, name) for name in NAMES}, types=types, bodies=bodies):
            raise ValidationError(wrong)

    @classmethod
    def of_client(cls, client: Client) -> Self | None:
        """Return the version that the client counts by now, or None. Then the defaults apply."""
        return cls.objects.filter(client=client).select_related("saved_by").prefetch_related("addressable").first()

    @classmethod
    def save_next(cls, client: Client, rules: Rules, addressable: Iterable["AddressableSpend"], *, by: User) -> Self:
        """Save the next version of the client's rules, and return it. Raise ValidationError for rules that can't be."""
        saved = cls(client=client, saved_by=by, **{name: _listed(value) for name, value in asdict(rules).items()})
        saved.full_clean(exclude=["saved_by"])
        saved.save(force_insert=True)
        for row in addressable:
            row.rules = saved
        AddressableSpend.objects.bulk_create(addressable)
        return saved

    def plain(self) -> Rules:
        """Return these rules as plain values, which is all that counting reads."""
        return Rules.of({name: getattr(self, name) for name in NAMES})

    def addressable_rows(self) -> list["AddressableSpend"]:
        """Return its addressable spend as rows for the next version. Unsaved."""
        return [
            AddressableSpend(amount=row.amount, note=row.note, **row.period._asdict()) for row in self.addressable.all()
        ]

    def addressable_in(self, period: Period) -> Addressable | None:
        """Return the addressable spend of `period`, or None if it isn't entered for every day of it."""
        rows = [row for row in self.addressable.all() if row.starts_on in period and row.ends_on in period]
        covered = sum((row.ends_on - row.starts_on).days + 1 for row in rows)
        if covered != (period.ends_on - period.starts_on).days + 1:
            return None
        return Addressable(sum((row.amount for row in rows), Decimal(0)), "; ".join({row.note: None for row in rows}))


NAMES = [field.name for field in fields(Rules)]


def _listed(value: Any) -> Any:
    """Return a value of rules as its column takes it."""
    return list(value) if isinstance(value, tuple) else value


class AddressableSpend(models.Model):
    """What a client spent in a period that was open to any business, on the marketplace and elsewhere.

    It is the second base of a report: one number of the client's own, with a note that says what is in it.
    """

    rules = models.ForeignKey(SavedRules, models.DB_CASCADE, related_name="addressable")
    starts_on = models.DateField()
    ends_on = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    note = Line(max_length=300)

    class Meta:
        ordering = ["starts_on", "pk"]
        verbose_name = "addressable spend"
        verbose_name_plural = "addressable spend"
        constraints = [
            models.UniqueConstraint(name="addressable_spend_once", fields=["rules", "starts_on", "ends_on"]),
            models.CheckConstraint(
                name="addressable_spend_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="The last day cannot be before the first",
            ),
            models.CheckConstraint(
                name="addressable_spend_positive",
                condition=Q(amount__gt=0),
                violation_error_message="Addressable spend is more than 0",
            ),
            models.CheckConstraint(
                name="addressable_spend_explained",
                condition=~Q(note=""),
                violation_error_message="Say what is in this amount",
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="addressable_spend_stays")]

    def __str__(self) -> str:
        return f"{self.amount} from {self.starts_on} to {self.ends_on}"

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on)
