"""Registers what common adds to Django. Django imports this file when it starts."""

from django.contrib.auth.signals import user_logged_in

from common import drafts

user_logged_in.connect(drafts.look_for_waiting, dispatch_uid="drafts")
