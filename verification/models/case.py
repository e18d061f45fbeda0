"""Cases: what staff have to review, and what they decided."""

from datetime import timedelta
from typing import NamedTuple

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from certifications.models import Certification, Step
from common.text import Line, Lines
from profiles.models import User
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy

# How long an owner has to send the document that staff ask for, and to appeal.
ANSWER_WITHIN = timedelta(days=21)
APPEAL_WITHIN = timedelta(days=60)


class CaseQuerySet(models.QuerySet):
    def waiting(self) -> "CaseQuerySet":
        """Return the open cases of records that are not withdrawn, the longest waiting first."""
        return self.filter(decided_at=None, certification__withdrawn_at=None).order_by("opened_at", "pk")

    def visible_to(self, viewer: Viewer, policy: RolloutPolicy) -> "CaseQuerySet":
        """Cases of the records that the rule lets `viewer` see."""
        return self.filter(certification__in=Certification.objects.visible_to(viewer, policy))

    def decidable_by(self, user: User) -> "CaseQuerySet":
        """Return the cases that `user` may decide: none about their profile, no appeal against their decision."""
        own = user.memberships.values("profile")
        return self.exclude(certification__profile__in=own).exclude(appeals__decided_by=user)


class Case(models.Model):
    """One time that a record waits for staff, from its cause to its outcome.

    A record has at most one open case. Further causes are added to that case.
    """

    class Cause(models.TextChoices):
        DOCUMENT = "document", "New document"
        MATCH = "match", "Found in a register"
        NEAR = "near", "Near match in a register"
        NEAR_NUMBER = "near_number", "Listed in a register under a number that differs slightly"
        CONTRADICTION = "contradiction", "Contradicted by a register"
        NUMBER = "number", "Same number on two profiles"
        CONCERN = "concern", "A concern was reported"
        CORRECTED = "corrected", "Corrected after it was not accepted"
        APPEAL = "appeal", "Appeal"
        OVERDUE = "overdue", "No answer by the date asked"
        STAFF = "staff", "Opened by staff"

    class Outcome(models.TextChoices):
        RAISED = "raised", "Verified"
        KEPT = "kept", "No change"
        ASKED = "asked", "Document requested"
        LIFTED = "lifted", "Reinstated"
        LOWERED = "lowered", "Set back to self-reported"
        SUSPENDED = "suspended", "Suspended"
        REFUSED = "refused", "Not accepted"

    # From then on a waiting case is late.
    LATE_AFTER = timedelta(days=7)

    certification = models.ForeignKey(Certification, models.CASCADE, related_name="cases", verbose_name="record")
    causes = ArrayField(models.CharField(max_length=20, choices=Cause))
    opened_at = models.DateTimeField(default=timezone.now)
    # Who looks at it. Anyone else who may decide it still can.
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # Grows with each change. A decision names the version it was made on, so nothing is decided unseen.
    version = models.PositiveIntegerField(default=0)

    # Of an appeal: the decision it is against, and the owner's words.
    appeals = models.OneToOneField(
        "self", models.CASCADE, null=True, blank=True, related_name="appeal", verbose_name="appeal against"
    )
    statement = Lines("what the owner says", max_length=2000, blank=True)

    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    step = models.PositiveSmallIntegerField("raised to", choices=Step, null=True, blank=True)
    reason = models.CharField(max_length=20, choices=Certification.Reason, blank=True)
    note = Line("note to the owner", max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # The last moment at which the owner may answer (asked) or appeal (refused, suspended).
    answer_by = models.DateTimeField(null=True, blank=True)
    # How the record stood before the decision, by column: what taking it back restores.
    stood = models.JSONField(default=dict, editable=False, encoder=DjangoJSONEncoder)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "pk"]
        indexes = [models.Index(fields=["opened_at"], name="case_waiting", condition=Q(decided_at=None))]
        constraints = [
            models.UniqueConstraint(
                name="case_open_once_a_record",
                fields=["certification"],
                condition=Q(decided_at=None),
                violation_error_message="This record has an open case already",
            ),
            models.CheckConstraint(
                name="case_has_a_cause",
                condition=Q(causes__len__gte=1),
                violation_error_message="A case has a cause",
            ),
            models.CheckConstraint(
                name="case_decided_with_an_outcome",
                condition=Q(decided_at=None, outcome="") | Q(decided_at__isnull=False) & ~Q(outcome=""),
                violation_error_message="A decided case has an outcome and a time",
            ),
            models.CheckConstraint(
                name="case_against_has_a_reason",
                condition=~Q(outcome__in=["refused", "suspended"]) | ~Q(reason=""),
                violation_error_message="A decision against a record gives its reason",
            ),
            models.CheckConstraint(
                name="case_raised_to_a_step",
                condition=Q(outcome="raised", step__isnull=False, step__gte=1) | ~Q(outcome="raised") & Q(step=None),
                violation_error_message="Raising names the step",
            ),
            models.CheckConstraint(
                name="case_decided_after_it_was_opened",
                condition=Q(decided_at=None) | Q(decided_at__gte=F("opened_at")),
                violation_error_message="A case is decided after it was opened",
            ),
        ]
        triggers = [
            # Except that a decision is taken back as a whole, which leaves the case open.
            pgtrigger.Protect(
                name="case_decided_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decided_at__isnull=False, new__decided_at__isnull=False),
            )
        ]

    class TooLate(Exception):
        """The decision cannot be taken back: too much time has passed, or something else has happened since."""

    class AlreadyDecided(Exception):
        """Someone decided the case, or it changed, after the reviewer opened it."""

    class NotYours(Exception):
        """The reviewer may not decide this case: it is about their profile, or an appeal against their decision."""

    def __str__(self) -> str:
        return f"Case {self.pk}"

    @property
    def admin_url(self) -> str:
        return reverse("admin:verification_case_change", args=[self.pk])

    @property
    def cause_words(self) -> list[str]:
        """The labels of its causes."""
        return [self.Cause(cause).label for cause in self.causes]

    @property
    def is_against(self) -> bool:
        """True if the decision is against the record, so that its owner may appeal."""
        return self.outcome in AGAINST


