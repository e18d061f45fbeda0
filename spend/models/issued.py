"""Reports of a client for a period: drafts, which say what is known now, and issued ones, which never change."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from certifications.models import Step
from common.text import Line
from profiles.models import Client, Profile
from spend.choices import Kind, Reason
from spend.models.payment import CURRENCY_CHOICES
from spend.models.rules import SavedRules
from spend.rules import Period, Rules


def kept_with(owner: str, column: str, words: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses to delete a row as long as its row in the table `owner` is there."""
    return pgtrigger.Trigger(
        name=f"kept_with_{column}",
        when=pgtrigger.Before,
        operation=pgtrigger.Delete,
        func=f"""
            IF EXISTS (SELECT FROM {owner} WHERE id = OLD.{column}) THEN
                RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN OLD;
        """,
    )


class IssuedReport(models.Model):
    """A report as it was issued: numbered for its client, signed by a named person, and never changed.

    It is superseded if another report replaces it. It knows what was known before `cutoff`, the moment of issuing.
    """

    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="issued_reports")
    number = models.PositiveIntegerField()
    draft = models.UUIDField("draft that it was", unique=True)  # of two people who issue a draft at once, one does
    starts_on = models.DateField()
    ends_on = models.DateField()
    cutoff = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")
    signer_name = Line(max_length=120)
    signer_title = Line(max_length=120)
    statement = models.CharField("what the signer confirmed", max_length=300)
    # The rules as they were, with the version that said so. Without one they are the defaults.
    saved_rules = models.ForeignKey(SavedRules, models.DB_SET_NULL, null=True, related_name="+")
    rules = models.JSONField()
    type_names = models.JSONField("accepted types in order: key and name")
    addressable = models.DecimalField("addressable spend", max_digits=16, decimal_places=2, null=True)
    addressable_note = models.TextField(blank=True)
    digest = models.CharField("SHA-256 of the rows", max_length=64)
    replaces = models.OneToOneField("self", models.DB_CASCADE, null=True, related_name="replaced_by")
    reason = Line("reason why it replaces a report", max_length=300, blank=True)
    # What it says that the replaced report did not, see `spend.changes.Changes`. None if their currencies differ.
    changes = models.JSONField("sums of what changed", null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="issued_report_number_once", fields=["client", "number"]),
            models.UniqueConstraint(
                name="issued_report_first_of_its_period",  # whatever comes later replaces another
                fields=["client", "starts_on", "ends_on"],
                condition=Q(replaces=None),
            ),
            models.CheckConstraint(
                name="issued_report_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="The last day cannot be before the first",
            ),
            models.CheckConstraint(
                name="issued_report_signed",
                condition=~Q(signer_name="") & ~Q(signer_title=""),
                violation_error_message="A report is signed by a person with a title",
            ),
            models.CheckConstraint(
                name="issued_report_replaces_for_a_reason",
                condition=Q(replaces=None, reason="") | Q(replaces__isnull=False) & ~Q(reason=""),
                violation_error_message="Say why this report replaces the earlier one",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="issued_report_stays",
                exclude=["issued_by", "saved_rules"],  # which become empty when an account or a client is deleted
            ),
            kept_with("profiles_client", "client_id", "An issued report is deleted only with its client."),
        ]

    def __str__(self) -> str:
        return f"Report {self.number} of {self.client}"

    def get_absolute_url(self) -> str:
        return reverse("spend:report", args=[self.number])

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on)

    @property
    def names_of_types(self) -> dict[str, str]:
        """The names of the accepted types by key, in the order in which one is primary."""
        return dict(self.type_names)

    @property
    def is_superseded(self) -> bool:
        return hasattr(self, "replaced_by")

    def plain_rules(self) -> Rules:
        """Return the rules that it was made by."""
        return Rules.of(self.rules)


