"""Documents: the copies of certificates that owners attach."""

import uuid
from datetime import date

import pghistory
from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.urls import reverse
from django.utils import timezone

from certifications.models import Certification
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy


def private_storage() -> Storage:
    """Return the storage of documents and registers. Nothing in it is served; views check who reads it."""
    return storages["private"]


def document_path(document: "Document", filename: str) -> str:
    """Return a random path. The name that the uploader's computer gave the file is never part of a path."""
    return f"documents/{uuid.uuid4()}"


class DocumentQuerySet(models.QuerySet):
    def readable_by(self, viewer: Viewer, policy: RolloutPolicy) -> "DocumentQuerySet":
        """Return the documents `viewer` may open: their profiles', and with the permission those of shown records."""
        documents = self.filter(certification__in=Certification.objects.visible_to(viewer, policy))
        if viewer.reads_certifications and viewer.user and viewer.user.has_perm("verification.read_document"):
            return documents
        return documents.filter(certification__profile__in=viewer.managed_profile_ids)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["certification", "name", "is_kept"],  # nothing from inside the file
    model_name="DocumentEvent",
    obj_field=pghistory.ObjForeignKey(related_name="events"),
)
class Document(models.Model):
    """A copy of a certificate that its owner attached. It is drawn and saved again, never kept as uploaded."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        PNG = "png", "PNG picture"
        JPEG = "jpeg", "JPEG picture"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    certification = models.ForeignKey(Certification, models.CASCADE, related_name="documents", verbose_name="record")
    file = models.FileField(storage=private_storage, upload_to=document_path)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField("name of the file", max_length=120)
    size = models.PositiveIntegerField("size in bytes")
    pages = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # When a reviewer with the document at hand decided. It is deleted some time later unless the owner keeps it.
    reviewed_at = models.DateTimeField(null=True, blank=True)
    is_kept = models.BooleanField("kept by the owner", default=False)

    deleted_on: date | None  # the day on which it is deleted, set by `record_page.documents_of`
    shown_pages: range  # the pages that the review shows, set by `CaseAdmin`

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        permissions = [("read_document", "Can read the documents that owners attach")]
        constraints = [
            models.UniqueConstraint(
                name="document_once_a_record",
                fields=["certification", "sha256"],
                violation_error_message="You've already attached this file",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("verification:document", args=[self.key])

    @property
    def content_type(self) -> str:
        return {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}[self.kind]
