"""Whom a change of the policy affects, counted before it is made."""

from typing import NamedTuple

from common.hooks import Hook
from profiles.models import Client
from rollout.models import RolloutPolicy

# More counts under a policy. Called with it and with the keys of the clients that it includes; each function returns a
# label and a number.
more_counts = Hook()


class Affected(NamedTuple):
    """One line of the table: how many there are with the policy before, and how many with the one after."""

    label: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


def affected(before: RolloutPolicy, after: RolloutPolicy) -> list[Affected]:
    """Return how many clients see certifications, and what else upper apps count, with one policy and another."""
    clients = list(Client.objects.filter(is_active=True).values_list("pk", "plan"))
    counts = [_counts(policy, clients) for policy in (before, after)]
    return [Affected(label, counts[0][label], counts[1][label]) for label in counts[0]]


def _counts(policy: RolloutPolicy, clients: list[tuple[int, str]]) -> dict[str, int]:
    included = [
        pk for pk, plan in clients if not policy.is_paused and plan in policy.plans and not policy.holds_out(pk)
    ]
    return {"Clients that see certifications": len(included), **dict(more_counts(policy, included))}
