"""Acts of staff that decide about somebody's record or report: asked before, and never about oneself."""

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation
from django.shortcuts import render
from django.urls import reverse

from certifications.models import Certification
from common.back_office import ReadOnlyAdmin
from common.text import TextField

ON_LIST_AND_PAGE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
AT_ONCE = 100  # decided in one go, so that what is confirmed can still be read


class NoteForm(forms.Form):
    """What the owner is told when staff decide."""

    note = TextField(
        label="Note to the owner", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(NoteForm):
    """Why staff decide against a record."""

    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *Certification.Reason.choices])
    field_order = ("reason", "note")


class DecidingAdmin(ReadOnlyAdmin):
    """Rows about profiles that staff decide on by actions, which ask first, and never on a profile of their own."""

    decision_template = "admin/certifications/decide.html"
    view_on_site = False  # the rows' own pages are their editors' or reporters' alone

    def waits(self, row):
        """Whether staff can still decide on `row`: if not, its page offers nothing to decide."""
        return True

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj and not self.waits(obj):
            context["action_form"] = None
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def called(self, row):
        return str(row)

    def ask(self, request, rows, form, *, title, action):
        """The page that shows `rows` and asks for what `form` wants before `action` is done to them."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "action": action,
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "form": form,
            "media": self.media,
            "records": rows,
            "opts": self.opts,
            "changelist": reverse(f"admin:certifications_{self.opts.model_name}_changelist"),
        }
        return render(request, self.decision_template, context)

    def decidable(self, request, rows):
        """Those of `rows` that are not about a profile of whoever asks; of the others it is said that they are."""
        own = set(request.user.memberships.values_list("profile", flat=True))
        for row in rows:
            if row.profile_id in own:
                words = f"{self.called(row)}: you belong to this profile, so somebody else has to decide."
                self.message_user(request, words, messages.ERROR)
            else:
                yield row
