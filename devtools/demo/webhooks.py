"""The demo's webhook: where a client's system listens, and what it answered. Its host belongs to no one."""

from datetime import datetime, timedelta

from integrations.models import Attempt, Delivery, EventType, Webhook
from profiles.models import Client, ClientMembership
from spend.models import IssuedReport

ADDRESS = "https://hooks.alderwood.example/marketplace"
OVER = {"next_try_at": None, "tries": 1}


def listen(client: Client, *, now: datetime) -> None:
    """Add a webhook of `client` that was told of its report at the second attempt, and of a test in vain."""
    admin = client.memberships.filter(role=ClientMembership.Role.ADMIN).get().user
    webhook = Webhook(
        client=client,
        address=ADDRESS,
        description="Supplier database",
        events=[EventType.REPORT_READY, EventType.REPORT_SUPERSEDED, EventType.EXPORT_READY],
        added_by=admin,
        added_at=now - timedelta(days=2),
    )
    webhook.set_secret()
    webhook.save()
    report = IssuedReport.objects.filter(client=client).latest("number")
    told = Delivery.objects.create(
        webhook=webhook,
        type=EventType.REPORT_READY,
        data={"report": report.number},
        happened_at=now - timedelta(hours=20),
        state=Delivery.State.DELIVERED,
        **OVER,
    )
    test = Delivery.objects.create(
        webhook=webhook,
        type=EventType.TEST,
        data={"webhook": webhook.pk},
        happened_at=now - timedelta(days=2),
        state=Delivery.State.FAILED,
        **OVER,
    )
    Attempt.objects.bulk_create(
        [
            Attempt(delivery=test, at=test.happened_at, milliseconds=31, status=404, said="Not found"),
            Attempt(delivery=told, at=told.happened_at, milliseconds=312, status=503, said="Try again later"),
            Attempt(delivery=told, at=told.happened_at + timedelta(seconds=5), milliseconds=88, status=204),
        ]
    )
