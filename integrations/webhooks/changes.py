"""Tells webhooks of changes of certifications that their client has, as far as the rule shows them to it.

The rule is asked for all that the API gave, and the answers are compared with what was told before. So whatever the
cause was, even a day that is over, a client is told exactly what the API would tell it if it asked, and nothing of a
record that it never had, or that it may not be shown meanwhile.
"""

from django.db.models import Q

from certifications.sharing.viewers import place_of
from integrations.api.giving import records_of
from integrations.models import EventType, Given
from integrations.webhooks.emitting import deliver, listening, tell_each
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy

MOST = 500  # events of one client in one run; if there are more, a single one stands for all
BATCH = 1_000
TYPE = EventType.CERTIFICATION_CHANGED


def tell() -> int:
    """Tell all webhooks that listen. Returns how many certifications were told of."""
    return tell_each(TYPE, _tell)


def _tell(client: Client, policy: RolloutPolicy) -> int:
    news = _news(client, policy)
    keys = [str(row.key) for row in news] if len(news) <= MOST else [None]
    if keys:
        deliver(listening(TYPE, policy).filter(client=client), TYPE, *({"certification": key} for key in keys))
    return len(news)


def _news(client: Client, policy: RolloutPolicy) -> list[Given]:
    """Return what the client has and what changed of it, and note that it is told.

    Its systems need not know of each other. So what one of them learned by asking is told to the webhooks as well.
    """
    records = records_of(Viewer.member_of(place_of(client)), policy).filter(key__isnull=False)
    changed_at = dict(records.values_list("pk", "changed"))
    news = []
    for row in Given.objects.filter(Q(gone_at=None) | Q(is_told_gone=False), client=client).order_by("pk"):
        changed = changed_at.get(row.certification_id)
        told = row.told_change_at or row.given_at
        if row.is_told_gone if changed is None else not row.is_told_gone and changed <= told:
            continue
        row.is_told_gone = changed is None
        row.told_change_at = changed or told
        news.append(row)
    Given.objects.bulk_update(news, ["is_told_gone", "told_change_at"], batch_size=BATCH)
    return news
