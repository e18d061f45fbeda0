"""Who sees a certification, in words. Whether they see it is the rule's answer for each kind of viewer."""

from collections.abc import Sequence
from itertools import batched
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from certifications.models import Certification, NamedClient
from certifications.rule import CLIENT_BY_OBSTACLE, NOT_SHARED_WITH_MEMBERS, Obstacle, first_failing_for
from profiles.models import Client, Profile
from profiles.viewer import Viewer, ViewerClient
from rollout.audience import audience_words
from rollout.models import RolloutPolicy

MOST_CLIENTS = 50  # named and blocked clients that the table lists


def place_of(client: Client) -> ViewerClient:
    """Return the ViewerClient of a member of `client`."""
    return ViewerClient(client.pk, client.name, client.slug, client.plan, client.is_active, "member")


def kind_of_client(plan: str) -> Viewer:
    """Return a member of a made-up client on `plan`, which no one has named or blocked."""
    name = f"{Client.Plan(plan).label} client"
    return Viewer.member_of(
        ViewerClient(
            0, f"a {name}" if plan != "enterprise" else f"an {name}", "", plan, True, "member", is_made_up=True
        )
    )


# The kinds of viewers that a page can be previewed as, by their name in an address: label and viewer.
KINDS = {
    "visitor": ("A visitor", lambda: Viewer()),
    "freelancer": ("Another freelancer or agency", lambda: Viewer()),
    "basic": ("A Basic client", lambda: kind_of_client(Client.Plan.BASIC)),
    "plus": ("A Plus client", lambda: kind_of_client(Client.Plan.PLUS)),
    "business": ("A Business client", lambda: kind_of_client(Client.Plan.BUSINESS)),
    "enterprise": ("An Enterprise client", lambda: kind_of_client(Client.Plan.ENTERPRISE)),
}


MEMBER = "member"  # the kind that only agencies have


def kinds_for(profile: Profile) -> dict[str, tuple[str, Viewer]]:
    """Return the label and the viewer of each kind that a page of `profile` can be previewed as."""
    kinds = {key: (label, make()) for key, (label, make) in KINDS.items()}
    return kinds | (
        {MEMBER: ("A member of this agency", Viewer.member_of_agency(profile))} if profile.is_agency else {}
    )


# Those of the kinds that come first and are in no audience.
NEVER_ASKED = ("visitor", "freelancer", "basic", "plus")


class Sight(NamedTuple):
    """A line of the table of who sees a certification. `why` says why they do not."""

    who: str
    sees: bool
    why: str


def sights(record: Certification, policy: RolloutPolicy, *, blocked: Sequence[Client]) -> list[Sight]:
    """Return whether each kind of viewer, and each named or blocked client, sees `record`. Two queries.

    Needs `with_status`.
    """
    named = [row.client for row in NamedClient.objects.filter(certification=record).select_related("client")]
    people = list(kinds_for(record.profile).values())
    spelled_out = [*named, *(client for client in blocked if client not in named)][:MOST_CLIENTS]
    people += [(client.name, Viewer.member_of(place_of(client))) for client in spelled_out]
    asked = [column for _, viewer in people for column in (_is_seen(viewer, policy), first_failing_for(viewer))]
    answers = batched(Certification.objects.filter(pk=record.pk).values_list(*asked).get(), 2)
    return [
        Sight(label, sees, "" if sees else why_not(record, viewer, obstacle, policy))
        for (label, viewer), (sees, obstacle) in zip(people, answers, strict=True)
    ]


def in_rows(seen: list[Sight]) -> list[Sight]:
    """Return the rows of a table of `sights`: those who are never shown any stand in the last one together."""
    others, clients = seen[: len(NEVER_ASKED)], seen[len(NEVER_ASKED) :]
    if any(sight.sees for sight in others):
        return seen
    return [*clients, Sight("Everyone else", sees=False, why="")]


def _is_seen(viewer: Viewer, policy: RolloutPolicy) -> Exists:
    return Exists(Certification.objects.visible_to(viewer, policy).filter(pk=OuterRef("pk")))


class Absence(NamedTuple):
    """A record that a viewer does not see, and why."""

    record: Certification
    why: str


def absent(profile: Profile, viewer: Viewer, policy: RolloutPolicy) -> list[Absence]:
    """Return the current records of `profile` that `viewer` does not see."""
    records = Certification.objects.filter(profile=profile).current().with_status(policy)
    unseen = records.filter(~_is_seen(viewer, policy)).with_client_obstacle(viewer)
    return [
        Absence(record, why_not(record, viewer, record.client_obstacle, policy))
        for record in unseen.for_display().select_related("profile")
    ]


def why_not(record: Certification, viewer: Viewer, obstacle: str, policy: RolloutPolicy) -> str:
    """Return in words what keeps `viewer`, a member of a client or of the agency, from seeing `record`.

    `obstacle` is what `first_failing_for` gives for that viewer. Returns "" if the record was changed since it was
    read.
    """
    client = viewer.client
    if viewer.member_profile_ids:
        return f"{record.status}." if record.unmet else NOT_SHARED_WITH_MEMBERS
    if client is None:
        return f"Only {audience_words(policy.audience)} can see certifications."
    between = CLIENT_BY_OBSTACLE[Obstacle(obstacle)] if obstacle else None
    if between and between.obstacle == Obstacle.BLOCKED:
        return between.why(record)
    if not client.is_active:
        return "This client isn't active."
    if client.plan not in policy.audience:
        return f"Only {audience_words(policy.audience)} can see certifications."
    if not policy.includes(client) and not policy.is_paused:
        return "We don't show certifications to this client right now."
    if record.unmet:
        return f"{record.status}."
    return between.why(record) if between else ""
