"""Registers what spend adds to the apps below it. Django imports this file when it starts."""

from django.apps import apps
from django.core import checks

from certifications.data import about, erasure
from certifications.sharing import consents, pauses
from profiles.models import Profile
from spend import issuing
from spend.models import Payment, ReportedPayee
from spend.packs import signing

# Payments are the marketplace's books and say nothing about certifications. So an erasure leaves them, and when the
# profile is deleted they lose it. Issued reports lose the profile only if they say something about its certifications.
LEFT = {Payment, ReportedPayee}
about.more_models.register(lambda: [model for model in apps.get_app_config("spend").get_models() if model not in LEFT])
erasure.before_erasure.register(issuing.forget)
consents.taken_back.register(issuing.forget)
pauses.hidden.register(issuing.forget)
checks.register(signing.check_keys)


@about.more_copied.register
def payments(profile: Profile) -> about.Rows:
    """Return the payments to `profile`, corrected ones included."""
    return about.Rows(Payment, Payment.objects.filter(profile=profile).order_by("pk"))


@about.more_copied.register
def reports(profile: Profile) -> about.Rows:
    """Return where issued reports of clients say something about certifications of `profile`."""
    return about.Rows(ReportedPayee, issuing.certified(profile).order_by("pk"))
