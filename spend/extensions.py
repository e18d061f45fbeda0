"""Registers what spend adds to the apps below it. Django imports this file when it starts."""

from django.apps import apps

from certifications.data import about
from profiles.models import Profile
from spend.models import Payment

# Payments are the marketplace's books and say nothing about certifications. So an erasure leaves them, and when the
# profile is deleted they lose it.
about.more_models.register(lambda: [model for model in apps.get_app_config("spend").get_models() if model != Payment])


@about.more_copied.register
def payments(profile: Profile) -> about.Rows:
    """Return the payments to `profile`, corrected ones included."""
    return about.Rows(Payment, Payment.objects.filter(profile=profile).order_by("pk"))
