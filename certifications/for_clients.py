"""Queries for what members of a client see, compiled once for each kind of client that the rule distinguishes."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from common.compiled import CompiledQuery
from profiles.viewer import Viewer, ViewerClient
from rollout.audience import is_in_audience
from rollout.models import RolloutPolicy


class ClientKind(NamedTuple):
    """All that the rule reads about a client in the audience, except for the keys of clients.

    A statement is compiled for a viewer and a policy that are made from a kind alone, so nothing else gets into it.
    """

    plan: str
    clients: int  # the number of clients that the member belongs to
    plans: tuple[str, ...]  # the audience
    paused_types: tuple[int, ...]

    def viewer(self, client_pks: Sequence[int]) -> Viewer:
        """Return a member of clients of this kind with these keys, who acts for the first."""
        places = [ViewerClient(pk, "", "", self.plan, True, "member", is_made_up=True) for pk in client_pks]
        viewer = Viewer.member_of(places[0])
        viewer.client_memberships = places
        return viewer

    @property
    def policy(self) -> RolloutPolicy:
        return RolloutPolicy(plans=list(self.plans), paused_types=list(self.paused_types))


class ClientQuery:
    """A query for what a client sees, by keys, as in `CompiledQuery`.

    `build` gets a Viewer and a policy made from a ClientKind before the keys. Clients of one kind differ only in their
    keys, which are bound each time.
    """

    def __init__(self, build: Callable[..., QuerySet], *, keys: int) -> None:
        self._build, self._keys = build, keys
        self._compiled = cache(self._compile)

    def rows(self, viewer: Viewer, policy: RolloutPolicy, *keys: Any) -> list[tuple]:
        """Return the rows for `viewer`, as a member of the client they act for. One query, or none."""
        client = viewer.client
        if client is None or not is_in_audience(client, policy):
            return []
        clients = [client.pk, *(pk for pk in viewer.client_ids if pk != client.pk)]
        kind = ClientKind(client.plan, len(clients), tuple(policy.audience), tuple(policy.paused_types))
        return self._compiled(kind).rows(*keys, *clients)

    def _compile(self, kind: ClientKind) -> CompiledQuery:
        def build(*keys: Any) -> QuerySet:
            keys, client_pks = keys[: self._keys], keys[self._keys :]
            return self._build(kind.viewer(client_pks), kind.policy, *keys)

        return CompiledQuery(build, keys=self._keys + kind.clients)
