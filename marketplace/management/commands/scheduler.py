import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.schedule import Scheduler


class Command(BaseCommand):
    help = "Runs what is due, at its time, until it is stopped. On several machines, one of them leads."
    requires_system_checks = []  # they ask the database, which may come later

    def handle(self, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Ctrl-C does: whatever runs is ended first
        Scheduler().run()
