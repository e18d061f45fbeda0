from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from prometheus_client import start_http_server

from marketplace import metrics


class Command(BaseCommand):
    help = "Answers Prometheus at METRICS_ADDRESS, which must not be reachable from outside."
    requires_system_checks = []  # they ask the database, and it is told if that is gone

    def handle(self, **options: Any) -> None:
        host, _, port = settings.METRICS_ADDRESS.rpartition(":")
        if not host or not port.isdecimal():
            raise CommandError("Set METRICS_ADDRESS to an internal address and a port, such as 127.0.0.1:9101.")
        settings.METRICS_DIR.mkdir(parents=True, exist_ok=True)
        _, serving = start_http_server(int(port), host, metrics.of_all_workers())
        self.stdout.write(f"Answering Prometheus at http://{settings.METRICS_ADDRESS}/metrics")
        serving.join()
