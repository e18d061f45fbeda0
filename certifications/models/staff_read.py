"""The log of records that staff were shown."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from certifications.models.record import Certification


class StaffRead(models.Model):
    """A note that a member of staff was shown a record's details, and on which page."""

    certification = models.ForeignKey(Certification, models.CASCADE, related_name="staff_reads")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    page = models.CharField(max_length=200)
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-read_at", "-pk"]
        verbose_name = "record viewed by staff"
        verbose_name_plural = "records viewed by staff"

    def __str__(self) -> str:
        return f"{self.staff} read {self.certification_id} at {self.read_at}"
