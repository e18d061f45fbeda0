"""The audit pack of an issued report: how far it is, and for a day the file."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone

from spend.models.issued import IssuedReport
from verification.models.document import private_storage


def pack_path(pack: "AuditPack", digest: str) -> str:
    """Return a name that tells nothing, and ends in the digest of whom the pack names, see `AuditPack.names`."""
    return f"packs/{uuid.uuid4()}.{digest}"


class AuditPack(models.Model):
    """A file with everything about one issued report. The client's members share it.

    It is given out only while the report may still name all businesses that it names, and is made anew otherwise.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "In progress"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"

    FILE_KEPT_FOR = timedelta(days=1)
    # One that has made no progress for so long was stopped in the middle.
    STOPPED_AFTER = timedelta(minutes=10)

    report = models.OneToOneField(IssuedReport, models.DB_CASCADE, related_name="pack")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    touched_at = models.DateTimeField(default=timezone.now)
    rows_done = models.PositiveIntegerField(default=0)
    rows_found = models.PositiveIntegerField(default=0)
    file = models.FileField(storage=private_storage, upload_to=pack_path, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Pack of {self.report}"

    @property
    def is_moving(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_failed(self) -> bool:
        return self.state == self.State.FAILED

    @property
    def is_there(self) -> bool:
        """True while the file can be downloaded."""
        return self.state == self.State.DONE and bool(self.file)

    @property
    def names(self) -> str:
        """The digest of whom its file names."""
        return str(self.file.name).rpartition(".")[2]
