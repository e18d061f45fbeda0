"""The roll-out policy in the administration. A change that narrows holds at once; one that widens needs two people."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from hashlib import blake2b
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst

from common.days import day
from common.deciding import ON_LIST_AND_PAGE, DecidingAdmin
from common.forms import field_of, resend
from common.text import TextField
from profiles.models import Client, User
from rollout.affected import affected
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
    showing = "Stopped for everyone" if policy.is_paused else "On" if policy.plans else "Off, no plan is selected"
    return {
        "Showing": showing,
        "Visible to": capfirst(audience_words(policy.plans)),
        "Holdout": f"{policy.holdout_percent}% of these clients" if policy.holdout_percent else "None",
        "Paused types": ", ".join(names) or "None",
        "Alarms": "Pause a type automatically" if policy.pauses_on_alarm else "Pause nothing",
    }


class Change(NamedTuple):
    """One line of what a policy changes."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


def changed_lines(before: RolloutPolicy, after: RolloutPolicy, types: Iterable[NamedType]) -> list[Change]:
    """Return what differs between two policies, line by line."""
    old, new = in_words(before, types), in_words(after, types)
    return [Change(what, old[what], new[what]) for what in new if old[what] != new[what]]


def changes(before: RolloutPolicy, after: RolloutPolicy, types: Iterable[NamedType]) -> str:
    """Return what differs between two policies in one line, such as "Holdout: None → 5% of these clients", or ""."""
    return "; ".join(map(str, changed_lines(before, after, types)))


def plans(policies: Iterable[RolloutPolicy], before: RolloutPolicy, types: Iterable[NamedType]) -> str:
    """Return in words the planned `policies`, each with its changes to the one before it, or ""."""
    words = []
    for policy in policies:
        lines = changes(before, policy, types) or "no setting changes"
        words.append(f"{day(policy.starts_at)} ({lines})")
        before = policy
    return f"the change scheduled for {', then '.join(words)}" if words else ""


def from_story(fields: dict[str, Any] | None) -> RolloutPolicy:
    """Return an unsaved policy with the fields that `with_story` annotates."""
    if fields is None:
        return RolloutPolicy()
    return RolloutPolicy(**fields | {"starts_at": datetime.fromisoformat(fields["starts_at"])})


