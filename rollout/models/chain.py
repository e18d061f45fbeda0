"""Policies as a chain: which were decided, when each holds, and where each stands."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, Expression, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Greatest, JSONObject, Now

if TYPE_CHECKING:
    from rollout.models.policy import RolloutPolicy


class RolloutPolicyQuerySet(QuerySet["RolloutPolicy"]):
    def confirmed(self) -> Self:
        """Return the policies that were decided, newest first. Each replaces what was planned before it."""
        return self.filter(confirmed_at__isnull=False).order_by("-pk")

    def started(self) -> Self:
        """Return the policies that have started. The one in force comes first."""
        return self.that_hold_at(Now())

    def that_hold_at(self, moment: datetime | Expression) -> Self:
        """Return the policies that have started at `moment`. The one in force then, as decided today, comes first."""
        return self.confirmed().filter(starts_at__lte=moment)

    def that_begin(self) -> Self:
        """Return the decided policies, without those that a later decision replaced before they began."""
        began = Greatest("starts_at", "confirmed_at")
        later = self.model.objects.confirmed().filter(pk__gt=OuterRef("pk")).alias(began=began)
        replaced = Exists(later.filter(began__lte=OuterRef("began")))
        return self.confirmed().alias(began=began).exclude(replaced)

    def planned(self) -> Self:
        """Return the policies that will start if nothing replaces them, newest first."""
        return self.that_begin().filter(starts_at__gt=Now())

    def with_story(self) -> Self:
        """Annotate `state`, which says in words where the policy stands, `before` and `planned`.

        `before` holds the fields of `WHAT_HOLDS`, and `starts_at`, of the policy that this one was compared with when
        it was proposed: the one that was in force or would be by the day it starts. It is None if there was no policy.
        `planned` lists the same fields of the policies that were then planned to start after this one, in order.
        """
        fields = JSONObject(**{name: name for name in ("starts_at", *self.model.WHAT_HOLDS)})
        starts = Greatest(OuterRef("proposed_at"), OuterRef("starts_at"))
        earlier = self.model.objects.confirmed().filter(
            pk__lt=OuterRef("pk"), confirmed_at__lte=OuterRef("proposed_at")
        )
        replaced = self.model.objects.confirmed().filter(
            pk__gt=OuterRef("pk"),
            pk__lt=OuterRef(OuterRef("pk")),
            starts_at__lte=OuterRef("starts_at"),
        )
        planned = earlier.exclude(Exists(replaced)).filter(starts_at__gt=starts).order_by("pk")
        state = Case(
            When(declined_at__isnull=False, then=Value("Declined")),
            When(pk__in=self.model.objects.waiting().values("pk"), then=Value("Needs approval")),
            When(confirmed_at=None, then=Value("Superseded before approval")),
            When(pk__in=self.model.objects.planned().values("pk"), then=Value("Scheduled")),
            When(pk__in=self.model.objects.that_begin().order_by().values("pk"), then=Value("Approved")),
            When(
                Exists(self.model.objects.filter(carries=OuterRef("pk"))),
                then=Value("Carried into a later change"),
            ),
            default=Value("Superseded before it started"),
        )
        return self.annotate(
            state=state,
            before=Subquery(earlier.filter(starts_at__lte=starts).values(fields=fields)[:1]),
            planned=ArraySubquery(planned.values(fields=fields)),
        )

    def waiting(self) -> Self:
        """Return the policies that a second person may still confirm.

        Nothing was decided since they were proposed, and no planned policy has started that starts after them.
        """
        newest = self.model.objects.confirmed().values("pk")[:1]
        begun = self.model.objects.started().filter(starts_at__gt=OuterRef("starts_at"))
        return self.filter(
            Q(replaces=newest) | Q(replaces=None) & ~Exists(newest), confirmed_at=None, declined_at=None
        ).exclude(Exists(begun))
