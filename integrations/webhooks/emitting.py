"""Keeps what happened for the webhooks that are to be told of it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from integrations.models import Delivery, EventType, Webhook
from integrations.webhooks.sending import send_due
from rollout.models import RolloutPolicy


def emit(type: EventType, data: dict[str, Any], *, client_pk: int) -> None:
    """Tell the webhooks of a client that ask for this type of event, after the commit. None if it is in no audience.

    `data` has keys of rows and nothing else, so that only who asks the API learns what they are about.
    """
    deliver(listening(type, RolloutPolicy.in_force()).filter(client=client_pk), type, data)


def listening(type: EventType, policy: RolloutPolicy) -> QuerySet[Webhook]:
    """Return the webhooks that are to be told of a type of event."""
    return Webhook.objects.told(policy).filter(events__contains=[type])


def deliver(webhooks: Iterable[Webhook], type: EventType, *data: dict[str, Any]) -> list[Delivery]:
    """Keep events for each of `webhooks`, whatever they ask for, and send them after the commit. One query."""
    found = list(webhooks)
    deliveries = Delivery.objects.bulk_create(
        Delivery(webhook=webhook, type=type, data=one) for one in data for webhook in found
    )
    for webhook in found:
        transaction.on_commit(partial(send_due.enqueue, webhook.pk), robust=True)
    return deliveries
