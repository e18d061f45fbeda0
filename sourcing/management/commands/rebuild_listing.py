from django.core.management.base import BaseCommand, CommandError

from sourcing import listing


class Command(BaseCommand):
    help = "Writes the rows of the search's listing that are not as they must be. To be run nightly, with --check."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, and fail if a row is wrong")

    def handle(self, *, check, **options):
        wrong, lacking = listing.differences()
        if check and (wrong or lacking):
            raise CommandError(
                f"The listing differs: {wrong:,} rows must not be so, {lacking:,} are lacking. "
                "Run it without --check, and find out what changed them unseen."
            )
        if not check:
            listing.rebuild()
        if options["verbosity"]:
            told = "The listing is as it must be" if check else f"Mended: {wrong:,} wrong rows, {lacking:,} lacking"
            self.stdout.write(f"{told}.")
