from typing import Any

from django.core.management.base import BaseCommand

from impact import alarms, tallies


class Command(BaseCommand):
    help = "Writes the monitor's sums of each week that is over, once, and raises alarms. To be run nightly."

    def handle(self, **options: Any) -> None:
        written = tallies.write_due()
        # Of the last week always: a run before may have ended between its sums and its alarms.
        for week in sorted({*written, tallies.last_week()}):
            raised = alarms.raise_due(week)
            if options["verbosity"]:
                state = "written" if week in written else "was there"
                self.stdout.write(f"Week of {week}: {state}, {len(raised)} new alarms.")
        alarms.tell_staff()
