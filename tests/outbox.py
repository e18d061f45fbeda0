"""The time that an email waits on purpose, passed at once."""

from django.utils import timezone

from common.mail.outbox import send_waiting
from common.models import Mail


def let_emails_go() -> None:
    """Send every email that waits for a later moment, such as the one after which a decision stands."""
    Mail.objects.waiting().update(next_try_at=timezone.now())
    send_waiting.enqueue()
