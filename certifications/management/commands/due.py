from django.core.management.base import BaseCommand, CommandError

from certifications.mail.due import send_due
from certifications.sharing import seen_by


class Command(BaseCommand):
    help = "Sends the e-mails that are due, each once, and removes what is too old. To be run hourly, anywhere."

    def handle(self, **options):
        removed = seen_by.remove_old()  # first, so that no mail server can keep it
        sent = send_due()
        failed = sent.pop("failed")
        if options["verbosity"]:
            told = ", ".join(f"{count} {kind}" for kind, count in sent.items())
            self.stdout.write(f"Sent: {told}. Removed: {removed} old views.")
        if failed:
            raise CommandError(f"{failed} could not be sent, see the log. The next run tries again.")
