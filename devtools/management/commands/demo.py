from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devtools.demo.accounts import ACCOUNTS, PASSWORD
from devtools.demo.loader import Refused, load


class Command(BaseCommand):
    help = "Loads the demo data into an empty database. With DEBUG on only; running it twice changes nothing."

    def handle(self, **options: Any) -> None:
        self.stdout.write("Loading the demo data…")
        try:
            is_new = load()
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Loaded." if is_new else "It is already there; nothing was changed.")
        self.stdout.write(f"Accounts, all with the password “{PASSWORD}”: {', '.join(a.email for a in ACCOUNTS)}")
