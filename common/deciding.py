"""Acts by which staff decide about rows, from a list or from the row's own page: each asks before it is done."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from common.back_office import ReadOnlyAdmin

ON_LIST_AND_PAGE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
AT_ONCE = 100  # decided in one go, so that what is confirmed can still be read


class DecidingAdmin(ReadOnlyAdmin):
    """Rows that staff decide on by actions, which show `decision_template` and ask before they act."""

    decision_template = "admin/decide.html"
    view_on_site = False  # the rows' own pages are for other people than staff

    def waits(self, row: Model) -> bool:
        """Return whether staff can still decide on `row`: if not, its page offers nothing to decide."""
        return True

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if obj and not self.waits(obj):
            context["action_form"] = None
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def ask(
        self, request: HttpRequest, rows: Sequence[Model], form: forms.Form, *, title: str, action: str
    ) -> HttpResponse:
        """Return the page that shows `rows` and asks for what `form` wants before `action` is done to them."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "action": action,
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "form": form,
            "media": self.media,
            "rows": rows,
            "opts": self.opts,
            "changelist": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }
        return render(request, self.decision_template, context)
