"""Matches records with registers: a match, a near match, or a contradiction."""

from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, Func, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from certifications.models import Certification, Evidence, Step
from certifications.models.evidence import EvidenceQuerySet
from certifications.models.local_days import local_today
from certifications.models.record import DAYS_A_MONTH
from certifications.numbers import acronyms
from common.days import day
from verification.models import Case, Register, RegisterEnding, RegisterEntry, RegisterFile, RegisterMatch
from verification.registers import lookup, names, news
from verification.registers.values import DEFAULT_CODES
from verification.review.cases import open_case, was_brought

# How long a match holds if the certificate has no usual term.
USUAL_TERM_MONTHS = 12
ENDED = {"expired", "removed", "revoked", "suspended", "decertified", "inactive", "withdrawn", "denied", "graduated"}
BATCH = 500


class Finding(NamedTuple):
    """A comparison of an entry of a register with a record. `kind` is None if only the name is similar."""

    file: RegisterFile
    entry: RegisterEntry
    reported: str
    kind: Case.Cause | None
    score: float
    objections: list[str]

    @property
    def register(self) -> Register:
        return self.file.register

    @property
    def fit(self) -> tuple[int, int, float, date, str]:
        """The order among several entries with the same number, the best last."""
        # From the worst to the best.
        kinds = (Case.Cause.CONTRADICTION, Case.Cause.NEAR_NUMBER, Case.Cause.NEAR, Case.Cause.MATCH)
        lasts = self.entry.expires_on or date.max
        return (kinds.index(self.kind) if self.kind else -1, -len(self.objections), self.score, lasts, self.entry.name)

    @property
    def name_parts(self) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
        """Both names as printed, reported and listed, cut into parts that differ or not."""
        return names.differing(self.reported, self.entry.name)

    @property
    def words(self) -> str:
        """The words for its kind."""
        return self.kind.label if self.kind else "Only the name is similar"


def files_for(record: Certification) -> QuerySet[RegisterFile]:
    """Return the files that may list `record`: those in force in the registers of its certifying body."""
    return RegisterFile.objects.filter(current_of__body=record.certificate.body_id).select_related("register")


def holds_until(record: Certification, file: RegisterFile, entry: RegisterEntry) -> date:
    """Return the last day on which a match in `file` counts for `record`."""
    term = record.certificate.term_months or USUAL_TERM_MONTHS
    ends = [file.as_of + timedelta(days=round(term * DAYS_A_MONTH)), entry.expires_on, record.expires_on]
    return min(end for end in ends if end)


def _objections(record: Certification, file: RegisterFile, found: lookup.Found) -> list[str]:
    """Return the reasons, in words for staff, why an entry with the same number is not a match."""
    entry, objections = found.entry, []
    if not found.agrees:
        objections.append("The names differ")
    if record.type.key not in entry.types:
        objections.append(f"Not listed as {record.type.name.lower()}")
    if entry.expires_on and entry.expires_on < record.profile.today():
        objections.append(f"The date in the register has passed: {day(entry.expires_on)}")
    elif holds_until(record, file, entry) < record.profile.today():
        objections.append(f"The register's file is too old: {day(file.as_of)}")
    if file.as_of < record.first_day:
        objections.append(f"The register's file is older than the certificate: {day(file.as_of)}")
    if entry.unread_day:
        objections.append(f"The expiration date in the register can't be read: “{entry.unread_day}”")
    if ENDED.intersection(entry.status.lower().split()):
        objections.append(f"Listed as “{entry.status}”")
    return objections


def judge(record: Certification, file: RegisterFile, found: lookup.Found) -> Finding:
    """Return the finding about `record` for an entry that `lookup` found in `file`."""
    objections = _objections(record, file, found)
    kind: Case.Cause | None
    if found.is_near_number and found.agrees:
        kind = Case.Cause.NEAR_NUMBER
        objections.insert(0, "The numbers differ slightly")
    elif not found.is_same_number:
        kind = None
    elif not objections:
        kind = Case.Cause.MATCH
    elif found.score < names.DIFFERS:
        kind = Case.Cause.CONTRADICTION
    else:
        kind = Case.Cause.NEAR
    return Finding(file, found.entry, record.legal_business_name, kind, found.score, objections)


