"""The page for support: what a client sees of a profile, what each kind of viewer sees of it, and why."""

from typing import Any, NamedTuple

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from certifications.models import Certification
from certifications.rule import Obstacle
from certifications.sharing.viewers import Sight, kinds_for, place_of, sights, why_not
from certifications.staff_reads import log_staff_read
from common.text import TextField
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from rollout.audience import is_in_audience
from rollout.middleware import SignedInPolicyRequest
from rollout.models import RolloutPolicy

MOST_FOUND = 10  # clients, or profiles, of which one can be chosen
# What the owner of a record chose about one client. Only staff who may view blocks read which of these it is.
OWNERS_CHOICES = {Obstacle.BLOCKED, Obstacle.NOT_AGREED, Obstacle.NOT_CHOSEN}
NOT_SHOWN_TO_CLIENT = "The owner doesn't show it to this client."


class SupportForm(forms.Form):
    """Whom staff ask about."""

    client = TextField(label="Client", required=False, max_length=120, help_text="Name or last part of the address.")
    profile = TextField(label="Profile", required=False, max_length=120, help_text="Name or last part of the address.")


class RecordSeen(NamedTuple):
    """A record, how it stands for all clients, and what each of `sights` sees of it."""

    record: Certification
    sights: list[Sight]


def _found[Row: (Client, Profile)](rows: QuerySet[Row], asked: str) -> list[Row]:
    """Return the rows of that name or address: the one that is called exactly so, or else those whose name has it."""
    if not asked:
        return []
    exact = list(rows.filter(Q(slug__iexact=asked) | Q(name__iexact=asked))[:MOST_FOUND])
    return exact or list(rows.filter(name__has_part=asked).order_by("name", "pk")[:MOST_FOUND])


def page(request: SignedInPolicyRequest, context: dict[str, Any]) -> HttpResponse:
    """Show what a GET asks about. Reads of records are logged."""
    form = SupportForm(request.GET or None)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {"client": "", "profile": ""}
    clients, profiles = _found(Client.objects.all(), said["client"]), _found(Profile.objects.all(), said["profile"])
    client = clients[0] if len(clients) == 1 else None
    profile = profiles[0] if len(profiles) == 1 else None
    records = _records(request, profile, client) if profile and not (said["client"] and client is None) else []
    log_staff_read(request.user, [seen.record for seen in records], request.path)
    context |= {
        "title": "Who sees what",
        "form": form,
        "said": said,
        "clients": clients,
        "profiles": profiles,
        "client": client,
        "client_lines": _client_lines(client, request.policy) if client else [],
        "profile": profile,
        "records": records,
    }
    return render(request, "admin/verification/support.html", context)


def _client_lines(client: Client, policy: RolloutPolicy) -> list[tuple[str, str]]:
    """Return what decides what a client's members see, as (what, in words)."""
    place = place_of(client)
    member = Viewer.member_of(place)
    seen = Certification.objects.visible_to(member, policy).values("profile").distinct().count()
    return [
        ("Plan", client.get_plan_display()),
        ("Active", "Yes" if client.is_active else "No"),
        ("Sees certifications", "Yes" if is_in_audience(place, policy) else "No, because of the roll-out or its plan"),
        ("Profiles with a certification it sees", f"{seen:,}"),
    ]


def _records(request: SignedInPolicyRequest, profile: Profile, client: Client | None) -> list[RecordSeen]:
    records = (
        Certification.objects.visible_to(request.viewer, request.policy)
        .filter(profile=profile)
        .with_status(request.policy)
        .with_step()
        .select_related("profile", "type", "certificate__body")
        .order_by("pk")
    )
    if client is None:
        kinds = len(kinds_for(profile))  # the clients named for it stand below them
        return [RecordSeen(record, sights(record, request.policy, blocked=[])[:kinds]) for record in records]
    return [RecordSeen(record, [_sight(request, record, client)]) for record in records]


def _sight(request: SignedInPolicyRequest, record: Certification, client: Client) -> Sight:
    """Return whether members of `client` see `record`, which is the rule's answer, and why not."""
    member = Viewer.member_of(place_of(client))
    asked = Certification.objects.filter(pk=record.pk)
    if asked.visible_to(member, request.policy).exists():
        return Sight(client.name, True, "")
    obstacle = asked.with_client_obstacle(member).get().client_obstacle
    if obstacle in OWNERS_CHOICES and not request.user.has_perm("certifications.view_block"):
        return Sight(client.name, False, record.unmet.to_staff if record.unmet else NOT_SHOWN_TO_CLIENT)
    return Sight(client.name, False, why_not(record, member, obstacle, request.policy))


def may_open(request: HttpRequest) -> bool:
    """Return True for staff who may view records and clients."""
    return request.user.has_perms(["certifications.view_certification", "profiles.view_client"])
