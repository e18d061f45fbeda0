"""The catalogue, which staff look after in full."""

from django import forms
from django.contrib import admin
from django.utils.crypto import get_random_string

from certifications.models import Certificate, CertificationType, CertifyingBody, Fact
from certifications.sharing.clients import leave_unused
from common.back_office import Autocompletes


class CatalogueAdmin(admin.ModelAdmin):
    """A catalogue row. What the loader wrote is ended by a date, not deleted: it would come back."""

    def get_readonly_fields(self, request, obj=None):
        return ("key",) if obj else ()

    def get_prepopulated_fields(self, request, obj=None) -> dict:
        return {} if obj else {"key": ("name",)}

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.seeded)


class FactForm(forms.ModelForm):
    """A fact as staff write it: its key only tells it from the loader's."""

    class Meta:
        model = Fact
        fields = ["topic", "text", "source", "checked_on"]
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}

    def save(self, commit=True):
        self.instance.key = self.instance.key or f"staff-{get_random_string(12).lower()}"
        return super().save(commit)


class FactInline(admin.StackedInline):
    model = Fact
    form = FactForm
    extra = 0


@admin.register(CertificationType)
class CertificationTypeAdmin(CatalogueAdmin):
    list_display = ("name", "position", "is_offered")
    list_filter = ("is_offered",)
    search_fields = ("name__has_part", "key")

    def save_model(self, request, type, form, change) -> None:
        super().save_model(request, type, form, change)
        if not change:
            leave_unused(type)


@admin.register(CertifyingBody)
class CertifyingBodyAdmin(CatalogueAdmin):
    list_display = ("name", "short_name", "kind", "valid_from", "valid_to")
    list_filter = ("kind",)
    search_fields = ("name__has_part", "short_name__has_part", "key")
    inlines = (FactInline,)


@admin.register(Certificate)
class CertificateAdmin(Autocompletes, CatalogueAdmin):
    list_display = ("name", "acronym", "body", "type", "term_months", "valid_to")
    list_filter = ("type", "body__kind", "body")
    list_select_related = ("body", "type")
    search_fields = ("name__has_part", "acronym__has_part", "body__name__has_part", "body__short_name__has_part")
    autocomplete_fields = ("body", "type")
    inlines = (FactInline,)
