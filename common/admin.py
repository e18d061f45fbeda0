"""Outgoing email, for staff."""

from django.contrib import admin

from common.back_office import HappenedFilter, ReadOnlyAdmin
from common.models import Mail


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """Email that waits for the mail server, or that one refused permanently. Staff cannot read what an email says."""

    fields = ("to", "written_at", "tries", "next_try_at", "refused_at", "refused_because")
    list_display = ("to", "written_at", "tries", "next_try_at", "refused_at", "refused_because")
    list_filter = (("refused_at", HappenedFilter),)
    search_fields = ("to",)
