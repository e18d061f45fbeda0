from django.core.management.base import BaseCommand, CommandError

from certifications.documents import keeping
from certifications.mail.due import send_due
from certifications.registers import loading, news
from certifications.review import cases
from certifications.sharing import seen_by
from common import drafts
from sourcing import alerts, exports, listing, shortlists


class Command(BaseCommand):
    help = "Sends e-mails that are due, each once, removes what is too old, picks up what stopped. To be run hourly."

    def handle(self, **options):
        removed = seen_by.remove_old()  # first, so that no mail server can keep it
        deleted = keeping.remove_old()
        drafts.remove_expired()
        overdue = cases.open_overdue()
        restarted = loading.restart_stopped()
        loading.remove_old()
        emptied = shortlists.remove_old() + exports.remove_old()
        restarted += exports.restart_stopped()
        sent, alerted = send_due(), alerts.send_due()
        sent["registers"], failed_news = news.send_due()
        emptied += listing.drop_expired()
        failed = sent.pop("failed") + alerted.pop("failed") + failed_news
        if options["verbosity"]:
            told = ", ".join(f"{count} {kind}" for kind, count in (sent | alerted).items())
            self.stdout.write(
                f"Sent: {told}. Removed: {removed} old views, {deleted} documents, {emptied} of sourcing."
            )
            self.stdout.write(
                f"Back to staff for want of an answer: {overdue}. Loads and exports started again: {restarted}."
            )
        if failed:
            raise CommandError(f"{failed} could not be sent, see the log. The next run tries again.")
