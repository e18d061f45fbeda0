"""The history of records, answers and choices, read from the events that database triggers wrote."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Field, ForeignKey, Model, Q
from django.utils.html import format_html
from django.utils.text import capfirst

from certifications.data.words import NOTHING, in_words, is_name, names
from certifications.models import Block, Certification, Consent, Disclosure, Evidence, NamedClient, Pause, UsBusiness
from common.history import events_of
from common.hooks import Hook
from common.translation import untranslated, with_names
from profiles.models import Profile, User

# The event itself says what a change of these columns means, or it means nothing to people.
QUIET = {"id", "created_at", "updated_at", "submission"}
LABELS = {"insert": "Added", "update": "Changed", "delete": "Deleted"}


class Change(NamedTuple):
    """A change of one column."""

    field: Field
    before: Any
    after: Any


class Event(NamedTuple):
    """A change: when, by whom (None for "outside the site"), on which page, and which columns from what to what.

    `row` is the event's own row, which holds all values as they were then.
    """

    at: datetime
    by: User | None
    page: str
    label: str
    changes: list[Change]
    row: Any
    names: Mapping[str, Mapping]

    @property
    def what(self) -> str:
        return LABELS[self.label]

    @property
    def who(self) -> str:
        return str(self.by or "outside the site")

    def words(self, field: Field, value: Any) -> str:
        return in_words(field, self.names, value)

    def html(self, field: Field, value: Any) -> str:
        """Return the words for a page, where a browser must not translate a name."""
        words = self.words(field, value)
        return untranslated(words) if is_name(field) and words != NOTHING else words

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """The changes in words: the title of the column, before, and after."""
        return [(f.verbose_name, self.words(f, before), self.words(f, after)) for f, before, after in self.changes]


def history(instance: Model) -> list[Event]:
    """Return the changes of `instance`, oldest first."""
    return events(type(instance), Q(pgh_obj_id=instance.pk))


def events(model: type[Model], which: Q) -> list[Event]:
    """Return the events of `model` under the condition `which`, oldest first, without updates of quiet columns only.

    The number of queries depends only on the model's foreign keys.
    """
    rows = list(events_of(model).filter(which).select_related("pgh_context").order_by("pgh_id"))
    fields = [field for field in model._meta.concrete_fields if _is_told(field, rows)]
    called = {field.attname: names(field, rows) for field in fields if isinstance(field, ForeignKey)}
    contexts = {row.pgh_id: row.pgh_context.metadata if row.pgh_context else {} for row in rows}
    users = get_user_model().objects.in_bulk({context["user"] for context in contexts.values() if context.get("user")})

    found = []
    before: dict[Any, Model] = {}
    for row in rows:
        context = contexts[row.pgh_id]
        changes = _changes(fields, before.get(row.pgh_obj_id), row)
        before[row.pgh_obj_id] = row
        if changes or row.pgh_label != "update":
            by, page = users.get(context.get("user")), context.get("url", "")
            found.append(Event(row.pgh_created_at, by, page, row.pgh_label, changes, row, called))
    return found


def _is_told(field: Field, rows: Iterable[Model]) -> bool:
    return field.name not in QUIET and all(hasattr(row, field.attname) for row in rows)


def _changes(fields: Iterable[Field], before: Any, row: Any) -> list[Change]:
    if row.pgh_label == "delete":
        return []
    changes = []
    for field in fields:
        old, new = getattr(before, field.attname, None), getattr(row, field.attname)
        if old != new and (before or new not in (None, "", [], False)):
            changes.append(Change(field, old, new))
    return changes


# For the profile's editors

# More entries of the history. Each function gets the records' labels by key and the keys of the profile's members, and
# returns a list of Entry. Its number of queries does not depend on how much happened.
more_entries = Hook()


class Entry(NamedTuple):
    """A line of the history that a profile's editors read. `about` is the record's label, or "" for all records."""

    at: datetime
    who: str
    about: str
    sentences: list[str]


def history_for_editors(profile: Profile, *, record: Certification | None = None) -> list[Entry]:
    """Return what happened to a profile's certifications, or to one of them, newest first.

    Staff are not named: their actions are the marketplace's. The number of queries does not depend on how much
    happened.
    """
    of_record, of_profile = Q(profile_id=profile.pk), Q(profile_id=profile.pk)
    if record:
        of_record = Q(pgh_obj_id=record.pk)
    records = events(Certification, of_record)
    labels = {event.row.pgh_obj_id: _label(event) for event in records}
    found = [(event, labels[event.row.pgh_obj_id], _of_record(event)) for event in records]
    named = events(NamedClient, Q(certification_id__in=labels))
    found += [(event, labels[event.row.certification_id], _of_named_client(event)) for event in named]
    members = set(profile.memberships.values_list("user", flat=True))
    entries = [*_of_evidence(labels), *chain.from_iterable(more_entries(labels, members))]
    if record is None:
        for model, tell in (
            (Consent, _of_consent),
            (Pause, _of_pause),
            (Block, _of_block),
            (Disclosure, _of_answer),
            (UsBusiness, _of_us_business),
        ):
            found += [(event, "", tell(event)) for event in events(model, of_profile)]
    entries += [Entry(event.at, who(event, members), about, said) for event, about, said in found if said]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _of_evidence(labels: Mapping[int, str]) -> list[Entry]:
    """Return the entries about evidence: what staff and registers found, and when it ended."""
    entries = []
    for row in Evidence.objects.filter(certification__in=labels):
        about = labels[row.certification_id]
        entries.append(
            Entry(
                row.recorded_at, "The marketplace", about, [with_names(f"{row.get_step_display()}: {{}}", row.source)]
            )
        )
        if row.ended_at and row.ended_because != Evidence.Ending.REPLACED:
            ended = f"No longer “{row.get_step_display()}”: {row.get_ended_because_display().lower()}"
            entries.append(Entry(row.ended_at, "The marketplace", about, [ended]))
    return entries


def consent_history(profile: Profile) -> list[Entry]:
    """Return what was agreed to and taken back, and by whom, newest first."""
    members = set(profile.memberships.values_list("user", flat=True))
    found = events(Consent, Q(profile_id=profile.pk))
    return [Entry(event.at, who(event, members), "", _of_consent(event)) for event in reversed(found)]


def who(event: Event, members: set[int]) -> str:
    """Return who caused an event, in words for editors. `members` are the keys of the profile's members."""
    if event.by and (event.by.pk in members or not event.by.is_staff):
        return untranslated(event.by.get_full_name())
    return "The marketplace"


