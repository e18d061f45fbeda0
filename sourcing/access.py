"""Decides who may search: members of clients in today's audience, once their admin accepted the terms. Else 404.

A client that was shown certifications and is not at present, whatever the reason, goes on reading what its members
wrote, without badges, and is told so at every other address. So these decorators stand first: a view that refuses a
method tells that it is there.

Inviting someone to talk reveals nothing about certifications, so members of every active client may.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from certifications.models import CertificationType, UnusedType
from common.redirects import with_query
from profiles.models import Client, User
from profiles.viewer import Viewer, ViewerClient
from rollout.audience import is_in_audience
from rollout.middleware import PolicyRequest
from rollout.models import RolloutPolicy
from sourcing import terms

type View = Callable[..., HttpResponseBase]


def is_without(client: ViewerClient | None, policy: RolloutPolicy) -> bool:
    """Return whether `client` may be shown no certifications at present, and was before.

    What its members wrote then is theirs. It is the same whether showing is stopped, the client is held out, or its
    plan is not in today's audience.
    """
    if client is None or not client.is_active or is_in_audience(client, policy):
        return False
    return terms.was_accepted(client.pk)


def for_clients(view: View) -> View:
    """Call `view` if the viewer acts for a client that may be shown certifications; else 404, or say why not now."""

    @wraps(view)
    def wrapped(request: PolicyRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_in_audience(request.viewer.client, request.policy):
            return view(request, *args, **kwargs)
        if is_without(request.viewer.client, request.policy):
            response = render(request, "sourcing/without.html", status=403)
            if request.htmx:
                response["HX-Refresh"] = "true"  # a part of a page that is no longer there
            return response
        raise Http404

    return wrapped


def for_members(view: View) -> View:
    """Call `view` if the viewer acts for an active client, whatever its plan; else 404."""

    @wraps(view)
    def wrapped(request: PolicyRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        client = request.viewer.client
        if client is None or not client.is_active:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def with_terms(view: View) -> View:
    """As `for_clients`, and lead to the terms as long as the newest are not accepted."""

    @for_clients
    @wraps(view)
    def wrapped(request: PolicyRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not terms.is_accepted(request.viewer.acts_for.pk):
            here = {"next": request.get_full_path()} if request.method in {"GET", "HEAD"} else {}
            return redirect(with_query(reverse("sourcing:terms"), **here))
        return view(request, *args, **kwargs)

    return wrapped


def for_admins(view: View) -> View:
    """As `with_terms`, and refuse a member who isn't an admin of the client."""

    @with_terms
    @wraps(view)
    def wrapped(request: PolicyRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.viewer.acts_for.is_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


def with_own_work(view: View) -> View:
    """As `with_terms`, and open to a client that `is_without`: for what its members wrote."""
    searching = with_terms(view)

    @wraps(view)
    def wrapped(request: PolicyRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        opened = view if is_without(request.viewer.client, request.policy) else searching
        return opened(request, *args, **kwargs)

    return wrapped


def member(user: User, client_pk: int, policy: RolloutPolicy) -> Viewer | None:
    """Return `user` as a Viewer who acts for that client, or None if they may not search for it (any more)."""
    viewer = Viewer(user, acting_for=client_pk)
    client = viewer.client
    if client is None or client.pk != client_pk or not user.is_active:
        return None
    return viewer if is_in_audience(client, policy) and terms.is_accepted(client.pk) else None


def types_for(client_pk: int) -> QuerySet[CertificationType]:
    """Return every type, each with `is_used`: whether the client uses it."""
    unused = UnusedType.objects.filter(client=client_pk, type=OuterRef("pk"))
    return CertificationType.objects.annotate(is_used=~Exists(unused))


def used_types(client_pk: int) -> QuerySet[CertificationType]:
    """Return the types that the client uses."""
    return types_for(client_pk).filter(is_used=True)


def lock_types(client_pk: int) -> None:
    """Let no one else change which types the client uses until this transaction ends."""
    Client.objects.select_for_update().get(pk=client_pk)


@transaction.atomic
def use_types(client_pk: int, types: Iterable[CertificationType]) -> bool:
    """Let the client's members be shown certifications of `types` and of no other. Returns whether anything changed."""
    lock_types(client_pk)
    unused = set(CertificationType.objects.exclude(pk__in=[type.pk for type in types]))
    before = {row.type: row for row in UnusedType.objects.filter(client=client_pk).select_related("type")}
    UnusedType.objects.bulk_create(UnusedType(client_id=client_pk, type=type) for type in unused - before.keys())
    again = [row.pk for type, row in before.items() if type not in unused]
    UnusedType.objects.filter(pk__in=again).delete()
    return bool(again or unused - before.keys())
