"""Registers what common adds to Django. Django imports this file when it starts."""

from django.apps import apps
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate, pre_migrate

from common import databases, drafts

user_logged_in.connect(drafts.look_for_waiting, dispatch_uid="drafts")
pre_migrate.connect(databases.begin_migrating, sender=apps.get_app_config("common"))
post_migrate.connect(databases.end_migrating, sender=apps.get_app_config("common"))
