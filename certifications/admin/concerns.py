"""Concerns in the administration, and closing them."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from certifications import concerns
from certifications.admin.deciding import AboutProfilesAdmin
from certifications.models import Concern
from common.back_office import OpenFilter, UncountedRows, change_link
from common.deciding import AT_ONCE, ON_LIST_AND_PAGE
from common.text import TextField
from profiles.models import User


class CloseForm(forms.Form):
    """The outcome of a concern, and the note to its reporter."""

    outcome = forms.ChoiceField(choices=[("", "Choose an outcome"), *Concern.Outcome.choices])
    note = TextField(
        label="Note to the reporter", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.register(Concern)
class ConcernAdmin(UncountedRows, AboutProfilesAdmin):
    """A concern with its context. An action closes it. No one can change what the reporter wrote."""

    list_display = ("__str__", "profile", "kind", "reported_at", "state")
    list_filter = (OpenFilter, "outcome", "kind")
    list_select_related = ("profile",)
    search_fields = ("profile__name__has_part", "profile__slug", "reporter__email")
    actions = ("close",)
    decision_template = "admin/certifications/close.html"
    fields = (
        "reporter", "client", "profile_link", "record_link", "kind", "text", "reported_at",
        "outcome", "outcome_note", "closed_at", "closed_by",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="state")
    def state(self, concern: Concern) -> str:
        return concern.get_outcome_display() or "Open"

    @admin.display(description="profile")
    def profile_link(self, concern: Concern) -> str:
        return change_link(concern.profile)

    @admin.display(description="record")
    def record_link(self, concern: Concern) -> str:
        if concern.certification_id is None:
            return "All of them, or the profile as a whole"
        url = reverse("admin:certifications_certification_change", args=[concern.certification_id])
        return format_html('<a href="{}">Record {}</a>', url, concern.certification_id)

    def waits(self, concern: Concern) -> bool:
        return concern.closed_at is None

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("certifications.close_concern")

    @admin.action(
        description="Close this concern…",
        description_plural="Close…",
        permissions=["close"],
        location=ON_LIST_AND_PAGE,
    )
    def close(self, request: HttpRequest, queryset: QuerySet[Concern]) -> HttpResponse:
        """Ask for the outcome, then close each open concern and email its reporter."""
        found = list(queryset.select_related("profile", "reporter")[: AT_ONCE + 1])
        here = reverse("admin:certifications_concern_changelist")
        if not found or len(found) > AT_ONCE:
            self.message_user(request, f"Select 1 to {AT_ONCE} concerns.", messages.WARNING)
            return redirect(here)
        for concern in found:
            if not self.waits(concern):
                self.message_user(request, f"{concern} was not changed. It is closed already.", messages.WARNING)
        found = [concern for concern in found if self.waits(concern)]
        if not found:
            return redirect(here)
        form = CloseForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            title = f"Close {len(found)} concerns" if len(found) > 1 else f"Close concern {found[0].number}"
            return self.ask(request, found, form, title=title, action="close")
        for concern in self.decidable(request, found):
            try:
                concerns.close(concern, by=cast(User, request.user), **form.cleaned_data)
            except Concern.AlreadyClosed:
                self.message_user(request, f"{concern} was not changed. It is closed already.", messages.WARNING)
            else:
                self.message_user(
                    request, f"{concern} is closed. We emailed the person who reported it.", messages.SUCCESS
                )
        return redirect(here)
