"""What is done with registers outside of any request. Each may run twice without harm."""

from django.tasks import task

from certifications.models import Certification
from verification.models import RegisterFile
from verification.registers import loading, matching


@task
def match_record(pk):
    """Look a record up in the registers of its certificate's body."""
    record = Certification.objects.current().filter(pk=pk).first()
    if record:
        matching.match(record)


@task
def look_through_file(pk):
    """Find out how an uploaded file is to be read."""
    file = RegisterFile.objects.filter(pk=pk).first()
    if file:
        loading.look_through(file)


@task
def load_file(pk):
    """Load a file whose columns were confirmed, and match what was reported against it."""
    file = RegisterFile.objects.filter(pk=pk).first()
    if file:
        loading.load(file)
