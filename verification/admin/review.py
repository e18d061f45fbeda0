"""The queue of open cases, and the page on which a case is decided."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timesince import timesince

from certifications.data.history import history
from certifications.models import Certification, Concern, Evidence, Step
from certifications.staff_reads import log_staff_read
from common.back_office import ReadOnlyAdmin
from common.days import day
from common.forms import field_of, mark_conditional, resend
from common.text import TextField
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest
from verification import record_page
from verification.models import AGAINST, OUTCOMES, Case, RegisterEntry, RegisterMatch
from verification.models.case import CaseQuerySet
from verification.registers import matching
from verification.review import cases, numbers

PAGES_SHOWN = 5  # of each document


class OutcomeRadios(forms.RadioSelect):
    """Radio buttons with the key that review-keys.js binds to each, and the field it moves to."""

    def create_option(self, name: str, value: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"data-key": OUTCOMES[value].key, "data-needs": OUTCOMES[value].needs}
        return option


class DecisionForm(forms.Form):
    """A reviewer's decision about `record`. `candidates`: entries of registers that may be the record."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label="Decision", widget=OutcomeRadios)
    step = forms.TypedChoiceField(
        label="Raise it to",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "Choose a step"), *Step.choices[1:]],
    )
    entry = forms.ModelChoiceField(
        RegisterEntry.objects.none(), label="Row of the register", required=False, empty_label="Choose a row"
    )
    source = TextField(
        label="What the evidence is",
        max_length=300,
        required=False,
        help_text="For a document: which one. For the certifier: who said so, and how. Its owner reads this.",
    )
    evidence_on = forms.DateField(
        label="Date of the evidence", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.ChoiceField(required=False, choices=[("", "Choose a reason"), *Certification.Reason.choices])
    note = TextField(
        label="Note to the owner", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, record: Certification, candidates: list[matching.Finding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.candidates = record, candidates
        is_good = record.standing == Certification.Standing.GOOD
        left_out = {Case.Outcome.LIFTED} if is_good else {Case.Outcome.SUSPENDED, Case.Outcome.ASKED}
        if record.step == Step.SELF_REPORTED:
            left_out.add(Case.Outcome.LOWERED)
        if record.standing == Certification.Standing.REFUSED:
            left_out.add(Case.Outcome.REFUSED)
        outcomes = [choice for choice in Case.Outcome.choices if choice[0] not in left_out]
        field_of(self, "outcome", forms.ChoiceField).choices = outcomes
        allowed = [finding.entry.pk for finding in candidates if finding.kind != Case.Cause.CONTRADICTION]
        field_of(self, "entry", forms.ModelChoiceField).queryset = RegisterEntry.objects.filter(pk__in=allowed)
        self.fields["evidence_on"].initial = record.profile.today()
        by_outcome = ("step", "entry", "source", "evidence_on", "reason")
        mark_conditional(*(self.fields[name] for name in by_outcome))

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("outcome") == Case.Outcome.RAISED:
            self._clean_raised(cleaned)
        elif cleaned.get("outcome") in AGAINST:
            self._require(cleaned, "reason", "Choose why. The owner reads it.")
        return cleaned

    def _clean_raised(self, cleaned: dict[str, Any]) -> None:
        self._require(cleaned, "step", "Choose how it is known now.")
        if cleaned.get("step") == Step.REGISTER:
            self._require(cleaned, "entry", "Choose the row that it matches.")
            if entry := cleaned.get("entry"):
                self._clean_row(entry)
        else:
            self._require(cleaned, "source", "Say what the evidence is.")
            self._require(cleaned, "evidence_on", "Enter the day of the evidence.")
            if evidence_on := cleaned.get("evidence_on"):
                self._clean_day(evidence_on, "evidence_on")

    def _clean_row(self, entry: RegisterEntry) -> None:
        evidence = matching.match_of(self.record, self._finding(entry)).evidence
        self._clean_day(evidence.evidence_on, "entry")
        if evidence.holds_until and evidence.holds_until < evidence.evidence_on and "entry" not in self.errors:
            self.add_error("entry", f"By this row the certificate had ended on {day(evidence.holds_until)}.")

    def _finding(self, entry: RegisterEntry) -> matching.Finding:
        return next(finding for finding in self.candidates if finding.entry.pk == entry.pk)

    def _clean_day(self, evidence_on: date, name: str) -> None:
        """Add an error to the field `name` if there can be no evidence of this day."""
        first, last = self.record.first_day, self.record.expires_on
        if evidence_on > self.record.profile.today():
            self.add_error(name, "This day is in the future.")
        elif evidence_on < first and self.record.issued_on:
            self.add_error(name, f"The certificate was issued on {day(first)}: evidence of it cannot be older.")
        elif evidence_on < first:
            self.add_error(name, f"This is before the certificate can have been issued. Enter {day(first)} or later.")
        elif last and evidence_on > last:
            self.add_error(name, "The certificate had ended by then: its owner has to renew it first.")

    def _require(self, cleaned: dict[str, Any], name: str, message: str) -> None:
        if not cleaned.get(name) and name not in self.errors:
            self.add_error(name, message)

    def grounds(self) -> Evidence | RegisterMatch | None:
        """Return the evidence or match on which a valid form raises the record. None for other decisions."""
        if self.cleaned_data["outcome"] != Case.Outcome.RAISED:
            return None
        if self.cleaned_data["step"] == Step.REGISTER:
            return matching.match_of(self.record, self._finding(self.cleaned_data["entry"]))
        return Evidence(
            step=self.cleaned_data["step"],
            source=self.cleaned_data["source"],
            evidence_on=self.cleaned_data["evidence_on"],
            holds_until=self.record.expires_on,
        )


class WaitingFilter(admin.SimpleListFilter):
    """Shows open cases, unless something else is chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Waiting",
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: CaseQuerySet) -> CaseQuerySet:
        match self.value():
            case "decided":
                return queryset.filter(decided_at__isnull=False)
            case "all":
                return queryset
        return queryset.waiting()


class CauseFilter(admin.SimpleListFilter):
    title = "cause"
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return Case.Cause.choices

    def queryset(self, request: HttpRequest, queryset: CaseQuerySet) -> CaseQuerySet:
        return queryset.filter(causes__contains=[self.value()]) if self.value() in Case.Cause.values else queryset


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """The queue. It shows no details of records: opening a case shows them, and is logged."""

    list_display = ("case", "profile", "why", "age", "state")
    list_filter = (WaitingFilter, CauseFilter, "outcome")
    list_select_related = ("certification__profile",)
    search_fields = ("certification__profile__name__has_part", "certification__profile__slug")
    show_full_result_count = False
    list_per_page = 50
    change_list_template = "admin/verification/queue.html"

    def get_queryset(self, request: SignedInPolicyRequest) -> CaseQuerySet:
        seen = Certification.objects.visible_to(request.viewer, request.policy)
        return Case.objects.filter(certification__in=seen).order_by("opened_at", "pk")

    @admin.display(description="case", ordering="pk")
    def case(self, case: Case) -> str:
        return f"Case {case.pk}, record {case.certification_id}"

    @admin.display(description="profile")
    def profile(self, case: Case) -> Profile:
        return case.certification.profile

    @admin.display(description="why")
    def why(self, case: Case) -> str:
        return ", ".join(case.cause_words)

    @admin.display(description="waiting for", ordering="opened_at")
    def age(self, case: Case) -> str:
        return timesince(case.opened_at, case.decided_at)

    @admin.display(description="decision")
    def state(self, case: Case) -> str:
        return case.get_outcome_display() or "Waiting"

    def changelist_view(
        self, request: SignedInPolicyRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        first = cases.next_for(request.user)
        context = {"numbers": numbers.for_staff(), "first": first, "title": "Review"}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("certifications.decide_certification")

    def change_view(
        self,
        request: SignedInPolicyRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the review page with everything about the case, or take the decision."""
        case = self.get_object(request, object_id)
        if case is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined] # Django's
        records = Certification.objects.with_number_elsewhere().with_status(request.policy).with_step()
        record = records.select_related("profile", "type", "certificate__body").get(pk=case.certification_id)
        candidates = matching.candidates(record)
        is_mine = Case.objects.decidable_by(request.user).filter(pk=case.pk).exists()
        may_decide = self.has_decide_permission(request) and is_mine and case.decided_at is None
        asked: dict[str, Any] = {"record": record, "candidates": candidates, "initial": {"version": case.version}}
        form = DecisionForm(request.POST if request.method == "POST" else None, **asked)
        if request.method == "POST":
            if not self.has_decide_permission(request):
                raise PermissionDenied
            if form.is_valid() and self._decide(request, case, form):
                return redirect(self._next(request, case))
        log_staff_read(request.user, [record], request.path)
        return render(request, "admin/verification/review.html", self._context(
            request, case, record, candidates, form, may_decide=may_decide, is_mine=is_mine
        ))  # fmt: skip

    def _decide(self, request: SignedInPolicyRequest, case: Case, form: DecisionForm) -> bool:
        """Decide the case and return True. If that fails, tell the reviewer why and return False."""
        said = form.cleaned_data
        outcome = Case.Outcome(said["outcome"])
        reason = said["reason"] if outcome in AGAINST else ""
        try:
            cases.decide(
                case,
                outcome,
                by=request.user,
                version=said["version"],
                reason=reason,
                note=said["note"],
                grounds=form.grounds(),
            )
        except Case.AlreadyDecided:
            case.refresh_from_db()
            words = (
                "Somebody else decided this case just now."
                if case.decided_at
                else "Something changed since you opened this case. Look again, then decide."
            )
            resend(form, version=str(case.version))
            messages.warning(request, words)
        except Case.NotYours:
            messages.error(request, "Somebody else has to decide this case: it is about you, or your own decision.")
        except (Certification.NotPossible, Evidence.TooEarly):
            messages.warning(request, "The record does not stand where this decision starts from. Look again.")
        else:
            words = format_html('<a href="{}">{}</a>: {}.', case.admin_url, case, case.get_outcome_display().lower())
            messages.success(request, words)
            return True
        return False

    def _next(self, request: SignedInPolicyRequest, case: Case) -> str:
        following = cases.next_for(request.user, after=case)
        if following is None:
            messages.info(request, "Nothing else waits for you.")
            return reverse("admin:verification_case_changelist")
        return following.admin_url

    def _context(
        self,
        request: SignedInPolicyRequest,
        case: Case,
        record: Certification,
        candidates: list[matching.Finding],
        form: DecisionForm,
        *,
        may_decide: bool,
        is_mine: bool,
    ) -> dict[str, Any]:
        documents = list(record.documents.all()) if request.user.has_perm("verification.read_document") else []
        for document in documents:
            document.shown_pages = range(1, min(document.pages, PAGES_SHOWN) + 1)
        following = cases.next_for(request.user, after=case)
        return {
            **self.admin_site.each_context(request),
            "title": f"Review of record {record.pk}",
            "opts": self.opts,
            "media": self.media,
            "case": case,
            "record": record,
            "candidates": candidates,
            "form": form,
            "may_decide": may_decide,
            "is_mine": is_mine,
            "documents": documents,
            "has_hidden_documents": not documents and record.documents.exists(),
            "others": record.with_same_number().select_related("profile") if record.number_elsewhere else [],
            "concerns": Concern.objects.filter(certification=record).order_by("-pk"),
            "ladder": record_page.ladder(record),
            "cases": record.cases.exclude(pk=case.pk).select_related("decided_by").order_by("-opened_at"),
            "events": history(record),
            "following": following,
            "today": record.profile.today(),
            "steps": Step,
            "outcomes": OUTCOMES.values(),
        }
