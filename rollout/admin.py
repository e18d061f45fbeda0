"""The roll-out policy in the administration. A change that narrows holds at once; one that widens needs two people."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from common.days import day
from common.deciding import ON_LIST_AND_PAGE, DecidingAdmin
from common.forms import field_of, resend
from profiles.models import Client, User
from rollout.audience import audience_words
from rollout.middleware import PolicyRequest
from rollout.models import RolloutPolicy
from rollout.types import all_types

type NamedType = dict[str, Any]  # `pk` and `name`


def named_types() -> QuerySet[Any, NamedType]:
    """Return the key and the name of each type, for the words below."""
    return all_types().values("pk", "name")


def in_words(policy: RolloutPolicy, types: Iterable[NamedType]) -> dict[str, str]:
    """Return what a policy decides, in words, by subject. `types` come from `named_types`."""
    names = [type["name"] for type in types if type["pk"] in policy.paused_types]
    showing = "stopped" if policy.is_paused else "on" if policy.plans else "off: no plan is selected"
    return {
        "Shown to": audience_words(policy.plans),
        "Held out": f"{policy.holdout_percent} percent of them",
        "Showing": showing,
        "Types not shown": ", ".join(names) or "none",
        "Alarms": "stop a type by themselves" if policy.pauses_on_alarm else "stop nothing by themselves",
    }


def changes(before: RolloutPolicy, after: RolloutPolicy, types: Iterable[NamedType]) -> str:
    """Return what differs between two policies, such as "Showing: on → stopped", or ""."""
    old, new = in_words(before, types), in_words(after, types)
    return "; ".join(f"{what}: {old[what]} → {new[what]}" for what in new if old[what] != new[what])


def plans(policies: Iterable[RolloutPolicy], before: RolloutPolicy, types: Iterable[NamedType]) -> str:
    """Return in words the planned `policies`, each with its changes to the one before it, or ""."""
    words = []
    for policy in policies:
        lines = changes(before, policy, types) or "nothing changes"
        words.append(f"{day(policy.starts_at)} ({lines})")
        before = policy
    return f"the plan from {', then '.join(words)}" if words else ""


def from_story(fields: dict[str, Any] | None) -> RolloutPolicy:
    """Return an unsaved policy with the fields that `with_story` annotates."""
    if fields is None:
        return RolloutPolicy()
    return RolloutPolicy(**fields | {"starts_at": datetime.fromisoformat(fields["starts_at"])})


class PolicyForm(forms.ModelForm):
    """A change of the policy. `seen` is the key of the newest decision that its author saw."""

    plans = forms.MultipleChoiceField(
        label="Shown to clients on", choices=Client.Plan, required=False, widget=forms.CheckboxSelectMultiple
    )
    paused_types = forms.ModelMultipleChoiceField(
        None, label="Types not shown", required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_on = forms.DateField(
        label="Starts on",
        required=False,
        help_text="Empty: at once. Else at midnight, UTC.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = RolloutPolicy
        fields = (
            "is_paused", "plans", "holdout_percent", "paused_types", "pauses_on_alarm", "cancels_planned",
            "reason",
        )  # fmt: skip
        widgets = {"reason": forms.Textarea({"rows": 3})}
        help_texts = {
            "is_paused": "Nobody but editors and staff sees any, from the next request on, or from the day below."
        }
        error_messages = {"reason": {"required": "Say why: it is kept with the change."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "paused_types", forms.ModelMultipleChoiceField).queryset = all_types()

    def clean_plans(self) -> list[Client.Plan]:
        return [plan for plan in Client.Plan if plan in self.cleaned_data["plans"]]

    def clean_paused_types(self) -> list[int]:
        return sorted(type.pk for type in self.cleaned_data["paused_types"])

    def clean_starts_on(self) -> date | None:
        starts_on, today = self.cleaned_data["starts_on"], timezone.now().date()
        if starts_on and starts_on < today:
            raise forms.ValidationError("This is in the past.")
        if starts_on and starts_on > today:
            self.instance.starts_at = datetime.combine(starts_on, time(), UTC)
        return starts_on

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        RolloutPolicy.lock()  # so that no one decides between this check and the saving
        newest = RolloutPolicy.objects.confirmed().first()
        if cleaned.get("seen") != (newest and newest.pk):
            resend(self, seen=str(newest.pk) if newest else "")
            raise forms.ValidationError(
                "Something was decided since you opened this page. Look at it, and save again if yours still stands."
            )
        before = self.instance.preceding()
        is_same = all(cleaned.get(name) == getattr(before, name) for name in RolloutPolicy.WHAT_HOLDS)
        if is_same and not cleaned.get("cancels_planned"):
            raise forms.ValidationError("This is how it is already: change something.")
        return cleaned


@admin.register(RolloutPolicy)
class RolloutPolicyAdmin(DecidingAdmin):
    """All decisions, newest first. Adding one proposes it. None is edited."""

    form = PolicyForm
    list_display = ("summary", "state", "since", "proposed_by", "confirmed_by", "reason")
    list_select_related = ("proposed_by", "confirmed_by")
    list_display_links = ("summary",)
    actions = ("confirm", "decline")
    add_form_template = "admin/rollout/propose.html"
    change_list_template = "admin/rollout/policies.html"
    decision_template = "admin/rollout/confirm.html"
    change_fields = ("summary", "state", "since", "starts_at", "reason", "is_widening", "proposed_by", "proposed_at")
    decision_fields = ("confirmed_by", "confirmed_at", "declined_by", "declined_at")

    def has_add_permission(self, request: HttpRequest, obj: RolloutPolicy | None = None) -> bool:
        return request.user.has_perm("rollout.add_rolloutpolicy")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def waits(self, policy: RolloutPolicy) -> bool:
        return RolloutPolicy.objects.waiting().filter(pk=policy.pk).exists()

    def get_fields(self, request: HttpRequest, obj: RolloutPolicy | None = None) -> Sequence[str]:
        if obj:
            return (*self.change_fields, *self.decision_fields)
        fields = [*PolicyForm.Meta.fields[:-1], "starts_on", "reason"]
        if not RolloutPolicy.objects.planned().exists():
            fields.remove("cancels_planned")
        return fields

    def get_readonly_fields(self, request: HttpRequest, obj: RolloutPolicy | None = None) -> Sequence[str]:
        return self.get_fields(request, obj) if obj else ()

    @admin.display(description="what changes")
    def summary(self, policy: RolloutPolicy) -> str:
        types: list[NamedType] = vars(policy)["types"]  # from `get_queryset`
        before = from_story(policy.before)
        planned = plans(map(from_story, policy.planned), before, types)
        becomes = planned and f"{'Cancels' if policy.cancels_planned else 'Keeps'} {planned}"
        lines = changes(before, policy, types)
        return "; ".join(filter(None, [lines, becomes])) or "Nothing but its reason"

    @admin.display(description="since")
    def since(self, policy: RolloutPolicy) -> str:
        return day(policy.since) if policy.since else ""

    def get_changeform_initial_data(self, request: PolicyRequest) -> dict[str, Any]:
        newest = RolloutPolicy.objects.confirmed().first()
        policy = request.policy
        initial = {name: getattr(policy, name) for name in RolloutPolicy.WHAT_HOLDS} | {"seen": newest and newest.pk}
        return initial | ({"is_paused": True} if "stop" in request.GET else {})

    def get_queryset(self, request: HttpRequest) -> QuerySet[RolloutPolicy]:
        types = ArraySubquery(named_types().values(named=JSONObject(pk="pk", name="name")))
        return RolloutPolicy.objects.with_story().annotate(types=types).order_by(*self.get_ordering(request))

    @admin.display(description="state")
    def state(self, policy: RolloutPolicy) -> str:
        return policy.state

    def changelist_view(self, request: PolicyRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        policy, types = request.policy, named_types()
        context = {
            "in_force": in_words(policy, types),
            "planned": plans(policy.planned_after(), policy, types),
            "policy": policy,
            "waiting": RolloutPolicy.objects.waiting().count(),
        }
        return super().changelist_view(request, context)

    def add_view(
        self, request: PolicyRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": "Propose a change", "show_save_and_add_another": False, "show_save_and_continue": False}
        policy = request.policy
        context["planned"] = plans(policy.planned_after(), policy, named_types())
        return super().add_view(request, form_url, context)

    def response_add(
        self, request: HttpRequest, policy: RolloutPolicy, post_url_continue: str | None = None
    ) -> HttpResponse:
        return redirect("admin:rollout_rolloutpolicy_changelist")  # `save_model` has said what became of it

    def save_model(self, request: HttpRequest, policy: RolloutPolicy, form: forms.ModelForm, change: bool) -> None:
        planned = plans(policy.planned_after(), policy.preceding(), named_types())
        policy.propose(by=cast(User, request.user))
        if policy.is_widening:
            words = "It shows more than before, so it waits until somebody else confirms it."
        else:
            words = "It is in force." if policy.starts_at <= timezone.now() else "It is planned."
        if planned and not policy.cancels_planned:
            words += f" Not canceled: {planned}."
        elif planned:
            words += f" {'To confirm it cancels' if policy.is_widening else 'It canceled'} {planned}."
        self.message_user(request, words, messages.WARNING if policy.is_widening else messages.SUCCESS)

    def log_addition(self, request: HttpRequest, policy: RolloutPolicy, message: Any) -> Any:
        return super().log_addition(request, policy, policy.reason)

    @admin.action(description="Confirm", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def confirm(self, request: HttpRequest, policies: QuerySet[RolloutPolicy]) -> HttpResponse | None:
        cancelling = [policy for policy in policies if policy.cancels_planned and policy.planned_after()]
        if cancelling and "confirmed" not in request.POST:
            for policy in cancelling:
                policy.summary = self.summary(policy)
            title = "Confirm, and cancel what is planned"
            return self.ask(request, cancelling, forms.Form(), title=title, action="confirm")
        self._decide(request, policies, "confirm", "It is confirmed.")
        return None

    @admin.action(description="Decline", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def decline(self, request: HttpRequest, policies: QuerySet[RolloutPolicy]) -> None:
        self._decide(request, policies, "decline", "It is declined: all stays as it is.")

    def _decide(self, request: HttpRequest, policies: QuerySet[RolloutPolicy], verb: str, done: str) -> None:
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
