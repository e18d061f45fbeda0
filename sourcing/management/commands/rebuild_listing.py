from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sourcing import listing


class Command(BaseCommand):
    help = (
        "Makes the search's listing what it must be: the functions, views and triggers that keep it, and its rows."
        " To be run nightly, with --check."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, and fail if something is wrong")

    def handle(self, *, check: bool, **options: Any) -> None:
        told = [self._definitions(check), self._rows(check)]
        if options["verbosity"]:
            self.stdout.write("\n".join(filter(None, told)))

    def _definitions(self, check: bool) -> str:
        names = ", ".join(listing.outdated())
        if not names:
            return ""
        if check:
            raise CommandError(
                f"The database does not hold these as the project says: {names}. Run it without --check."
            )
        listing.install_outdated()
        return f"Installed anew: {names}."

    def _rows(self, check: bool) -> str:
        wrong, lacking = listing.differences()
        if check and (wrong or lacking):
            raise CommandError(
                f"The listing differs: {wrong:,} rows must not be so, {lacking:,} are lacking. "
                "Run it without --check, and find out what changed them unseen."
            )
        if check:
            return "The listing is as it must be."
        listing.rebuild()
        return f"Mended: {wrong:,} wrong rows, {lacking:,} lacking."
