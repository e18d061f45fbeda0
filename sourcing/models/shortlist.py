"""Lists of profiles that a client's members keep together."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from common.text import Line, Lines
from profiles.models import Client, Profile, User
from profiles.viewer import Viewer

# How long what was removed can be brought back; then it is deleted.
RESTORABLE_FOR = timedelta(days=30)


class OfClientQuerySet(models.QuerySet):
    """Rows that the members of a client keep together."""

    client_lookup = "client"

    def of(self, viewer: Viewer) -> Self:
        """Return the rows of the client that `viewer` acts for."""
        return self.filter(**{self.client_lookup: viewer.acts_for.pk})

    def kept(self) -> Self:
        """Return the rows that no one has removed."""
        return self.filter(removed_at=None)

    def removed(self) -> Self:
        """Return the rows that were removed and can be brought back."""
        return self.filter(removed_at__gt=timezone.now() - RESTORABLE_FOR)

    def remove(self) -> int:
        """Take them off, to be brought back for RESTORABLE_FOR. Returns how many were not removed before."""
        return self.kept().update(removed_at=timezone.now())

    def restore(self) -> int:
        """Bring them back as they were. Returns how many; IntegrityError if one like it is kept by now."""
        return self.removed().update(removed_at=None)


class Shortlist(models.Model):
    """A named list of profiles, shared by the members of a client."""

    MOST = 100  # a client

    client = models.ForeignKey(Client, models.CASCADE, related_name="shortlists")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # by which programs of the client name it
    name = Line(max_length=80)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = OfClientQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                F("client"),
                Lower("name"),
                name="shortlist_name_once_a_client",
                condition=Q(removed_at=None),
                violation_error_message="Your organization already has a shortlist with this name",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def rename(self, name: str, *, was: str) -> bool:
        """Call it `name` if it is still called `was`. Returns whether that is its name: not if another came first."""
        same = Shortlist.objects.kept().filter(pk=self.pk)
        return bool(same.filter(name=was).update(name=name)) or same.filter(name=name).exists()


class EntryQuerySet(OfClientQuerySet):
    client_lookup = "shortlist__client"

    def on_lists(self) -> Self:
        """Return the kept entries of kept lists."""
        return self.kept().filter(shortlist__removed_at=None)


class ShortlistEntry(models.Model):
    """A profile on a shortlist, with a note. It says nothing of certifications: a page asks the rule each time.

    Of a profile that was deleted the entry stays, so that the note is not lost.
    """

    MOST = 500  # a list
    LONGEST_NOTE = 1000

    shortlist = models.ForeignKey(Shortlist, models.CASCADE, related_name="entries")
    profile = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="+")
    note = Lines(max_length=LONGEST_NOTE, blank=True)
    # Counts the changes of the note, so that no one overwrites what they have not read.
    note_version = models.PositiveIntegerField(default=0)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-pk"]
        verbose_name_plural = "shortlist entries"
        constraints = [
            models.UniqueConstraint(
                name="shortlist_entry_once",
                fields=["shortlist", "profile"],
                condition=Q(removed_at=None),
                violation_error_message="It is already on this shortlist",
            )
        ]

    def __str__(self) -> str:
        return f"Entry {self.pk}"

    def write_note(self, note: str, *, by: User, version: int) -> bool:
        """Put `note` in place of the one of that version. Returns whether it stands: not if another came first."""
        values = {"note": note, "note_version": F("note_version") + 1, "noted_by": by}
        same = ShortlistEntry.objects.filter(pk=self.pk)
        return (
            bool(same.filter(note_version=version).exclude(note=note).update(**values))
            or same.filter(note=note).exists()
        )
