"""Background tasks about registers, and their restart after a stop. Each may run twice."""

from django.db.models import Q
from django.tasks import task
from django.utils import timezone

from certifications.models import Certification
from verification.models import RegisterFile
from verification.models.register import STOPPED_AFTER
from verification.registers import loading, looking_through, matching


@task
def match_record(pk: int) -> None:
    """Match a record with the registers of its certifying body."""
    record = Certification.objects.current().filter(pk=pk).first()
    if record:
        matching.match(record)


@task
def look_through_file(pk: int) -> None:
    """Survey an uploaded file."""
    file = RegisterFile.objects.filter(pk=pk).first()
    if file:
        looking_through.look_through(file)


@task
def load_file(pk: int) -> None:
    """Load a file with confirmed columns, or match all records against a file in force."""
    file = RegisterFile.objects.filter(pk=pk).first()
    if file:
        loading.load(file)


def restart_stopped() -> int:
    """Restart the files whose worker stopped. Return their number."""
    states = RegisterFile.State
    stopped = RegisterFile.objects.filter(changed_at__lt=timezone.now() - STOPPED_AFTER)
    moving = stopped.filter(Q(state__in=[states.UPLOADED, states.LOADING]) | Q(state=states.LOADED, matched_at=None))
    return sum(restart(file) for file in moving)


def restart(file: RegisterFile) -> bool:
    """Restart a file whose worker stopped. Return False if a worker processes it, or nothing is left to do."""
    with loading.only_loader(file.register_id) as is_nobodys:
        if not is_nobodys or not (file.is_moving or file.is_unmatched):
            return False
        RegisterFile.objects.filter(pk=file.pk).update(changed_at=timezone.now())
    (look_through_file if file.state == RegisterFile.State.UPLOADED else load_file).enqueue(file.pk)
    return True
