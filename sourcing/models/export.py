"""The files that members of a client had made, and the log of them."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from profiles.models import Client
from sourcing.models.shortlist import Shortlist
from verification.models.document import private_storage


def export_path(export: "Export", digest: str) -> str:
    """Return a name that tells nothing, and ends in the digest of what is written, see `Export.digest`."""
    return f"exports/{uuid.uuid4()}.{digest}"


class Export(models.Model):
    """A file of a search or a shortlist: who asked for it and what for, how far it is, and for a day the file itself.

    `records` are the keys of the certifications in it, as long as there is a file: it is given out only while each
    may still be shown, and is as it is written there.
    """

    class Format(models.TextChoices):
        XLSX = "xlsx", "Excel (XLSX)"
        CSV = "csv", "CSV"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "In progress"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"

    FILE_KEPT_FOR = timedelta(days=1)
    LOG_KEPT_FOR = timedelta(days=400)
    # One that has made no progress for so long was stopped in the middle.
    STOPPED_AFTER = timedelta(minutes=10)

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    format = models.CharField(max_length=10, choices=Format)
    # What is exported: a shortlist, or if there is none a search, as it is spelled in an address.
    shortlist = models.ForeignKey(Shortlist, models.SET_NULL, null=True, related_name="+")
    query = models.TextField(max_length=2000, blank=True)
    filters = models.JSONField("what was searched for", default=dict)
    searched_for = models.TextField("filters as the page called them", blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    touched_at = models.DateTimeField(default=timezone.now)
    # The form that asked for it. A second click on its button has the same.
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profiles_done = models.PositiveIntegerField(default=0)
    profiles_found = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    is_cut = models.BooleanField("holds the first rows only", default=False)
    as_of = models.DateTimeField(null=True)
    file = models.FileField(storage=private_storage, upload_to=export_path, blank=True)
    records = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["client", "-asked_at"], name="export_client")]
        constraints = [
            models.CheckConstraint(
                name="export_done_as_of",
                condition=~Q(state="done") | Q(as_of__isnull=False),
                violation_error_message="A file says as of when it is",
            )
        ]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("sourcing:export", args=[self.pk])

    @property
    def is_moving(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_there(self) -> bool:
        """True while the file can be downloaded."""
        return self.state == self.State.DONE and bool(self.file)

    @property
    def digest(self) -> str:
        """The digest of what its file says of certifications, under which that was saved."""
        return str(self.file.name).rpartition(".")[2]

    @property
    def file_name(self) -> str:
        return f"certified-businesses-{self.as_of:%Y-%m-%d-%H%MZ}.{self.format}"

    @property
    def shortlist_name(self) -> str | None:
        """The name of the shortlist that it is of, as it was then. None if it is of a search."""
        return self.filters.get("shortlist")

    @property
    def entries(self) -> list[int] | None:
        """The keys of the entries that were selected on its shortlist. None if it is of all of them."""
        return self.filters.get("entries")
