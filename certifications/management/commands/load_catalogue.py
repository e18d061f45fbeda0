from typing import Any

from django.core.management.base import BaseCommand

from certifications.catalogue import loader


class Command(BaseCommand):
    help = "Loads the catalogue of types, bodies and certificates. Safe to run again: what staff changed stays."

    def handle(self, **options: Any) -> None:
        done = loader.load()
        if options["verbosity"]:
            told = ", ".join(f"{done[what]} {what}" for what in ("added", "updated", "removed"))
            self.stdout.write(f"Catalogue: {told}, {done['kept']} left as they were.")
