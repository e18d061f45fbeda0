from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SourcingConfig(AppConfig):
    name = "sourcing"

    def ready(self):
        from certifications.mail import stopping
        from sourcing import alerts, listing

        stopping.KINDS["alert"] = stopping.Kind("e-mails about this search", alerts.stop)
        post_migrate.connect(listing.install, sender=self)
