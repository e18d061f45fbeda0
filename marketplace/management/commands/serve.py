"""`manage.py serve`: the site in production form."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Serves the site with Granian: WSGI, a worker for each core, one blocking thread each."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        if settings.DEBUG:
            raise CommandError("`serve` is for production: set DEBUG=false, or use `make run` for development.")
        if settings.METRICS_ADDRESS:
            self.begin_to_count()
        command = [
            str(Path(sys.executable).parent / "granian"),
            "--interface", "wsgi",
            "--host", os.environ.get("HOST", "127.0.0.1"),
            "--port", os.environ.get("PORT", "8000"),
            "--workers", os.environ.get("WORKERS") or str(os.cpu_count()),
            "--blocking-threads", "1",
            # Granian counts connections, idle ones too, and splits this among the workers: leave room for keep-alive.
            "--backlog", "4096",
            "--respawn-failed-workers",
            "--workers-kill-timeout", "10",
            "--no-ws",
            "--working-dir", str(settings.BASE_DIR),
            "marketplace.wsgi:application",
        ]  # fmt: skip
        os.execv(command[0], command)  # noqa: S606 - signals are to reach the server itself

    def begin_to_count(self) -> None:
        """Let the workers count for `manage.py metrics`, from zero."""
        settings.METRICS_DIR.mkdir(parents=True, exist_ok=True)
        for left in settings.METRICS_DIR.glob("*.db"):
            left.unlink()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)
