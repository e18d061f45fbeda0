"""The administration of records, which staff read and decide on but never edit."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from certifications.admin.deciding import AboutProfilesAdmin
from certifications.data.history import history
from certifications.details import DETAIL_FIELDS
from certifications.models import Block, Certification
from certifications.models.local_days import local_today
from certifications.models.record_queries import CertificationQuerySet
from certifications.rule import BY_OBSTACLE
from certifications.staff_reads import log_staff_read
from common.back_office import UncountedRows, change_link
from common.days import day
from common.deciding import AT_ONCE, ON_LIST_AND_PAGE
from common.text import TextField
from rollout.audience import audience_words
from rollout.middleware import SignedInPolicyRequest
from verification.admin import support
from verification.admin.titles import title_of
from verification.models import OUTCOMES, Case
from verification.review import cases

SHOWN = "Shown to clients"
BLOCKS = ("Blocks", {"fields": ("blocks",)})


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("shown", SHOWN), *((obstacle, condition.to_staff) for obstacle, condition in BY_OBSTACLE.items())]

    def queryset(self, request: HttpRequest, queryset: CertificationQuerySet) -> CertificationQuerySet:
        state = self.value()
        return queryset if state is None else queryset.filter(unseen_because="" if state == "shown" else state)


class ExpiresWithin(admin.SimpleListFilter):
    """Current records that end soon or have ended."""

    title = "expiry"
    parameter_name = "expires"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        days = [(str(days), f"Within {days} days") for days in (30, 60, 90)]
        return [*days, ("past", "Expired"), ("never", "Does not expire")]

    def queryset(self, request: HttpRequest, queryset: CertificationQuerySet) -> CertificationQuerySet:
        match self.value():
            case "30" | "60" | "90" as days:
                end = local_today() + Value(timedelta(days=int(days)))
                return queryset.current().filter(expires_on__gte=local_today(), expires_on__lte=end)
            case "past":
                return queryset.current().filter(expires_on__lt=local_today())
            case "never":
                return queryset.current().filter(does_not_expire=True)
        return queryset


class NumberElsewhere(admin.SimpleListFilter):
    title = "number on another profile"
    parameter_name = "elsewhere"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: CertificationQuerySet) -> CertificationQuerySet:
        return queryset.filter(number_elsewhere=True) if self.value() == "yes" else queryset


class NoteForm(forms.Form):
    """The note that the owner reads about a decision."""

    note = TextField(
        label="Note to the owner", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(NoteForm):
    """The reason and the note for a decision against a record."""

    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *Certification.Reason.choices])
    field_order = ("reason", "note")


# The actions that change nothing about a record of this standing.
WITHOUT_EFFECT = {
    Certification.Standing.GOOD: {"lift"},
    Certification.Standing.SUSPENDED: {"suspend"},
    Certification.Standing.REFUSED: {"suspend", "refuse"},
}


@admin.register(Certification)
class CertificationAdmin(UncountedRows, AboutProfilesAdmin):
    """The list and page of records. The list shows no details: opening a record shows them, and is logged."""

    list_display = ("record", "profile_link", "type", "certificate", "state", "expires", "elsewhere")
    list_display_links = ("record",)
    list_filter = ("type", "certificate__body", "standing", StateFilter, ExpiresWithin, NumberElsewhere)
    list_select_related = ("profile", "type", "certificate__body")
    search_fields = (
        "number__has_part",
        "legal_business_name__has_part",
        "other_name__has_part",
        "other_body__has_part",
        "profile__name__has_part",
        "profile__slug",
    )
    list_per_page = 50
    actions = ("suspend", "refuse", "lift")
    decision_template = "admin/certifications/decide_record.html"
    object_history_template = "admin/certifications/history.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "profile_link", "type", "certificate_link", "other_name", "body_name", "state", "known", "review",
                )
            },
        ),
        (
            "What the owner reported",
            {
                "fields": (
                    *(field.name for field in DETAIL_FIELDS), "same_number", "expires",
                    "attestation", "attested_by", "attested_at", "self_reported_at", "agreed_to",
                )
            },
        ),
        ("Who can see it", {"fields": (
            "chosen_audience", "hidden_at", "hidden_until", "renewal_filed_on", "withdrawn_at",
        )}),
        ("Standing", {"fields": (
            "standing", "standing_reason", "standing_note", "standing_at", "standing_by", "reads",
        )}),
    )  # fmt: skip
    # Django hides fields that are not named here. All of them are read-only for everyone.
    readonly_fields = tuple(name for _, part in (*fieldsets, BLOCKS) for name in part["fields"])

    def get_urls(self) -> list[URLPattern]:
        support_page = self.admin_site.admin_view(require_safe(self.support_view))
        return [path("support/", support_page, name="certifications_support"), *super().get_urls()]

    def support_view(self, request: SignedInPolicyRequest) -> HttpResponse:
        if not support.may_open(request):
            raise PermissionDenied
        return support.page(request, {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media})

    def get_queryset(self, request: SignedInPolicyRequest) -> CertificationQuerySet:
        # For staff without the permission, records do not exist: 404 instead of 403.
        return (
            Certification.objects.visible_to(request.viewer, request.policy)
            .with_number_elsewhere()
            .with_status(request.policy)
            .with_step()
        )

    def action_checkbox(self, record: Certification) -> SafeString:
        """Return Django's checkbox with another label, since Django's would reveal the certificate's number."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="Select record {}">',
            ACTION_CHECKBOX_NAME,
            record.pk,
            record.pk,
        )

    def called(self, record: Certification) -> str:
        return f"Record {record.pk} of {record.profile}"

    @admin.display(description="record", ordering="pk")
    def record(self, record: Certification) -> str:
        return f"Record {record.pk}"

    @admin.display(description="profile", ordering="profile__name")
    def profile_link(self, record: Certification) -> SafeString:
        return change_link(record.profile)

    @admin.display(description="certificate")
    def certificate_link(self, record: Certification) -> SafeString:
        url = reverse("admin:certifications_certificate_change", args=[record.certificate_id])
        return format_html('<a href="{}">{}</a>', url, record.certificate)

    @admin.display(description="certifier")
    def body_name(self, record: Certification) -> str:
        return record.body_name

    @admin.display(description="chosen by the owner")
    def chosen_audience(self, record: Certification) -> str:
        if record.audience == Certification.Audience.ELIGIBLE:
            return f"All {audience_words(record.agreed_plans)}"
        return record.get_audience_display()

    @admin.display(description="state")
    def state(self, record: Certification) -> str:
        return record.unmet.to_staff if record.unmet else SHOWN

    @admin.display(description="verification level")
    def known(self, record: Certification) -> str:
        return record.known

    @admin.display(description="cases")
    def review(self, record: Certification) -> str:
        links = [(case.admin_url, case, case.get_outcome_display() or "waiting") for case in record.cases.all()]
        return format_html_join(", ", '<a href="{}">{}: {}</a>', links) or "None"

    @admin.display(description="expires", ordering="expires_on")
    def expires(self, record: Certification) -> str:
        return "Does not expire" if record.does_not_expire else day(record.expires_on)

    @admin.display(description="plans the owner agreed to")
    def agreed_to(self, record: Certification) -> str:
        return ", ".join(record.get_agreed_plan_names())

    @admin.display(description="same number elsewhere")
    def elsewhere(self, record: Certification) -> str:
        return "On another profile" if record.number_elsewhere else ""

    @admin.display(description="same number on another profile")
    def same_number(self, record: Certification) -> SafeString:
        others = record.with_same_number().select_related("profile")
        links = format_html_join(
            ", ",
            '<a href="{}">{}, record {}</a>',
            (
                (reverse("admin:certifications_certification_change", args=[other.pk]), other.profile, other.pk)
                for other in others
            ),
        )
        return links or SafeString("None")

    def get_fieldsets(
        self, request: HttpRequest, obj: Certification | None = None
    ) -> Sequence[tuple[Any, Mapping[str, object]]]:
        """Return what the record says. Staff with the permission see whether the profile blocks a client, not which."""
        fieldsets = [*super().get_fieldsets(request, obj)]
        if request.user.has_perm("certifications.view_block"):
            fieldsets.append(BLOCKS)
        return [
            (title, {"fields": [name for name in part["fields"] if self._says(obj, name)]}) for title, part in fieldsets
        ]

    def _says(self, record: Certification | None, name: str) -> bool:
        """Return True unless a column of a record is empty: such a line would say nothing."""
        return record is None or getattr(record, name, name) not in (None, "", [])

    @admin.display(description="blocks a client", boolean=True)
    def blocks(self, record: Certification) -> bool:
        return Block.objects.filter(profile=record.profile_id).exists()

    @admin.display(description="viewed by staff")
    def reads(self, record: Certification) -> SafeString:
        url = reverse("admin:certifications_staffread_changelist")
        return format_html('<a href="{}?certification__id__exact={}">Who viewed this record</a>', url, record.pk)

    def change_view(
        self,
        request: SignedInPolicyRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        record = self._log_read(request, object_id)
        context: dict[str, Any] = {}
        if record:
            context = {"title": title_of(record), "subtitle": None, "left_out_actions": WITHOUT_EFFECT[record.standing]}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def history_view(
        self, request: SignedInPolicyRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record = self._log_read(request, object_id)
        events = {"events": history(record), "title": f"History: {title_of(record)}"} if record else {}
        return super().history_view(request, object_id, {**(extra_context or {}), **events})

    def _log_read(self, request: SignedInPolicyRequest, object_id: str) -> Certification | None:
        """Return the record and log that staff read it. None if they may not."""
        record = self.get_object(request, object_id)
        if record is None or not self.has_view_permission(request, record):
            return None
        log_staff_read(request.user, [record], request.path)
        return record

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("certifications.decide_certification")

    @admin.action(description="Suspend…", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def suspend(self, request: SignedInPolicyRequest, queryset: CertificationQuerySet) -> HttpResponse:
        return self._decide(request, queryset, "suspend", Case.Outcome.SUSPENDED)

    @admin.action(description="Reject…", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def refuse(self, request: SignedInPolicyRequest, queryset: CertificationQuerySet) -> HttpResponse:
        return self._decide(request, queryset, "refuse", Case.Outcome.REFUSED)

    @admin.action(description="Reinstate…", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def lift(self, request: SignedInPolicyRequest, queryset: CertificationQuerySet) -> HttpResponse:
        return self._decide(request, queryset, "lift", Case.Outcome.LIFTED)

    def _decide(
        self, request: SignedInPolicyRequest, queryset: CertificationQuerySet, action: str, outcome: Case.Outcome
    ) -> HttpResponse:
        """Ask for the reason and a confirmation, then decide about each record, with or without an open case."""
        records = list(queryset.select_related("profile", "type", "certificate__body")[: AT_ONCE + 1])
        here = reverse("admin:certifications_certification_changelist")
        if len(records) > AT_ONCE:
            self.message_user(request, f"Select up to {AT_ONCE} records.", messages.ERROR)
            return redirect(here)
        if not records:
            self.message_user(request, "Nothing was changed. These records no longer exist.", messages.WARNING)
            return redirect(here)
        form_class = ReasonForm if OUTCOMES[outcome].is_against else NoteForm
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            log_staff_read(request.user, records, request.path)
            count = f"{len(records)} records" if len(records) > 1 else f"record {records[0].pk}"
            return self.ask(request, records, form, title=f"{OUTCOMES[outcome].verb} {count}", action=action)
        for record in self.decidable(request, records):
            name = self.called(record)
            try:
                cases.decide_now(record, outcome, by=request.user, **form.cleaned_data)
            except Case.NotYours:
                words = f"{name}: This is an appeal against your own decision, so someone else has to decide."
                self.message_user(request, words, messages.ERROR)
            except Certification.NotPossible:
                record.refresh_from_db(fields=["standing"])
                standing = record.get_standing_display().lower()
                self.message_user(request, f"{name} was not changed. It is already {standing}.", messages.WARNING)
            else:
                self.message_user(request, f"{name} is {OUTCOMES[outcome].done}.", messages.SUCCESS)
        return redirect(here)
