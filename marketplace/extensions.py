"""Registers what marketplace adds to itself. Django imports this file when it starts."""

from django.conf import settings

from marketplace import security_log  # noqa: F401 - logs what its signals tell

if settings.METRICS_ADDRESS:
    from marketplace import metrics  # noqa: F401 - counts each request that is answered
