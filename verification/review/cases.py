"""Open cases and decide them: each case once, by a reviewer who may decide it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from certifications.mail.sending import about, editors_of, letter_about
from certifications.models import Certification, Evidence
from common.mail.letters import Letter, absolute
from common.mail.outbox import forget_later, post_later
from profiles.models import User
from verification.models import AGAINST, OUTCOMES, Case, Document, RegisterEnding, RegisterMatch

# The causes that an owner starts. They are emailed the outcome even if nothing changes.
BY_OWNER = {Case.Cause.DOCUMENT, Case.Cause.CORRECTED, Case.Cause.APPEAL}


# How long a decision can be taken back. Its email waits a little longer, so that none tells of one that was.
UNDO_WITHIN = timedelta(minutes=10)
EMAIL_AFTER = UNDO_WITHIN + timedelta(minutes=1)
STANDING = ("standing", "standing_reason", "standing_note", "standing_at", "standing_by_id")


class CannotAppeal(Exception):
    """There is no decision to appeal, it was appealed already, or the time to appeal is over."""


@transaction.atomic
def open_case(record: Certification, cause: Case.Cause, **values: Any) -> Case:
    """Return the open case of `record`, with `cause` added. Two requests at once open one case.

    `values`: further columns of the case, such as the decision that an appeal is against.
    """
    Certification.objects.select_for_update(no_key=True).get(
        pk=record.pk
    )  # a decision at the same moment comes before or after
    case, is_new = Case.objects.get_or_create(
        certification=record, decided_at=None, defaults={"causes": [cause], **values}
    )
    if not is_new:
        without = Func(F("causes"), Value(str(cause)), function="array_remove")
        causes = Func(without, Value(str(cause)), function="array_append")
        Case.objects.filter(pk=case.pk).update(causes=causes, version=F("version") + 1, **values)
        case.refresh_from_db()
    return case


def was_brought(record: Certification, cause: Case.Cause) -> bool:
    """Return whether `cause` opened a case about what `record` reports now. Staff need not review it twice."""
    return Case.objects.filter(
        certification=record, causes__contains=[cause], opened_at__gte=record.self_reported_at
    ).exists()


def changed(record: Certification) -> None:
    """Raise the version of the open case, so that no reviewer decides on an outdated page."""
    Case.objects.filter(certification=record, decided_at=None).update(version=F("version") + 1)


@transaction.atomic
def decide(
    case: Case,
    outcome: Case.Outcome,
    *,
    by: User,
    version: int,
    reason: str = "",
    note: str = "",
    grounds: Evidence | RegisterMatch | None = None,
) -> None:
    """Decide an open case as it was at `version`, and email the record's editors.

    `grounds`: for RAISED, the unsaved evidence that the record gains, or a match with its evidence. Raises
    Case.NotYours, Case.AlreadyDecided, Evidence.TooEarly, and Certification.NotPossible if the record is not in the
    standing that the outcome starts from.
    """
    record = (
        Certification.objects.select_for_update()
        .select_related("profile", "certificate__body")
        .get(pk=case.certification_id)
    )
    evidence = grounds.evidence if isinstance(grounds, RegisterMatch) else grounds
    open_cases = Case.objects.filter(pk=case.pk, decided_at=None, version=version)
    now = timezone.now()
    answer_within = OUTCOMES[outcome].answer_within
    decided = {
        "outcome": outcome,
        "step": evidence.step if evidence else None,
        "reason": reason,
        "note": note,
        "decided_at": now,
        "decided_by": by,
        "stood": {name: getattr(record, name) for name in STANDING},
        "answer_by": now + answer_within if answer_within else None,
    }
    if not open_cases.exists():
        raise Case.AlreadyDecided(case)
    if not open_cases.decidable_by(by).update(**decided):
        raise Case.NotYours(case)
    case.refresh_from_db()
    _apply(record, case, grounds)
    if outcome != Case.Outcome.ASKED:
        Document.objects.filter(certification=record, reviewed_at=None).update(reviewed_at=now)
    if outcome != Case.Outcome.KEPT or BY_OWNER.intersection(case.causes):
        _tell_editors(case, record)


def _tell_editors(case: Case, record: Certification) -> None:
    for editor in editors_of(record.profile):
        post_later(
            editor.email,
            write_decision,
            about=about(record.profile_id),
            wait=EMAIL_AFTER,
            case_pk=case.pk,
            editor_pk=editor.pk,
        )


def _apply(record: Certification, case: Case, grounds: Evidence | RegisterMatch | None) -> None:
    """Apply a decision to `record`."""
    match case.outcome:
        case Case.Outcome.RAISED:
            if isinstance(grounds, Evidence):
                record.gain(grounds, by=case.decided_by)
            elif grounds is not None and grounds.register.lists(grounds.listed_as, file=grounds.file):
                grounds.save_for(record, by=case.decided_by)
            else:
                raise Case.AlreadyDecided(case)  # another file has come into force since
            if record.standing != Certification.Standing.GOOD:  # evidence restores the standing
                record.lift(by=case.decided_by, note=case.note)
        case Case.Outcome.LOWERED:
            # Includes evidence that a file ended: taking the file back must not raise the record again.
            may_hold = Q(ended_at=None) | Q(ending__isnull=False)
            Evidence.objects.filter(may_hold, certification=record).update(
                ended_at=case.decided_at, ended_because=Evidence.Ending.WITHDRAWN
            )
            RegisterEnding.objects.filter(evidence__certification=record).delete()
        case Case.Outcome.REFUSED:
            record.refuse(by=case.decided_by, reason=case.reason, note=case.note)
        case Case.Outcome.SUSPENDED:
            record.suspend(by=case.decided_by, reason=case.reason, note=case.note)
        case Case.Outcome.LIFTED:
            record.lift(by=case.decided_by, note=case.note)


def can_be_taken_back(case: Case, user: User) -> bool:
    """True for a decision of `user` that no one was told of and nothing followed, within UNDO_WITHIN."""
    is_recent = case.decided_at is not None and case.decided_at > timezone.now() - UNDO_WITHIN
    if not is_recent or case.decided_by_id != user.pk or not OUTCOMES[case.outcome].can_be_taken_back:
        return False
    return not Case.objects.filter(certification=case.certification_id, opened_at__gt=case.decided_at).exists()


@transaction.atomic
def take_back(case: Case, *, by: User) -> None:
    """Undo a decision: the record stands as before, the case is open again, and its email is not sent.

    Raises Case.TooLate.
    """
    record = Certification.objects.select_for_update().get(pk=case.certification_id)
    case.refresh_from_db()
    if not can_be_taken_back(case, by):
        raise Case.TooLate(case)
    forget_later(write_decision, case_pk=case.pk)
    if case.outcome == Case.Outcome.RAISED:
        record.evidence.filter(by=by, step=case.step).latest("pk").delete()
    # Who read the decision meanwhile reads that it changed: nothing else tells, since what it left is gone.
    undone: dict[str, Any] = {"details_changed_at": timezone.now()}
    if record.standing != case.stood["standing"]:
        at = case.stood["standing_at"]
        undone |= case.stood | {"standing_at": at and datetime.fromisoformat(at)}
    Certification.objects.filter(pk=record.pk).update(**undone)
    Document.objects.filter(certification=record, reviewed_at=case.decided_at).update(reviewed_at=None)
    Case.objects.filter(pk=case.pk).update(
        outcome="",
        step=None,
        reason="",
        note="",
        decided_at=None,
        decided_by=None,
        answer_by=None,
        stood={},
        version=F("version") + 1,
    )
    case.refresh_from_db()


def assign(case: Case, user: User | None) -> bool:
    """Say who looks at an open case, or with None that no one does. Returns False if it was decided meanwhile."""
    return bool(Case.objects.filter(pk=case.pk, decided_at=None).update(assigned_to=user))


def decide_now(record: Certification, outcome: Case.Outcome, *, by: User, **values: Any) -> None:
    """Decide about `record`, in its open case or a new one. Raises the errors of `decide`."""
    with transaction.atomic():
        case = Case.objects.filter(certification=record, decided_at=None).first()
        case = case or open_case(record, Case.Cause.STAFF)
        decide(case, outcome, by=by, version=case.version, **values)


def appealable(record: Certification) -> Case | None:
    """Return the decision that the owner of `record` may appeal now, or None."""
    if record.standing == Certification.Standing.GOOD or record.withdrawn_at:
        return None
    last = Case.objects.filter(certification=record, outcome__in=AGAINST).order_by("-decided_at").first()
    if last is None or last.appeals_id or not last.answer_by or last.answer_by < timezone.now():
        return None
    return None if hasattr(last, "appeal") else last


@transaction.atomic
def appeal(record: Certification, statement: str) -> Case:
    """Return the case of an appeal against the last decision. Raises CannotAppeal."""
    record = Certification.objects.select_for_update().get(pk=record.pk)
    decision = appealable(record)
    if decision is None:
        raise CannotAppeal(record)
    return open_case(record, Case.Cause.APPEAL, appeals=decision, statement=statement)


def open_overdue() -> int:
    """Open cases for records whose owners did not answer in time. Return the number."""
    asked = Case.objects.filter(outcome=Case.Outcome.ASKED, answer_by__lt=timezone.now())
    overdue = 0
    for case in asked.select_related("certification"):
        if not Case.objects.filter(certification=case.certification_id, opened_at__gt=case.decided_at).exists():
            open_case(case.certification, Case.Cause.OVERDUE)
            overdue += 1
    return overdue


def next_for(user: User, *, after: Case | None = None) -> Case | None:
    """Return the case that has waited longest among those that `user` may decide and no one else took, or None.

    With `after`, return the next case in the queue instead. The end of the queue leads to its start.
    """
    waiting = Case.objects.waiting().decidable_by(user).filter(Q(assigned_to=None) | Q(assigned_to=user))
    if after is None:
        return waiting.first()
    others = waiting.exclude(pk=after.pk)
    later = Q(opened_at__gt=after.opened_at) | Q(opened_at=after.opened_at, pk__gt=after.pk)
    return others.filter(later).first() or others.first()


def write_decision(to: str, *, case_pk: int, editor_pk: int) -> Letter | None:
    """Return the email about the outcome of a case, or None if the recipient no longer edits the profile."""
    case = Case.objects.filter(pk=case_pk).select_related("certification__profile").first()
    if case is None:
        return None
    record = case.certification
    editor = editors_of(record.profile_id).filter(pk=editor_pk).first()
    if editor is None:
        return None
    context = {"recipient": editor, "record": record, "case": case, "link": absolute(record.get_absolute_url())}
    return letter_about(record.profile, f"verification/decision/{case.outcome}", context)
