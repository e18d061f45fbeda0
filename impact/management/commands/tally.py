from datetime import date

from django.core.management.base import BaseCommand

from impact import alarms, tallies


class Command(BaseCommand):
    help = (
        "Writes the monitor's sums of the last full week, and raises alarms; twice gives the same. To be run nightly."
    )

    def add_arguments(self, parser):
        parser.add_argument("--week", type=date.fromisoformat, help="another week, by its Monday")

    def handle(self, *, week, **options):
        week = tallies.monday(week) if week else tallies.last_week()
        rows = tallies.tally(week)
        raised = alarms.raise_due(week)
        if options["verbosity"]:
            self.stdout.write(f"Week of {week}: {rows} sums, {len(raised)} new alarms.")
