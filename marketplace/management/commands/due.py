from typing import Any

from django.core.management.base import BaseCommand, CommandError

from certifications import public_numbers
from certifications.mail.due import post_due
from certifications.sharing import seen_by
from common import drafts
from common.mail import outbox
from impact import alarms
from sourcing import alerts, exports, listing, shortlists
from spend import packs, vendors
from verification.documents import keeping
from verification.registers import in_force, news, tasks
from verification.review import cases


class Command(BaseCommand):
    help = "Sends emails that are due, each once, removes what is too old, picks up what stopped. To be run hourly."

    def handle(self, **options: Any) -> None:
        public_numbers.publish_due()
        removed = seen_by.remove_old()  # first, so that no mail server can keep it
        deleted = keeping.remove_old()
        drafts.remove_expired()
        overdue = cases.open_overdue()
        restarted = tasks.restart_stopped()
        in_force.remove_old()
        emptied = shortlists.remove_old() + exports.remove_old() + vendors.remove_old() + packs.remove_old()
        restarted += exports.restart_stopped() + packs.restart_stopped()
        posted = post_due() | alerts.post_due() | {"registers": news.post_due()}
        alarms.tell_staff()  # of those of a tally that ended before it could
        emptied += listing.drop_expired() + outbox.remove_old()
        failed = posted.pop("failed")
        sent = outbox.send_waiting.call()
        mail = outbox.counts()
        if options["verbosity"]:
            told = ", ".join(f"{count} {kind}" for kind, count in posted.items())
            self.stdout.write(f"Posted: {told}. Sent now: {sent}. Refused within a day: {mail['refused']}.")
            self.stdout.write(f"Removed: {removed} old views, {deleted} documents, {emptied} others.")
            self.stdout.write(
                f"Back to staff for want of an answer: {overdue}. Loads, exports and packs started again: {restarted}."
            )
        if failed or mail["waiting"]:
            raise CommandError(
                f"{mail['waiting']} emails wait for the mail server, {failed} searches could not be run, see the log. "
                "The next run tries again."
            )
