"""A client's own lists of vendors, kept for a few days."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from profiles.models import Client


class VendorList(models.Model):
    """A file that a member of a client uploaded to check it: its cells, and which columns say who a vendor is.

    Nothing that the check finds is stored: a page and a file ask the rule each time.
    """

    KEPT_FOR = timedelta(days=7)

    client = models.ForeignKey(Client, models.DB_CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField(default=timezone.now)
    header: Any = models.JSONField()  # list of titles
    rows: Any = models.JSONField()  # list of lists of cells
    # The positions of the columns that are read, from 0.
    name_column = models.PositiveIntegerField(null=True)
    number_column = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("spend:vendor_list", args=[self.pk])

    @property
    def kept_until(self) -> Any:
        return self.uploaded_at + self.KEPT_FOR
