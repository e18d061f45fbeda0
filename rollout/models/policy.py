"""The roll-out policy: staff's decisions, one row each, about which clients may see certifications at all."""

import secrets
from datetime import datetime
from hashlib import blake2b
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from common.compiled import CompiledQuery
from common.text import Lines
from profiles.models import Client, User
from profiles.viewer import ViewerClient
from rollout.models.chain import RolloutPolicyQuerySet

MOST_HELD_OUT = 50  # percent


def first_plans() -> list[Client.Plan]:
    return [Client.Plan.BUSINESS, Client.Plan.ENTERPRISE]


def new_key() -> str:
    return secrets.token_hex(16)


class RolloutPolicy(models.Model):
    """One complete decision about the roll-out. A change is another row. Without any row, the field defaults hold.

    A row that lets more clients see certifications, or more of them, waits for a second person. Each row names the row
    that it `replaces`. Of two rows that replace the same one, only one can be confirmed, so no one confirms a change
    to a policy that they did not see. What was planned to start later stays planned: it is saved again as a row that
    follows, unless the new row cancels it.
    """

    plans = ArrayField(
        models.CharField(max_length=20, choices=Client.Plan), default=first_plans, blank=True, verbose_name="visible to"
    )
    holdout_percent = models.PositiveSmallIntegerField(
        "holdout (% of clients)",
        default=0,
        validators=[MaxValueValidator(MOST_HELD_OUT)],
        help_text="Randomly chosen clients on each plan who see no certifications, for comparison.",
    )
    holdout_key = models.CharField(max_length=32, default=new_key, editable=False)
    is_paused = models.BooleanField(
        "stop showing certifications", default=False, help_text="No client sees any certification."
    )
    paused_types = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name="paused types")
    pauses_on_alarm = models.BooleanField(
        "pause a type on an alarm",
        default=True,
        help_text="If the monitor finds harm to businesses with a type, that type is paused until someone decides.",
    )
    starts_at = models.DateTimeField("starts", default=timezone.now)
    reason = Lines(max_length=1000)
    cancels_planned = models.BooleanField(
        "cancel what is scheduled",
        default=False,
        help_text="If you don't select this, scheduled changes still start on their dates.",
    )
    carries = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="keeps the plan of"
    )
    # Decided when the policy is proposed, against the policy in force then. The second person sees the same comparison.
    is_widening = models.BooleanField("needs approval", default=False, editable=False)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    proposed_at = models.DateTimeField("proposed", default=timezone.now, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    confirmed_at = models.DateTimeField("approved", null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="approved by",
    )
    declined_at = models.DateTimeField("declined", null=True, editable=False)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = RolloutPolicyQuerySet.as_manager()

    # What `with_story` annotates, and the words that the administration puts beside it.
    state: str
    before: dict[str, Any] | None
    planned: list[dict[str, Any]]
    summary: str

    # The fields that say what a policy decides, without when, why and by whom.
    WHAT_HOLDS = ("plans", "holdout_percent", "is_paused", "paused_types", "pauses_on_alarm")

    class Meta:
        ordering = ["-pk"]
        verbose_name = "roll-out change"
        constraints = [
            models.UniqueConstraint(
                name="rollout_policy_replaced_once",
                fields=["replaces"],
                condition=Q(confirmed_at__isnull=False),
                nulls_distinct=False,
                violation_error_message="Something was decided since. Check it, then propose your change again.",
            ),
            models.CheckConstraint(
                name="rollout_policy_widened_by_two",
                condition=Q(is_widening=False) | Q(confirmed_at=None) | ~Q(confirmed_by=F("proposed_by")),
                violation_error_message="Another person must approve what you proposed",
            ),
            models.CheckConstraint(
                name="rollout_policy_decided_once",
                condition=Q(confirmed_at=None) | Q(declined_at=None),
                violation_error_message="It is confirmed or declined, not both",
            ),
            models.CheckConstraint(
                name="rollout_policy_holdout",
                condition=Q(holdout_percent__lte=MOST_HELD_OUT),
                violation_error_message=f"At most {MOST_HELD_OUT} percent can be held out",
            ),
            models.UniqueConstraint(
                name="rollout_policy_carried_once",
                fields=["carries"],
                violation_error_message="A plan is kept by one later policy",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="never_edited",
                fields=[
                    "plans",
                    "holdout_percent",
                    "holdout_key",
                    "is_paused",
                    "paused_types",
                    "pauses_on_alarm",
                    "starts_at",
                    "reason",
                    "cancels_planned",
                    "carries",
                    "is_widening",
                    "replaces",
                    "proposed_at",
                ],
            ),
        ]

    class NotPossible(Exception):
        """The policy was decided already, another one was decided since, or the same person proposed it."""

    def __str__(self) -> str:
        return f"Policy {self.pk}" if self.pk else "As it began"

    @classmethod
    def in_force(cls) -> Self:
        """Return the policy in force, or an unsaved one with the defaults if none was decided. One query.

        A request has it as `request.policy`. A command or task reads it once, when it starts.
        """
        [policy] = [cls.from_db("default", COLUMNS, row) for row in _in_force.rows()] or [cls()]
        return policy

    @property
    def audience(self) -> list[str]:
        """Today's audience: the plans whose clients may see certifications, in the order of the plans."""
        return [plan for plan in Client.Plan if plan in self.plans]

    def holds_out(self, client_pk: int) -> bool:
        """Return True if a client was drawn for the holdout.

        The draw is a keyed hash of the client's key alone. A client stays held out when its plan changes or the share
        of the holdout grows.
        """
        if not self.holdout_percent:
            return False
        drawn = blake2b(str(client_pk).encode(), key=self.holdout_key.encode(), digest_size=8).digest()
        return int.from_bytes(drawn) * 100 < self.holdout_percent << 64

    def draws_as(self, other: "RolloutPolicy") -> bool:
        """Return True if the audience and the holdout are the same as in another policy."""
        return set(self.plans) == set(other.plans) and self.holdout_percent == other.holdout_percent

    def is_eligible(self, client: ViewerClient) -> bool:
        """Return True if `client` is active and in the audience, held out or not."""
        return client.is_active and client.plan in self.plans

    def includes(self, client: ViewerClient) -> bool:
        """Return True if members of `client` may see certifications at all.

        A made-up client, for example in a preview, is never held out.
        """
        is_held_out = not client.is_made_up and self.holds_out(client.pk)
        return not self.is_paused and self.is_eligible(client) and not is_held_out

    def widens(self, older: "RolloutPolicy") -> bool:
        """Return True if this policy lets anyone see what `older` does not, or removes a safeguard."""
        return bool(
            set(self.plans) - set(older.plans)
            or self.holdout_percent < older.holdout_percent
            or (older.is_paused and not self.is_paused)
            or set(older.paused_types) - set(self.paused_types)
            or (older.pauses_on_alarm and not self.pauses_on_alarm)
        )

    @property
    def since(self) -> datetime | None:
        """The moment at which it comes into force if nothing replaces it, or None if it is not confirmed."""
        return self.confirmed_at and max(self.starts_at, self.confirmed_at)

    def says_as(self, other: "RolloutPolicy") -> bool:
        """Return True if it decides the same as another policy, whenever each starts."""
        return all(getattr(self, name) == getattr(other, name) for name in self.WHAT_HOLDS)

    @transaction.atomic
    def propose(self, *, by: User | None) -> None:
        """Save it as the next decision: confirmed, or waiting for a second person if it widens.

        It is compared with the policy that would hold when it starts, and with the plans that it cancels. If it equals
        the policy in force, its only purpose can be to cancel the plans.
        `by` is None for the monitor itself. Raises NotPossible if another policy is decided meanwhile.
        """
        newest, before = RolloutPolicy.objects.confirmed().first(), self.preceding()
        if self.is_paused and not before.is_paused:
            self._narrow_to(before)
        self.plans = [plan for plan in Client.Plan if plan in self.plans]
        self.replaces, self.proposed_by = newest, by
        self.holdout_key = newest.holdout_key if newest else self.holdout_key
        self.cancels_planned = self.cancels_planned or self.says_as(before)
        planned = self.planned_after()
        # Canceling next week's stop widens, whatever was planned after it. Stopping now widens nothing.
        canceled = planned if self.cancels_planned and not self.is_paused else []
        self.is_widening = any(map(self.widens, [before, *canceled]))
        if not self.is_widening:
            self.confirmed_at, self.confirmed_by = timezone.now(), by
        self._insert()
        if not self.is_widening:
            self._carry_over(planned, before)

    def preceding(self) -> "RolloutPolicy":
        """Return the policy that will be in force just before this one starts, as decided today."""
        starts = Greatest(Now(), models.Value(self.starts_at))
        return RolloutPolicy.objects.that_hold_at(starts).first() or RolloutPolicy()

    def planned_after(self) -> list["RolloutPolicy"]:
        """Return the policies that are planned to start after this one, in order."""
        return list(RolloutPolicy.objects.planned().filter(starts_at__gt=self.starts_at).order_by("pk"))

    def _carry_over(self, planned: list["RolloutPolicy"], before: "RolloutPolicy") -> None:
        """Save each of `planned` again as a row that follows this one, which replaced `before`.

        Each narrows what this policy narrowed. None shows more than it did before.
        """
        if self.cancels_planned:
            return
        newest = self
        for policy in planned:
            kept = RolloutPolicy(
                **{name: getattr(policy, name) for name in self.WHAT_HOLDS},
                holdout_key=policy.holdout_key,
                starts_at=policy.starts_at,
                reason=policy.reason,
                carries=policy,
                replaces=newest,
                proposed_by=self.proposed_by,
                confirmed_at=timezone.now(),
                confirmed_by=self.confirmed_by,
            )
            kept._narrow_by(before, self)
            kept._insert()
            newest = kept

    def _narrow_by(self, older: "RolloutPolicy", newer: "RolloutPolicy") -> None:
        """Narrow this policy by what `newer` took away from `older`."""
        self.plans = [plan for plan in self.plans if plan not in set(older.plans) - set(newer.plans)]
        self.paused_types = sorted({*self.paused_types} | {*newer.paused_types} - {*older.paused_types})
        if newer.holdout_percent > older.holdout_percent:
            self.holdout_percent = max(self.holdout_percent, newer.holdout_percent)
        self.is_paused = self.is_paused or (newer.is_paused and not older.is_paused)
        self.pauses_on_alarm = self.pauses_on_alarm or (newer.pauses_on_alarm and not older.pauses_on_alarm)

    def _narrow_to(self, older: "RolloutPolicy") -> None:
        """Take over from `older` whatever would widen, so that a stop need not wait for a second person."""
        self.plans = [plan for plan in older.plans if plan in self.plans]
        self.holdout_percent = max(self.holdout_percent, older.holdout_percent)
        self.paused_types = sorted({*self.paused_types, *older.paused_types})
        self.pauses_on_alarm = self.pauses_on_alarm or older.pauses_on_alarm

    def _insert(self) -> None:
        if self.starts_at <= timezone.now():
            self.starts_at = Now()  # the database's clock decides what is in force, and a server's clock may run ahead
        try:
            with transaction.atomic():
                self.save(force_insert=True)
        except IntegrityError as error:
            raise self.NotPossible(self) from error
        self.refresh_from_db()

    @classmethod
    @transaction.atomic
    def stop_type(cls, type_pk: int, *, reason: str) -> bool:
        """Stop showing certifications of a type, now and in all planned policies.

        This only narrows, so an alarm may do it without a person. Returns True if the type was shown until now.
        """
        cls.lock()
        in_force = cls.objects.started().first() or cls()
        if type_pk in in_force.paused_types:
            return False
        stopped = cls(
            **{name: getattr(in_force, name) for name in cls.WHAT_HOLDS},
            holdout_key=in_force.holdout_key,
            reason=reason,
        )
        stopped.paused_types = sorted({*stopped.paused_types, type_pk})
        stopped.propose(by=None)
        return True

    @staticmethod
    def lock() -> None:
        """Keep everyone else from deciding until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {RolloutPolicy._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")

    @transaction.atomic
    def confirm(self, *, by: User) -> None:
        """Confirm it as the second person. Raises NotPossible."""
        self.lock()
        planned, before = self.planned_after(), self.preceding()
        self._decide(confirmed_at=timezone.now(), confirmed_by=by)
        self._carry_over(planned, before)

    def decline(self, *, by: User) -> None:
        """Decline it. Raises NotPossible."""
        self._decide(declined_at=timezone.now(), declined_by=by)

    def _decide(self, **values: Any) -> None:
        try:
            with transaction.atomic():
                decided = RolloutPolicy.objects.waiting().filter(pk=self.pk).update(**values)
        except IntegrityError as error:
            raise self.NotPossible(self) from error
        if not decided:
            raise self.NotPossible(self)
        self.refresh_from_db()


# The columns that callers read of the policy in force.
COLUMNS = ("id", "plans", "holdout_percent", "holdout_key", "is_paused", "paused_types", "pauses_on_alarm", "starts_at")


@CompiledQuery
def _in_force() -> models.QuerySet:
    return RolloutPolicy.objects.started().values_list(*COLUMNS)[:1]
