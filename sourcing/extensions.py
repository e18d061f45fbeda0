"""Registers what sourcing adds to the apps below it and to Django. Django imports this file when it starts."""

from django.apps import apps
from django.db.models.signals import post_migrate

from certifications.mail import stopping
from sourcing import alerts, listing

stopping.more_kinds.register(lambda: {"alert": stopping.Kind("e-mails about this search", alerts.stop)})
post_migrate.connect(listing.install, sender=apps.get_app_config("sourcing"))
