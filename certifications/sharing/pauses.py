"""Hiding all certifications of a profile at once, and showing them again."""

from django.db import transaction
from django.utils import timezone

from certifications.models import Pause


def of(profile):
    """The Pause in force, or None. It is over from midnight of its day, where the owner lives."""
    found = Pause.objects.filter(profile=profile).first()
    return found if found and (found.until is None or found.until > profile.today()) else None


@transaction.atomic
def hide_all(profile, *, until=None) -> None:
    """Hide every certification, until the first moment of the day `until` or until `show_all`."""
    Pause.objects.update_or_create(profile=profile, defaults={"until": until, "paused_at": timezone.now()})


def show_all(profile) -> bool:
    """Returns whether they were hidden."""
    return bool(Pause.objects.filter(profile=profile).delete()[0])
