"""The chain of policies: which was decided, which holds when, and where each stands."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Greatest, JSONObject, Now


class RolloutPolicyQuerySet(QuerySet):
    def confirmed(self):
        """The chain of what was decided, newest first. What comes later replaces what was planned before it."""
        return self.filter(confirmed_at__isnull=False).order_by("-pk")

    def started(self):
        """Those that have started: the one in force comes first."""
        return self.that_hold_at(Now())

    def that_hold_at(self, moment):
        """The one that holds at a moment, if nothing else is decided until then, comes first."""
        return self.confirmed().filter(starts_at__lte=moment)

    def that_begin(self):
        """The chain without what a later decision replaced before, or as, it began."""
        began = Greatest("starts_at", "confirmed_at")
        later = self.model.objects.confirmed().filter(pk__gt=OuterRef("pk")).alias(began=began)
        replaced = Exists(later.filter(began__lte=OuterRef("began")))
        return self.confirmed().alias(began=began).exclude(replaced)

    def planned(self):
        """Those that come into force later, if nothing replaces them; the newest first."""
        return self.that_begin().filter(starts_at__gt=Now())

    def with_story(self):
        """Each with `state`, where it stands in words, `before` and `planned`.

        `before` is what held, by name (see `WHAT_HOLDS`), when it was proposed, or what was to hold by the day it
        starts; None for how the marketplace began. `planned` is what was to start after it then, in order: list of
        the same, with `starts_at`.
        """
        told = JSONObject(**{name: name for name in ("starts_at", *self.model.WHAT_HOLDS)})
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
            When(pk__in=self.model.objects.waiting().values("pk"), then=Value("Waits for a second person")),
            When(confirmed_at=None, then=Value("Overtaken by another decision")),
            When(pk__in=self.model.objects.planned().values("pk"), then=Value("Planned")),
            When(pk__in=self.model.objects.that_begin().order_by().values("pk"), then=Value("Confirmed")),
            When(
                Exists(self.model.objects.filter(carries=OuterRef("pk"))),
                then=Value("Kept by a later change"),
            ),
            default=Value("Replaced before it began"),
        )
        return self.annotate(
            state=state,
            before=Subquery(earlier.filter(starts_at__lte=starts).values(told=told)[:1]),
            planned=ArraySubquery(planned.values(told=told)),
        )

    def waiting(self):
        """Those that a second person may still confirm: since then nothing was decided, and no plan began.

        A plan that began before the day they start is what they were compared with.
        """
        newest = self.model.objects.confirmed().values("pk")[:1]
        begun = self.model.objects.started().filter(starts_at__gt=OuterRef("starts_at"))
        return self.filter(
            Q(replaces=newest) | Q(replaces=None) & ~Exists(newest), confirmed_at=None, declined_at=None
        ).exclude(Exists(begun))
