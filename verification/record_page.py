"""The verification part of a record's page: its level, its review and its documents."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from certifications import public_numbers
from certifications.models import Certification, Evidence, Step
from common import drafts
from common.days import day
from common.requests import Request
from verification.documents.forms import DocumentForm
from verification.documents.keeping import DELETED_AFTER, MOST
from verification.models import OUTCOMES, Case, Document
from verification.review import cases

# The causes that an owner is told about. Of other causes they only learn that a review is under way: a reported
# concern, for example, must not point to whoever reported it.
WHY = {
    Case.Cause.DOCUMENT: "you attached a document",
    Case.Cause.CORRECTED: "you corrected it",
    Case.Cause.APPEAL: "you appealed",
    Case.Cause.MATCH: "a public directory lists it",
    Case.Cause.NEAR_NUMBER: (
        "a public directory lists a number that differs slightly from yours (check yours against the certificate)"
    ),
    Case.Cause.OVERDUE: "the date by which we asked for a document has passed",
}


# What an owner can do about a level that is not reached.
HINTS = {
    Step.SELF_REPORTED: "",
    Step.DOCUMENT: "Not checked yet. Attach a copy of your certificate below.",
    Step.REGISTER: "We compare with public directories whenever they update.",
    Step.CERTIFIER: "Only some certifiers confirm certificates to us.",
}


NEWS_FOR = timedelta(days=14)


class Rung(NamedTuple):
    """A step of the evidence ladder, with its symbol and the evidence that holds now."""

    label: str
    icon: str
    hint: str
    evidence: Evidence | None
    is_reached: bool
    is_current: bool


IN_REVIEW = "Not checked yet. We'll check the copy you attached."


def ladder(record: Certification, *, is_attached: bool = False) -> list[Rung]:
    """Return the steps of `record`, lowest first. One query. `is_attached`: a copy of the certificate waits for us."""
    hints = HINTS | ({Step.DOCUMENT: IN_REVIEW} if is_attached else {})
    held = {}
    for row in Evidence.objects.of(record).order_by("evidence_on", "pk"):
        held[row.step] = row  # the newest of each step
    top = max(held, default=Step.SELF_REPORTED)
    return [
        Rung(step.label, step.icon, hints[step], held.get(step), not step or step in held, step == top) for step in Step
    ]


class Review(NamedTuple):
    """The words about a record's review. `kind` is "", "waiting", "asked" or "decided"."""

    kind: str = ""
    heading: str = ""
    text: str = ""
    note: str = ""
    until: str = ""
    can_appeal: bool = False


def pending(records: list[Certification]) -> dict[int, Review]:
    """Return the reviews that wait for staff or the owner, by the record's key. One query."""
    reviews = ((case.certification_id, _pending(case)) for case in _newest_cases(records))
    return {key: review for key, review in reviews if review}


def news(records: list[Certification]) -> dict[int, Review]:
    """Return what is new about reviews, by the record's key: documents asked for, and decisions of NEWS_FOR. One query.

    A decision is told with its email, so none that was taken back.
    """
    now = timezone.now()
    found = {}
    for case in _newest_cases(records):
        if case.outcome == Case.Outcome.ASKED:
            found[case.certification_id] = _asked(case)
        elif case.decided_at and cases.EMAIL_AFTER < now - case.decided_at < NEWS_FOR:
            found[case.certification_id] = Review("decided", _decision(case))
    return found


def _newest_cases(records: list[Certification]) -> QuerySet[Case]:
    """Return the newest case of each of `records` that is not withdrawn."""
    current = [record.pk for record in records if not record.withdrawn_at]
    newest = Case.objects.filter(certification__in=current).order_by("certification_id", "-opened_at", "-pk")
    return newest.distinct("certification_id")


def review_of(record: Certification) -> Review:
    """Return the review of `record`, waiting or decided."""
    last = Case.objects.filter(certification=record).order_by("-opened_at", "-pk").first()
    if last is None or record.withdrawn_at:
        return Review()
    return _pending(last) or _decided(record, last)


def _pending(case: Case) -> Review | None:
    if case.decided_at is None:
        return _waiting(case)
    return _asked(case) if case.outcome == Case.Outcome.ASKED else None


def _asked(case: Case) -> Review:
    return Review(
        "asked",
        f"We need a copy of your certificate by {day(case.answer_by)}",
        "Attach it below. Nothing changes until then.",
        case.note,
        day(case.answer_by),
    )


def _waiting(case: Case) -> Review:
    why = [WHY[cause] for cause in case.causes if cause in WHY]
    because = f" because {' and '.join(why)}" if why else ""
    return Review(
        "waiting",
        f"In review since {day(case.opened_at)}",
        f"We're reviewing it{because}. We'll email you. Nothing changes until then.",
    )


def _decided(record: Certification, case: Case) -> Review:
    reason = f" {Certification.Reason(case.reason).label}." if case.reason else ""
    is_final = case.appeals_id and case.outcome != Case.Outcome.RAISED
    appealed = " You appealed. This decision is final." if is_final else ""
    can_appeal = case.is_against and cases.appealable(record) is not None
    return Review(
        "decided",
        _decision(case),
        f"{reason}{appealed}".strip(),
        case.note,
        day(case.answer_by) if can_appeal else "",
        can_appeal,
    )


def _decision(case: Case) -> str:
    """Return what was decided and when, to read."""
    return f"{OUTCOMES[case.outcome].to_owner or case.get_step_display()}, decided {day(case.decided_at)}"


def documents_of(record: Certification) -> list[Document]:
    """Return the documents of `record`, each with `deleted_on`: the day of its deletion, or None. One query."""
    documents = list(Document.objects.filter(certification=record))
    for document in documents:
        goes = document.reviewed_at and not document.is_kept
        document.deleted_on = timezone.localdate(document.reviewed_at) + DELETED_AFTER if goes else None
    return documents


def document_form(request: Request, record: Certification) -> DocumentForm:
    at = reverse("verification:attach", args=[record.profile.kind, record.profile.slug, record.pk])
    return drafts.form(request, DocumentForm, at=at)


def attach_part(request: Request, record: Certification) -> SafeString:
    """Return what offers to attach a copy of the certificate to a record that was just added."""
    numbers = public_numbers.published()
    hours = numbers and numbers.numbers["median_hours"]
    context = {
        "profile": record.profile,
        "certification": record,
        "document_form": DocumentForm(auto_id=f"id_%s_{record.pk}"),
        "documents": documents_of(record),
        "median": timedelta(hours=hours) if hours else None,
        "here": request.get_full_path(),
    }
    return render_to_string("verification/attach_next.html", context, request)


def part(request: Request, record: Certification) -> SafeString:
    """Return the HTML of the part, for the record's editors."""
    documents = documents_of(record)
    context = {
        "profile": record.profile,
        "certification": record,
        "document_form": document_form(request, record),
        "ladder": ladder(record, is_attached=any(document.reviewed_at is None for document in documents)),
        "review": review_of(record),
        "documents": documents,
        "most_documents": MOST,
    }
    return render_to_string("verification/evidence.html", context, request)
