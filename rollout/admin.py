"""The roll-out policy in the administration. A change that narrows holds at once; one that widens needs two people."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

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

from common.days import day
from common.deciding import ON_LIST_AND_PAGE, DecidingAdmin
from profiles.models import User
from rollout.affected import affected
from rollout.forms import PolicyForm, StopForm
from rollout.middleware import PolicyRequest
from rollout.models import RolloutPolicy
from rollout.words import NamedType, changed_lines, changes, from_story, in_words, named_types, plans


@admin.register(RolloutPolicy)
class RolloutPolicyAdmin(DecidingAdmin):
    """All decisions, newest first. Adding one proposes it. None is edited."""

    form = PolicyForm
    list_display = ("summary", "state", "since", "proposed_by", "confirmed_by", "reason")
    list_select_related = ("proposed_by", "confirmed_by")
    list_display_links = ("summary",)
    actions = ("confirm", "decline")  # the buttons of the cards: the rows of the history have nothing to decide
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
                "is_planned": proposal.starts_at > timezone.now(),
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
                form = cast(PolicyForm, self.get_form(request)(request.POST))
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
