"""Documents that owners attach: taken in, read through a check, and deleted in time."""

from datetime import timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from certifications.models import Certification
from profiles.models import Profile, User
from verification.documents import intake
from verification.models import Case, Document
from verification.models.document import DocumentQuerySet
from verification.review import cases

MOST = 5  # a record
DELETED_AFTER = timedelta(days=90)  # the decision, unless the owner keeps it; or the withdrawal of the record


def attach(record: Certification, upload: UploadedFile, *, by: User | None) -> Document:
    """Keep a copy of `upload` (a file) with `record`, and let staff know. Returns the Document.

    Raises intake.Refused, with a sentence for the owner.
    """
    accepted = intake.accept(upload)  # outside the transaction: it takes a while
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
                raise intake.Refused("This certification was withdrawn. Restore it first.")
            if documents.filter(sha256=document.sha256).exists():
                raise intake.Refused("You have attached this file already.")
            if documents.count() >= MOST:
                raise intake.Refused(f"A certification has up to {MOST} documents. Remove one first.")
            document.save()
            cases.open_case(record, Case.Cause.DOCUMENT)
    except BaseException:
        document.file.delete(save=False)  # no row tells of it
        raise
    return document


def remove(documents: DocumentQuerySet) -> None:
    """Delete `documents` (a queryset), and after the commit their files."""
    names = [(document.file.storage, document.file.name) for document in documents]
    documents.delete()
    for storage, name in names:
        transaction.on_commit(partial(storage.delete, name), robust=True)


def remove_about(profile: Profile) -> None:
    """Delete all documents about a profile."""
    remove(Document.objects.filter(certification__profile=profile))


@transaction.atomic
def detach(document: Document) -> None:
    """Its owner takes it back."""
    remove(Document.objects.filter(pk=document.pk))
    cases.changed(document.certification)


def remove_old() -> int:
    """Delete what was decided, or whose record was withdrawn, longer ago than DELETED_AFTER. Returns how many."""
    before = timezone.now() - DELETED_AFTER
    old = Q(reviewed_at__lt=before, is_kept=False) | Q(certification__withdrawn_at__lt=before)
    keys = list(Document.objects.filter(old).values_list("pk", flat=True))
    if keys:
        with transaction.atomic():
            remove(Document.objects.filter(old, pk__in=keys))
    return len(keys)
