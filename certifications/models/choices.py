"""The choices and terms of a record that both the model and the visibility rule read."""

from datetime import timedelta

from django.db import models

# A certificate whose renewal is filed stays shown for this long after its last day.
RENEWAL_GRACE = timedelta(days=180)
# How long before its last day a certificate is renewed.
RENEWED_WITHIN = timedelta(days=120)


class Standing(models.TextChoices):
    """The decision of staff about a record."""

    GOOD = "good", "In good standing"
    SUSPENDED = "suspended", "Suspended"
    REFUSED = "refused", "Not accepted"


class Audience(models.TextChoices):
    """The clients, among those that the owner agreed to, that may see a record."""

    ELIGIBLE = "eligible", "All clients on the agreed plans"
    ENTERPRISE = "enterprise", "Enterprise clients only"
    NAMED = "named", "Only clients I choose"
    NOBODY = "nobody", "No one (only me)"
