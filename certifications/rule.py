"""The visibility rule: an ordered table of the conditions for a client to see a record, and the queries that read it.

`Certification.objects.visible_to` is the rule. Owners and staff read why someone does not see a record from the same
table.
"""

from collections.abc import Callable, Collection
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, Expression, ExpressionWrapper, F, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact

from certifications.models.choices import RENEWAL_GRACE, Audience, Standing
from certifications.models.disclosure import registered_in_us
from certifications.models.local_days import local_today, not_hidden
from certifications.models.sharing import Block, Consent, NamedClient, UnusedType
from common.compiled import among
from common.days import day
from profiles.models import Client
from profiles.viewer import Viewer, ViewerClient
from rollout.audience import is_in_audience
from rollout.models import RolloutPolicy

if TYPE_CHECKING:
    from certifications.models.record import Certification

PLANS: ArrayField = ArrayField(models.CharField(max_length=20))


class Obstacle(StrEnum):
    """The reason why someone does not see a record. Each row of the tables below has one."""

    # No client sees it.
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ABROAD = "abroad"
    PAUSED = "paused"
    HIDDEN = "hidden"
    NOT_SHOWN = "not_shown"
    PROFILE_OFF = "profile_off"
    NOBODY = "nobody"
    AUDIENCE = "audience"
    STOPPED = "stopped"
    TYPE_STOPPED = "type_stopped"
    UNNAMED = "unnamed"
    # The members of one client do not see it.
    BLOCKED = "blocked"
    NOT_AGREED = "not_agreed"
    NOT_CHOSEN = "not_chosen"
    UNUSED = "unused"


class Remedy(NamedTuple):
    """A page where the owner can change what hides a record from clients, and the words of its link."""

    page: str
    words: str
    part: str = ""
    is_of_profile: bool = False


class Condition(NamedTuple):
    """A condition that must hold for any client to see a record, and the words to use when it does not.

    `to_staff` is for staff. The record's editors read `status` by itself and `because` as the end of a sentence.
    `remedies` lead to what the owner can change.
    """

    obstacle: Obstacle
    holds: Callable[[RolloutPolicy], Q]
    to_staff: str
    status: Callable[["Certification"], str]
    because: Callable[["Certification"], str]
    remedies: tuple[Remedy, ...] = ()


class ClientCondition(NamedTuple):
    """A condition that must also hold for the members of one client, and what the owner reads when it does not."""

    obstacle: Obstacle
    holds: Callable[[Viewer, ViewerClient], Q]
    why: Callable[["Certification"], str]


def _in_date(policy: RolloutPolicy) -> Q:
    in_renewal = Q(renewal_filed_on__isnull=False, expires_on__gte=local_today() - Value(RENEWAL_GRACE))
    return Q(does_not_expire=True) | Q(expires_on__gte=local_today()) | in_renewal


def _agreed_to(purpose: Consent.Purpose) -> Q:
    return Q(Exists(Consent.objects.filter(profile=OuterRef("profile"), purpose=purpose, is_given=True)))


def _for_someone(policy: RolloutPolicy) -> Q:
    """Return the condition that the owner agreed to a plan of today's audience and has not excluded it since."""
    someone = Q(agreed_plans__overlap=policy.audience) & ~Q(audience=Audience.ENTERPRISE)
    if Client.Plan.ENTERPRISE in policy.audience:
        someone |= Q(audience=Audience.ENTERPRISE, agreed_plans__contains=[Client.Plan.ENTERPRISE])
    return someone


def _withdrawn_on(record: "Certification") -> str:
    return day(record.withdrawn_at)


def _until(shown_on: date | None) -> str:
    return f" until {day(shown_on)}" if shown_on else ""


def _expired(record: "Certification") -> str:
    words = f"it expired on {day(record.expires_on)}"
    if record.renewal_filed_on:
        return f"{words} and the new dates weren't entered by {day(record.last_shown_on)}"
    return words


def _hidden_until(record: "Certification") -> str:
    return _until(record.hidden_until)


def _all_hidden(record: "Certification") -> str:
    return f"all your certifications are hidden{_until(record.paused_until)}"


def _type(record: "Certification") -> str:
    return str(record.type)