def candidates(record: Certification, *, most: int = 5) -> list[Finding]:
    """Return the entries of the registers that may be `record`, the likeliest first."""
    findings = []
    for file in files_for(record):
        known = acronyms_of(record, file.register)
        found = lookup.find(file.pk, record.legal_business_name, record.number, known, most=lookup.MOST_SCORED)
        findings += [
            (one.rank, judge(record, file, one)) for one in found if one.score >= names.DIFFERS or one.is_same_number
        ]
    findings.sort(key=lambda ranked: (ranked[1].kind == Case.Cause.MATCH, ranked[0]), reverse=True)
    return [finding for _, finding in findings[:most]]


def finding_in(file: RegisterFile, record: Certification) -> Finding | None:
    """Return the finding of the entry of `file` with the record's number that fits best, or None.

    Several entries may have the same number: one for each certificate, or for a former and the present term. If none
    has it, entries count whose name agrees and whose number differs from the record's by a slip.
    """
    known, name = acronyms_of(record, file.register), record.legal_business_name
    found = lookup.with_number(file.pk, name, record.number, known)
    found = found or lookup.with_near_number(file.pk, name, record.number)
    return max((judge(record, file, one) for one in found), key=lambda finding: finding.fit, default=None)


def acronyms_of(record: Certification, register: Register) -> set[str]:
    """Return the acronyms of agency and type that `register` may print before or after the record's number."""
    codes = {code for code, types in DEFAULT_CODES.items() if record.type.key in types and code.isalpha()}
    return record.acronyms | acronyms(register.agency) | codes


def _is_of_agency(record: Certification, register: Register) -> bool:
    """Return whether the register belongs to the agency that the record names. Each agency has its own numbers."""
    if not record.other_body or not register.agency:
        return True
    return bool(set(names.words(record.other_body)).intersection(names.words(register.agency)))


def match(record: Certification) -> None:
    """Match `record` with the registers: raise it where a register is trusted, else open a case.

    Only an entry with the record's number counts; a name alone never raises a record. If the name agrees and the number
    differs by a slip, a case is opened, and its owner is asked to compare the number.
    """
    if record.withdrawn_at:
        return
    for file in files_for(record):
        finding = finding_in(file, record)
        if finding:
            _act(record, finding)


@transaction.atomic
def _act(record: Certification, finding: Finding) -> None:
    # Locked, so that the evidence is about what is reported now.
    current = Certification.objects.select_for_update(of=("self",)).get(pk=record.pk)
    reported = (record.self_reported_at, record.expires_on)
    if (current.self_reported_at, current.expires_on) != reported or current.withdrawn_at:
        return
    if not finding.register.lists(finding.entry.identity, file=finding.file):
        return  # the file was replaced meanwhile, and the new file is matched by itself
    if finding.kind == Case.Cause.MATCH:
        _matched(record, finding)
    elif finding.kind == Case.Cause.NEAR or _is_of_agency(record, finding.register):
        _bring(record, finding)


def _matched(record: Certification, finding: Finding) -> None:
    held = held_like(record, finding)
    if held.filter(evidence_on__gte=finding.file.as_of).exists():
        return
    # A confirmation of the entry in an earlier file stands: the newer file only still lists it.
    is_new = not held.exists()
    if not is_new or raises(record, finding):
        match = match_of(record, finding)
        match.save_for(record)
        if is_new:
            news.note(record, finding.file, was_listed=False)
        _end(held.exclude(pk=match.evidence_id), Evidence.Ending.REPLACED, finding.file)
    else:
        _bring(record, finding)


def held_like(record: Certification, finding: Finding) -> EvidenceQuerySet:
    """Return the evidence of `record` that rests on the same entry of an earlier file."""
    return _resting_on(finding).filter(
        certification=record,
        reported_at=record.self_reported_at,
        certified_until=record.expires_on,
        ended_at=None,
    )


