"""What staff read beside the records: answers, requests, who read what, and erasures."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certifications.data.history import history
from certifications.models import CountryInterest, Disclosure, ErasureCount, StaffRead
from common.back_office import ReadOnlyAdmin


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyAdmin):
    list_display = ("profile", "answer", "answered_at")
    list_filter = ("answer",)
    list_select_related = ("profile",)
    search_fields = ("profile__name__has_part", "profile__slug")
    show_full_result_count = False
    object_history_template = "admin/certifications/history.html"

    def history_view(self, request, object_id, extra_context=None):
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
class StaffReadAdmin(ReadOnlyAdmin):
    """Who was shown which record. It names the record by its profile, not by what it holds."""

    list_display = ("read_at", "staff", "record_link", "page")
    list_select_related = ("staff", "certification__profile")
    fields = ("read_at", "staff", "record_link", "page")
    readonly_fields = fields
    search_fields = ("staff__email", "certification__profile__name__has_part", "page")
    date_hierarchy = "read_at"
    show_full_result_count = False

    @admin.display(description="record")
    def record_link(self, read) -> SafeString:
        record = read.certification
        url = reverse("admin:certifications_certification_change", args=[record.pk])
        return format_html('<a href="{}">Record {} of {}</a>', url, record.pk, record.profile)


@admin.register(ErasureCount)
class ErasureCountAdmin(ReadOnlyAdmin):
    """How many profiles erased their data on a day; of which ones nothing is kept."""

    list_display = ("day", "count")
    date_hierarchy = "day"
