"""The queue of open cases, and the page on which a case is decided."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, helpers
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from certifications.data.history import history
from certifications.models import Certification, Concern, Evidence, Step
from certifications.staff_reads import log_staff_read
from common import drafts
from common.back_office import ReadOnlyAdmin, UncountedRows
from common.days import day, in_days
from common.forms import resend
from common.undo import undoable
from rollout.middleware import SignedInPolicyRequest
from verification import record_page
from verification.admin.decision import DecisionForm
from verification.admin.titles import title_of
from verification.models import AGAINST, OUTCOMES, Case
from verification.models.case import CaseQuerySet
from verification.registers import matching
from verification.review import cases, numbers

PAGES_SHOWN = 5  # of each document
CONFIRMED_AT_ONCE = 50  # matches, so that each can still be read


class WaitingFilter(admin.SimpleListFilter):
    """Shows open cases, unless something else is chosen: some of them, or cases decided in one way or any."""

    title = "state"
    parameter_name = "state"
    DECIDED = "decided"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        decided = [(self.DECIDED, "Decided"), *((name, f"Decided: {words}") for name, words in Case.Outcome.choices)]
        return [("mine", "Assigned to me"), ("free", "Not assigned"), *decided, ("all", "All")]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Waiting",
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: CaseQuerySet) -> CaseQuerySet:
        match self.value():
            case "mine":
                return queryset.waiting().filter(assigned_to=request.user)
            case "free":
                return queryset.waiting().filter(assigned_to=None)
            case "all":
                return queryset
            case self.DECIDED:
                return queryset.filter(decided_at__isnull=False)
            case outcome if outcome in Case.Outcome:
                return queryset.filter(outcome=outcome)
        return queryset.waiting()


class CauseFilter(admin.SimpleListFilter):
    title = "cause"
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return Case.Cause.choices

    def queryset(self, request: HttpRequest, queryset: CaseQuerySet) -> CaseQuerySet:
        return queryset.filter(causes__contains=[self.value()]) if self.value() in Case.Cause.values else queryset


class ExactMatch(NamedTuple):
    """A case that one row of a register settles: the only row with the record's number, and nothing speaks against."""

    case: Case
    record: Certification
    finding: matching.Finding


