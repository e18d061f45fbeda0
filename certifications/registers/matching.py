"""What registers say of records: a match, a near match, or a contradiction."""

from datetime import timedelta
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from certifications.mail.sending import absolute, editors_of, send
from certifications.models import Case, Certification, Evidence, Register, RegisterEntry, Step
from certifications.models.record import DAYS_A_MONTH, day
from certifications.registers import lookup, names
from certifications.review.cases import open_case, was_brought

# How long a register's word holds whose certificate has no usual term.
USUAL_TERM_MONTHS = 12
ENDED = {"expired", "removed", "revoked", "suspended", "decertified", "inactive", "withdrawn", "denied", "graduated"}
BATCH = 500


class Finding(NamedTuple):
    """What one row of a register says of a record. `kind`: a Case.Cause, or "" for a name that only ranks."""

    register: Register
    entry: RegisterEntry
    reported: str
    kind: str
    score: float
    objections: list

    @property
    def name_parts(self):
        """Both names as printed, cut where they differ: (reported, listed), each a list of (text, differs)."""
        return names.differing(self.reported, self.entry.name)

    @property
    def words(self):
        """What it is, to read."""
        return Case.Cause(self.kind).label if self.kind else "Only the name is like it"


def registers_for(record):
    """The registers that may list `record`: those of its certificate's body, with a file loaded."""
    registers = Register.objects.filter(body=record.certificate.body_id, current__isnull=False)
    return registers.select_related("current")


def holds_until(record, register, entry):
    """The last day on which the word of the register's current file counts for `record`."""
    term = record.certificate.term_months or USUAL_TERM_MONTHS
    ends = [register.current.as_of + timedelta(days=round(term * DAYS_A_MONTH)), entry.expires_on, record.expires_on]
    return min(end for end in ends if end)


def _objections(record, register, found):
    """What keeps a row of the same number from being a match, in words for staff: list of str."""
    entry, objections = found.entry, []
    if not found.agrees:
        objections.append("The names differ")
    if record.type.key not in entry.types:
        objections.append(f"Not listed as {record.type.name.lower()}")
    if entry.expires_on and entry.expires_on < record.profile.today():
        objections.append(f"The register's date is over: {day(entry.expires_on)}")
    elif holds_until(record, register, entry) < record.profile.today():
        objections.append(f"The register's file is too old: {day(register.current.as_of)}")
    if register.current.as_of < record.first_day:
        objections.append(f"The register's file is older than the certificate: {day(register.current.as_of)}")
    if ENDED.intersection(entry.status.lower().split()):
        objections.append(f"Listed as “{entry.status}”")
    return objections


def judge(record, register, found):
    """The Finding about `record` of a row that `lookup` found in `register`."""
    objections = _objections(record, register, found)
    if not found.is_same_number:
        kind = ""
    elif not objections:
        kind = Case.Cause.MATCH
    elif found.score < names.DIFFERS:
        kind = Case.Cause.CONTRADICTION
    else:
        kind = Case.Cause.NEAR
    return Finding(register, found.entry, record.legal_business_name, kind, found.score, objections)


def candidates(record, *, most=5):
    """What the registers list that may be `record`, the likeliest first: list of Finding."""
    findings = []
    for register in registers_for(record):
        found = lookup.find(register.current_id, record.legal_business_name, record.number, most=most)
        findings += [
            (one.rank, judge(record, register, one))
            for one in found
            if one.score >= names.DIFFERS or one.is_same_number
        ]
    findings.sort(key=lambda ranked: ranked[0], reverse=True)
    return [finding for _, finding in findings[:most]]


def _is_of_agency(record, register):
    """Whether the register is of the agency that the record names; agencies number their firms each for itself."""
    if not record.other_body or not register.agency:
        return True
    return bool(set(names.words(record.other_body)).intersection(names.words(register.agency)))


def match(record):
    """Do what the registers say of `record`: raise it where a register is trusted, or bring it to staff.

    Only a row with the record's number is heard; a name alone never raises anything.
    """
    if record.withdrawn_at:
        return
    for register in registers_for(record):
        found = lookup.with_number(register.current_id, record.legal_business_name, record.number)
        if found:
            _act(record, judge(record, register, max(found, key=lambda one: one.rank)))