class ReportDraft(models.Model):
    """A report that is not issued yet: a period. The client's members share it, and it says what is known now."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="report_drafts")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    replaces = models.OneToOneField(IssuedReport, models.DB_CASCADE, null=True, related_name="draft_of_next")
    reason = Line("reason", max_length=300, blank=True)

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="report_draft_once_a_period",
                fields=["client", "starts_on", "ends_on"],
                violation_error_message="There is a draft for this period already",
            ),
            models.CheckConstraint(
                name="report_draft_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="The last day cannot be before the first",
            ),
            models.CheckConstraint(
                name="report_draft_replaces_for_a_reason",
                condition=Q(replaces=None, reason="") | Q(replaces__isnull=False) & ~Q(reason=""),
                violation_error_message="Say why this report replaces the earlier one",
            ),
        ]

    def __str__(self) -> str:
        return f"Draft from {self.starts_on} to {self.ends_on}"

    def get_absolute_url(self) -> str:
        return reverse("spend:draft", args=[self.key])

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_on)


class ReportedPayment(models.Model):
    """A row of an issued report that never changes: an amount, and what it counts under or why it doesn't.

    It names no one. `business` numbers the businesses of the report, so that they can be counted.
    """

    report = models.ForeignKey(IssuedReport, models.DB_CASCADE, related_name="payments")
    position = models.PositiveIntegerField()
    business = models.PositiveIntegerField(null=True)
    quarter = models.DateField("first day of its quarter")
    kind = models.CharField(max_length=20, choices=Kind)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, choices=CURRENCY_CHOICES)
    types = ArrayField(models.SlugField(max_length=80))
    level = models.PositiveSmallIntegerField("verification level", choices=Step, null=True)
    reason = models.CharField(max_length=30, choices=Reason, blank=True)

    class Meta:
        ordering = ["report", "position"]
        constraints = [
            models.UniqueConstraint(name="reported_payment_once", fields=["report", "position"]),
            models.CheckConstraint(
                name="reported_payment_counts_or_not",
                condition=Q(types=[], level=None) & ~Q(reason="") | ~Q(types=[]) & Q(level__isnull=False, reason=""),
                violation_error_message="A payment counts under types, or does not for a reason",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="reported_payment_stays"),
            kept_with("spend_issuedreport", "report_id", "A row is deleted only with its report."),
        ]

    def __str__(self) -> str:
        return f"Row {self.position} of report {self.report_id}"


class ReportedPayee(models.Model):
    """A business of an issued report, as it was named then. It is deleted when its owner may no longer be named.

    `records` are the certifications that the report knew when it was issued. The business is shown only while the
    client may still count each of them.
    """

    report = models.ForeignKey(IssuedReport, models.DB_CASCADE, related_name="payees")
    business = models.PositiveIntegerField()
    profile = models.ForeignKey(Profile, models.DB_CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    records = ArrayField(models.BigIntegerField())

    class Meta:
        ordering = ["report", "business"]
        verbose_name = "name in a report of a client"
        verbose_name_plural = "names in reports of clients"
        constraints = [models.UniqueConstraint(name="reported_payee_once", fields=["report", "business"])]
        triggers = [pgtrigger.ReadOnly(name="reported_payee_stays")]

    def __str__(self) -> str:
        return self.name


class ReportedDetails(models.Model):
    """What identifies a row of an issued report: the payment's number and day, and the certificates. Deleted with its
    payee, so that the row stays as an amount alone.
    """

    payment = models.OneToOneField(ReportedPayment, models.DB_CASCADE, primary_key=True, related_name="details")
    payee = models.ForeignKey(ReportedPayee, models.DB_CASCADE, null=True, related_name="details")
    number = models.CharField("number of the payment", max_length=80)
    version = models.PositiveIntegerField()
    paid_on = models.DateField()
    refers_to = models.CharField(max_length=80, blank=True)
    certificates = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "reported details"
        triggers = [pgtrigger.ReadOnly(name="reported_details_stay")]

    def __str__(self) -> str:
        return self.number
