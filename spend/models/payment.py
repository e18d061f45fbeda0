"""The ledger: payments of clients to businesses, as versions that are only ever added."""

from datetime import UTC, date, datetime, timedelta
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from profiles.models import Client, Profile
from spend.choices import FOLLOWING, RETURNED, Kind
from spend.models.disputed import Disputed
from spend.rules import CURRENCIES

RESOLUTION = timedelta(microseconds=1)  # of a moment in the database: the last one before another
CURRENCY_CHOICES = [(code, code) for code in sorted(CURRENCIES)]


class PaymentFile(models.Model):
    """An imported file of payments, with what became of its rows."""

    name = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    added = models.PositiveIntegerField("rows added", default=0)
    corrected = models.PositiveIntegerField("rows corrected", default=0)
    unchanged = models.PositiveIntegerField("rows unchanged", default=0)
    refused = models.PositiveIntegerField("rows skipped", default=0)
    notes = models.JSONField(default=list)  # on the file as a whole: sentences
    # The first of the rows left out: [place, why] each. Of their content only the start of a cell that cannot be read,
    # and never the profile's, which may be deleted later.
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "payment file"

    def __str__(self) -> str:
        return self.name


class PaymentQuerySet(models.QuerySet["Payment"]):
    def current(self) -> Self:
        """Return the newest version of each payment."""
        return self.filter(replaced_at=None)

    def known_before(self, cutoff: datetime) -> Self:
        """Return the version of each payment that was known before `cutoff`.

        The marketplace knows of its own payment from the day on which it was made, in UTC, whenever the file was
        imported. It knows of a correction from the import of the correction.
        """
        is_known = Q(version=1, paid_on__lte=_day_before(cutoff)) | Q(version__gt=1, recorded_at__lt=cutoff)
        return self.filter(is_known, Q(replaced_at=None) | Q(replaced_at__gte=cutoff))

    def with_disputed(self) -> Self:
        """Annotate `is_disputed`: an editor of the profile says now that the payment is not theirs."""
        disputed = Disputed.objects.filter(profile=OuterRef("profile"), external_id=OuterRef("external_id"))
        return self.annotate(is_disputed=Exists(disputed))


def _day_before(cutoff: datetime) -> date:
    """Return the last day, in UTC, that had begun before `cutoff`."""
    return (cutoff.astimezone(UTC) - RESOLUTION).date()


class Payment(models.Model):
    """One version of a payment. A correction is the next version; what was written never changes.

    Only two columns are written later, each once: the moment when a correction replaced the version, and the payee,
    which becomes empty when the profile is deleted. The client's amounts stay.
    """

    external_id = models.CharField("number in the marketplace's books", max_length=80)
    version = models.PositiveIntegerField(default=1)
    file = models.ForeignKey(PaymentFile, models.DB_CASCADE, related_name="payments")
    recorded_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True, blank=True)

    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="+")
    profile = models.ForeignKey(Profile, models.DB_SET_NULL, null=True, related_name="+")
    paid_on = models.DateField()
    kind = models.CharField(max_length=20, choices=Kind)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, choices=CURRENCY_CHOICES)
    # In the currency in which the client paid, if that is another one.
    settled_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    settled_currency = models.CharField(max_length=3, choices=CURRENCY_CHOICES, blank=True)
    # The number of the payment that this one gives back or adjusts. That payment may be imported later.
    refers_to = models.CharField(max_length=80, blank=True)
    cost_center = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=80, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-paid_on", "-pk"]
        indexes = [
            models.Index(fields=["client", "paid_on"], name="payment_of_client"),
            models.Index(fields=["client"], condition=~Q(refers_to=""), name="payment_that_refers"),
        ]
        constraints = [
            models.UniqueConstraint(name="payment_version_once", fields=["external_id", "version"]),
            models.UniqueConstraint(name="payment_current_once", fields=["external_id"], condition=Q(replaced_at=None)),
            models.CheckConstraint(
                name="payment_negative_only_if_it_follows",
                condition=Q(amount__gte=0) | Q(kind__in=sorted(FOLLOWING)),
                violation_error_message="Only a refund, a chargeback or an adjustment can be negative",
            ),
            models.CheckConstraint(
                name="payment_returned_is_not_positive",
                condition=Q(amount__lte=0) | ~Q(kind__in=sorted(RETURNED)),
                violation_error_message="The amount of a refund or a chargeback is negative, like -100.00",
            ),
            models.CheckConstraint(
                name="payment_returned_refers",
                condition=~Q(refers_to="") | ~Q(kind__in=sorted(RETURNED)),
                violation_error_message="A refund or a chargeback names its payment in refers_to",
            ),
            models.CheckConstraint(
                name="payment_refers_only_if_it_follows",
                condition=Q(refers_to="") | Q(kind__in=sorted(FOLLOWING)),
                violation_error_message="Only a refund, a chargeback or an adjustment refers to another payment",
            ),
            models.CheckConstraint(
                name="payment_refers_to_another",
                condition=Q(refers_to="") | ~Q(refers_to=F("external_id")),
                violation_error_message="A payment cannot refer to itself",
            ),
            models.CheckConstraint(
                name="payment_settled_in_a_currency",
                condition=Q(settled_amount=None, settled_currency="")
                | Q(settled_amount__isnull=False) & ~Q(settled_currency=""),
                violation_error_message="A settled amount needs its currency, and the currency an amount",
            ),
            models.CheckConstraint(
                name="payment_settled_with_the_same_sign",
                condition=Q(settled_amount=None)
                | Q(amount__gte=0, settled_amount__gte=0)
                | Q(amount__lte=0, settled_amount__lte=0),
                violation_error_message="The settled amount has the sign of the amount",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="payment_stays_as_written",
                fields=[
                    "external_id",
                    "version",
                    "file",
                    "recorded_at",
                    "client",
                    "paid_on",
                    "kind",
                    "amount",
                    "currency",
                    "settled_amount",
                    "settled_currency",
                    "refers_to",
                    "cost_center",
                    "category",
                ],
            ),
            pgtrigger.Protect(
                name="payment_replaced_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__replaced_at__isnull=False, old__replaced_at__df=pgtrigger.F("new__replaced_at")
                ),
            ),
            pgtrigger.Protect(
                name="payment_keeps_its_payee",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__profile__isnull=False, old__profile__df=pgtrigger.F("new__profile")),
            ),
            pgtrigger.Trigger(
                name="payment_never_deleted",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT FROM profiles_client WHERE id = OLD.client_id) THEN
                        RAISE EXCEPTION 'A payment is deleted only with its client.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN OLD;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.external_id}"