@transaction.atomic
def _act(record, finding):
    # Held, so that what is recorded is evidence of what is reported now.
    current = Certification.objects.select_for_update(of=("self",)).get(pk=record.pk)
    reported = (record.self_reported_at, record.expires_on)
    if (current.self_reported_at, current.expires_on) != reported or current.withdrawn_at:
        return
    if not finding.register.lists(finding.entry.identity):
        return  # the file was replaced meanwhile, and what is listed now is matched anew
    if finding.kind == Case.Cause.MATCH:
        _matched(record, finding)
    elif finding.kind == Case.Cause.NEAR or _is_of_agency(record, finding.register):
        _bring(record, finding)


def _matched(record, finding):
    held = Evidence.objects.filter(
        certification=record, register=finding.register, listed_as=finding.entry.identity, ended_at=None,
        reported_at=record.self_reported_at, certified_until=record.expires_on,
    )  # fmt: skip
    if held.filter(evidence_on__gte=finding.register.current.as_of).exists():
        return
    # Whoever confirmed the row before has confirmed it: the newer file only says that it is still there.
    is_new = not held.exists()
    if not is_new or (finding.register.is_trusted and record.standing == Certification.Standing.GOOD):
        record.gain(evidence_of(record, finding))
        if is_new:
            transaction.on_commit(partial(_tell_editors, record, "matched"), robust=True)
        held.filter(evidence_on__lt=finding.register.current.as_of).update(
            ended_at=timezone.now(), ended_because=Evidence.Ending.REPLACED
        )
    else:
        _bring(record, finding)


def evidence_of(record, finding):
    """The Evidence, unsaved, that `finding` is of `record`."""
    file = finding.register.current
    return Evidence(
        certification=record,
        step=Step.REGISTER,
        source=f"{finding.register.name}, state of {day(file.as_of)}",
        evidence_on=file.as_of,
        holds_until=holds_until(record, finding.register, finding.entry),
        reported_at=record.self_reported_at,
        certified_until=record.expires_on,
        register=finding.register,
        listed_as=finding.entry.identity,
    )


def _bring(record, finding):
    """Bring a record to staff, unless they looked at this very thing since it was reported."""
    if not was_brought(record, finding.kind):
        open_case(record, finding.kind)


def match_all(register):
    """Match what was reported against the register's current file. Returns how many records it lists by number."""
    keys = Concat(Value("#"), OuterRef("number_key"), output_field=TextField())
    listed = RegisterEntry.objects.filter(file=register.current_id, identity=keys)
    records = Certification.objects.current().filter(Exists(listed), certificate__body=register.body_id)
    count = 0
    for record in records.select_related("profile", "type", "certificate").order_by("pk").iterator(chunk_size=BATCH):
        match(record)
        count += 1
    return count


def end_vanished(file):
    """End the evidence of rows that `file`, now its register's current one, no longer lists, and tell the editors."""
    listed = RegisterEntry.objects.filter(file=file.pk, identity=OuterRef("listed_as"))
    gone = Evidence.objects.filter(~Exists(listed), register=file.register_id, ended_at=None)
    records = list(Certification.objects.filter(evidence__in=gone).select_related("profile").distinct())
    gone.update(ended_at=timezone.now(), ended_because=Evidence.Ending.VANISHED)
    for record in records:
        transaction.on_commit(partial(_tell_editors, record, "vanished"), robust=True)


def _tell_editors(record, what):
    """Write to the editors that a register began or ceased to list a record: not which, whose name may tell a type."""
    context = {"record": record, "profile": record.profile, "what": what}
    context["link"] = absolute(record.get_absolute_url())
    begin = "A register lists" if what == "matched" else "A register no longer lists"
    for editor in editors_of(record.profile):
        subject = f"{begin} a certification of {record.profile}"
        send(editor.email, subject, "certifications/mail/register.txt", {**context, "editor": editor})