class OutcomeRow(NamedTuple):
    """The words for one outcome of a case, and what the outcome requires. Its label is the enum's.

    Its email is `mail/verification/decision/<outcome>.html`. `cases.decide` applies it to the record.
    """

    key: str  # the key that chooses it on the review page
    verb: str  # what staff choose: "Verify", "Reject"
    effect: str  # what that does, below the verb
    on_appeal: str = ""  # what it does on an appeal, if that is something else
    needs: tuple[str, ...] = ()  # the fields of the review page that it takes, beside the note
    done: str = ""  # the message after a decision about several records: "Record 5 is <done>"
    to_owner: str = ""  # the heading on the record's page; "" where the level is the heading
    in_history: str = ""  # for the owner; "" where the record's standing or evidence has its own line
    is_against: bool = False  # against the record, so that its owner may appeal
    upholds: bool = False  # on an appeal: the earlier decision stands
    can_be_taken_back: bool = True
    answer_within: timedelta | None = None  # how long the owner has to answer or to appeal


OUTCOMES: dict[str, OutcomeRow] = {
    Case.Outcome.RAISED: OutcomeRow(
        key="v",
        verb="Verify",
        effect="Raises the verification level.",
        needs=("step", "entry", "source", "evidence_on"),
    ),
    Case.Outcome.KEPT: OutcomeRow(
        key="k",
        verb="No change",
        effect="Closes the case and leaves the record as it is.",
        on_appeal="Upholds the decision. The record stays as it is, and the owner can't appeal again.",
        to_owner="We looked at it, and left it as it is",
        in_history="Looked at, and left as it is",
        upholds=True,
    ),
    Case.Outcome.ASKED: OutcomeRow(
        key="a",
        verb="Request a document",
        effect=f"The owner has {ANSWER_WITHIN.days} days to answer. The record stays as it is.",
        in_history="A document is asked for",
        answer_within=ANSWER_WITHIN,
    ),
    Case.Outcome.LIFTED: OutcomeRow(
        key="l",
        verb="Reinstate",
        effect="Ends the suspension or rejection. Clients may see it again.",
        on_appeal="Grants the appeal. Clients may see it again.",
        done="reinstated",
        to_owner="In good standing again",
    ),
    Case.Outcome.LOWERED: OutcomeRow(
        key="b",
        verb="Set back to self-reported",
        effect="Removes every level above self-reported. This can't be undone.",
        to_owner="Back to self-reported",
        can_be_taken_back=False,
    ),
    Case.Outcome.SUSPENDED: OutcomeRow(
        key="s",
        verb="Suspend",
        effect=f"Hides it from every client. The owner has {APPEAL_WITHIN.days} days to appeal.",
        on_appeal="Hides it from every client. The owner can't appeal again.",
        needs=("reason",),
        done="suspended",
        to_owner="Suspended",
        is_against=True,
        upholds=True,
        answer_within=APPEAL_WITHIN,
    ),
    Case.Outcome.REFUSED: OutcomeRow(
        key="x",
        verb="Reject",
        effect=f"Hides it from every client. The owner has {APPEAL_WITHIN.days} days to appeal.",
        on_appeal="Hides it from every client. The owner can't appeal again.",
        needs=("reason",),
        done="rejected",
        to_owner="Not accepted",
        is_against=True,
        upholds=True,
        answer_within=APPEAL_WITHIN,
    ),
}
AGAINST = [outcome for outcome, row in OUTCOMES.items() if row.is_against]
