"""Registers what sourcing adds to the apps below it and to Django. Django imports this file when it starts."""

from django.apps import apps
from django.db.models.signals import post_migrate

from certifications.mail import stopping
from rollout import affected
from rollout.models import RolloutPolicy
from sourcing import alerts, listing
from sourcing.models import TalkInvitation

stopping.more_kinds.register(lambda: {"alert": stopping.Kind("emails about this search", alerts.stop)})
post_migrate.connect(listing.install, sender=apps.get_app_config("sourcing"))


@affected.more_counts.register
def invitations(policy: RolloutPolicy, clients: list[int]) -> tuple[str, int]:
    """Return how many open invitations the clients that a policy includes have sent."""
    return "Open invitations from these clients", TalkInvitation.objects.waiting().filter(client__in=clients).count()
