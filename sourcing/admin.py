"""The administration of accepted terms, unused types and exports, which staff may only read."""

from django.contrib import admin

from certifications.models import UnusedType
from common.back_office import ReadOnlyAdmin, UncountedRows
from sourcing.exports import subject
from sourcing.models import Export, TermsAcceptance


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(UncountedRows, ReadOnlyAdmin):
    list_display = ("client", "version", "purpose", "accepted_by", "accepted_at")
    list_filter = ("version",)
    list_select_related = ("client", "accepted_by")
    search_fields = ("client__name__has_part",)


@admin.register(UnusedType)
class UnusedTypeAdmin(UncountedRows, ReadOnlyAdmin):
    list_display = ("client", "type", "set_at")
    list_filter = ("type",)
    list_select_related = ("client", "type")
    search_fields = ("client__name__has_part",)


@admin.register(Export)
class ExportAdmin(UncountedRows, ReadOnlyAdmin):
    list_display = ("client", "user", "format", "of_what", "rows", "state", "asked_at")
    list_filter = ("format", "state")
    list_select_related = ("client", "user")
    search_fields = ("client__name__has_part",)
    exclude = ("shortlist", "query", "filters", "searched_for", "file", "records")
    readonly_fields = ("of_what",)

    @admin.display(description="of what")
    def of_what(self, export: Export) -> str:
        return subject(export)
