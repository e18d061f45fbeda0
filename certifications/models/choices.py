"""The choices and terms of a record that both the model and the visibility rule read."""

from datetime import timedelta

from django.db import models

# How long after its last day a certificate is shown whose owner has filed the renewal.
RENEWAL_GRACE = timedelta(days=180)


class Standing(models.TextChoices):
    """What staff decided about a record."""

    GOOD = "good", "In good standing"
    SUSPENDED = "suspended", "Suspended"
    REFUSED = "refused", "Not accepted"


class Audience(models.TextChoices):
    """Which of the clients that the owner agreed to are shown a record."""

    ELIGIBLE = "eligible", "All of them"
    ENTERPRISE = "enterprise", "Enterprise clients only"
    NAMED = "named", "Only clients I name"
    NOBODY = "nobody", "Nobody (keep it for myself)"
