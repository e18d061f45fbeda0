"""Registers what marketplace adds to itself by setting. Django imports this file when it starts."""

from django.conf import settings

if settings.METRICS_ADDRESS:
    from marketplace import metrics  # noqa: F401 - counts each request that is answered
