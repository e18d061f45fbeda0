"""The record, and what its owner and staff do to it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, TextField
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from certifications.details import Detail, details_of
from certifications.models import choices
from certifications.models.catalogue import Certificate, CertificationType
from certifications.models.choices import RENEWAL_GRACE, RENEWED_WITHIN
from certifications.models.evidence import Evidence, Step
from certifications.models.local_days import not_hidden
from certifications.models.record_queries import CertificationQuerySet, legal_name_words, plain_key
from certifications.numbers import acronyms, number_key, number_key_sql, with_and_without
from certifications.rule import BY_OBSTACLE, Condition, Obstacle
from common.days import day
from common.text import Line
from profiles.models import Client, Profile, User
from rollout.audience import audience_words

RESTORABLE_FOR = timedelta(days=30)
FIRST_CERTIFICATES = date(1960, 1, 1)  # the oldest programs are from 1969, so an earlier date is a slip
LONGEST_TERM = timedelta(days=25 * 366)
DAYS_A_MONTH = 365.25 / 12


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["number_key", "body_key", "details_changed_at"],
)
class Certification(models.Model):
    """A certification: what a profile's editor attested about a certificate that their business holds."""

    Standing = choices.Standing
    Audience = choices.Audience

    class Reason(models.TextChoices):
        """The reason why staff suspended or refused a record."""

        NOT_FOUND = "not_found", "The certifier doesn't list this certificate"
        ENDED = "ended", "The certifier ended or suspended this certificate"
        MISMATCH = "mismatch", "The details don't match the certificate"
        NOT_A_CERTIFICATE = "not_a_certificate", "What was entered isn't an ownership certificate"
        NOT_HOLDER = "not_holder", "The certificate belongs to another business"
        UNDER_CHECK = "under_check", "A concern was reported and is being checked"

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="certifications")
    type = models.ForeignKey(CertificationType, models.PROTECT, related_name="certifications")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="certifications")
    # The names of a certificate and a certifying body that the catalogue does not have.
    other_name = Line("name of the certificate", max_length=120, blank=True)
    other_body = Line("name of the certifier", max_length=120, blank=True)
    legal_business_name = Line(max_length=160)
    number = Line("certificate number", max_length=60)
    issued_on = models.DateField("issue date", null=True, blank=True)
    expires_on = models.DateField("expiration date", null=True, blank=True)
    does_not_expire = models.BooleanField("it does not expire", default=False)

    # The attestation: the version of its text, who agreed to it and when, and which plans they agreed to show it to.
    attestation = models.CharField(max_length=20)
    attested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    attested_at = models.DateTimeField()
    agreed_plans = ArrayField(models.CharField(max_length=20, choices=Client.Plan), verbose_name="clients agreed to")
    # The moment of the report. A change of substance makes a new one, which evidence of the old one does not cover.
    self_reported_at = models.DateTimeField("self-reported at")

    # The owner's switches are apart from the standing, so that neither the owner nor staff undo what the other did.
    audience = models.CharField("who can see it", max_length=20, choices=Audience, default=Audience.ELIGIBLE)
    hidden_at = models.DateTimeField(null=True, blank=True)
    # The first day on which it shows again, from midnight in the owner's time zone.
    hidden_until = models.DateField("shown again on", null=True, blank=True)
    renewal_filed_on = models.DateField("renewal filed on", null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    standing = models.CharField(max_length=20, choices=Standing, default=Standing.GOOD)
    standing_reason = models.CharField("reason", max_length=20, choices=Reason, blank=True)
    standing_note = Line("note to the owner", max_length=500, blank=True)
    standing_at = models.DateTimeField("decided at", null=True, blank=True)
    standing_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="decided by",
    )

    # The key of the form that it was entered with, so that a second click saves nothing twice.
    submission = models.UUIDField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # When the details last changed that clients read. Who sees it, and whether, is none of them.
    details_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    number_key = models.GeneratedField(
        expression=number_key_sql(F("number")), output_field=TextField(), db_persist=True
    )
    body_key = models.GeneratedField(expression=plain_key(F("other_body")), output_field=TextField(), db_persist=True)

    # What `with_status` annotates.
    named_count: int
    paused_until: date | None
    unseen_because: str  # an Obstacle, or ""
    audience_now: list[str]
    # What `with_client_obstacle` and `with_number_elsewhere` annotate.
    client_obstacle: str  # an Obstacle, or ""
    number_elsewhere: bool
    # What the owner's pages add: links that may let clients see it again, and a notice from staff's side.
    remedies: Sequence[Any]
    pending: Any

    objects = CertificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        permissions = [("decide_certification", "Can suspend, refuse and lift certifications")]
        indexes = [
            models.Index(fields=["certificate", "number_key"], name="certification_number"),
            models.Index(fields=["expires_on"], name="certification_expiry", condition=Q(withdrawn_at=None)),
            GinIndex(legal_name_words(), name="certification_legal_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="certification_once_a_profile",
                fields=["profile", "certificate", "body_key", "number_key"],
                condition=Q(withdrawn_at=None),
                violation_error_message="You have already added this certification",
            ),
            models.UniqueConstraint(name="certification_once_a_submission", fields=["submission", "type"]),
            models.CheckConstraint(
                name="certification_expires_or_not",
                condition=Q(does_not_expire=True, expires_on=None) | Q(does_not_expire=False, expires_on__isnull=False),
                violation_error_message="Enter the date it expires, or say that it does not expire",
            ),
            models.CheckConstraint(
                name="certification_hidden_until_a_day",
                condition=Q(hidden_until=None) | Q(hidden_at__isnull=False),
                violation_error_message="Only a hidden certification has a day on which it shows again",
            ),
            models.CheckConstraint(
                name="certification_renewed_only_if_it_expires",
                condition=Q(renewal_filed_on=None) | Q(does_not_expire=False),
                violation_error_message="What does not expire is not renewed",
            ),
            models.CheckConstraint(
                name="certification_issued_before_it_expires",
                condition=Q(issued_on=None) | Q(expires_on=None) | Q(issued_on__lte=F("expires_on")),
                violation_error_message="It cannot expire before it was issued",
            ),
            models.CheckConstraint(
                name="certification_names_business_and_number",
                condition=~Q(legal_business_name="") & ~Q(number=""),
                violation_error_message="A certification has a legal business name and a number",
            ),
            models.CheckConstraint(
                name="certification_attested",
                condition=~Q(attestation=""),
                violation_error_message="A certification is attested by its owner",
            ),
            models.CheckConstraint(
                name="certification_standing_explained",
                condition=Q(standing="good")
                | Q(standing__in=["suspended", "refused"], standing_at__isnull=False) & ~Q(standing_reason=""),
                violation_error_message="A suspended or refused certification has a reason and a time",
            ),
        ]

    # What `with_step` annotates, as is `known_on`. Without it, these are the values of a record without evidence.
    step = Step.SELF_REPORTED

    class NotPossible(Exception):
        """The record is no longer in the state that this action starts from."""

    def __str__(self) -> str:
        return f"{self.label} ({self.body_name}) {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("certifications:record", args=[self.profile.kind, self.profile.slug, self.pk])

    @cached_property
    def known_on(self) -> date:
        return self.profile.day_of(self.self_reported_at)

    @property
    def section_url(self) -> str:
        return reverse("certifications:section", args=[self.profile.kind, self.profile.slug])

    @property
    def agreed_now(self) -> list[str]:
        """The plans of today's audience that the owner agreed to. Needs `with_status`."""
        return [plan for plan in self.audience_now if plan in self.agreed_plans]

    @property
    def seen_by(self) -> str:
        """The clients that see it when nothing hides it, in words. Needs `with_status`."""
        match self.audience:
            case self.Audience.ENTERPRISE:
                return "Enterprise clients only"
            case self.Audience.NAMED:
                return f"{self.named_count} client{'' if self.named_count == 1 else 's'} you chose"
            case self.Audience.NOBODY:
                return "no one but you"
        return audience_words(self.agreed_now)

    @property
    def unmet(self) -> Condition | None:
        """The first condition of the rule that hides it from every client, or None. Needs `with_status`."""
        return BY_OBSTACLE[Obstacle(self.unseen_because)] if self.unseen_because else None

    @property
    def status(self) -> str:
        """The words for its editors that say who sees it, or why no one does. Needs `with_status`."""
        return self.unmet.status(self) if self.unmet else f"Visible to {self.seen_by}"

    @property
    def because(self) -> str:
        """The reason why no client sees it, as the end of a sentence for its editors, or "". Needs `with_status`."""
        return self.unmet.because(self) if self.unmet else ""

    @property
    def time_left(self) -> timedelta | None:
        """How long its last day is away by the owner's calendar, negative once it is over; None if it has none."""
        return self.expires_on - self.profile.today() if self.expires_on else None

    @property
    def has_ended(self) -> bool:
        """True if its last day is over in the time zone of its profile."""
        return self.expires_on is not None and self.expires_on < self.profile.today()

    @property
    def ends_soon(self) -> bool:
        """True if it has expired or will within RENEWED_WITHIN, so that renewing it is what to do next."""
        return self.expires_on is not None and self.expires_on < self.profile.today() + RENEWED_WITHIN

    @property
    def is_hidden(self) -> bool:
        """True if its owner has hidden it, and the day until which it is hidden has not come in their time zone."""
        return self.hidden_at is not None and (self.hidden_until is None or self.hidden_until > self.profile.today())

    @property
    def last_shown_on(self) -> date | None:
        """The last day on which its dates let clients see it, or None if it does not expire.

        A renewal in progress extends it by RENEWAL_GRACE.
        """
        if self.expires_on and self.renewal_filed_on:
            return self.expires_on + RENEWAL_GRACE
        return self.expires_on

    @property
    def first_day(self) -> date:
        """The first day on which the certificate can have existed. No evidence of it is older.

        Without a day of issue, it is twice the usual term before the last day, because bodies extend terms.
        """
        if self.issued_on:
            return self.issued_on
        if self.expires_on is None:
            return FIRST_CERTIFICATES
        months = self.certificate.term_months
        longest = timedelta(days=round(2 * months * DAYS_A_MONTH)) if months else LONGEST_TERM
        return max(FIRST_CERTIFICATES, self.expires_on - longest)

    @property
    def label(self) -> str:
        """The name of the certificate: as typed if the catalogue does not have it, else the catalogue's."""
        return self.other_name or self.certificate.label

    @property
    def body_name(self) -> str:
        """The name of the body that issued it: as typed for another body, else the catalogue's."""
        return self.other_body or self.certificate.body.name

    @property
    def known(self) -> str:
        """The verification level and its date in words: "Document checked Nov 3, 2026". Needs `with_step`."""
        return f"{self.level.label} {day(self.known_on)}"

    @property
    def details(self) -> list[Detail]:
        """The details on the certificate besides its name, body and last day."""
        return details_of(self)

    @property
    def level(self) -> Step:
        """Its verification level. Needs `with_step`."""
        return Step(self.step)

    def get_agreed_plan_names(self) -> list[str]:
        """Return the names of the plans that the owner agreed to."""
        return [Client.Plan(plan).label for plan in self.agreed_plans]

    def with_same_number(self) -> CertificationQuerySet:
        """Return the current records of other profiles with the same certificate and number. For staff only."""
        return (
            Certification.objects.current()
            .filter(certificate=self.certificate_id, number_key=self.number_key)
            .exclude(profile=self.profile_id)
        )

    @property
    def acronyms(self) -> set[str]:
        """The acronyms that its body may print before or after the number."""
        return self.certificate.acronyms | acronyms(self.other_body)

    @property
    def number_keys(self) -> set[str]:
        """The keys of its number with and without the acronyms of its body and certificate."""
        return with_and_without(number_key(self.number), self.acronyms)

    @property
    def restorable_until(self) -> datetime | None:
        """The moment after which a withdrawn record cannot be restored, or None if it is not withdrawn."""
        return self.withdrawn_at and self.withdrawn_at + RESTORABLE_FOR

    @property
    def is_restorable(self) -> bool:
        return self.restorable_until is not None and timezone.now() < self.restorable_until

    def _change(self, *, only_if: Q, **values: Any) -> None:
        """Change it in one conditional UPDATE, so that only one of two people wins. Raises NotPossible."""
        changed = Certification.objects.filter(only_if, pk=self.pk).update(updated_at=timezone.now(), **values)
        if not changed:
            raise self.NotPossible(self)
        self.refresh_from_db(fields=[*values, "updated_at"])

    def gain(self, evidence: Evidence, *, by: User | None = None) -> None:
        """Save `evidence` as evidence of the current report. Raises Evidence.TooEarly."""
        if evidence.evidence_on < self.first_day:
            raise Evidence.TooEarly(self)
        evidence.certification, evidence.by = self, by
        evidence.reported_at, evidence.certified_until = self.self_reported_at, self.expires_on
        evidence.save()

    def hide(self, until: date | None = None) -> None:
        """Hide it from every client until the beginning of the day `until`, or until `show`."""
        only_if = Q(withdrawn_at=None) & (not_hidden() | ~Q(hidden_until=until))
        self._change(only_if=only_if, hidden_at=timezone.now(), hidden_until=until)

    def show(self) -> None:
        self._change(only_if=Q(hidden_at__isnull=False, withdrawn_at=None), hidden_at=None, hidden_until=None)

    def show_to(self, audience: str) -> None:
        """Choose its audience (an `Audience`) among the clients that the owner agreed to."""
        self._change(only_if=Q(withdrawn_at=None), audience=audience)

    def declare_renewal(self, filed_on: date | None) -> None:
        """Record the day on which its renewal was filed, or with None that it was not."""
        only_if = Q(withdrawn_at=None, does_not_expire=False)
        self._change(only_if=only_if, renewal_filed_on=filed_on, details_changed_at=timezone.now())

    def withdraw(self) -> None:
        """Take the record off every page. It is kept as history, and can be restored within RESTORABLE_FOR."""
        self._change(only_if=Q(withdrawn_at=None), withdrawn_at=timezone.now())

    def restore(self) -> None:
        """Undo a withdrawal. Raises NotPossible if it was too long ago, IntegrityError if it was added again."""
        self._change(only_if=Q(withdrawn_at__gt=timezone.now() - RESTORABLE_FOR), withdrawn_at=None)

    def suspend(self, *, by: User | None, reason: str, note: str = "") -> None:
        self._decide(Q(standing=self.Standing.GOOD), self.Standing.SUSPENDED, by, reason, note)

    def refuse(self, *, by: User | None, reason: str, note: str = "") -> None:
        self._decide(~Q(standing=self.Standing.REFUSED), self.Standing.REFUSED, by, reason, note)

    def lift(self, *, by: User | None, note: str = "") -> None:
        """End a suspension or a refusal. The record is again as its owner left it."""
        self._decide(~Q(standing=self.Standing.GOOD), self.Standing.GOOD, by, "", note)

    def _decide(self, only_if: Q, standing: choices.Standing, by: User | None, reason: str, note: str) -> None:
        self._change(
            only_if=only_if,
            standing=standing,
            standing_reason=reason,
            standing_note=note,
            standing_at=timezone.now(),
            standing_by=by,
        )