def _label(event: Event) -> str:
    return event.row.other_name or event.names["certificate_id"][event.row.certificate_id].label


# Another column's sentence covers these, or they mean nothing to the owner.
WITHOUT_WORDS = {
    "attestation", "attested_by", "self_reported_at", "standing_at", "standing_by", "standing_reason", "hidden_until",
    "profile", "type", "decided_at", "decided_by", "version", "declined_version", "answered_at", "answered_by",
}  # fmt: skip


def _of_record(event: Event) -> list[str]:
    if event.label == "insert":
        return ["Added, and confirmed to be true"]
    if event.label == "delete":
        return ["Deleted"]
    sentences: list[str] = []
    changed = {field.name for field, _, _ in event.changes}
    for field, before, after in event.changes:
        match field.name:
            case "attested_at":
                sentences.append("Confirmed to be true")
            case "hidden_at":
                sentences.append(_hidden(event) if after else "Shown again")
            case "hidden_until" if "hidden_at" not in changed:
                sentences.append(_hidden(event))
            case "withdrawn_at":
                sentences.append("Removed" if after else "Restored")
            case "audience":
                sentences.append(f"Who can see it: {event.words(field, after)}")
            case "agreed_plans":
                sentences.append(f"Clients on these plans may see it: {event.words(field, after)}")
            case "renewal_filed_on":
                filed = f"Renewal filed {event.words(field, after)}"
                sentences.append(filed if after else "No renewal filed")
            case "standing":
                sentences.append(_standing(event))
            case name if name not in WITHOUT_WORDS:
                values = event.html(field, before), event.html(field, after)
                sentences.append(format_html("{}: {} → {}", capfirst(field.verbose_name), *values))
    return sentences


def _hidden(event: Event) -> str:
    until = event.row.hidden_until
    field = Certification._meta.get_field("hidden_until")
    return f"Hidden until {event.words(field, until)}" if until else "Hidden"


def _standing(event: Event) -> str:
    row = event.row
    if row.standing == Certification.Standing.GOOD:
        return "In good standing again"
    reason = Certification.Reason(row.standing_reason).label
    return f"{Certification.Standing(row.standing).label}: {reason[0].lower()}{reason[1:]}"


def _of_named_client(event: Event) -> list[str]:
    said = "{} can see it" if event.label == "insert" else "{} removed from the clients who can see it"
    return [format_html(said, _client(event))]


def _of_block(event: Event) -> list[str]:
    return [format_html("Blocked {}" if event.label == "insert" else "Unblocked {}", _client(event))]


def _client(event: Event) -> str:
    client = event.names["client_id"].get(event.row.client_id)
    return untranslated(client) if client else "a client that no longer exists"


def _of_pause(event: Event) -> list[str]:
    field = Pause._meta.get_field("until")
    if event.label == "delete":
        return ["All certifications shown again"]
    until = event.row.until
    return [f"All certifications hidden until {event.words(field, until)}" if until else "All certifications hidden"]


def _of_consent(event: Event) -> list[str]:
    row = event.row
    purpose = Consent.Purpose(row.purpose).label
    changed = {field.name for field, _, _ in event.changes}
    if ("declined_plans" in changed and row.declined_plans) or ("declined_version" in changed and row.declined_version):
        return [f"Said no to a change of “{purpose}”"]
    if not row.is_given:
        return [f"Turned off “{purpose}”"]
    return [f"Turned on “{purpose}” (version {row.version})"]


def _of_answer(event: Event) -> list[str]:
    if event.label == "delete":
        return ["Answer deleted"]
    if event.row.answer == Disclosure.Answer.DISCLOSED:
        return ["Answered by adding a certification"]
    return [f"Answered “{Disclosure.Answer(event.row.answer).label}”"]


def _of_us_business(event: Event) -> list[str]:
    said = "Said that the business is registered in the U.S."
    return [said if event.label == "insert" else "Said that the business isn't registered in the U.S."]
