"""What is done with registers outside of any request, and done again where it stopped. Each may run twice."""

from django.db.models import Q
from django.tasks import task
from django.utils import timezone

from certifications.models import Certification
from verification.models import RegisterFile
from verification.models.register import STOPPED_AFTER
from verification.registers import loading, looking_through, matching


@task
def match_record(pk: int) -> None:
    """Look a record up in the registers of its certificate's body."""
    record = Certification.objects.current().filter(pk=pk).first()
    if record:
        matching.match(record)


@task
def look_through_file(pk: int) -> None:
    """Find out how an uploaded file is to be read."""
    file = RegisterFile.objects.filter(pk=pk).first()
    if file:
        looking_through.look_through(file)


@task
def load_file(pk: int) -> None:
    """Load a file whose columns were confirmed, and match what was reported against it."""
    file = RegisterFile.objects.filter(pk=pk).first()
    if file:
        loading.load(file)


def restart_stopped() -> int:
    """Have what stopped in the middle, with its worker, done again. Returns how many files."""
    states = RegisterFile.State
    stopped = RegisterFile.objects.filter(changed_at__lt=timezone.now() - STOPPED_AFTER)
    moving = stopped.filter(Q(state__in=[states.UPLOADED, states.LOADING]) | Q(state=states.LOADED, matched_at=None))
    return sum(restart(file) for file in moving)


def restart(file: RegisterFile) -> bool:
    """Have a file that stopped in the middle done again. Returns whether; not while someone works on it."""
    with loading.only_loader(file.register_id) as is_nobodys:
        if not is_nobodys or not (file.is_moving or file.is_unmatched):
            return False
        RegisterFile.objects.filter(pk=file.pk).update(changed_at=timezone.now())
    (look_through_file if file.state == RegisterFile.State.UPLOADED else load_file).enqueue(file.pk)
    return True
