"""Sends what waits for webhooks, one webhook at a time, and tries again after pauses that grow.

One worker at a time sends to a webhook (`Webhook.busy_until`), for TURN_SECONDS. Then the webhook goes to the end of
the queue, so one that answers slowly does not hold up others. Each attempt is claimed by a conditional update, so no
two workers make the same one. The claims of a worker that died expire, and the next run of `due` picks them up.
"""

import json
import logging
import time
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.tasks import task
from django.utils import timezone

from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post_later
from common.sealing import Unreadable
from common.text import readable
from integrations import outward
from integrations.models import Attempt, Delivery, Webhook
from integrations.webhooks.signing import signature
from profiles.members import admins_of
from rollout.models import RolloutPolicy

# The pause before each attempt, about three days in all. Source: the specification of Standard Webhooks
PAUSES = (
    timedelta(),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1  # of a pause, so that what failed together does not come back together
TIMEOUT_SECONDS = 10
LIMIT_BYTES = 64 * 1024
TURN_SECONDS = 10
CLAIM = timedelta(minutes=1)  # longer than a turn and an attempt
GONE = 410
UNREADABLE = "The signing secret could not be read. Rotate it."

logger = logging.getLogger(__name__)
chance = SystemRandom()


@task(priority=-10)  # email goes first
def send_due(webhook_pk: int) -> int:
    """Send what is due for a webhook, for one turn. Returns how many attempts were made.

    While another worker has its turn, nothing is left to do: at the end of a turn, that worker looks once more.
    """
    made = 0
    if not _begin_turn(webhook_pk):
        return made
    ends = time.monotonic() + TURN_SECONDS
    try:
        while delivery := _claim(webhook_pk):
            made += 1
            if not _attempt(delivery) or time.monotonic() > ends:
                break
    finally:
        Webhook.objects.filter(pk=webhook_pk).update(busy_until=None)
    if Delivery.objects.due(RolloutPolicy.in_force()).filter(webhook=webhook_pk).exists():
        send_due.enqueue(webhook_pk)
    return made


def send_all_due() -> int:
    """Have everything sent that is due: what a worker left that died. Returns for how many webhooks.

    What waits for a client that is not told anything meanwhile is dropped, so that it doesn't come late.
    """
    policy = RolloutPolicy.in_force()
    Delivery.objects.drop(policy)
    keys = Delivery.objects.due(policy).order_by("webhook").values_list("webhook", flat=True).distinct()
    for pk in keys:
        send_due.enqueue(pk)
    return len(keys)


def _begin_turn(webhook_pk: int) -> bool:
    """Take a webhook for this worker. Returns False if it is off, or another worker has it."""
    now = timezone.now()
    free = Webhook.objects.on().filter(Q(busy_until=None) | Q(busy_until__lte=now), pk=webhook_pk)
    return bool(free.update(busy_until=now + CLAIM))


def _claim(webhook_pk: int) -> Delivery | None:
    """Take the delivery that is due first, so that no one else makes this attempt. None if none is due."""
    due = Delivery.objects.due(RolloutPolicy.in_force()).filter(webhook=webhook_pk)
    due = due.select_related("webhook").order_by("next_try_at", "pk")
    while delivery := due.first():
        until = timezone.now() + CLAIM
        if _as_seen(delivery).update(next_try_at=until, tries=F("tries") + 1):
            delivery.next_try_at, delivery.tries = until, delivery.tries + 1
            return delivery
    return None


def _as_seen(delivery: Delivery) -> QuerySet[Delivery]:
    """Filter to the row of `delivery`, if no one changed when it is tried since it was read."""
    return Delivery.objects.waiting().filter(pk=delivery.pk, next_try_at=delivery.next_try_at)


def _attempt(delivery: Delivery) -> bool:
    """Send a delivery once, and note what came of it. Returns whether it was accepted."""
    attempt = _send(delivery)
    is_accepted = attempt.status is not None and 200 <= attempt.status < 300
    _conclude(delivery, attempt, is_accepted=is_accepted)
    return is_accepted


def _send(delivery: Delivery) -> Attempt:
    """Return the attempt that this makes. Unsaved."""
    attempt = Attempt(delivery=delivery, at=timezone.now(), milliseconds=0)
    body = body_of(delivery)
    try:
        headers = headers_of(delivery, body, attempt.at)
    except Unreadable:
        logger.exception("The secret of webhook %s could not be read", delivery.webhook_id)
        attempt.said = UNREADABLE
        return attempt
    began = time.monotonic()
    try:
        answer = outward.fetch(
            delivery.webhook.address,
            method="POST",
            body=body,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            limit=LIMIT_BYTES,
        )
    except outward.NoAnswer as error:
        attempt.said = f"No answer: {error}."
    else:
        attempt.status = answer.status
        attempt.said = readable(answer.body[: Attempt.KEPT_BYTES].decode(errors="replace")).strip()
    attempt.milliseconds = round(1000 * (time.monotonic() - began))
    return attempt


def body_of(delivery: Delivery) -> bytes:
    """Return the body of the request, the same bytes at each attempt."""
    happened_at = delivery.happened_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {"type": delivery.type, "timestamp": happened_at, "data": delivery.data}
    return json.dumps(body, separators=(",", ":")).encode()


def headers_of(delivery: Delivery, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of an attempt. Raises Unreadable if the secret can't be read."""
    key, timestamp = f"msg_{delivery.key.hex}", int(at.timestamp())
    secrets = delivery.webhook.secrets_at(at)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Marketplace-Webhooks/1.0",
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, key, timestamp, body) for secret in secrets),
    }


