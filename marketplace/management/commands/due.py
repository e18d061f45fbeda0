import logging
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from certifications import public_numbers
from certifications.mail.due import post_due
from certifications.sharing import seen_by
from common import drafts, unwanted
from common.mail import outbox
from impact import alarms
from integrations import ending, sealed
from integrations.api import auth
from integrations.models import Webhook, given, idempotent
from integrations.sign_on import domains
from integrations.webhooks import changes, goals, sending
from profiles import two_step
from sourcing import alerts, exports, listing, shortlists
from spend import packs, vendors
from verification.documents import keeping
from verification.registers import in_force, news, tasks
from verification.review import cases

logger = logging.getLogger(__name__)


class Steps:
    """Takes the steps of a run. What goes wrong in one is logged and counted, and the next is taken all the same."""

    def __init__(self) -> None:
        self.failed = 0

    def take[Found](self, step: Callable[[], Found], otherwise: Found) -> Found:
        """Return what `step` returns, or `otherwise` if it raises."""
        try:
            return step()
        except Exception:
            logger.exception("A step of the hourly run failed. The next run tries again.")
            self.failed += 1
            return otherwise


class Command(BaseCommand):
    help = "Sends emails that are due, each once, removes what is too old, picks up what stopped. To be run hourly."

    def handle(self, **options: Any) -> None:
        steps = Steps()
        steps.take(public_numbers.publish_due, None)
        removed = steps.take(seen_by.remove_old, 0)  # first, so that no mail server can keep it
        deleted = steps.take(keeping.remove_old, 0)
        steps.take(drafts.remove_expired, None)
        kept = steps.take(unwanted.delete_waiting, 0)
        overdue = steps.take(cases.open_overdue, 0)
        restarted = steps.take(tasks.restart_stopped, 0)
        steps.take(in_force.remove_old, None)
        removals = (
            shortlists.remove_old, exports.remove_old, vendors.remove_old, packs.remove_old, given.remove_old,
            idempotent.remove_old,
        )  # fmt: skip
        emptied = sum(steps.take(remove, 0) for remove in removals)
        restarted += sum(steps.take(restart, 0) for restart in (exports.restart_stopped, packs.restart_stopped))
        none: dict[str, int] = {}
        posted = steps.take(post_due, none) | steps.take(alerts.post_due, none)
        posted["registers"] = steps.take(news.post_due, 0)
        posted["tokens"] = steps.take(ending.post_due, 0)
        posted["domains"] = steps.take(domains.check_again, 0)
        steps.take(alarms.tell_staff, None)  # of those of a tally that ended before it could
        emptied += steps.take(listing.drop_expired, 0) + steps.take(outbox.remove_old, 0)
        emptied += steps.take(sending.remove_old, 0) + steps.take(auth.remove_old, 0)
        steps.take(changes.tell, 0)
        steps.take(goals.tell, 0)
        steps.take(sending.send_all_due, 0)
        steps.take(Webhook.objects.forget_old_secrets, 0)
        steps.take(sealed.seal_anew, 0)
        steps.take(two_step.seal_anew, 0)
        failed = posted.pop("failed", 0)
        sent = steps.take(outbox.send_waiting.call, 0)
        mail = outbox.counts()
        if options["verbosity"]:
            told = ", ".join(f"{count} {kind}" for kind, count in posted.items())
            self.stdout.write(f"Posted: {told}. Sent now: {sent}. Refused within a day: {mail['refused']}.")
            self.stdout.write(f"Removed: {removed} old views, {deleted} documents, {emptied} others.")
            self.stdout.write(f"Files that their storage still has to delete: {kept}.")
            self.stdout.write(
                f"Back to staff for want of an answer: {overdue}. Loads, exports and packs started again: {restarted}."
            )
        if failed or mail["waiting"] or steps.failed:
            raise CommandError(
                f"{mail['waiting']} emails wait for the mail server, {failed} searches could not be run, "
                f"{steps.failed} other steps failed, see the log. The next run tries again."
            )
