"""Policies, and what they change, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.text import capfirst

from common.days import day
from rollout.audience import audience_words
from rollout.models import RolloutPolicy
from rollout.types import all_types

type NamedType = dict[str, Any]  # `pk` and `name`


def named_types() -> QuerySet[Any, NamedType]:
    """Return the key and the name of each type, for the words below."""
    return all_types().values("pk", "name")


def in_words(policy: RolloutPolicy, types: Iterable[NamedType]) -> dict[str, str]:
    """Return what a policy decides, in words, by subject. `types` come from `named_types`."""
    names = [type["name"] for type in types if type["pk"] in policy.paused_types]
    showing = "Stopped for everyone" if policy.is_paused else "On" if policy.plans else "Off, no plan is selected"
    return {
        "Showing": showing,
        "Visible to": capfirst(audience_words(policy.plans)),
        "Holdout": f"{policy.holdout_percent}% of these clients" if policy.holdout_percent else "None",
        "Paused types": ", ".join(names) or "None",
        "Alarms": "Pause a type automatically" if policy.pauses_on_alarm else "Pause nothing",
    }


class Change(NamedTuple):
    """One line of what a policy changes."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


def changed_lines(before: RolloutPolicy, after: RolloutPolicy, types: Iterable[NamedType]) -> list[Change]:
    """Return what differs between two policies, line by line."""
    old, new = in_words(before, types), in_words(after, types)
    return [Change(what, old[what], new[what]) for what in new if old[what] != new[what]]


def changes(before: RolloutPolicy, after: RolloutPolicy, types: Iterable[NamedType]) -> str:
    """Return what differs between two policies in one line, such as "Holdout: None → 5% of these clients", or ""."""
    return "; ".join(map(str, changed_lines(before, after, types)))


def plans(policies: Iterable[RolloutPolicy], before: RolloutPolicy, types: Iterable[NamedType]) -> str:
    """Return in words the planned `policies`, each with its changes to the one before it, or ""."""
    words = []
    for policy in policies:
        lines = changes(before, policy, types) or "no setting changes"
        words.append(f"{day(policy.starts_at)} ({lines})")
        before = policy
    return f"the change scheduled for {', then '.join(words)}" if words else ""


def from_story(fields: dict[str, Any] | None) -> RolloutPolicy:
    """Return an unsaved policy with the fields that `with_story` annotates."""
    if fields is None:
        return RolloutPolicy()
    return RolloutPolicy(**fields | {"starts_at": datetime.fromisoformat(fields["starts_at"])})
