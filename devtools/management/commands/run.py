"""`manage.py run`: everything a person needs to try the site, in one command."""

import atexit
import os
import signal
import socket
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from devtools.demo.accounts import ACCOUNTS, PASSWORD
from profiles.models import User

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Migrates, loads the demo data once, and serves the site for development. PORT chooses the port."
    requires_system_checks = []  # made by the server, each time it reloads

    def handle(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("`run` is for development: set DEBUG=true, or use `make serve` in production.")
        signal.signal(signal.SIGTERM, lambda *args: sys.exit(0))
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs without it
        port = os.environ.get("PORT") or "8000"
        if os.environ.get(DJANGO_AUTORELOAD_ENV) != "true":  # once, before the process that serves and reloads
            self.check_port(port)
            self.prepare_database()
            self.introduce(port)
            self.start_worker()
        os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
        call_command("runserver", f"{HOST}:{port}", skip_checks=False)

    def check_port(self, port: str) -> None:
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise CommandError(f"PORT is {port}: choose a number between 1 and 65535.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, int(port)))
            except OSError as error:
                other = max(int(port), 8000) % 65535 + 1
                raise CommandError(
                    f"Port {port} is taken or not allowed. Choose another: PORT={other} make run"
                ) from error

    def prepare_database(self) -> None:
        self.stdout.write("Preparing the database…")
        self.stdout.flush()
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            reason = " ".join(str(error).split())
            if connection.settings_dict["ENGINE"] == "devtools.embedded_postgres":
                raise CommandError(reason) from error
            raise CommandError(
                f"The database cannot be reached. Start it, or correct or unset DATABASE_URL. ({reason})"
            ) from error
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_catalogue", verbosity=0)
        if not User.objects.exists():
            call_command("demo", stdout=self.stdout)

    def start_worker(self) -> None:
        """Start the background work in a process of its own, which ends with this one."""
        command = [sys.executable, "manage.py", "db_worker", "--no-reload", "--no-startup-delay", "--verbosity", "0"]
        worker = subprocess.Popen(command, cwd=settings.BASE_DIR)
        atexit.register(worker.terminate)

    def introduce(self, port: str) -> None:
        self.stdout.write(f"\nThe marketplace is on http://{HOST}:{port}/ (Ctrl-C stops it)")
        if User.objects.filter(email=ACCOUNTS[0].email).exists():
            self.stdout.write(f"Sign in with the password “{PASSWORD}” as:")
            for account in ACCOUNTS:
                self.stdout.write(f"  {account.email:28} {account.description}")
        self.stdout.write("")
        self.stdout.flush()
