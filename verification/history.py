"""The entries that verification adds to a profile's history."""

from django.db.models import Q

from certifications.data.history import Entry, Event, events, who
from common.translation import with_names
from verification.models import OUTCOMES, Case, Document


def entries(labels: dict[int, str], members: set[int]) -> list[Entry]:
    """Return the entries about documents, appeals and decisions. `labels`: the records' labels by key.

    The number of queries is constant.
    """
    documents = events(Document, Q(certification_id__in=labels))
    attached = [
        Entry(event.at, who(event, members), labels[event.row.certification_id], _of_document(event))
        for event in documents
    ]
    return [*attached, *_of_cases(labels)]


def _of_document(event: Event) -> list[str]:
    kept = "Chose to keep “{}”" if event.row.is_kept else "Chose to delete “{}” after the review"
    said = {"insert": "Attached “{}”", "update": kept, "delete": "Deleted “{}”"}
    return [with_names(said[event.label], event.row.name)]


def _of_cases(labels: dict[int, str]) -> list[Entry]:
    """Return the entries about appeals, and about decisions that left the record's standing unchanged."""
    entries = []
    for case in Case.objects.filter(certification__in=labels):
        about = labels[case.certification_id]
        if case.appeals_id:
            entries.append(Entry(case.opened_at, "The profile", about, ["Appealed against the decision"]))
        is_told = case.outcome == Case.Outcome.ASKED or (case.outcome == Case.Outcome.KEPT and case.appeals_id)
        if case.decided_at and is_told:
            entries.append(Entry(case.decided_at, "The marketplace", about, [OUTCOMES[case.outcome].in_history]))
    return entries