# The conditions about the record and its profile alone. An owner reads the first that does not hold.
CONDITIONS = (
    Condition(
        Obstacle.WITHDRAWN,
        holds=lambda policy: Q(withdrawn_at=None),
        to_staff="Withdrawn by the owner",
        status=lambda record: f"Removed {_withdrawn_on(record)}",
        because=lambda record: "you removed it",
    ),
    Condition(
        Obstacle.REFUSED,
        holds=lambda policy: ~Q(standing=Standing.REFUSED),
        to_staff="Not accepted",
        status=lambda record: f"Not accepted: {record.get_standing_reason_display()}",
        because=lambda record: "it wasn't accepted",
        remedies=(Remedy("record", "See what you can do", "#evidence"),),
    ),
    Condition(
        Obstacle.SUSPENDED,
        holds=lambda policy: ~Q(standing=Standing.SUSPENDED),
        to_staff="Suspended",
        status=lambda record: f"Suspended: {record.get_standing_reason_display()}",
        because=lambda record: "it's suspended",
        remedies=(Remedy("record", "See what you can do", "#evidence"),),
    ),
    Condition(
        Obstacle.EXPIRED,
        holds=_in_date,
        to_staff="Expired",
        status=lambda record: f"Not shown because {_expired(record)}",
        because=_expired,
        remedies=(Remedy("renew", "Enter the new dates"), Remedy("renewal", "Say that you filed for renewal")),
    ),
    Condition(
        Obstacle.ABROAD,
        holds=lambda policy: registered_in_us("profile__"),
        to_staff="Profile outside the U.S.",
        status=lambda record: "Not shown because your profile is outside the U.S.",
        because=lambda record: (
            "your profile is outside the U.S. and you haven't told us that your business is registered there"
        ),
        remedies=(Remedy("section", "Tell us where your business is registered", is_of_profile=True),),
    ),
    Condition(
        Obstacle.PAUSED,
        holds=lambda policy: (
            Q(profile__certification_pause=None) | Q(profile__certification_pause__until__lte=local_today())
        ),
        to_staff="All hidden by the owner",
        status=lambda record: f"Not shown because {_all_hidden(record)}",
        because=_all_hidden,
        remedies=(Remedy("section", "Show again", "#hide-all", is_of_profile=True),),
    ),
    Condition(
        Obstacle.HIDDEN,
        holds=lambda policy: not_hidden(),
        to_staff="Hidden by the owner",
        status=lambda record: f"Hidden{_hidden_until(record)}",
        because=lambda record: f"you hid it{_hidden_until(record)}",
        remedies=(Remedy("record", "Open it to show it again"),),
    ),
    Condition(
        Obstacle.NOT_SHOWN,
        holds=lambda policy: _agreed_to(Consent.Purpose.SHOW),
        to_staff="No consent to be shown",
        status=lambda record: "Not shown because you turned off “Show certifications on my profile”",
        because=lambda record: "“Show certifications on my profile” is off",
        remedies=(Remedy("consent", "Change this permission", is_of_profile=True),),
    ),
    Condition(
        Obstacle.PROFILE_OFF,
        holds=lambda policy: Q(profile__is_active=True),
        to_staff="Profile turned off",
        status=lambda record: "Not shown because your profile is turned off",
        because=lambda record: "your profile is turned off",
    ),
    Condition(
        Obstacle.NOBODY,
        holds=lambda policy: ~Q(audience=Audience.NOBODY),
        to_staff="Kept by the owner for themselves",
        status=lambda record: "Only you can see it",
        because=lambda record: "you chose “No one (only me)”",
        remedies=(Remedy("audience", "Choose who can see it"),),
    ),
    Condition(
        Obstacle.AUDIENCE,
        holds=_for_someone,
        to_staff="No agreed audience",
        status=lambda record: "Not shown because no client that you agreed to can see certifications now",
        because=lambda record: "you haven't agreed to show it to the clients that can see certifications now",
    ),
    Condition(
        Obstacle.STOPPED,
        holds=lambda policy: Q(Exact(Value(policy.is_paused), Value(False))),
        to_staff="Showing is stopped",
        status=lambda record: "Not shown because we've stopped showing certifications for now",
        because=lambda record: "we've stopped showing certifications for now",
    ),
    Condition(
        Obstacle.TYPE_STOPPED,
        holds=lambda policy: ~Q(among("type", policy.paused_types)),
        to_staff="Its type is stopped",
        status=lambda record: f"Not shown because we've stopped showing {_type(record)} certifications for now",
        because=lambda record: f"we've stopped showing {_type(record)} certifications for now",
    ),
)

