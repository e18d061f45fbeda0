from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from devtools.demo import filling


class Command(BaseCommand):
    help = "Fills the database with profiles for the benchmarks, until there are N. With DEBUG on only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("total", type=int, metavar="N")
        parser.add_argument(
            "--certified", type=int, default=20, metavar="PERCENT", help="how many of them have a certification"
        )

    def handle(self, *, total: int, certified: float, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("This makes up people: it runs with DEBUG on only.")
        call_command("load_catalogue", verbosity=0)
        there = filling.count()
        with tqdm(total=total, initial=min(there, total), unit=" profiles", disable=options["verbosity"] == 0) as bar:
            for added in filling.fill(total, certified / 100):
                bar.update(added)
        filling.finish()
        self.stdout.write(f"There are {max(there, total):,} made-up profiles now.")
