"""The demo's certifications: one in every state a record can be in, with the history that led there."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

import pghistory
import pgtrigger
from django.apps import apps

from certifications.entry import attestation
from certifications.models import Certificate, Certification, Consent, Disclosure, Evidence, StaffRead, Step
from certifications.sharing import consents
from profiles.models import Client, Profile, User
from rollout.models import RolloutPolicy

STATES = (
    "listed",
    "renewed",
    "expiring",
    "does_not_expire",
    "older_consent",  # its owner agreed to Enterprise clients only
    "hidden",
    "suspended",
    "refused",
    "expired",
    "withdrawn",
    "in_renewal",
    "enterprise_only",
    "kept",
    "late",  # added long after it was issued
)
ENDED_A_TERM = {"renewed", "expired"}
DAYS_A_MONTH = 365.25 / 12
UEI_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ123456789"


class Change(NamedTuple):
    """A change of a record after it was added."""

    at: datetime
    by: User
    values: dict[str, Any]


class Teller:
    """Makes records. Whatever is not given is drawn from `random`, with dates counted back from `now`."""

    def __init__(self, *, staff: User, random: Random, now: datetime) -> None:
        self.staff, self.random, self.now = staff, random, now
        self.audience = RolloutPolicy.in_force().audience
        self.certificates = {row.key: row for row in Certificate.objects.select_related("body", "type")}

    def add(
        self,
        profile: Profile,
        owner: User,
        legal: str,
        key: str,
        state: str,
        other_body: str = "",
        number: str = "",
        other_name: str = "",
    ) -> Certification:
        """Save a record of `profile` with the history that led to `state`, and return it."""
        certificate = self.certificates[key]
        issued, expires = self._dates(certificate, state)
        attested_at = self._moment(issued + timedelta(days=self.random.randint(2, 16)))
        if state == "late":
            attested_at = max(attested_at, self.now - timedelta(days=41))
        first = {"issued_on": issued, "expires_on": expires, "does_not_expire": expires is None}
        steps = self._steps(state, attested_at, owner)
        if state == "renewed" and expires:
            first |= {"issued_on": issued - (expires - issued), "expires_on": issued}
            renewal = {"issued_on": issued, "expires_on": expires, "attested_at": attested_at}
            steps.append(Change(attested_at, owner, renewal))
            attested_at -= timedelta(days=(expires - issued).days)
        record = Certification(
            profile=profile,
            type=certificate.type,
            certificate=certificate,
            other_body=other_body,
            other_name=other_name,
            legal_business_name=legal,
            number=number or self._number(key),
            attestation=attestation.VERSION,
            attested_by=owner,
            attested_at=attested_at,
            self_reported_at=attested_at,
            agreed_plans=[Client.Plan.ENTERPRISE] if state == "older_consent" else self.audience,
            submission=uuid.UUID(int=self.random.getrandbits(128), version=4),
            **first,
        )
        with pghistory.context(user=owner.pk, url=profile.get_absolute_url()):
            record.save()
        if state in ENDED_A_TERM:
            self._check_document(record)
        for step in steps:
            with pghistory.context(user=step.by.pk, url=profile.get_absolute_url()):
                Certification.objects.filter(pk=record.pk).update(**step.values)
            if step.by == self.staff:
                page = profile.get_absolute_url()
                StaffRead.objects.create(certification=record, staff=step.by, page=page, read_at=step.at)
        self._backdate(record, [attested_at, *(step.at for step in steps)])
        record.refresh_from_db()
        return record

    def _dates(self, certificate: Certificate, state: str) -> tuple[date, date | None]:
        """Return (issued on, expires on or None), such that the state is true today."""
        today = self.now.date()
        term = timedelta(days=round((certificate.term_months or 12) * DAYS_A_MONTH))
        if state == "does_not_expire":
            return today - timedelta(days=self.random.randint(200, 900)), None
        if state == "expiring":
            expires = today + timedelta(days=self.random.randint(10, 40))
        elif state == "in_renewal":
            expires = today - timedelta(days=self.random.randint(5, 40))
        elif state == "expired":
            ended = certificate.valid_to or certificate.body.valid_to
            last = min(today, ended + term) if ended else today
            expires = last - timedelta(days=self.random.randint(20, 120))
        else:
            expires = today + term - timedelta(days=self.random.randint(20, int(term.days * 0.7)))
        return expires - term, expires

    def _steps(self, state: str, attested_at: datetime, owner: User) -> list[Change]:
        at = attested_at + (self.now - attested_at) * self.random.uniform(0.5, 0.9)
        match state:
            case "in_renewal":
                return [Change(at, owner, {"renewal_filed_on": at.date()})]
            case "enterprise_only":
                return [Change(at, owner, {"audience": Certification.Audience.ENTERPRISE})]
            case "kept":
                return [Change(at, owner, {"audience": Certification.Audience.NOBODY})]
            case "hidden":
                return [Change(at, owner, {"hidden_at": at})]
            case "withdrawn":
                return [Change(at, owner, {"withdrawn_at": at})]
            case "suspended":
                reason = Certification.Reason.UNDER_CHECK
                note = "We are checking this with the certifying body and will write to you within ten working days."
                return [self._decision(at, Certification.Standing.SUSPENDED, reason, note)]
            case "refused":
                reason = Certification.Reason.MISMATCH
                note = "The certificate with this number names another business. Please check the number."
                return [self._decision(at, Certification.Standing.REFUSED, reason, note)]
        return []

    def _check_document(self, record: Certification) -> None:
        """Add evidence that staff saw the certificate of the term that has ended since."""
        checked_at = record.attested_at + timedelta(days=3)
        evidence = Evidence(
            step=Step.DOCUMENT, source="Copy of the certificate", evidence_on=checked_at.date(), recorded_at=checked_at
        )
        record.gain(evidence, by=self.staff)

    def _decision(self, at: datetime, standing: str, reason: str, note: str) -> Change:
        values = {
            "standing": standing,
            "standing_reason": reason,
            "standing_note": note,
            "standing_at": at,
            "standing_by": self.staff,
        }
        return Change(at, self.staff, values)

    def _number(self, key: str) -> str:
        """Return a number that looks like the body's own."""
        digits = self.random.randint(100_000, 9_999_999)
        match key.split("-")[0]:
            case "sba":
                return "".join(self.random.choices(UEI_CHARACTERS, k=12))
            case "nmsdc":
                return f"{self.random.choice(['SW', 'CA', 'GA', 'NY', 'VA'])}{digits:07}"
            case "wbenc" | "nwboc":
                return f"WBE{digits:07}"
            case "va":
                return f"VIP-{digits}"
        return f"{digits:07}"

    def _moment(self, day: date) -> datetime:
        """Return a past time in the day's working hours."""
        hours = time(self.random.randint(14, 22), self.random.randint(0, 59), tzinfo=UTC)
        return min(datetime.combine(day, hours), self.now - timedelta(hours=1))

    @staticmethod
    def _backdate(record: Certification, moments: Sequence[datetime]) -> None:
        """Date the record and its history as if its steps had happened at `moments`."""
        with pgtrigger.ignore():
            Certification.objects.filter(pk=record.pk).update(
                created_at=moments[0], updated_at=moments[-1], details_changed_at=moments[-1]
            )
        events = apps.get_model("certifications.CertificationEvent").objects.filter(pgh_obj=record).order_by("pgh_id")
        for event, moment in zip(events, moments, strict=True):
            event.pgh_created_at = event.updated_at = moment
            event.created_at = moments[0]
            event.save(update_fields=["pgh_created_at", "created_at", "updated_at"])


def agree(profile: Profile, plans: list[str], purposes: Sequence[str], *, by: User, at: datetime) -> None:
    """Record that saving the first certification agreed to show it, and its owner to `purposes`, as of `at`."""
    with pghistory.context(user=by.pk, url=profile.get_absolute_url()):
        consents.agree_by_adding(profile, plans=plans, by=by)
        for purpose in purposes:
            consents.choose(profile, purpose, is_given=True, plans=plans, by=by)
    Consent.objects.filter(profile=profile).update(decided_at=at)
    apps.get_model("certifications.ConsentEvent").objects.filter(profile=profile).update(
        pgh_created_at=at, decided_at=at
    )


def answer(profile: Profile, value: str, *, by: User, at: datetime) -> None:
    """Record the profile's answer to the question, as of `at`."""
    with pghistory.context(user=by.pk, url=profile.get_absolute_url()):
        disclosure = Disclosure.objects.create(profile=profile, answer=value, answered_by=by, answered_at=at)
    apps.get_model("certifications.DisclosureEvent").objects.filter(pgh_obj=disclosure).update(pgh_created_at=at)
