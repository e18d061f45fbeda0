"""What staff look after: the catalogue in full, and records, which they read and act on but never write."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from certifications.history import history
from certifications.models import (
    Certificate,
    Certification,
    CertificationType,
    CertifyingBody,
    CountryInterest,
    Disclosure,
    Fact,
    StaffRead,
)
from certifications.staff_reads import log_staff_read


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shown to staff who may view it, and written by nobody here."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class CatalogueAdmin(admin.ModelAdmin):
    """A catalogue row. What the loader wrote is ended by a date, not deleted: it would come back."""

    def get_readonly_fields(self, request, obj=None):
        return ("key",) if obj and obj.seeded else ()

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.seeded)


class FactInline(admin.TabularInline):
    model = Fact
    extra = 0
    fields = ("key", "topic", "text", "source", "checked_on")


@admin.register(CertificationType)
class CertificationTypeAdmin(CatalogueAdmin):
    list_display = ("name", "position", "is_offered")
    list_filter = ("is_offered",)
    search_fields = ("name",)


@admin.register(CertifyingBody)
class CertifyingBodyAdmin(CatalogueAdmin):
    list_display = ("name", "short_name", "kind", "valid_from", "valid_to")
    list_filter = ("kind",)
    search_fields = ("name", "short_name")
    inlines = (FactInline,)


@admin.register(Certificate)
class CertificateAdmin(CatalogueAdmin):
    list_display = ("name", "acronym", "body", "type", "term_months", "valid_to")
    list_filter = ("type", "body__kind")
    list_select_related = ("body", "type")
    search_fields = ("name", "acronym", "body__name")
    autocomplete_fields = ("body", "type")
    inlines = (FactInline,)


class ExpiresWithin(admin.SimpleListFilter):
    title = "expires within"
    parameter_name = "expires"

    def lookups(self, request, model_admin):
        return [("30", "30 days"), ("60", "60 days"), ("90", "90 days"), ("past", "Expired")]

    def queryset(self, request, queryset):
        today = timezone.now().date()
        days = self.value()
        if days == "past":
            return queryset.filter(expires_on__lt=today)
        if days in {"30", "60", "90"}:
            return queryset.filter(expires_on__range=(today, today + timedelta(days=int(days))))
        return queryset


class NumberElsewhere(admin.SimpleListFilter):
    title = "number on another profile"
    parameter_name = "elsewhere"

    def lookups(self, request, model_admin):
        return [("yes", "Yes")]

    def queryset(self, request, queryset):
        return queryset.filter(number_elsewhere=True) if self.value() == "yes" else queryset


class ReasonForm(forms.Form):
    """Why staff decide against a record, and what its owner is told."""

    reason = forms.ChoiceField(choices=Certification.Reason)
    note = forms.CharField(
        label="Note to the owner", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Note to the owner", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.register(Certification)
class CertificationAdmin(ReadOnlyAdmin):
    list_display = (
        "number", "profile_link", "type", "certificate", "legal_business_name", "standing", "expires_on", "elsewhere",
    )  # fmt: skip
    list_filter = ("type", "certificate__body", "standing", ExpiresWithin, NumberElsewhere)
    list_select_related = ("profile", "type", "certificate__body")
    search_fields = ("number", "legal_business_name", "profile__name", "profile__slug")
    list_per_page = 50
    actions = ("suspend", "refuse", "lift")
    fields = (
        "profile_link", "type", "certificate", "other_body", "legal_business_name", "number", "elsewhere", "issued_on",
        "expires_on", "does_not_expire", "attestation", "attested_by", "attested_at", "audience", "hidden_at",
        "withdrawn_at", "standing", "standing_reason", "standing_note", "standing_at", "standing_by",
    )  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_number_elsewhere()

    @admin.display(description="profile")
    def profile_link(self, record):
        url = reverse("admin:profiles_profile_change", args=[record.profile_id])
        return format_html('<a href="{}">{}</a>', url, record.profile)

    @admin.display(description="same number elsewhere", boolean=True)
    def elsewhere(self, record):
        return record.number_elsewhere

    def change_view(self, request, object_id, form_url="", extra_context=None):
        record = self.get_object(request, object_id)
        if record and self.has_view_permission(request, record):
            log_staff_read(request.user, [record], request.path)
        return super().change_view(request, object_id, form_url, extra_context)

    def history_view(self, request, object_id, extra_context=None):
        record = self.get_object(request, object_id)
        if record and self.has_view_permission(request, record):
            log_staff_read(request.user, [record], request.path)
            extra_context = {**(extra_context or {}), "events": history(record)}
        return super().history_view(request, object_id, extra_context)

    object_history_template = "admin/certifications/history.html"

    def has_decide_permission(self, request):
        return request.user.has_perm("certifications.decide_certification")

    @admin.action(description="Suspend the selected certifications", permissions=["decide"])
    def suspend(self, request, queryset):
        return self._decide(request, queryset, "suspend", ReasonForm, "suspended")

    @admin.action(description="Refuse the selected certifications", permissions=["decide"])
    def refuse(self, request, queryset):
        return self._decide(request, queryset, "refuse", ReasonForm, "refused")

    @admin.action(description="Lift the suspension or refusal of the selected certifications", permissions=["decide"])
    def lift(self, request, queryset):
        return self._decide(request, queryset, "lift", NoteForm, "lifted")

    def _decide(self, request, queryset, action, form_class, done):
        """Ask for the reason and a confirmation, then act on each by the model's own method."""
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            log_staff_read(request.user, queryset, request.path)
            context = {
                **self.admin_site.each_context(request),
                "title": f"{action.capitalize()} certifications",
                "action": action,
                "form": form,
                "records": queryset.select_related("profile", "certificate__body"),
                "opts": self.model._meta,
            }
            return render(request, "admin/certifications/decide.html", context)
        own = set(request.user.memberships.values_list("profile", flat=True))
        for record in queryset:
            if record.profile_id in own:
                self.message_user(request, f"{record}: you belong to this profile.", messages.ERROR)
                continue
            try:
                getattr(record, action)(by=request.user, **form.cleaned_data)
            except Certification.NotPossible:
                self.message_user(request, f"{record}: somebody decided this already.", messages.WARNING)
            else:
                self.message_user(request, f"{record}: {done}.", messages.SUCCESS)
        return redirect(request.get_full_path())


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyAdmin):
    list_display = ("profile", "answer", "answered_at")
    list_filter = ("answer",)
    list_select_related = ("profile",)
    search_fields = ("profile__name",)
    object_history_template = "admin/certifications/history.html"

    def history_view(self, request, object_id, extra_context=None):
        answer = self.get_object(request, object_id)
        if answer and self.has_view_permission(request, answer):
            extra_context = {**(extra_context or {}), "events": history(answer)}
        return super().history_view(request, object_id, extra_context)


@admin.register(CountryInterest)
class CountryInterestAdmin(ReadOnlyAdmin):
    list_display = ("profile", "country", "asked_at")
    list_filter = ("country",)
    list_select_related = ("profile",)


@admin.register(StaffRead)
class StaffReadAdmin(ReadOnlyAdmin):
    list_display = ("read_at", "staff", "certification", "page")
    list_select_related = ("staff", "certification__certificate__body")
    search_fields = ("staff__email", "certification__number")