@transaction.atomic
def _conclude(delivery: Delivery, attempt: Attempt, *, is_accepted: bool) -> None:
    """Save an attempt and what follows from it, unless the webhook was deleted meanwhile."""
    webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
    row = Delivery.objects.filter(pk=delivery.pk)
    if webhook is None or not row.select_for_update(no_key=True).exists():
        return
    attempt.save()
    if is_accepted:  # also if someone turned the webhook off meanwhile
        row.update(state=Delivery.State.DELIVERED, next_try_at=None)
    elif attempt.status == GONE:
        _turn_off(webhook, Webhook.Off.GONE)
    elif delivery.tries >= len(PAUSES):
        _turn_off(webhook, Webhook.Off.FAILING)
    else:
        when = timezone.now() + pause(delivery.tries)
        if _as_seen(delivery).update(next_try_at=when):
            _try_again(webhook.pk, when)


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    return PAUSES[tries] * (1 + chance.uniform(0, JITTER))


def _try_again(webhook_pk: int, when: datetime) -> None:
    """Have the worker try at a moment. If tasks cannot be deferred, the next run of `due` tries."""
    if send_due.get_backend().supports_defer:
        transaction.on_commit(partial(send_due.using(run_after=when).enqueue, webhook_pk), robust=True)


def _turn_off(webhook: Webhook, because: Webhook.Off) -> None:
    """Turn a webhook off, and tell the admins of its client, once."""
    if webhook.turn_off(because):
        for user in admins_of(webhook.client_id):
            post_later(user.email, write_off, webhook_pk=webhook.pk, user_pk=user.pk)


def write_off(to: str, *, webhook_pk: int, user_pk: int) -> Letter | None:
    """Return the email that we turned a webhook off.

    None if it is on again, an admin turned it off meanwhile, or the reader is no admin any more.
    """
    ours = Webhook.objects.filter(off_because__in=[Webhook.Off.GONE, Webhook.Off.FAILING])
    webhook = ours.select_related("client").filter(pk=webhook_pk).first()
    recipient = admins_of(webhook.client_id).filter(pk=user_pk).first() if webhook else None
    if webhook is None or recipient is None:
        return None
    context = {
        "recipient": recipient,
        "webhook": webhook,
        "attempts": len(PAUSES),
        "days": sum(PAUSES, timedelta()).days,
        "link": absolute(webhook.get_absolute_url()),
    }
    return letter("integrations/webhook_off", context)


def send_again(delivery: Delivery) -> bool:
    """Send a delivery once more, under the same id. Returns False if its webhook is off or was deleted."""
    with transaction.atomic():
        webhook = Webhook.objects.on().select_for_update(no_key=True).filter(pk=delivery.webhook_id)
        if not webhook.exists():
            return False
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.WAITING, tries=0, next_try_at=timezone.now()
        )
        transaction.on_commit(partial(send_due.enqueue, delivery.webhook_id), robust=True)
    return True


def remove_old() -> int:
    """Delete from the log what its time is over for, with its attempts. Returns how many deliveries."""
    old = Delivery.objects.exclude(state=Delivery.State.WAITING)
    return old.filter(happened_at__lt=timezone.now() - Delivery.KEPT_FOR).delete()[1].get(Delivery._meta.label, 0)