@admin.register(Case)
class CaseAdmin(UncountedRows, ReadOnlyAdmin):
    """The queue. It shows no details of records: opening a case shows them, and is logged."""

    list_display = ("case", "why", "age", "assigned", "state")
    list_filter = (WaitingFilter, CauseFilter)
    list_select_related = ("certification__profile", "certification__type", "assigned_to")
    search_fields = ("certification__profile__name__has_part", "certification__profile__slug")
    list_per_page = 50
    actions = ("assign_to_me", "confirm_matches")
    change_list_template = "admin/verification/queue.html"

    def get_urls(self) -> list[URLPattern]:
        act = drafts.act(lambda pk: reverse("admin:verification_case_change", args=[pk]))
        return [
            path("<int:pk>/assign/", self.admin_site.admin_view(act(self.assign_view)), name="case_assign"),
            path("<int:pk>/undo/", self.admin_site.admin_view(act(self.undo_view)), name="case_undo"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: SignedInPolicyRequest) -> CaseQuerySet:
        return Case.objects.visible_to(request.viewer, request.policy).order_by("opened_at", "pk")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the order of the list: waiting cases oldest first, decided ones by the newest decision."""
        is_decided = request.GET.get(WaitingFilter.parameter_name) in {WaitingFilter.DECIDED, *Case.Outcome}
        return ("-decided_at", "-pk") if is_decided else ("opened_at", "pk")

    @admin.display(description="case")
    def case(self, case: Case) -> str:
        return f"{case.certification.profile}: {case.certification.type}"

    @admin.display(description="why")
    def why(self, case: Case) -> str:
        return ", ".join(case.cause_words)

    @admin.display(description="waiting")
    def age(self, case: Case) -> str:
        return in_days((case.decided_at or timezone.now()) - case.opened_at)

    @admin.display(description="assigned to")
    def assigned(self, case: Case) -> str:
        return case.assigned_to.get_short_name() if case.assigned_to else ""

    @admin.display(description="decision")
    def state(self, case: Case) -> str:
        return f"{case.get_outcome_display()}, {day(case.decided_at)}" if case.decided_at else "Waiting"

    def changelist_view(
        self, request: SignedInPolicyRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        first = cases.next_for(request.user) if request.viewer.reads_certifications else None
        context = {"numbers": numbers.for_staff(), "first": first, "title": "Cases"}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("certifications.decide_certification")

    @admin.action(description="Assign to me", permissions=["decide"])
    def assign_to_me(self, request: SignedInPolicyRequest, queryset: CaseQuerySet) -> None:
        decidable = queryset.waiting().decidable_by(request.user)
        count = sum(cases.assign(case, request.user) for case in decidable)
        if count:
            messages.success(request, f"{count} case{'' if count == 1 else 's'} assigned to you.")
        else:
            messages.warning(request, "You can't take any of these cases.")

    @admin.action(description="Confirm exact matches…", permissions=["decide"])
    def confirm_matches(self, request: SignedInPolicyRequest, queryset: CaseQuerySet) -> HttpResponse:
        """Show the cases that a register settles, and confirm those that are still ticked there."""
        here = reverse("admin:verification_case_changelist")
        waiting = queryset.waiting().decidable_by(request.user)[: CONFIRMED_AT_ONCE + 1]
        exact = list(filter(None, map(self._exact_match, waiting[:CONFIRMED_AT_ONCE])))
        if not exact:
            messages.warning(request, "None of these cases has an exact match. Open them one by one.")
            return redirect(here)
        log_staff_read(request.user, [match.record for match in exact], request.path)
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Confirm exact matches",
                "opts": self.opts,
                "media": self.media,
                "exact": exact,
                "left_out": len(waiting) - len(exact),
                "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
                "changelist": here,
            }
            return render(request, "admin/verification/confirm_matches.html", context)
        confirmed = sum(self._confirm(request, match) for match in exact)
        if confirmed:
            count = f"{confirmed} match{'' if confirmed == 1 else 'es'}"
            decided = f"{here}?{WaitingFilter.parameter_name}={WaitingFilter.DECIDED}"
            words = '{} confirmed. You can undo each one for 10 minutes. See the <a href="{}">decided cases</a>.'
            messages.success(request, format_html(words, count, decided))
        if confirmed < len(exact):
            messages.warning(request, "Some cases changed meanwhile and were left as they are.")
        return redirect(here)

    def _exact_match(self, case: Case) -> ExactMatch | None:
        """Return what settles a case that only a register brought, or None."""
        if set(case.causes) - {Case.Cause.MATCH, Case.Cause.DOCUMENT}:
            return None
        record = self._record(case)
        found = matching.candidates(record)
        with_number = [finding for finding in found if finding.kind]
        if len(with_number) != 1 or with_number[0].kind != Case.Cause.MATCH:
            return None
        return ExactMatch(case, record, with_number[0])

    def _confirm(self, request: SignedInPolicyRequest, exact: ExactMatch) -> bool:
        """Confirm a match as it was shown; False if the case changed since."""
        version = request.POST.get(f"version_{exact.case.pk}", "")
        if version != f"{exact.case.version}-{exact.finding.entry.pk}":
            return False
        match = matching.match_of(exact.record, exact.finding)
        try:
            cases.decide(exact.case, Case.Outcome.RAISED, by=request.user, version=exact.case.version, grounds=match)
        except (Case.AlreadyDecided, Case.NotYours, Certification.NotPossible, Evidence.TooEarly):
            return False
        return True

    def _record(self, case: Case) -> Certification:
        record = Certification.objects.with_number_elsewhere().with_step()
        return record.select_related("profile", "type", "certificate__body").get(pk=case.certification_id)

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
        record = self._record(case)
        candidates = matching.candidates(record)
        is_mine = Case.objects.decidable_by(request.user).filter(pk=case.pk).exists()
        may_decide = self.has_decide_permission(request) and is_mine and case.decided_at is None
        form = DecisionForm(
            request.POST if request.method == "POST" else None,
            record=record,
            candidates=candidates,
            is_appeal=case.appeals_id is not None,
            initial={"version": case.version},
        )
        if request.method == "POST":
            if not self.has_decide_permission(request):
                raise PermissionDenied
            if form.is_valid() and self._decide(request, case, record, form):
                return redirect(self._next(request, case))
        log_staff_read(request.user, [record], request.path)
        return render(request, "admin/verification/review.html", self._context(
            request, case, record, candidates, form, may_decide=may_decide, is_mine=is_mine
        ))  # fmt: skip

    def _decide(self, request: SignedInPolicyRequest, case: Case, record: Certification, form: DecisionForm) -> bool:
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
                "Someone else decided this case first. Your decision wasn't saved."
                if case.decided_at
                else "Something changed since you opened this case. Look again, then decide."
            )
            resend(form, version=str(case.version))
            messages.warning(request, words)
        except Case.NotYours:
            messages.error(request, "Someone else has to decide this case. It is about you, or your own decision.")
        except (Certification.NotPossible, Evidence.TooEarly):
            messages.warning(request, "This decision isn't possible for the record as it is now. Look again.")
        else:
            done = case.get_outcome_display()
            words = format_html('<a href="{}">{}</a>: {}.', case.admin_url, title_of(record), done.lower())
            if cases.can_be_taken_back(case, request.user):
                undoable(request, words, reverse("admin:case_undo", args=[case.pk]))
            else:
                messages.success(request, words)
            return True
        return False

    def _own(self, request: SignedInPolicyRequest, pk: int) -> Case:
        """Return a case for those who may decide; to others it does not exist."""
        if not self.has_decide_permission(request) or not self.has_view_permission(request):
            raise Http404
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def undo_view(self, request: SignedInPolicyRequest, pk: int) -> HttpResponse:
        case = self._own(request, pk)
        try:
            cases.take_back(case, by=request.user)
        except Case.TooLate:
            messages.error(request, "This decision can't be undone anymore. Decide about the record again instead.")
        else:
            self.log_change(request, case, "The decision was undone.")
            messages.success(request, "Undone. The case is open again, and no one was emailed.")
        return redirect(case.admin_url)

    def assign_view(self, request: SignedInPolicyRequest, pk: int) -> HttpResponse:
        case = self._own(request, pk)
        if not Case.objects.decidable_by(request.user).filter(pk=case.pk).exists():
            messages.error(request, "Someone else has to decide this case.")
        elif cases.assign(case, None if "release" in request.POST else request.user):
            messages.success(request, "Released." if "release" in request.POST else "Assigned to you.")
        else:
            messages.warning(request, "This case was decided meanwhile.")
        return redirect(case.admin_url)

    def _next(self, request: SignedInPolicyRequest, case: Case) -> str:
        following = cases.next_for(request.user, after=case)
        if following is None:
            messages.info(request, "No more cases are waiting for you.")
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
            "title": title_of(record),
            "opts": self.opts,
            "media": self.media,
            "case": case,
            "waited": timezone.now() - case.opened_at,
            "record": record,
            "body": record.certificate.body,
            "candidates": candidates,
            "form": form,
            "may_decide": may_decide,
            "is_mine": is_mine,
            "can_undo": cases.can_be_taken_back(case, request.user),
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
