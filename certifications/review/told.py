"""Where a record stands with staff, and how it is known, as its owner reads it."""

from typing import NamedTuple

from django.db.models import Prefetch
from django.utils import timezone

from certifications.documents.keeping import DELETED_AFTER
from certifications.models import Case, Certification, Document, Evidence, Step
from certifications.review import cases
from common.days import day

# What an owner is told of what brought a record to staff. Of all else, only that it is looked at: who reported a
# concern, say, is nobody's to guess.
WHY = {
    Case.Cause.DOCUMENT: "you attached a document",
    Case.Cause.CORRECTED: "you corrected it",
    Case.Cause.APPEAL: "you appealed",
    Case.Cause.MATCH: "a public register lists it",
    Case.Cause.NEAR_NUMBER: (
        "a public register lists a number that differs slightly from yours (check yours against the certificate)"
    ),
    Case.Cause.OVERDUE: "the date by which we asked for a document is over",
}


class Rung(NamedTuple):
    """A step of the ladder, lowest first: its words and symbol, and the evidence (or None) that holds now."""

    label: str
    icon: str
    evidence: object
    is_reached: bool
    is_current: bool


def ladder(record):
    """The steps of `record`, lowest first: list of Rung. One query."""
    held = {}
    for row in Evidence.objects.of(record).order_by("evidence_on", "pk"):
        held[row.step] = row  # the newest of each step
    top = max(held, default=Step.SELF_REPORTED)
    return [Rung(step.label, step.icon, held.get(step), not step or step in held, step == top) for step in Step]


class Review(NamedTuple):
    """Where a record stands with staff. `kind` is "", "waiting", "asked" or "decided"; the rest is to read."""

    kind: str = ""
    heading: str = ""
    text: str = ""
    note: str = ""
    until: str = ""
    can_appeal: bool = False


def with_pending(records):
    """`records` (a queryset) as a list, each with `pending`: its Review if it waits for staff or its owner, else None.

    One more query, whatever the length.
    """
    newest = Case.objects.order_by("-opened_at", "-pk")
    records = list(records.prefetch_related(Prefetch("cases", newest, to_attr="newest_cases")))
    for record in records:
        last = next(iter(record.newest_cases), None)
        review = _pending(last) if last and not record.withdrawn_at else None
        record.pending = review
    return records


def review_of(record):
    """The Review of `record`, whatever its state."""
    last = Case.objects.filter(certification=record).order_by("-opened_at", "-pk").first()
    if last is None or record.withdrawn_at:
        return Review()
    return _pending(last) or _decided(record, last)


def _pending(case):
    if case.decided_at is None:
        return _waiting(case)
    if case.outcome == Case.Outcome.ASKED:
        return Review(
            "asked",
            f"We ask you for a document by {day(case.answer_by)}",
            "Attach a copy of the certificate below. Until then nothing changes.",
            case.note,
            day(case.answer_by),
        )
    return None


def _waiting(case):
    why = [WHY[cause] for cause in case.causes if cause in WHY]
    because = f", because {' and '.join(why)}" if why else ""
    return Review(
        "waiting",
        "We are looking at it",
        f"Since {day(case.opened_at)}{because}. You hear from us by e-mail; until then nothing changes.",
    )


def _decided(record, case):
    reason = f" {Certification.Reason(case.reason).label}." if case.reason else ""
    heading = {
        Case.Outcome.RAISED: f"{Step(case.step).label if case.step else ''}",
        Case.Outcome.LOWERED: "Back to self-reported",
        Case.Outcome.KEPT: "We looked at it, and left it as it is",
        Case.Outcome.REFUSED: "Not accepted",
        Case.Outcome.SUSPENDED: "Suspended",
        Case.Outcome.LIFTED: "In good standing again",
    }[case.outcome]
    appealed = " You appealed; this decision is final." if case.appeals_id and case.outcome != "raised" else ""
    can_appeal = case.is_against and cases.appealable(record) is not None
    return Review(
        "decided",
        f"{heading}, decided {day(case.decided_at)}",
        f"{reason}{appealed}".strip(),
        case.note,
        day(case.answer_by) if can_appeal else "",
        can_appeal,
    )


def documents_of(record):
    """What its owner attached to `record`, each with `deleted_on`: the day on which it goes, or None. One query."""
    documents = list(Document.objects.filter(certification=record))
    for document in documents:
        goes = document.reviewed_at and not document.is_kept
        document.deleted_on = timezone.localdate(document.reviewed_at) + DELETED_AFTER if goes else None
    return documents
