"""Logs in the administration: answers, countries of interest, reads by staff, and erasures."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certifications.data.history import history
from certifications.models import CountryInterest, Disclosure, ErasureCount, StaffRead
from common.back_office import ReadOnlyAdmin, UncountedRows


@admin.register(Disclosure)
class DisclosureAdmin(UncountedRows, ReadOnlyAdmin):
    list_display = ("profile", "answer", "answered_at")
    list_filter = ("answer",)
    list_select_related = ("profile",)
    search_fields = ("profile__name__has_part", "profile__slug")
    object_history_template = "admin/certifications/history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = self.get_object(request, object_id)
        events = {"events": history(answer)} if answer and self.has_view_permission(request, answer) else {}
        return super().history_view(request, object_id, {**(extra_context or {}), **events})


@admin.register(CountryInterest)
class CountryInterestAdmin(ReadOnlyAdmin):
    list_display = ("profile", "country", "asked_at")
    list_filter = ("country",)
    list_select_related = ("profile",)
    search_fields = ("profile__name__has_part", "country")


@admin.register(StaffRead)
class StaffReadAdmin(UncountedRows, ReadOnlyAdmin):
    """Who was shown which record. The record is named by its profile, not by its content."""

    list_display = ("read_at", "staff", "record_link", "page")
    list_select_related = ("staff", "certification__profile")
    fields = ("read_at", "staff", "record_link", "page")
    readonly_fields = fields
    search_fields = ("staff__email", "certification__profile__name__has_part", "page")
    date_hierarchy = "read_at"

    @admin.display(description="record")
    def record_link(self, read: StaffRead) -> SafeString:
        record = read.certification
        url = reverse("admin:certifications_certification_change", args=[record.pk])
        return format_html('<a href="{}">Record {} of {}</a>', url, record.pk, record.profile)


@admin.register(ErasureCount)
class ErasureCountAdmin(ReadOnlyAdmin):
    """The number of profiles that erased their data on a day. Nothing is kept about which ones."""

    list_display = ("day", "count")
    date_hierarchy = "day"
