"""The viewer: built once for each request, as `request.viewer`, and passed to every rule about visibility."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from common.compiled import CompiledQuery
from common.requests import Request
from common.translation import with_names
from profiles.models import Client, ClientMembership, Membership, Profile, User

SESSION_KEY = "acting_for"
CHANGED_ON = "acting_for_changed_on"  # the page on which another was chosen, which may not be theirs
JUST_ME = 0


@dataclass(frozen=True)
class ManagedProfile:
    """A profile that the viewer belongs to, with their role."""

    pk: int
    kind: str
    slug: str
    name: str
    role: str

    @property
    def is_editor(self) -> bool:
        return self.role in Membership.EDITORS

    def get_absolute_url(self) -> str:
        return Profile(kind=self.kind, slug=self.slug).get_absolute_url()


@dataclass(frozen=True)
class ViewerClient:
    """A client that the viewer belongs to, with their role."""

    pk: int
    name: str
    slug: str
    plan: str
    is_active: bool
    role: str
    # True if it stands for any client of its kind, for example in a preview.
    is_made_up: bool = False

    @property
    def is_admin(self) -> bool:
        return self.role == ClientMembership.Role.ADMIN

    @property
    def plan_name(self) -> str:
        return Client.Plan(self.plan).label

    def get_absolute_url(self) -> str:
        return reverse("profiles:client", args=[self.slug])


class Viewer:
    """A user (or a visitor), the client they act for, and the profiles they manage."""

    def __init__(self, user: User | AnonymousUser | None = None, acting_for: int | None = None) -> None:
        """`acting_for` is a client's pk, JUST_ME for none, or None for the first client they belong to."""
        self.user = user if user is not None and user.is_authenticated else None
        self._acting_for = acting_for

    @classmethod
    def member_of(cls, client: ViewerClient) -> "Viewer":
        """Return a viewer who acts for `client` and manages no profile."""
        viewer = cls()
        viewer.client = client
        viewer.client_memberships = [client]
        return viewer

    @classmethod
    def member_of_agency(cls, agency: Profile) -> "Viewer":
        """Return a viewer who belongs to `agency` without editing it, and acts for no client."""
        viewer = cls()
        place = ManagedProfile(agency.pk, agency.kind, agency.slug, agency.name, Membership.Role.MEMBER)
        viewer.memberships = [place]
        return viewer

    def as_member(self) -> "Viewer":
        """Return the same person as only a member of their clients, without what they see for another reason."""
        viewer = Viewer()
        viewer.client, viewer.client_memberships = self.client, self.client_memberships
        return viewer

    @cached_property
    def _places(self) -> list[list[dict[str, Any]]]:
        """The values of their ManagedProfiles and of their ViewerClients. One query."""
        if self.user is None:
            return [[], []]
        [places] = _places_of_user.rows(self.user.pk)
        return [[json.loads(place) for place in kind] for kind in places]

    @property
    def is_authenticated(self) -> bool:
        return self.user is not None

    @cached_property
    def memberships(self) -> list[ManagedProfile]:
        """Their profiles, oldest first."""
        return [ManagedProfile(**place) for place in self._places[0]]

    @cached_property
    def client_memberships(self) -> list[ViewerClient]:
        """Their clients, by name."""
        return [ViewerClient(**place) for place in self._places[1]]

    @cached_property
    def client(self) -> ViewerClient | None:
        """The client they act for, or None."""
        if self._acting_for == JUST_ME or not self.client_memberships:
            return None
        chosen = (place for place in self.client_memberships if place.pk == self._acting_for)
        return next(chosen, self.client_memberships[0])

    @property
    def acts_for(self) -> ViewerClient:
        """The client they act for, on pages that are for clients only. Raises LookupError if there is none."""
        if self.client is None:
            raise LookupError("This viewer acts for no client.")
        return self.client

    @cached_property
    def client_ids(self) -> list[int]:
        """The keys of all their clients, whichever they act for."""
        return [place.pk for place in self.client_memberships]

    @cached_property
    def managed_profile_ids(self) -> frozenset[int]:
        """The keys of the profiles they edit, as owner or admin."""
        return frozenset(profile.pk for profile in self.memberships if profile.is_editor)

    def edited_at(self, kind: str, slug: str) -> ManagedProfile | None:
        """Return the profile of this kind and slug if they edit it. Asks the database for nothing about it."""
        places = (place for place in self.memberships if place.is_editor)
        return next((place for place in places if (place.kind, place.slug) == (kind, slug)), None)

    @cached_property
    def member_profile_ids(self) -> frozenset[int]:
        """The keys of the agencies they belong to without editing them."""
        return frozenset(profile.pk for profile in self.memberships if not profile.is_editor)

    def edits(self, profile: Profile) -> bool:
        return profile.pk in self.managed_profile_ids

    @cached_property
    def reads_certifications(self) -> bool:
        """True for staff who may read all certifications."""
        user = self.user
        return bool(user and user.is_staff and user.has_perm("certifications.view_certification"))


class ViewerRequest(Request):
    """A request with its viewer, as views get it."""

    viewer: Viewer


class SignedInRequest(ViewerRequest):
    """A request of a signed-in person: what every view gets that is not marked `login_not_required`."""

    user: User


@CompiledQuery
def _places_of_user(user_pk: int) -> QuerySet:
    profiles = Membership.objects.filter(user=OuterRef("pk")).order_by("pk")
    clients = ClientMembership.objects.filter(user=OuterRef("pk")).order_by("client__name", "pk")
    profile = JSONObject(
        pk=F("profile_id"),
        kind=F("profile__kind"),
        slug=F("profile__slug"),
        name=F("profile__name"),
        role=F("role"),
    )
    client = JSONObject(
        pk=F("client_id"),
        name=F("client__name"),
        slug=F("client__slug"),
        plan=F("client__plan"),
        is_active=F("client__is_active"),
        role=F("role"),
    )
    return User.objects.filter(pk=user_pk).values_list(
        ArraySubquery(profiles.values(place=profile)), ArraySubquery(clients.values(place=client))
    )


def middleware(get_response: Callable[[Any], HttpResponse]) -> Callable[[Any], HttpResponse]:
    """Give each request its `viewer`, built when first used.

    If a person chose to act for another client on a page that this client may not see, redirect to one that it may.
    """

    def attach(request: ViewerRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: Viewer(request.user, request.session.get(SESSION_KEY)))
        response = get_response(request)
        # Told on the way back to that page and never later, when it may be gone for another reason.
        session = request.session
        came_back = session.accessed and session.get(CHANGED_ON) == request.get_full_path()
        if came_back:
            del session[CHANGED_ON]
        if came_back and response.status_code == 404:
            place = request.viewer.client
            said = "The page you were on isn't available when acting for "
            messages.info(request, with_names(said + "{}.", place.name) if place else f"{said}no organization.")
            return redirect("directory")
        return response

    return attach
