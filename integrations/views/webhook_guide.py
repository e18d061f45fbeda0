"""How a client's system takes webhooks, for whoever programs it."""

import base64
import json
from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from integrations.models import Delivery
from integrations.webhooks import sending, signing
from integrations.webhooks.events import EVENTS

# The example, which can be verified.
SECRET = signing.PREFIX + base64.b64encode(bytes(range(signing.SECRET_BYTES))).decode()
ID = "msg_1f6c2f0e5b0d4c0f9a53a1f2a1f0c3de"
HAPPENED_AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
UNITS = (("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)), ("second", timedelta(seconds=1)))


@login_not_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    bodies = [sending.body_of(Delivery(type=event.type, data=event.data, happened_at=HAPPENED_AT)) for event in EVENTS]
    timestamp = int(HAPPENED_AT.timestamp())
    context = {
        "secret": SECRET,
        "id": ID,
        "timestamp": timestamp,
        "body": bodies[0].decode(),
        "signature": signing.signature(SECRET, ID, timestamp, bodies[0]),
        "events": [(event, json.dumps(json.loads(body), indent=2)) for event, body in zip(EVENTS, bodies, strict=True)],
        "pauses": [_words(pause) for pause in sending.PAUSES],
        "seconds": sending.TIMEOUT_SECONDS,
        "kilobytes": sending.LIMIT_BYTES // 1024,
        "days": Delivery.KEPT_FOR.days,
    }
    return render(request, "developers/webhooks.html", context)


def _words(pause: timedelta) -> str:
    """Return a pause before an attempt to read."""
    for unit, length in UNITS:
        if count := pause // length:
            return f"{count} {unit}{'' if count == 1 else 's'} later"
    return "right away"
