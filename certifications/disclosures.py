"""A profile's disclosure, kept consistent with its records."""

from django.db import transaction
from django.utils import timezone

from certifications.models import Certification, Disclosure
from certifications.models.disclosure import registered_in_us
from profiles.models import Profile, User


class HasCertifications(Exception):
    """The profile still has certifications, which the answer would contradict."""


def lock(profile: Profile) -> None:
    """Lock the profile until the transaction ends, so that an answer and a new record wait for each other."""
    Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)


@transaction.atomic
def answer(profile: Profile, value: str, *, by: User) -> None:
    """Save an answer other than `DISCLOSED`. Raises HasCertifications if the profile has any not withdrawn."""
    lock(profile)
    if Certification.objects.current().filter(profile=profile).exists():
        raise HasCertifications(profile)
    _store(profile, value, by)


def is_in_us(profile: Profile) -> bool:
    """Return True if the section is open to `profile`: its business counts as registered in the U.S."""
    return profile.is_in_us or Profile.objects.filter(registered_in_us(), pk=profile.pk).exists()


def disclosed(profile: Profile, *, by: User) -> None:
    """Save the answer `DISCLOSED`, in the transaction that saves a record."""
    _store(profile, Disclosure.Answer.DISCLOSED, by)


def _store(profile: Profile, value: str, by: User) -> None:
    Disclosure.objects.update_or_create(
        profile=profile, defaults={"answer": value, "answered_at": timezone.now(), "answered_by": by}
    )
