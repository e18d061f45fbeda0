"""The monitor, its alarms, and the contracts it reads, for staff."""

import csv
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from common.back_office import OpenFilter, ReadOnlyAdmin
from common.days import day
from common.tables import safe_cell
from impact import contracts, figures, tallies
from impact.measures import FOLLOW_UP, MEASURES, PRIMARY
from impact.models import Alarm, ContractFile, Tally
from impact.report import Mark, Report, Trend
from rollout.middleware import PolicyRequest
from rollout.models import RolloutPolicy
from rollout.words import changes, named_types
from verification.admin.books import BookFileAdmin, ColumnHelp


@admin.register(Tally)
class MonitorAdmin(ReadOnlyAdmin):
    """One page: what showing certifications does. No link leads from it to a person."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> None:
        return None

    def changelist_view(self, request: PolicyRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        report = Report()
        if request.GET.get("format") == "csv":
            return self._file(report)
        chosen = request.GET.get("measure")
        measure = chosen if chosen in MEASURES else PRIMARY
        context = {
            **self.admin_site.each_context(request),
            "title": "Monitor",
            "opts": self.opts,
            "media": self.media,
            "report": report,
            "policy": request.policy,
            "draw": tallies.draw(),
            "alarms": Alarm.objects.filter(closed_at=None).select_related("type"),
            "measures": [(name, found.label) for name, found in MEASURES.items()],
            "chosen": measure,
            "measure": MEASURES[measure],
            "follow_up": FOLLOW_UP.days,
        }
        if report.tallies:
            trend = report.trend(measure) if MEASURES[measure].has_trend else None
            context |= {
                "overall": report.overall(),
                "trend": trend,
                "marks": self._marks(trend) if trend else [],
                "by_type": report.by_type(measure),
                "by_plan": report.by_plan(measure),
                "acts": report.acts(),
            }
        return render(request, "admin/impact/monitor.html", context)

    @staticmethod
    def _marks(trend: Trend) -> list[Mark]:
        """Return the changes of the roll-out in the weeks of a chart, oldest first."""
        types = list(named_types())
        begun = list(RolloutPolicy.objects.that_begin().filter(starts_at__lte=timezone.now()).order_by("pk"))
        before, marks = RolloutPolicy(), []
        for policy in begun:
            words = changes(before, policy, types)
            if words and policy.since and (mark := trend.mark(policy.since.date(), words)):
                marks.append(mark)
            before = policy
        return marks

    @staticmethod
    def _file(report: Report) -> HttpResponse:
        """Return all tables as a CSV file."""
        name = f"monitor-{report.week}.csv" if report.week else "monitor.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8", headers=headers)
        writer = csv.writer(response, quoting=csv.QUOTE_ALL)
        writer.writerow(figures.COLUMNS)
        for row in figures.rows(report):
            writer.writerow(map(safe_cell, row))
        return response


@admin.register(Alarm)
class AlarmAdmin(admin.ModelAdmin):
    """Alarms, open ones first. Closing one takes a note, and does not decide about what was stopped."""

    list_display = ("words", "about_type", "raised_at", "paused", "state")
    list_select_related = ("type", "closed_by")
    list_filter = (OpenFilter,)
    ordering = (F("closed_at").desc(nulls_first=True), "-pk")
    fields = ("words", "about_type", "week", "raised_at", "has_stopped_type", "note", "closed_at", "closed_by")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Alarm | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Alarm | None = None) -> bool:
        may_close = request.user.has_perm("impact.close_alarm")
        return may_close and (obj is None or obj.closed_at is None)

    def has_view_permission(self, request: HttpRequest, obj: Alarm | None = None) -> bool:
        return request.user.has_perm("impact.view_alarm") or request.user.has_perm("impact.close_alarm")

    def get_readonly_fields(self, request: HttpRequest, obj: Alarm | None = None) -> list[str]:
        return [name for name in self.fields if name != "note"]

    @admin.display(description="type", ordering="type")
    def about_type(self, alarm: Alarm) -> str:
        return str(alarm.type or "All types")

    @admin.display(description="paused the type", ordering="has_stopped_type")
    def paused(self, alarm: Alarm) -> str:
        return "Yes" if alarm.has_stopped_type else "No"

    @admin.display(description="state", ordering="closed_at")
    def state(self, alarm: Alarm) -> str:
        if not alarm.closed_at:
            return "Open"
        by = f" by {alarm.closed_by.get_short_name()}" if alarm.closed_by else ""
        return f"Closed {day(alarm.closed_at)}{by}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        alarm = self.get_object(request, object_id)
        title = {"title": f"Alarm: {alarm.type or 'all types'}", "subtitle": None} if alarm else {}
        context = {**(extra_context or {}), **title, "show_save_and_continue": False, "save_words": "Close alarm"}
        return super().change_view(request, object_id, form_url, context)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "note":
            field.required = True
            field.error_messages["required"] = "Enter what was decided"
            field.help_text = "Saving closes the alarm. To show a paused type again, change the roll-out."
        return field

    def save_model(self, request: HttpRequest, alarm: Alarm, form: forms.ModelForm, change: bool) -> None:
        closed = Alarm.objects.filter(pk=alarm.pk, closed_at=None).update(
            note=form.cleaned_data["note"], closed_at=timezone.now(), closed_by=request.user
        )
        if closed:
            self.message_user(request, "Alarm closed.", messages.SUCCESS)
        else:
            self.message_user(request, "Someone else closed this alarm first. Your note wasn't saved.", messages.ERROR)

    def response_change(self, request: HttpRequest, alarm: Alarm) -> HttpResponse:
        """Return to the list. `save_model` has said what happened."""
        return self.response_post_save_change(request, alarm)


COLUMN_HELP = (
    ColumnHelp("external_id", "The contract's number in the marketplace's books", "C-1001"),
    ColumnHelp("client", "The last part of the client's address, like alderwood-health", "alderwood-health"),
    ColumnHelp("profile_kind", "freelancer or agency", "freelancer"),
    ColumnHelp("profile", "The last part of the profile's address, like marisol-vega", "marisol-vega"),
    ColumnHelp("started_on", "A date like 09/15/2026 or 2026-09-15", "2026-03-01"),
    ColumnHelp("ended_on", "A date, or empty if the contract is ongoing", "2026-09-15"),
    ColumnHelp("ended_early", "yes or no", "no"),
    ColumnHelp("spend", "U.S. dollars, like $12,000", "12000"),
    ColumnHelp("rating", "1 to 5, or empty", "5"),
)


@admin.register(ContractFile)
class ContractFileAdmin(BookFileAdmin):
    """Files of contracts."""

    add_words = "Upload contracts"
    book = contracts.BOOK
    read = staticmethod(contracts.read)
    replaced = "changed"
    most_rows = 20_000  # about ten seconds for a workbook; one of 10 MB can hold ten times as many
    permission = "impact.add_contract"
    explained = (
        "New rows are added, and rows with a known external_id are updated. Rows that can't be read are skipped and "
        "listed with all of their problems."
    )
    column_help = COLUMN_HELP