# An owner reads this one last. It is not a condition of the rule, which asks whether the client itself is named.
# It reads the count of `with_status`.
UNNAMED = Condition(
    Obstacle.UNNAMED,
    holds=lambda policy: ~Q(audience=Audience.NAMED, named_count=0),
    to_staff="No client named",
    status=lambda record: "Not shown because you haven't chosen a client that can see certifications",
    because=lambda record: "you haven't chosen a client that can see certifications",
    remedies=(Remedy("audience", "Choose who can see it"),),
)

BY_OBSTACLE = {condition.obstacle: condition for condition in (*CONDITIONS, UNNAMED)}


def _blocked_by_none(viewer: Viewer, client: ViewerClient) -> Q:
    """Return the condition that the owner has blocked none of the viewer's clients, whichever they act for."""
    return ~Q(Exists(Block.objects.filter(profile=OuterRef("profile"), client__in=viewer.client_ids)))


def _chosen(viewer: Viewer, client: ViewerClient) -> Q:
    """Return the condition that the record's audience includes the client."""
    chosen = Q(audience=Audience.ELIGIBLE)
    if client.plan == Client.Plan.ENTERPRISE:
        chosen |= Q(audience=Audience.ENTERPRISE)
    named = NamedClient.objects.filter(certification=OuterRef("pk"), client=client.pk)
    return chosen | Q(Exists(named), audience=Audience.NAMED)


def _type_is_used(viewer: Viewer, client: ViewerClient) -> Q:
    return ~Q(Exists(UnusedType.objects.filter(client=client.pk, type=OuterRef("type"))))


def _not_chosen(record: "Certification") -> str:
    return f"You chose {'Enterprise clients only' if record.audience == Audience.ENTERPRISE else 'other clients'}."


def _shared_with_member(viewer: Viewer) -> Q:
    """Return the condition that the viewer's agency lets its members see what it shows to clients."""
    return Q(_agreed_to(Consent.Purpose.MEMBERS), profile__in=viewer.member_profile_ids)


# What its editors read when that does not hold.
NOT_SHARED_WITH_MEMBERS = f"“{Consent.Purpose.MEMBERS.label}” is off."

# The conditions about the client for whom the viewer acts. An owner reads the first that does not hold.
CLIENT_CONDITIONS = (
    ClientCondition(Obstacle.BLOCKED, _blocked_by_none, lambda record: "You blocked this client."),
    ClientCondition(
        Obstacle.NOT_AGREED,
        lambda viewer, client: Q(agreed_plans__contains=[client.plan]),
        lambda record: "You haven't agreed to show it to clients on this plan.",
    ),
    ClientCondition(Obstacle.NOT_CHOSEN, _chosen, _not_chosen),
    ClientCondition(
        Obstacle.UNUSED, _type_is_used, lambda record: "This client doesn't use certifications of this type."
    ),
)

CLIENT_BY_OBSTACLE = {condition.obstacle: condition for condition in CLIENT_CONDITIONS}


def first_failing(conditions: list[tuple[Obstacle, Q]]) -> Expression:
    """Return SQL for the obstacle of the first condition that a record does not meet, or for ""."""
    whens = [When(_fails(holds), then=Value(obstacle)) for obstacle, holds in conditions]
    return Case(*whens, default=Value(""), output_field=TextField())


def _of_record(policy: RolloutPolicy, but_for: Collection[Obstacle] = ()) -> list[Q]:
    """Return the conditions about a record, without those of the obstacles `but_for`."""
    return [condition.holds(policy) for condition in CONDITIONS if condition.obstacle not in but_for]


def _fails(condition: Q) -> Expression:
    """Return SQL that is true if `condition` is false, or unknown because it compares with an empty column."""
    holds = Coalesce(ExpressionWrapper(condition, models.BooleanField()), Value(False))
    return Exact(holds, Value(False))


