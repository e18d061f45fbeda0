"""The application that the server serves."""

import os

from django.core.wsgi import get_wsgi_application

from marketplace.postgresql.base import DatabaseWrapper

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

# Longer than a planned switchover takes. Commands do not wait: they are started again.
DatabaseWrapper.patience_seconds = 10

application = get_wsgi_application()
