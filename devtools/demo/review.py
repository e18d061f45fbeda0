"""The demo's evidence and review: registers with rows like the records, documents, decided cases and waiting ones."""

import csv
import io
from datetime import date, datetime, timedelta
from random import Random

import pghistory
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from certifications.models import Certification, CertifyingBody, Evidence, Step
from common.history import events_of
from profiles.models import User
from rollout.models import RolloutPolicy
from verification.documents import intake
from verification.models import Case, Document, Register, RegisterMatch
from verification.registers import in_force, loading, looking_through, matching, uploads
from verification.review.cases import open_case

REGISTERS = [
    ("demo-wbenc", "National directory of women's business enterprises", "wbenc", ""),
    ("demo-nmsdc", "National directory of minority businesses", "nmsdc", ""),
    ("demo-state", "Empire State directory of certified businesses", "state", "Empire State Development"),
]
CODES = {"minority": "MBE", "woman": "WBE", "veteran": "VBE", "disability": "DOBE", "lgbtq": "LGBTBE"}


def review(*, staff: User, random: Random, now: datetime) -> None:
    """Give the records of the demo their evidence, and staff something to review."""
    shown = Certification.objects.with_status(RolloutPolicy.in_force()).filter(unseen_because="")
    records = list(shown.select_related("profile", "type", "certificate__body").order_by("pk"))
    for key, name, body_key, agency in REGISTERS:
        body = CertifyingBody.objects.get(key=body_key)
        register = Register.objects.create(key=key, name=name, body=body, agency=agency)
        own = [record for record in records if record.certificate.body_id == body.pk]
        _load(register, own, random, (now - timedelta(days=12)).date())
    for position, record in enumerate(records):
        at = now - timedelta(days=random.randint(2, 40), minutes=random.randint(0, 600))
        match position % 5:
            case 0:
                copy = _evidence(record, Step.DOCUMENT, "Copy of the certificate, “certificate.png”", at)
                _decided(record, copy, at, staff)
            case 1:
                _attach(record, now - timedelta(days=random.randint(1, 9)))
            case 2 if record.certificate.body.key not in {"state", "other"}:
                answer = _evidence(record, Step.CERTIFIER, f"{record.body_name}, by email", at)
                _decided(record, answer, at, staff)
            case 3:
                for finding in matching.candidates(record)[:1]:
                    if finding.kind == Case.Cause.MATCH:
                        Case.objects.filter(certification=record, decided_at=None).delete()
                        _decided(record, matching.match_of(record, finding), at, staff)
    refused = Certification.objects.filter(standing=Certification.Standing.REFUSED).order_by("pk").first()
    if refused:
        _appeal(refused, staff, now)
    waiting = Case.objects.filter(decided_at=None).order_by("pk")
    for case in waiting:
        Case.objects.filter(pk=case.pk).update(opened_at=now - timedelta(hours=random.randint(3, 300)))


def _load(register: Register, records: list[Certification], random: Random, as_of: date) -> None:
    """Load a file like those that agencies publish: title lines, capitals, lost zeros, one very different name."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([["Certified Vendor Listing"], [f"Export Date: {as_of:%m/%d/%Y}"], []])
    writer.writerow(["Cert. No.", "Business Name", "DBA", "Certification", "Expiration Date"])
    for position, record in enumerate(records):
        name = record.legal_business_name.upper().replace(" AND ", " & ").replace(" LLC", ", L.L.C.")
        if position == 1:
            name = f"{name.split()[0]} PRINTING & DESIGN"
        if position == 2:
            name = "HARBOR FREIGHT MOVERS INC"
        expires = record.expires_on and f"{record.expires_on:%m/%d/%Y}"
        writer.writerow([record.number.lstrip("0"), name, "", CODES[record.type.key], expires or ""])
    for number in range(40):
        name = f"{random.choice(['Cedar', 'Alder', 'Birch', 'Rowan'])} {random.choice(['Works', 'Paving', 'Media'])}"
        writer.writerow(
            [f"9{number:05}", f"{name} {number} LLC", "", random.choice(["MBE", "WBE", "DBE"]), "12/31/2029"]
        )
    upload = ContentFile(file.getvalue().encode(), name="directory.csv")
    received = uploads.receive(register, upload, name="certified-vendors.csv", as_of=as_of)
    looking_through.look_through(received)
    looking_through.start(received, received.mapping)
    loading.load(received)
    in_force.put_in_force(received, agreed=True)
    loading.load(received)


def _evidence(record: Certification, step: Step, source: str, at: datetime) -> Evidence:
    return Evidence(step=step, source=source, evidence_on=at.date(), holds_until=record.expires_on)


def _decided(record: Certification, grounds: Evidence | RegisterMatch, at: datetime, staff: User) -> None:
    """Raise a record by a decision that staff took at a time in the past."""
    if isinstance(grounds, RegisterMatch):
        evidence, cause = grounds.evidence, Case.Cause.MATCH
        evidence.recorded_at = at
        grounds.save_for(record, by=staff)
    else:
        evidence, cause = grounds, Case.Cause.DOCUMENT
        evidence.recorded_at = at
        record.gain(evidence, by=staff)
    Case.objects.create(
        certification=record, causes=[cause], opened_at=at - timedelta(hours=30), decided_at=at, decided_by=staff,
        outcome=Case.Outcome.RAISED, step=evidence.step,
    )  # fmt: skip


def _attach(record: Certification, at: datetime) -> None:
    """Attach a drawn copy of a certificate."""
    picture = Image.new("RGB", (850, 1100), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 810, 1060), outline="#345", width=6)
    lines = ["CERTIFICATE", "", "This certifies that", record.legal_business_name, f"Number {record.number}"]
    lines.append(f"Valid until {record.expires_on:%B %d, %Y}" if record.expires_on else "Does not expire")
    for position, line in enumerate(lines):
        draw.text((120, 160 + 90 * position), line, fill="#123", font_size=40)
    output = io.BytesIO()
    picture.save(output, "PNG")
    output.seek(0)
    accepted = intake.accept(output)
    owner = record.profile.users.all()[0]
    document = Document(
        certification=record, kind=accepted.kind, name="certificate.png", size=len(accepted.content),
        sha256=accepted.sha256, uploaded_by=owner, uploaded_at=at,
    )  # fmt: skip
    document.file.save("", ContentFile(accepted.content), save=False)
    with pghistory.context(user=owner.pk):
        document.save()
    events_of(Document).filter(pgh_obj=document).update(pgh_created_at=at)
    open_case(record, Case.Cause.DOCUMENT)


def _appeal(record: Certification, staff: User, now: datetime) -> None:
    decided = record.standing_at or now - timedelta(days=3)
    decision = Case.objects.create(
        certification=record, causes=[Case.Cause.DOCUMENT], opened_at=decided - timedelta(days=2), decided_at=decided,
        decided_by=staff, outcome=Case.Outcome.REFUSED, reason=record.standing_reason, note=record.standing_note,
        answer_by=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    statement = "The certificate names our former trade name. The business and its owner are the same."
    open_case(record, Case.Cause.APPEAL, appeals=decision, statement=statement)