def _resting_on(finding: Finding) -> EvidenceQuerySet:
    """Return all evidence that rests on the entry of `finding`, in any file of its register."""
    return Evidence.objects.filter(match__register=finding.register, match__listed_as=finding.entry.identity)


def raises(record: Certification, finding: Finding) -> bool:
    """Return whether a match raises `record` without staff. It does not if staff took this match back before."""
    if not finding.register.is_trusted or record.standing != Certification.Standing.GOOD:
        return False
    withdrawn = _resting_on(finding).filter(
        certification=record,
        reported_at=record.self_reported_at,
        ended_because=Evidence.Ending.WITHDRAWN,
    )
    return not withdrawn.exists()


def match_of(record: Certification, finding: Finding) -> RegisterMatch:
    """Return the unsaved match of `finding` with `record`, with its unsaved evidence."""
    file = finding.file
    evidence = Evidence(
        certification=record,
        step=Step.REGISTER,
        source=f"{finding.register.name}, data as of {day(file.as_of)}",
        evidence_on=file.as_of,
        holds_until=holds_until(record, file, finding.entry),
        reported_at=record.self_reported_at,
        certified_until=record.expires_on,
    )
    return RegisterMatch(evidence=evidence, register=finding.register, file=file, listed_as=finding.entry.identity)


def _end(evidence: EvidenceQuerySet, because: Evidence.Ending, file: RegisterFile) -> None:
    """End `evidence` because `file` no longer lists it or replaces it."""
    keys = list(evidence.values_list("pk", flat=True))
    Evidence.objects.filter(pk__in=keys).update(ended_at=timezone.now(), ended_because=because)
    RegisterEnding.objects.bulk_create((RegisterEnding(evidence_id=key, file=file) for key in keys), batch_size=BATCH)


def _bring(record: Certification, finding: Finding) -> None:
    """Open a case about a finding, unless there was one since the owner reported this."""
    if finding.kind and not was_brought(record, finding.kind):
        open_case(record, finding.kind)


def reported_to(file: RegisterFile) -> QuerySet[Certification]:
    """Return the current records of the body whose register `file` belongs to, with the rows that `match` reads."""
    records = Certification.objects.current().filter(certificate__body=file.register.body_id)
    return records.select_related("profile", "type", "certificate__body").order_by("pk")


def match_all(file: RegisterFile) -> None:
    """Match all records against a file in force."""
    for record in reported_to(file).iterator(chunk_size=BATCH):
        match(record)


def unlisted(file: RegisterFile) -> EvidenceQuerySet:
    """Return the evidence that rests on entries of its register that `file` no longer lists.

    Entries are the same if their numbers are, or their names where a file has no number.
    """
    listed = RegisterEntry.objects.filter(file=file, identity=OuterRef("match__listed_as"))
    gone = Evidence.objects.filter(~Exists(listed), match__register=file.register_id, ended_at=None)
    named = set(gone.filter(match__listed_as__startswith="=").values_list("match__listed_as", flat=True))
    if named:
        name_key = Concat(
            Value("="),
            Func(F("words"), Value(""), function="array_to_string", output_field=TextField()),
            output_field=TextField(),
        )
        entries = RegisterEntry.objects.filter(file=file).annotate(name_key=name_key)
        listed_names = list(entries.filter(name_key__in=named).values_list("name_key", flat=True))
        gone = gone.exclude(match__listed_as__in=listed_names)
    return gone


def holding_now(evidence: EvidenceQuerySet) -> EvidenceQuerySet:
    """Return the rows of `evidence` that hold for their records today."""
    return evidence.filter(certification__withdrawn_at=None).holding(
        reported_at=F("certification__self_reported_at"),
        issued_on=F("certification__issued_on"),
        expires_on=F("certification__expires_on"),
        today=local_today(lambda path: F(f"certification__{path}")),
    )


