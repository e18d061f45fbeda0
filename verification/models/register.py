"""Public registers of certified businesses, their files and their entries."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from certifications.models import Certification, CertificationType, CertifyingBody
from common.text import Line, Lines
from verification.models.document import private_storage


class Register(models.Model):
    """A list of certified businesses that a certifying body or an agency publishes, file after file."""

    key = models.SlugField(max_length=60, unique=True, help_text="The name in commands, like maryland-mdot.")
    name = Line(max_length=120, unique=True, help_text="What owners and clients read, like Maryland MDOT MBE list.")
    body = models.ForeignKey(CertifyingBody, models.PROTECT, related_name="registers", verbose_name="certifier")
    agency = Line(
        max_length=120,
        blank=True,
        help_text="If the certifier is “State or local agency”, which one it is, as owners would type it.",
    )
    is_trusted = models.BooleanField(
        "verify exact matches automatically",
        default=False,
        help_text="If the number, the name and the date agree, the record is verified without a reviewer.",
    )
    # How the newest file was read: its columns by field, and the types of each code. Suggested for the next file.
    columns = models.JSONField(default=dict, blank=True, editable=False)
    codes = models.JSONField(default=dict, blank=True, editable=False)
    types = models.ManyToManyField(
        CertificationType,
        blank=True,
        related_name="+",
        help_text="Select the types that every row of this register has, whatever its codes say.",
    )
    current = models.ForeignKey(
        "RegisterFile", models.SET_NULL, null=True, blank=True, editable=False, related_name="current_of"
    )

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("import_register", "Can load files of public registers")]

    def __str__(self) -> str:
        return self.name

    def lists(self, identity: str, *, file: "RegisterFile | None") -> bool:
        """Return whether `file` is in force and lists an entry. No other file comes into force in this transaction."""
        held = Register.objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        is_in_force = file is not None and held.current_id == file.pk
        return is_in_force and RegisterEntry.objects.filter(file=file, identity=identity).exists()


STOPPED_AFTER = timedelta(minutes=5)


def register_path(file: "RegisterFile", filename: str) -> str:
    return f"registers/{uuid.uuid4()}"


class RegisterFile(models.Model):
    """One file of a register: how it is read, how much is loaded, and what happened to it."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Scanning"
        READY = "ready", "Needs column mapping"
        LOADING = "loading", "Loading"
        STORED = "stored", "Ready to use"
        LOADED = "loaded", "In use"
        REPLACED = "replaced", "Replaced by a newer file"
        TAKEN_BACK = "taken_back", "Taken back"
        DISCARDED = "discarded", "Discarded"
        FAILED = "failed", "Failed"

    # Those that wait for a person.
    WAITS = (State.READY, State.STORED)

    register = models.ForeignKey(Register, models.CASCADE, related_name="files")
    file = models.FileField(storage=private_storage, upload_to=register_path, blank=True)
    name = models.CharField("file name", max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField("size in bytes")
    as_of = models.DateField("data as of", help_text="The date on which the register had this content.")
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    # The survey's result: the table (sheet, header line, encoding, header, sample rows), counts of codes, and notes
    # about unreadable cells. Before the survey: the requested sheet and header line.
    found = models.JSONField(default=dict, blank=True)
    # The mapping that staff confirmed: {"columns": {...}, "codes": {code: [type keys]}, "types": [type keys]}.
    mapping = models.JSONField(default=dict, blank=True)

    state = models.CharField(max_length=20, choices=State, default=State.UPLOADED)
    error = models.CharField("what is wrong with it", max_length=500, blank=True)
    share_read = models.FloatField("share read", default=0)
    rows_read = models.PositiveIntegerField(default=0)
    rows_stored = models.PositiveIntegerField(default=0)
    rows_skipped = models.PositiveIntegerField(default=0)
    rows_vanished = models.PositiveIntegerField("rows no longer listed", default=0)
    # What the file would change in force. See `verification.registers.comparing`.
    comparison = models.JSONField(default=dict, blank=True)
    # The file in force before it, which returns if this one is taken back.
    before = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    report = models.FileField("skipped rows", storage=private_storage, upload_to=register_path, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    loaded_at = models.DateTimeField("in use since", null=True, blank=True)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="put in use by",
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    matched_at = models.DateTimeField("matched with what was reported", null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="register_file_counts_add_up",
                condition=Q(rows_read=models.F("rows_stored") + models.F("rows_skipped")),
                violation_error_message="Every row read is stored or left out",
            ),
            models.CheckConstraint(
                name="register_file_failed_says_why",
                condition=~Q(state="failed") | ~Q(error=""),
                violation_error_message="A file that could not be loaded says why",
            ),
            models.CheckConstraint(
                name="register_file_taken_back_at_a_time",
                condition=~Q(state="taken_back") | Q(loaded_at__isnull=False, taken_back_at__isnull=False),
                violation_error_message="A file that was taken back says when",
            ),
        ]

    class NotPossible(Exception):
        """The file is no longer in the state that this action starts from."""

    def __str__(self) -> str:
        return self.name

    @property
    def admin_url(self) -> str:
        return reverse("admin:verification_registerfile_change", args=[self.pk])

    @property
    def is_moving(self) -> bool:
        """True while a worker processes the file, so that its page refreshes itself."""
        return self.state in {self.State.UPLOADED, self.State.LOADING}

    @property
    def has_stopped(self) -> bool:
        """True if a worker should process the file but has reported nothing for a while."""
        return (self.is_moving or self.is_unmatched) and self.changed_at < timezone.now() - STOPPED_AFTER

    @property
    def is_unmatched(self) -> bool:
        """True if the file is in force and the records were not all matched against it yet."""
        return self.state == self.State.LOADED and self.matched_at is None


class RegisterEntry(models.Model):
    """One row of a register's file. Only the entries of the file in force are matched.

    The entries of a replaced file stay for a while, because that file can be put back in force.
    """

    file = models.ForeignKey(RegisterFile, models.CASCADE, related_name="entries", db_index=False)
    line = models.PositiveIntegerField()
    name = Lines()
    dba = models.TextField("also known as", blank=True)
    number = models.TextField(blank=True)
    # Identifies the entry in every file of the register: "#" and the key of its number, or "=" and that of its name.
    identity = models.TextField()
    # The keys that find its name. See `verification.registers.names.words`.
    words = ArrayField(models.TextField())
    types = ArrayField(models.TextField())
    codes = models.TextField(blank=True)
    status = models.TextField(blank=True)
    certified_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    # The text in place of its last day, if it cannot be read. Then its last day is unknown.
    unread_day = models.TextField("last day, as printed", blank=True)

    class Meta:
        ordering = ["line"]
        indexes = [
            models.Index(fields=["file", "identity"], name="entry_identity"),
            GinIndex(fields=["words"], name="entry_words"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}".strip()


class RegisterNews(models.Model):
    """A waiting email to a record's editors: a register began or stopped listing the record.

    It waits until the file has stood for a day, and is sent only if it is still true.
    """

    certification = models.ForeignKey(Certification, models.CASCADE, related_name="+")
    register = models.ForeignKey(Register, models.CASCADE, related_name="+")
    was_listed = models.BooleanField()  # when its editors last heard
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="register_news_once", fields=["certification", "register"]),
        ]

    def __str__(self) -> str:
        return f"{self.register}: {self.certification_id}"


class CommonWord(models.Model):
    """A word that many entries of a file share, so that it does not identify a business alone."""

    file = models.ForeignKey(RegisterFile, models.CASCADE, related_name="common_words")
    word = models.TextField()
    rows = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="common_word_once_a_file", fields=["file", "word"])]

    def __str__(self) -> str:
        return f"{self.word}: {self.rows}"
