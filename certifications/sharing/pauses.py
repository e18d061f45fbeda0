"""Pauses: hiding all certifications of a profile at once, and showing them again."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from certifications.models import Pause
from common.hooks import Hook
from profiles.models import Profile

# Called with a profile whose owner hides everything, to delete what clients were shown and keep.
hidden = Hook()


def of(profile: Profile) -> Pause | None:
    """Return the pause in force, or None. It ends at midnight of its day in the profile's time zone."""
    found = Pause.objects.filter(profile=profile).first()
    return found if found and (found.until is None or found.until > profile.today()) else None


@transaction.atomic
def hide_all(profile: Profile, *, until: date | None = None) -> None:
    """Hide every certification until the beginning of the day `until`, or until `show_all`."""
    Pause.objects.update_or_create(profile=profile, defaults={"until": until, "paused_at": timezone.now()})
    hidden(profile)


def show_all(profile: Profile) -> bool:
    """Show every certification again. Return True if there was a pause."""
    return bool(Pause.objects.filter(profile=profile).delete()[0])
