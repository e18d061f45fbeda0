"""What verification adds to the start page of the administration."""

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from common.days import in_days
from common.work import Work
from rollout.middleware import PolicyRequest
from verification.models import Case, Register, RegisterFile
from verification.registers.health import old_before

QUEUE = "admin:verification_case_changelist"
FILES = "admin:verification_registerfile_changelist"


def of_review(request: PolicyRequest) -> list[Work]:
    """Return the cases that wait: all, those of this person, and those that a register settles. One query."""
    if not request.user.has_perm("verification.view_case"):
        return []
    found = (
        Case.objects.visible_to(request.viewer, request.policy)
        .waiting()
        .order_by()
        .aggregate(count=Count("pk"), oldest=Min("opened_at"), own=Count("pk", filter=Q(assigned_to=request.user.pk)))
    )
    waited = timezone.now() - (found["oldest"] or timezone.now())
    oldest = f"The oldest has waited {in_days(waited)}"
    url = reverse(QUEUE)
    works = [Work("Open cases", found["count"], url, oldest, is_urgent=waited >= Case.LATE_AFTER)]
    if request.user.has_perm("certifications.decide_certification"):
        works.append(Work("Assigned to you", found["own"], f"{url}?state=mine", "Cases that you took"))
    return works


def of_registers(request: PolicyRequest) -> list[Work]:
    """Return the registers whose data is old, and the files that wait for a person."""
    works = []
    if request.user.has_perm("verification.view_register"):
        old = Register.objects.filter(Q(current=None) | Q(current__as_of__lt=old_before()))
        url = f"{reverse('admin:verification_register_changelist')}?age=old"
        works.append(Work("Registers to update", old.count(), url, "No file yet, or data older than 6 months"))
    if request.user.has_perm("verification.import_register"):
        waiting = RegisterFile.objects.filter(state__in=RegisterFile.WAITS)
        works.append(
            Work("Register files to finish", waiting.count(), f"{reverse(FILES)}?waits=yes", "Uploaded and not in use")
        )
    return works
