"""Keeps what happened for the webhooks that are to be told of it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from integrations.models import Delivery, EventType, Webhook
from integrations.webhooks.sending import send_due
from profiles.models import Client
from rollout.models import RolloutPolicy


def emit(type: EventType, data: dict[str, Any], *, clients: Iterable[int]) -> None:
    """Tell the webhooks of `clients` that ask for this type of event, after the commit. None of one in no audience.

    `data` has keys of rows and nothing else, so that only who asks the API learns what they are about. `clients` are
    keys, or a query for them.
    """
    deliver(listening(type, RolloutPolicy.in_force()).filter(client__in=clients), type, data)


def tell_each(type: EventType, tell: Callable[[Client, RolloutPolicy], int]) -> int:
    """Call `tell` for each client that has a webhook which listens for `type`. Returns the sum of its answers.

    It is for what follows from so much that it is found by comparing. Of two runs at once, one tells a client. A client
    that can't be told does not hold up the others. Raises an ExceptionGroup once all others are told.
    """
    policy = RolloutPolicy.in_force()
    count = 0
    failures: list[Exception] = []
    for client in Client.objects.filter(pk__in=listening(type, policy).values("client")).order_by("pk"):
        try:
            with transaction.atomic():
                Client.objects.select_for_update(no_key=True).get(pk=client.pk)
                count += tell(client, policy)
        except Exception as error:
            error.add_note(f"Client {client.pk} could not be told: {type}.")
            failures.append(error)
    if failures:
        raise ExceptionGroup("Some clients could not be told", failures)
    return count


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
