"""Who is looking: built once a request, as `request.viewer`, and handed to every rule about who sees what."""

import json
from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from common.compiled import CompiledQuery
from common.translation import with_names
from profiles.models import Client, ClientMembership, Membership, Profile, User

SESSION_KEY = "acting_for"
CHANGED_ON = "acting_for_changed_on"  # the page on which another was chosen, which may not be theirs
JUST_ME = 0


@dataclass(frozen=True)
class ManagedProfile:
    """A profile that the viewer belongs to, and as what."""

    pk: int
    kind: str
    slug: str
    name: str
    role: str

    @property
    def is_editor(self):
        return self.role in Membership.EDITORS

    def get_absolute_url(self):
        return Profile(kind=self.kind, slug=self.slug).get_absolute_url()


@dataclass(frozen=True)
class ClientPlace:
    """A client organisation that the viewer belongs to, and as what."""

    pk: int
    name: str
    slug: str
    plan: str
    is_active: bool
    role: str
    # Nobody's: it stands for any client of its kind.
    is_made_up: bool = False

    @property
    def is_admin(self):
        return self.role == ClientMembership.Role.ADMIN

    @property
    def plan_name(self):
        return Client.Plan(self.plan).label

    def get_absolute_url(self):
        return reverse("profiles:client", args=[self.slug])


class Viewer:
    """A user (or nobody), the client they act for, and the profiles they manage."""

    def __init__(self, user=None, acting_for=None):
        """`acting_for`: a client's pk; JUST_ME for none; None to act for the first they belong to."""
        self.user = user if user is not None and user.is_authenticated else None
        self._acting_for = acting_for

    @classmethod
    def member_of(cls, client):
        """Somebody who acts for `client`, a ClientPlace, and manages no profile."""
        viewer = cls()
        viewer.client = client
        viewer.client_memberships = [client]
        return viewer

    def as_member(self):
        """The same person as nothing but a member of their clients: without what they see as editor or as staff."""
        viewer = Viewer()
        viewer.client, viewer.client_memberships = self.client, self.client_memberships
        return viewer

    @cached_property
    def _places(self):
        """Lists of what ManagedProfile and ClientPlace are made of. One query."""
        if self.user is None:
            return [], []
        [places] = _places_of_user.rows(self.user.pk)
        return [[json.loads(place) for place in kind] for kind in places]

    @property
    def is_authenticated(self):
        return self.user is not None

    @cached_property
    def memberships(self):
        """Their profiles, oldest first: list of ManagedProfile."""
        return [ManagedProfile(**place) for place in self._places[0]]

    @cached_property
    def client_memberships(self):
        """Their client organisations, by name: list of ClientPlace."""
        return [ClientPlace(**place) for place in self._places[1]]

    @cached_property
    def client(self):
        """The ClientPlace they act for, or None."""
        if self._acting_for == JUST_ME or not self.client_memberships:
            return None
        chosen = (place for place in self.client_memberships if place.pk == self._acting_for)
        return next(chosen, self.client_memberships[0])

    @cached_property
    def client_ids(self):
        """The keys of all their client organisations, whichever they act for: list."""
        return [place.pk for place in self.client_memberships]

    @cached_property
    def managed_profile_ids(self):
        """The profiles they edit, as owner or admin: frozenset of primary keys."""
        return frozenset(profile.pk for profile in self.memberships if profile.is_editor)

    def edits(self, profile):
        return profile.pk in self.managed_profile_ids

    @cached_property
    def reads_certifications(self):
        """Whether they are staff who may read everybody's certifications."""
        user = self.user
        return bool(user and user.is_staff and user.has_perm("certifications.view_certification"))


@CompiledQuery
def _places_of_user(user_pk):
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


def middleware(get_response):
    """Gives each request its `viewer`, built when first asked for.

    Who chose to act for another place and was on a page that this one may not see is led to a page that it may.
    """

    def attach(request):
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