def first_failing_for(viewer: Viewer) -> Expression:
    """Return SQL for the first obstacle between a record and the client for whom `viewer` acts, or for ""."""
    if viewer.client is None:
        return Value("")
    return first_failing(
        [(condition.obstacle, condition.holds(viewer, viewer.client)) for condition in CLIENT_CONDITIONS]
    )


class VisibilityQuerySet(models.QuerySet["Certification"]):
    """Records, narrowed by who sees them."""

    def visible_to(self, viewer: Viewer, policy: RolloutPolicy, *, also_expired: bool = False) -> Self:
        """Return the records that `viewer` may see under `policy`. All pages, exports, emails and counts start here.

        Editors see all records of their profiles. Staff with the permission see all records. A member of a client in
        today's audience sees the records that meet every condition of the tables; so does a member of their agency, if
        the agency lets them. Everyone else sees none. With `also_expired`, the dates of a record do not matter, as in a
        report on the past. Source: docs/architecture.md, "The visibility rule".
        """
        if viewer.reads_certifications:
            return self.all()
        client = viewer.client if is_in_audience(viewer.client, policy) else None
        if client is None and not viewer.memberships:
            return self.none()
        of_record = _of_record(policy, {Obstacle.EXPIRED} if also_expired else ())
        seen = Q(profile__in=viewer.managed_profile_ids)
        if viewer.member_profile_ids:
            seen |= Q(*of_record, _shared_with_member(viewer))
        if client is not None:
            seen |= Q(*of_record, *(condition.holds(viewer, client) for condition in CLIENT_CONDITIONS))
        return self.filter(seen)

    def findable_by(self, viewer: Viewer, policy: RolloutPolicy, *, agreed_to: list[str] | None = None) -> Self:
        """Return the records by which `viewer`, as a member of the client they act for, may find a profile.

        The rule shows them to that client, and their owner also agreed to be found by clients on its plan. With
        `agreed_to`, the owner must have agreed to one of these versions of the consent's text.
        """
        if viewer.client is None:
            return self.none()
        given = Consent.objects.filter(profile=OuterRef("profile"), purpose=Consent.Purpose.FIND, is_given=True)
        found_by = given.filter(plans__contains=[viewer.client.plan])
        if agreed_to is not None:
            found_by = found_by.filter(version__in=agreed_to)
        return self.visible_to(viewer.as_member(), policy).filter(Exists(found_by))

    def with_client_obstacle(self, viewer: Viewer) -> Self:
        """Annotate `client_obstacle`, the first Obstacle between a record and the viewer's client, or ""."""
        return self.annotate(client_obstacle=first_failing_for(viewer))

    def holding_but_for(self, policy: RolloutPolicy, *obstacles: Obstacle) -> Self:
        """Return the records that meet every condition about them, those of `obstacles` aside."""
        return self.filter(*_of_record(policy, obstacles))

    def with_status(self, policy: RolloutPolicy) -> Self:
        """Annotate `unseen_because`, `named_count`, `paused_until` and `audience_now`.

        `unseen_because` is the first Obstacle that hides a record from every client, or "". `named_count` is the number
        of clients named for it that could see it if nothing hid it. `paused_until` is the day on which the profile's
        pause ends, or None. `audience_now` is today's audience under `policy`.
        """
        named = (
            NamedClient.objects.filter(certification=OuterRef("pk"))
            .in_audience(policy.audience, OuterRef("agreed_plans"))
            .exclude(client__in=Block.objects.filter(profile=OuterRef(OuterRef("profile"))).values("client"))
        )
        count = named.order_by().values("certification").annotate(count=models.Count("pk")).values("count")
        return self.annotate(
            named_count=Coalesce(models.Subquery(count), 0, output_field=models.IntegerField()),
            paused_until=F("profile__certification_pause__until"),
            audience_now=Cast(Value(policy.audience, PLANS), PLANS),
        ).annotate(
            unseen_because=first_failing(
                [(obstacle, condition.holds(policy)) for obstacle, condition in BY_OBSTACLE.items()]
            )
        )