def outlook(file: RegisterFile) -> Counter[str]:
    """Return how many records would change their level if `file` came into force.

    `lost`: records that would fall. `gained`: records that would rise without staff. `doubted`: records that the file
    in force confirms and this one contradicts, so that a reviewer has to decide.
    """
    lost = holding_now(unlisted(file)).values_list("certification", flat=True)
    found = Counter(lost=len(set(lost)))
    raised = holding_now(Evidence.objects.filter(match__register=file.register_id, ended_at=None))
    confirmed = set(raised.values_list("certification", flat=True))
    for record in reported_to(file).iterator(chunk_size=BATCH):
        finding = finding_in(file, record)
        if finding and finding.kind == Case.Cause.MATCH:
            found["gained"] += record.pk not in confirmed and raises(record, finding)
        elif finding:
            found["doubted"] += record.pk in confirmed
    return found


def end_vanished(file: RegisterFile) -> None:
    """End the evidence on entries that `file`, now in force, no longer lists, and email the editors."""
    gone = unlisted(file)
    fallen = _records(holding_now(gone))
    _end(gone, Evidence.Ending.VANISHED, file)
    for record in fallen:
        news.note(record, file, was_listed=True)


def _records(evidence: EvidenceQuerySet) -> list[Certification]:
    return list(Certification.objects.filter(evidence__in=evidence).select_related("profile").distinct())


def given_by(file: RegisterFile) -> EvidenceQuerySet:
    """Return the evidence that rests on `file` and has not ended."""
    return Evidence.objects.filter(match__file=file, ended_at=None)


def take_back(file: RegisterFile) -> list[int]:
    """Undo what `file` did while it was in force. Return the keys of the records to match again.

    Evidence that it ended holds again. Evidence that it gave ends, except what staff confirmed on an entry that the
    file before lists, too. Cases that it alone opened are deleted.
    """
    given = given_by(file)
    ended = Evidence.objects.filter(ending__file=file)
    touched = _records(given) + _records(ended)
    # Who read what the file did reads that it changed: nothing else tells, since what it ended holds again.
    Certification.objects.filter(pk__in={record.pk for record in touched}).update(details_changed_at=timezone.now())
    listed = Evidence.objects.filter(match__register=file.register_id, ended_at=None)
    before = set(holding_now(listed).values_list("certification", flat=True))
    _keep_confirmed(file, given)
    given.update(ended_at=timezone.now(), ended_because=Evidence.Ending.FILE_WITHDRAWN)
    ended.update(ended_at=None, ended_because="")
    RegisterEnding.objects.filter(file=file).delete()
    after = set(holding_now(listed).values_list("certification", flat=True))
    for record in {record.pk: record for record in touched}.values():
        if (record.pk in before) != (record.pk in after):
            news.note(record, file.before or file, was_listed=record.pk in before)
    causes = [Case.Cause.MATCH, Case.Cause.NEAR, Case.Cause.NEAR_NUMBER, Case.Cause.CONTRADICTION]
    opened = Case.objects.filter(decided_at=None, opened_at__gte=file.loaded_at, causes__contained_by=causes)
    records = reported_to(file).filter(pk__in=opened.values("certification"))
    brought = [record.pk for record in records if finding_in(file, record)]
    opened.filter(certification__in=brought).delete()
    return brought


def _keep_confirmed(file: RegisterFile, given: EvidenceQuerySet) -> None:
    """Renew what staff confirmed in `file` on the file before it, where that lists the same entry."""
    before = file.before
    if before is None:
        return
    confirmed = given.filter(by__isnull=False)
    for evidence in confirmed.select_related("match", "certification__profile", "certification__certificate"):
        record = evidence.certification
        entry = RegisterEntry.objects.filter(file=before, identity=evidence.match.listed_as).first()
        if entry is None or before.as_of < record.first_day:
            continue
        if holds_until(record, before, entry) < record.profile.today():
            continue
        finding = Finding(before, entry, record.legal_business_name, Case.Cause.MATCH, 1, [])
        match_of(record, finding).save_for(record, by=evidence.by)
