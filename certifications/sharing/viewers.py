"""Who sees a certification, in words: each kind of viewer put to the one rule."""

from itertools import batched
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Value

from certifications.models import Certification, NamedClient
from certifications.rule import CLIENT_BY_OBSTACLE, Obstacle, first_failing_for
from profiles.models import Client
from profiles.viewer import Viewer, ViewerClient
from rollout.audience import audience_words

MOST_CLIENTS = 50  # named and blocked ones that the table spells out


def place_of(client):
    """The ViewerClient of a member of `client`."""
    return ViewerClient(client.pk, client.name, client.slug, client.plan, client.is_active, "member")


def kind_of_client(plan):
    """Someone of some client on `plan`, neither named nor blocked by anybody."""
    name = f"{Client.Plan(plan).label} client"
    return Viewer.member_of(
        ViewerClient(
            0, f"a {name}" if plan != "enterprise" else f"an {name}", "", plan, True, "member", is_made_up=True
        )
    )


# Who a page can be seen as, by the name that an address calls them.
KINDS = {
    "visitor": ("A visitor", lambda: Viewer()),
    "freelancer": ("Another freelancer or agency", lambda: Viewer()),
    "basic": ("A Basic client", lambda: kind_of_client(Client.Plan.BASIC)),
    "plus": ("A Plus client", lambda: kind_of_client(Client.Plan.PLUS)),
    "business": ("A Business client", lambda: kind_of_client(Client.Plan.BUSINESS)),
    "enterprise": ("An Enterprise client", lambda: kind_of_client(Client.Plan.ENTERPRISE)),
}


class Sight(NamedTuple):
    """Whether someone sees a certification, and why."""

    who: str
    sees: bool
    why: str


def sights(record, policy, *, blocked) -> list:
    """What each kind of viewer, named and blocked client (`blocked`: list of Client) sees of `record`. Two queries.

    Needs `with_status`. Whether they see it is the rule's answer; only the reason is found here.
    """
    named = [row.client for row in NamedClient.objects.filter(certification=record).select_related("client")]
    people = [(label, make()) for label, make in KINDS.values()]
    spelled_out = [*named, *(client for client in blocked if client not in named)][:MOST_CLIENTS]
    people += [(client.name, Viewer.member_of(place_of(client))) for client in spelled_out]
    asked = [column for _, viewer in people for column in (_is_seen(viewer, policy), _obstacle(viewer))]
    answers = batched(Certification.objects.filter(pk=record.pk).values_list(*asked).get(), 2)
    return [
        Sight(label, sees, "" if sees else why_not(record, viewer.client, obstacle, policy))
        for (label, viewer), (sees, obstacle) in zip(people, answers, strict=True)
    ]


def _is_seen(viewer, policy):
    return Exists(Certification.objects.visible_to(viewer, policy).filter(pk=OuterRef("pk")))


def _obstacle(viewer):
    return first_failing_for(viewer) if viewer.client else Value("")


def absent(profile, viewer, policy) -> list:
    """The records that its owner has not withdrawn and `viewer` does not see: list of (record, why not)."""
    records = Certification.objects.filter(profile=profile).current().with_status(policy)
    unseen = records.filter(~_is_seen(viewer, policy)).annotate(client_obstacle=_obstacle(viewer))
    return [
        (record, why_not(record, viewer.client, record.client_obstacle, policy))
        for record in unseen.for_display().select_related("profile")
    ]


def why_not(record, client, obstacle, policy):
    """Return in words what keeps the members of `client` (a ViewerClient or None) from seeing `record`.

    `obstacle`: the first between the record and that client, as `first_failing_for` gives it. "" if the record was
    changed since it was read.
    """
    if client is None:
        return f"Only {audience_words(policy.audience)} are ever shown certifications."
    between = CLIENT_BY_OBSTACLE.get(obstacle)
    if between and obstacle == Obstacle.BLOCKED:
        return between.why(record)
    if not client.is_active:
        return "This client is not active."
    if client.plan not in policy.audience:
        return f"Only {audience_words(policy.audience)} are ever shown certifications."
    if not policy.includes(client) and not policy.is_paused:
        return "We do not show certifications to this client at present."
    if record.unmet:
        return f"{record.status}."
    return between.why(record) if between else ""
