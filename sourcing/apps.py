from django.apps import AppConfig


class SourcingConfig(AppConfig):
    name = "sourcing"

    def ready(self):
        from certifications.mail import stopping
        from sourcing import alerts

        stopping.KINDS["alert"] = stopping.Kind("e-mails about this search", alerts.stop)
