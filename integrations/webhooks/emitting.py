"""Keeps what happened for the webhooks that are to be told of it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from integrations.models import Delivery, EventType, Webhook
from integrations.webhooks.sending import send_due
from rollout.models import RolloutPolicy


def emit(type: EventType, data: dict[str, Any], *, client_pk: int) -> None:
    """Tell the webhooks of a client that ask for this type of event, after the commit. None if it is in no audience.

    `data` has keys of rows and nothing else, so that only who asks the API learns what they are about.
    """
    asking = Webhook.objects.on().filter(client=client_pk, events__contains=[type])
    in_audience = Q(client__is_active=True, client__plan__in=RolloutPolicy.in_force().plans)
    deliver(asking.filter(in_audience), type, data)


def deliver(webhooks: Iterable[Webhook], type: EventType, data: dict[str, Any]) -> list[Delivery]:
    """Keep an event for each of `webhooks`, whatever they ask for, and send it after the commit."""
    deliveries = Delivery.objects.bulk_create(Delivery(webhook=webhook, type=type, data=data) for webhook in webhooks)
    for delivery in deliveries:
        transaction.on_commit(partial(send_due.enqueue, delivery.webhook_id), robust=True)
    return deliveries
