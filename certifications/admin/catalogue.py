"""The catalogue in the administration."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from certifications.models import Certificate, CertificationType, CertifyingBody, Fact
from certifications.sharing.clients import leave_unused
from common.back_office import Autocompletes, ComparingAdmin, EditedInline
from common.forms import OpenedForm


class CatalogueAdmin(ComparingAdmin):
    """A catalogue row. A row of the loader cannot be deleted, because it would come back. A date ends it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"key": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.seeded)


class FactForm(OpenedForm):
    """A fact that staff write. Its key distinguishes it from the loader's facts."""

    class Meta:
        model = Fact
        fields = ["topic", "text", "source", "checked_on"]
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}

    def save(self, commit: bool = True) -> Fact:
        self.instance.key = self.instance.key or f"staff-{get_random_string(12).lower()}"
        return super().save(commit)


class FactInline(EditedInline):
    model = Fact
    form = FactForm


@admin.register(CertificationType)
class CertificationTypeAdmin(CatalogueAdmin):
    list_display = ("name", "position", "is_offered")
    list_filter = ("is_offered",)
    search_fields = ("name__has_part", "key")

    def save_model(self, request: HttpRequest, type: CertificationType, form: forms.ModelForm, change: bool) -> None:
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
