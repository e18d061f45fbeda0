from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from impact import alarms, simulation, tallies


class Command(BaseCommand):
    help = "Makes up clients and a year of what they did, for the monitor. With DEBUG on only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--effect", type=float, default=0.0, help="more invitations a client and week if exposed")
        parser.add_argument("--ended-early", type=float, default=0.0, help="more of the contracts end early if exposed")
        parser.add_argument("--clients", type=int, default=200)
        parser.add_argument("--weeks", type=int, default=52)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, effect: float, ended_early: float, clients: int, weeks: int, seed: int, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("This makes up clients: it runs with DEBUG on only.")
        call_command("fill", 400, certified=50, verbosity=0)
        first = simulation.simulate(effect=effect, ended_early=ended_early, clients=clients, weeks=weeks, seed=seed)
        raised = alarms.raise_due(tallies.last_week())
        self.stdout.write(f"{clients} clients and {weeks} weeks from {first} were made up; {len(raised)} alarms.")
