"""The secrets that this app keeps sealed."""

from common import sealing
from integrations.models import IdentityProvider, Webhook


def seal_anew() -> int:
    """Seal with the newest key what an older one sealed, so that the older can be removed. Returns how many."""
    webhooks = sealing.seal_anew(Webhook.objects.all(), "secret", "previous_secret")
    return webhooks + sealing.seal_anew(IdentityProvider.objects.all(), "client_secret")
