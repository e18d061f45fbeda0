from django.core.management.base import BaseCommand

from certifications.catalogue import loader


class Command(BaseCommand):
    help = "Loads the catalogue of types, bodies and certificates. Safe to run again: what staff changed stays."

    def handle(self, **options):
        done = loader.load()
        if options["verbosity"]:
            self.stdout.write(f"Catalogue: {done['added']} added, {done['updated']} updated, {done['kept']} unchanged.")
