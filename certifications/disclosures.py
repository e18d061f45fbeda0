"""A profile's answer to the question, kept in step with its records."""

from django.db import transaction
from django.utils import timezone

from certifications.models import Certification, Disclosure
from certifications.models.disclosure import registered_in_us
from profiles.models import Profile


class HasCertifications(Exception):
    """The answer would contradict certifications that the profile still has."""


def lock(profile) -> None:
    """Hold the profile until the end of the transaction: an answer and a new record cannot cross each other."""
    Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)


@transaction.atomic
def answer(profile, value, *, by) -> None:
    """Record an answer other than `DISCLOSED`. Raises HasCertifications if the profile has any not withdrawn."""
    lock(profile)
    if Certification.objects.current().filter(profile=profile).exists():
        raise HasCertifications(profile)
    _store(profile, value, by)


def is_in_us(profile):
    """Whether the section is open to `profile`: its business counts as registered in the U.S."""
    return profile.is_in_us or Profile.objects.filter(registered_in_us(), pk=profile.pk).exists()


def disclosed(profile, *, by) -> None:
    """Record that the profile disclosed, inside the transaction that saves a record."""
    _store(profile, Disclosure.Answer.DISCLOSED, by)


def _store(profile, value, by) -> None:
    Disclosure.objects.update_or_create(
        profile=profile, defaults={"answer": value, "answered_at": timezone.now(), "answered_by": by}
    )