class PolicyForm(forms.ModelForm):
    """A change of the policy. `seen` is the key of the newest decision that its author saw."""

    plans = forms.MultipleChoiceField(
        label="Visible to clients on", choices=Client.Plan, required=False, widget=forms.CheckboxSelectMultiple
    )
    paused_types = forms.ModelMultipleChoiceField(
        None, label="Paused types", required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_on = forms.DateField(
        label="Start date",
        required=False,
        help_text="It starts at midnight in your time zone. Leave this empty to start right away.",
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
        help_texts = {"is_paused": "No client sees any certification, right away or from the start date below."}
        error_messages = {"reason": {"required": "Enter the reason for this change"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "paused_types", forms.ModelMultipleChoiceField).queryset = all_types()

    def clean_plans(self) -> list[Client.Plan]:
        return [plan for plan in Client.Plan if plan in self.cleaned_data["plans"]]

    def clean_paused_types(self) -> list[int]:
        return sorted(type.pk for type in self.cleaned_data["paused_types"])

    def clean_starts_on(self) -> date | None:
        starts_on, today = self.cleaned_data["starts_on"], timezone.localdate()
        if starts_on and starts_on < today:
            raise forms.ValidationError("Start date must be today or later")
        if starts_on and starts_on > today:
            self.instance.starts_at = timezone.make_aware(datetime.combine(starts_on, time()))
        return starts_on

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        RolloutPolicy.lock()  # so that no one decides between this check and the saving
        newest = RolloutPolicy.objects.confirmed().first()
        if cleaned.get("seen") != (newest and newest.pk):
            resend(self, seen=str(newest.pk) if newest else "")
            raise forms.ValidationError(
                "Someone changed the roll-out since you opened this page. Check it, then continue if your change still "
                "applies."
            )
        before = self.instance.preceding()
        is_same = all(cleaned.get(name) == getattr(before, name) for name in RolloutPolicy.WHAT_HOLDS)
        if is_same and not cleaned.get("cancels_planned"):
            raise forms.ValidationError("This is how it is now. Change a setting, or cancel.")
        return cleaned

    @property
    def fingerprint(self) -> str:
        """What a valid form says, so that a change is saved only as it was checked."""
        said = [self.cleaned_data.get(name) for name in (*RolloutPolicy.WHAT_HOLDS, "cancels_planned", "starts_on")]
        return blake2b(repr(said).encode(), digest_size=8).hexdigest()


class StopForm(forms.Form):
    """Why showing stops."""

    reason = TextField(
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter the reason for stopping"},
    )


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
        return "; ".join(filter(None, [lines, becomes])) or "No setting changed"

    @admin.display(description="since")
    def since(self, policy: RolloutPolicy) -> str:
        return day(policy.since) if policy.since else ""

    def get_changeform_initial_data(self, request: PolicyRequest) -> dict[str, Any]:
        newest = RolloutPolicy.objects.confirmed().first()
        policy = request.policy
        return {name: getattr(policy, name) for name in RolloutPolicy.WHAT_HOLDS} | {"seen": newest and newest.pk}

    def get_queryset(self, request: HttpRequest) -> QuerySet[RolloutPolicy]:
        types = ArraySubquery(named_types().values(named=JSONObject(pk="pk", name="name")))
        return RolloutPolicy.objects.with_story().annotate(types=types).order_by(*self.get_ordering(request))

    @admin.display(description="state")
    def state(self, policy: RolloutPolicy) -> str:
        return policy.state

    def get_urls(self) -> list[URLPattern]:
        stop = self.admin_site.admin_view(self.stop_view)
        return [path("stop/", stop, name="rolloutpolicy_stop"), *super().get_urls()]

    def changelist_view(self, request: PolicyRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        policy, types = request.policy, list(named_types())
        context = {
            "title": "Who sees certifications",
            "in_force": in_words(policy, types),
            "planned": plans(policy.planned_after(), policy, types),
            "policy": policy,
            "proposals": self._proposals(request, types),
        }
        return super().changelist_view(request, context)

    def _proposals(self, request: PolicyRequest, types: Iterable[NamedType]) -> list[dict[str, Any]]:
        """Return the changes that need approval, each with what it changes, whom it affects and who may decide."""
        waiting = RolloutPolicy.objects.waiting().select_related("proposed_by")
        may_decide = self.has_decide_permission(request)
        return [
            {
                "policy": proposal,
                "lines": changed_lines(before, proposal, types),
                "affected": affected(before, proposal),
                "cancels": plans(proposal.planned_after(), before, types) if proposal.cancels_planned else "",
                "may_approve": may_decide and proposal.proposed_by_id != request.user.pk,
                "may_decline": may_decide,
            }
            for proposal in waiting
            for before in [proposal.preceding()]
        ]

    def add_view(
        self, request: PolicyRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": "Change the roll-out", "show_save_and_add_another": False, "show_save_and_continue": False}
        policy = request.policy
        context["planned"] = plans(policy.planned_after(), policy, named_types())
        if request.method == "POST" and self.has_add_permission(request):
            with transaction.atomic():
                form = self.get_form(request)(request.POST)
                if form.is_valid() and request.POST.get("checked") != form.fingerprint:
                    return self._check(request, form)
        return super().add_view(request, form_url, context)

    def _check(self, request: PolicyRequest, form: PolicyForm) -> HttpResponse:
        """Return the page that shows what a valid form changes and whom it affects, before it is saved."""
        after, types = form.save(commit=False), list(named_types())
        before = after.preceding()
        planned = plans(after.planned_after(), before, types)
        sent = [(name, value) for name, values in request.POST.lists() if name != "checked" for value in values]
        context = {
            **self.admin_site.each_context(request),
            "title": "Check this change",
            "opts": self.opts,
            "media": self.media,
            "lines": changed_lines(before, after, types),
            "affected": affected(before, after),
            "planned": planned,
            "after": after,
            "is_widening": after.widens(before) and not (after.is_paused and not before.is_paused),
            "sent": [pair for pair in sent if pair[0] not in {"csrfmiddlewaretoken", "_save"}],
            "checked": form.fingerprint,
            "changelist": reverse("admin:rollout_rolloutpolicy_changelist"),
        }
        return render(request, "admin/rollout/check.html", context)

    def stop_view(self, request: PolicyRequest) -> HttpResponse:
        """Ask why, and stop showing certifications right away: one person can."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        here = redirect("admin:rollout_rolloutpolicy_changelist")
        policy = request.policy
        if policy.is_paused:
            self.message_user(request, "Showing certifications is stopped already.", messages.INFO)
            return here
        form = StopForm(request.POST if request.method == "POST" else None)
        stop = RolloutPolicy(**{name: getattr(policy, name) for name in RolloutPolicy.WHAT_HOLDS})
        stop.is_paused = True
        if form.is_valid():
            stop.reason = form.cleaned_data["reason"]
            with transaction.atomic():
                RolloutPolicy.lock()
                stop.propose(by=cast(User, request.user))
            self.log_addition(request, stop, stop.reason)
            self.message_user(request, "Stopped. No client sees certifications now.", messages.SUCCESS)
            return here
        context = {
            **self.admin_site.each_context(request),
            "title": "Stop showing certifications now?",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "affected": affected(policy, stop),
            "changelist": reverse("admin:rollout_rolloutpolicy_changelist"),
        }
        return render(request, "admin/rollout/stop.html", context)

    def response_add(
        self, request: HttpRequest, policy: RolloutPolicy, post_url_continue: str | None = None
    ) -> HttpResponse:
        return redirect("admin:rollout_rolloutpolicy_changelist")  # `save_model` has said what became of it

    def save_model(self, request: HttpRequest, policy: RolloutPolicy, form: forms.ModelForm, change: bool) -> None:
        planned = plans(policy.planned_after(), policy.preceding(), named_types())
        policy.propose(by=cast(User, request.user))
        if policy.is_widening:
            words = "Sent for approval. This widens who sees certifications, so another person must approve it."
        else:
            words = (
                "In effect now." if policy.starts_at <= timezone.now() else f"Scheduled for {day(policy.starts_at)}."
            )
        if planned and not policy.cancels_planned:
            words += f" Still scheduled: {planned.removeprefix('the ')}."
        elif planned:
            words += f" {'Approval cancels' if policy.is_widening else 'This canceled'} {planned}."
        self.message_user(request, words, messages.WARNING if policy.is_widening else messages.SUCCESS)

    def log_addition(self, request: HttpRequest, policy: RolloutPolicy, message: Any) -> Any:
        return super().log_addition(request, policy, policy.reason)

    @admin.action(description="Approve", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def confirm(self, request: HttpRequest, policies: QuerySet[RolloutPolicy]) -> HttpResponse | None:
        cancelling = [policy for policy in policies if policy.cancels_planned and policy.planned_after()]
        if cancelling and "confirmed" not in request.POST:
            for policy in cancelling:
                policy.summary = self.summary(policy)
            title = "Approve, and cancel what is scheduled"
            return self.ask(request, cancelling, forms.Form(), title=title, action="confirm")
        self._decide(request, policies, "confirm", "Approved.")
        return None

    @admin.action(description="Decline", permissions=["decide"], location=ON_LIST_AND_PAGE)
    def decline(self, request: HttpRequest, policies: QuerySet[RolloutPolicy]) -> None:
        self._decide(request, policies, "decline", "Declined. Nothing changes.")

    def _decide(self, request: HttpRequest, policies: QuerySet[RolloutPolicy], verb: str, done: str) -> None:
        for policy in policies:
            if verb == "confirm" and policy.proposed_by_id == request.user.pk:
                self.message_user(
                    request, "You proposed this change, so another person must approve it.", messages.ERROR
                )
                continue
            try:
                getattr(policy, verb)(by=request.user)
            except RolloutPolicy.NotPossible:
                words = "This was decided already, or the roll-out has changed since. Propose it again."
                self.message_user(request, words, messages.ERROR)
            else:
                self.log_change(request, policy, done)
                self.message_user(request, done, messages.SUCCESS)
