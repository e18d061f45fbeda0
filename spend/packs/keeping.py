"""The files of audit packs: deleted after a day, and as soon as a report may no longer name someone."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils import timezone

from common import unwanted
from spend.models import AuditPack


def drop(reports: Collection[int]) -> int:
    """Delete the files of the packs of these reports. Return the number."""
    return _delete(AuditPack.objects.filter(report__in=reports))


def remove_old() -> int:
    """Delete the files that are a day old. Return the number."""
    return _delete(AuditPack.objects.filter(touched_at__lt=timezone.now() - AuditPack.FILE_KEPT_FOR))


def _delete(packs: QuerySet[AuditPack]) -> int:
    count = 0
    for pack in packs.exclude(file=""):
        count += AuditPack.objects.filter(pk=pack.pk).update(file="")
        unwanted.delete_later("private", str(pack.file.name))
    return count
