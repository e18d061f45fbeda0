"""The roll-out policy: proposed whole, in force at once if it narrows, confirmed by a second person if it widens."""

from datetime import UTC, datetime, time

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html_join

from certifications.admin.deciding import ON_LIST_AND_PAGE
from certifications.models import CertificationType, RolloutPolicy
from certifications.models.record import audience_words, day
from profiles.admin import ReadOnlyAdmin
from profiles.models import Client


def told(policy):
    """What a policy says, to read, by what it is about: dict."""
    names = CertificationType.objects.filter(pk__in=policy.paused_types).values_list("name", flat=True)
    return {
        "Shown to": audience_words(policy.plans),
        "Held out": f"{policy.holdout_percent} percent of them",
        "Showing": "stopped" if policy.is_paused else "on",
        "Types not shown": ", ".join(names) or "none",
        "Alarms": "stop a type by themselves" if policy.pauses_on_alarm else "stop nothing by themselves",
    }


def changes(policy):
    """How a policy `with_story` differs from what was in force when it was proposed: list of (what, before, after)."""
    before, after = told(RolloutPolicy(**policy.before or {})), told(policy)
    return [(what, before[what], after[what]) for what in after if before[what] != after[what]]


class PolicyForm(forms.ModelForm):
    """A change of the policy. `seen` is the newest decision that its author saw."""

    plans = forms.MultipleChoiceField(
        label="Shown to clients on", choices=Client.Plan, required=False, widget=forms.CheckboxSelectMultiple
    )
    paused_types = forms.ModelMultipleChoiceField(
        CertificationType.objects.all(), label="Types not shown", required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_on = forms.DateField(
        label="Starts on",
        required=False,
        help_text="Empty: at once. Else at midnight, UTC. A later change replaces one that has not started yet.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = RolloutPolicy
        fields = (
            "is_paused", "plans", "holdout_percent", "paused_types", "pauses_on_alarm", "reason",
        )  # fmt: skip
        widgets = {"reason": forms.Textarea({"rows": 3})}
        help_texts = {
            "is_paused": "Nobody but editors and staff sees any, from the next request on, or from the day below."
        }
        error_messages = {"reason": {"required": "Say why: it is kept with the change."}}

    def clean_paused_types(self):
        return sorted(type.pk for type in self.cleaned_data["paused_types"])

    def clean_starts_on(self):
        starts_on, today = self.cleaned_data["starts_on"], timezone.now().date()
        if starts_on and starts_on < today:
            raise forms.ValidationError("This is in the past.")
        if starts_on and starts_on > today:
            self.instance.starts_at = datetime.combine(starts_on, time(), UTC)
        return starts_on

    def clean(self):
        cleaned = super().clean()
        RolloutPolicy.lock()  # so that what is checked here still holds when it is saved
        newest = RolloutPolicy.objects.confirmed().first()
        if cleaned.get("seen") != (newest and newest.pk):
            self.data = self.data.copy()
            self.data["seen"] = newest.pk if newest else ""
            raise forms.ValidationError(
                "Something was decided since you opened this page. Look at it, and save again if yours still stands."
            )
        current = RolloutPolicy.current()
        is_same = all(cleaned.get(name) == getattr(current, name) for name in RolloutPolicy.WHAT_HOLDS)
        if is_same and not RolloutPolicy.objects.planned().exists():
            raise forms.ValidationError("This is how it is already: change something.")
        return cleaned


@admin.register(RolloutPolicy)
class RolloutPolicyAdmin(ReadOnlyAdmin):
    """What was decided, newest first. Adding is proposing; nothing is edited in place."""

    form = PolicyForm
    list_display = ("summary", "state", "since", "reason", "proposed_by", "confirmed_by")
    list_select_related = ("proposed_by", "confirmed_by")
    list_display_links = ("summary",)
    actions = ("confirm", "decline")
    add_form_template = "admin/certifications/rollout_policy_add.html"
    change_list_template = "admin/certifications/rollout_policies.html"
    change_fields = ("summary", "state", "since", "starts_at", "reason", "is_widening", "proposed_by", "proposed_at")
    propose_fields = (*PolicyForm.Meta.fields[:-1], "starts_on", "reason")
    decision_fields = ("confirmed_by", "confirmed_at", "declined_by", "declined_at")

    def has_add_permission(self, request, obj=None):
        return request.user.has_perm("certifications.add_rolloutpolicy")

    def has_decide_permission(self, request):
        return self.has_add_permission(request)

    def get_fields(self, request, obj=None):
        return (*self.change_fields, *self.decision_fields) if obj else self.propose_fields

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj) if obj else ()

    @admin.display(description="what changes")
    def summary(self, policy):
        lines = [(what, before, after) for what, before, after in changes(policy)]
        return format_html_join("; ", "{}: {} → {}", lines) or "Nothing but its reason"

    @admin.display(description="since")
    def since(self, policy):
        return day(policy.since) if policy.since else ""

    def get_changeform_initial_data(self, request):
        newest = RolloutPolicy.objects.confirmed().first()
        policy = RolloutPolicy.current()
        initial = {name: getattr(policy, name) for name in RolloutPolicy.WHAT_HOLDS} | {"seen": newest and newest.pk}
        return initial | ({"is_paused": True} if "stop" in request.GET else {})

    def get_queryset(self, request):
        return super().get_queryset(request).with_story()

    @admin.display(description="state")
    def state(self, policy):
        return policy.state

    def changelist_view(self, request, extra_context=None):
        policy = RolloutPolicy.current()
        waiting = RolloutPolicy.objects.waiting().count()
        return super().changelist_view(request, {"in_force": told(policy), "policy": policy, "waiting": waiting})

    def add_view(self, request, form_url="", extra_context=None):
        context = {"title": "Propose a change", "show_save_and_add_another": False, "show_save_and_continue": False}
        context["planned"] = [(policy, changes(policy)) for policy in RolloutPolicy.objects.planned().with_story()]
        return super().add_view(request, form_url, context)

    def response_add(self, request, policy, post_url_continue=None):
        return redirect("admin:certifications_rolloutpolicy_changelist")  # what became of it is told already

    def save_model(self, request, policy, form, change):
        policy.propose(by=request.user)
        if policy.is_widening:
            words = "It shows more than before, so it waits until somebody else confirms it."
        else:
            words = "It is in force." if policy.starts_at <= timezone.now() else "It is planned."
        self.message_user(request, words, messages.WARNING if policy.is_widening else messages.SUCCESS)

    def log_addition(self, request, policy, message):
        return super().log_addition(request, policy, policy.reason)

    @admin.action(description="Confirm", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def confirm(self, request, policies):
        self._decide(request, policies, "confirm", "It is confirmed.")

    @admin.action(description="Decline", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def decline(self, request, policies):
        self._decide(request, policies, "decline", "It is declined: all stays as it is.")

    def _decide(self, request, policies, verb, done):
        for policy in policies:
            if verb == "confirm" and policy.proposed_by_id == request.user.pk:
                self.message_user(request, "You proposed it, so somebody else has to confirm it.", messages.ERROR)
                continue
            try:
                getattr(policy, verb)(by=request.user)
            except RolloutPolicy.NotPossible:
                words = "It was decided already, or something else was decided since: propose it anew."
                self.message_user(request, words, messages.ERROR)
            else:
                self.log_change(request, policy, done)
                self.message_user(request, done, messages.SUCCESS)
