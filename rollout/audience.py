"""Who is in the audience, and the audience in words."""

from collections.abc import Sequence

from django.utils.text import get_text_list

from profiles.models import Client
from profiles.viewer import ViewerClient
from rollout.models import RolloutPolicy


def is_in_audience(client: ViewerClient | None, policy: RolloutPolicy) -> bool:
    """Return True if members of `client` may see certifications at all. Without a client, no policy is read."""
    return client is not None and policy.includes(client)


def audience_words(plans: Sequence[str]) -> str:
    """Return `plans` (Client.Plan values) in words: "Business and Enterprise clients", or "no one"."""
    if not plans:
        return "no one"
    return f"{get_text_list([Client.Plan(plan).label for plan in plans], 'and')} clients"
