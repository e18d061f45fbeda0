"""Attach documents to records, and delete them in time."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from certifications.models import Certification
from common import unwanted
from profiles.models import Profile, User
from verification.documents import intake
from verification.models import Case, Document
from verification.models.document import DocumentQuerySet
from verification.review import cases

MOST = 5  # a record
DELETED_AFTER = timedelta(days=90)  # after the decision, unless the owner keeps it, or after the record's withdrawal


def attach(record: Certification, upload: UploadedFile, *, by: User | None) -> Document:
    """Attach a copy of `upload` to `record`, and open a case. Return the document.

    Raises intake.Refused, with a sentence for the owner.
    """
    accepted = intake.accept(upload)  # before the transaction, because it takes a while
    document = Document(
        certification=record,
        kind=accepted.kind,
        name=intake.safe_name(upload.name or "", accepted.kind),
        size=len(accepted.content),
        pages=accepted.pages,
        sha256=accepted.sha256,
        uploaded_by=by,
    )
    document.file.save("", ContentFile(accepted.content), save=False)
    try:
        with transaction.atomic():
            held = Certification.objects.select_for_update().get(pk=record.pk)
            documents = Document.objects.filter(certification=record)
            if held.withdrawn_at:
                raise intake.Refused("This certification is removed. Restore it first.")
            if documents.filter(sha256=document.sha256).exists():
                raise intake.Refused("You've already attached this file")
            if documents.count() >= MOST:
                raise intake.Refused(f"You can attach up to {MOST} documents. Delete one first.")
            document.save()
            cases.open_case(record, Case.Cause.DOCUMENT)
    except BaseException:
        document.file.delete(save=False)  # no row names it
        raise
    return document


def remove(documents: DocumentQuerySet) -> None:
    """Delete `documents`, and after the commit their files."""
    names = [document.file.name for document in documents]
    documents.delete()
    for name in names:
        unwanted.delete_later("private", name)


def remove_about(profile: Profile) -> None:
    """Delete all documents of a profile's records."""
    remove(Document.objects.filter(certification__profile=profile))


@transaction.atomic
def detach(document: Document) -> None:
    """Delete a document for its owner."""
    remove(Document.objects.filter(pk=document.pk))
    cases.changed(document.certification)


def remove_old() -> int:
    """Delete documents whose decision or withdrawal is older than DELETED_AFTER. Return the number."""
    before = timezone.now() - DELETED_AFTER
    old = Q(reviewed_at__lt=before, is_kept=False) | Q(certification__withdrawn_at__lt=before)
    keys = list(Document.objects.filter(old).values_list("pk", flat=True))
    if keys:
        with transaction.atomic():
            remove(Document.objects.filter(old, pk__in=keys))
    return len(keys)
