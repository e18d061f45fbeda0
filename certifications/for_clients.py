"""Queries of what members of a client are shown, compiled once for each kind of client that the rule can tell apart."""

from dataclasses import replace
from functools import cache

from certifications.models import RolloutPolicy
from certifications.models.rollout import audience_now, is_in_audience
from common.compiled import CompiledQuery
from profiles.viewer import Viewer


class ClientQuery:
    """What a client is shown, by keys, as `CompiledQuery` has it; `build` also takes the Viewer it is for.

    That viewer is a member of a client like the one who looks. The rule may tell clients apart by their keys, which are
    bound anew each time, and by what is said of `alike`.
    """

    def __init__(self, build, *, keys):
        self._build, self._keys = build, keys
        self._compiled = cache(self._compile)

    def rows(self, viewer, *keys):
        """The rows for `viewer`, as a member of the client they act for, as tuples. One query, or none."""
        if not is_in_audience(viewer.client):
            return []
        clients = [viewer.client.pk, *(pk for pk in viewer.client_ids if pk != viewer.client.pk)]
        alike = replace(viewer.client, pk=0, name="", slug="", is_made_up=True)
        policy = RolloutPolicy.current()
        query = self._compiled(alike, len(clients), tuple(audience_now()), tuple(policy.paused_types))
        return query.rows(*keys, *clients)

    def _compile(self, alike, clients, *policy):
        def build(*keys):
            keys, client_pks = keys[: self._keys], keys[self._keys :]
            viewer = Viewer.member_of(replace(alike, pk=client_pks[0]))
            viewer.client_memberships = [replace(alike, pk=pk) for pk in client_pks]
            return self._build(viewer, *keys)

        return CompiledQuery(build, keys=self._keys + clients)
