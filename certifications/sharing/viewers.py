"""Who sees a certification, in words: each kind of viewer put to the one rule."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef

from certifications.models import Block, Certification, NamedClient, RolloutPolicy, UnusedType
from certifications.models.record import audience_now, audience_words, is_in_audience
from profiles.models import Client
from profiles.viewer import ClientPlace, Viewer

MOST_CLIENTS = 50  # named and blocked ones that the table spells out


def place_of(client):
    """The ClientPlace of a member of `client`."""
    return ClientPlace(client.pk, client.name, client.slug, client.plan, client.is_active, "member")


def kind_of_client(plan):
    """Somebody of some client on `plan`, neither named nor blocked by anybody."""
    name = f"{Client.Plan(plan).label} client"
    return Viewer.member_of(
        ClientPlace(0, f"a {name}" if plan != "enterprise" else f"an {name}", "", plan, True, "member", is_made_up=True)
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
    """Whether somebody sees a certification, and why."""

    who: str
    sees: bool
    why: str


def sights(record, *, blocked):
    """What each kind of viewer, each named and each blocked client (list of Client) sees of `record`. Two queries.

    Needs `with_status`. Whether they see it is the rule's answer; only the reason is found here.
    """
    unused = UnusedType.objects.filter(client=OuterRef("client"), type=record.type_id)
    rows = NamedClient.objects.filter(certification=record).select_related("client").annotate(is_unused=Exists(unused))
    named = [row.client for row in rows]
    people = [(label, make()) for label, make in KINDS.values()]
    spelled_out = [*named, *(client for client in blocked if client not in named)][:MOST_CLIENTS]
    people += [(client.name, Viewer.member_of(place_of(client))) for client in spelled_out]
    asked = [Exists(Certification.objects.visible_to(viewer).filter(pk=OuterRef("pk"))) for _, viewer in people]
    answers = Certification.objects.filter(pk=record.pk).values_list(*asked).get()
    blocked_keys = {client.pk for client in blocked}
    unused_keys = {row.client_id for row in rows if row.is_unused}
    return [
        Sight(label, sees, "" if sees else why_not(record, viewer.client, blocked_keys, unused_keys))
        for (label, viewer), sees in zip(people, answers, strict=True)
    ]


def absent(profile, viewer):
    """The records that its owner has not withdrawn and `viewer` does not see: list of (record, why not)."""
    current = Certification.objects.filter(profile=profile).current()
    seen = set(current.visible_to(viewer).values_list("pk", flat=True))
    blocked = set(Block.objects.filter(profile=profile).values_list("client", flat=True))
    client = viewer.client
    unused = set(UnusedType.objects.filter(client=client.pk).values_list("type", flat=True)) if client else set()
    return [
        (record, why_not(record, client, blocked, {client.pk} if record.type_id in unused else set()))
        for record in current.with_status().for_display().select_related("profile")
        if record.pk not in seen
    ]


def why_not(record, client, blocked_keys, unused_keys):
    """In words, what keeps the members of `client` (a ClientPlace or None) from seeing `record`."""
    if client is None:
        return f"Only {audience_words(audience_now())} are ever shown certifications."
    if client.pk in blocked_keys:
        return "You blocked this client."
    if not client.is_active:
        return "This client is not active."
    if client.plan not in audience_now():
        return f"Only {audience_words(audience_now())} are ever shown certifications."
    if not is_in_audience(client) and not RolloutPolicy.current().is_paused:
        return "We do not show certifications to this client at present."
    if record.unseen_because:
        return f"{record.status}."
    if client.plan not in record.agreed_plans:
        return "You have not agreed to show it to clients of this plan."
    if record.audience == Certification.Audience.ENTERPRISE:
        return "You chose Enterprise clients only."
    if client.pk in unused_keys:
        return "This client uses no certifications of this type."
    return "You chose the clients that see it by name."
