"""The evidence letter about one business: what was known of its certificates on a past day, and what is known now."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from certifications.models import Certification, Evidence, Step
from common.history import events_of
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from spend.facts import countable, facts
from spend.holdings import Holding, RecordFacts, holdings
from spend.report import after
from spend.rules import Rules

# A letter is about what was known. What a client accepts is a matter of its reports.
ANY = Rules(self_reported=True)


class Known(NamedTuple):
    """What was known at some moment of a certificate that was valid on the day of the letter.

    `source` and `checked_on` are those of the evidence; without any, the business reported it itself.
    """

    legal_name: str
    number: str
    issued_on: date | None
    expires_on: date | None
    level: Step
    source: str
    checked_on: date | None


class Certified(NamedTuple):
    """One certificate: what was known at the end of the day of the letter, and what is known now about that day.

    None where no valid certificate was known.
    """

    type: str
    label: str
    body: str
    then: Known | None
    now: Known | None


def about(profiles: Iterable[int], client: Client, policy: RolloutPolicy) -> set[int]:
    """Return those of `profiles` about which there is a letter: the client may count something of them. One query."""
    return set(countable(client, policy).filter(profile__in=profiles).values_list("profile", flat=True))


def letter(
    profile: Profile, on: date, *, client: Client, viewer: Viewer, policy: RolloutPolicy, now: datetime
) -> list[Certified] | None:
    """Return the certificates of `profile` that were valid on a day, as far as the client may count them now.

    None if it may count none, whatever the day. The number of queries does not depend on what is found.
    """
    shown = Certification.objects.visible_to(viewer.as_member(), policy, also_expired=True)
    may = countable(client, policy).filter(profile=profile, pk__in=shown.filter(profile=profile).values("pk"))
    records = list(may.select_related("type", "certificate__body", "profile").order_by("type__position", "pk"))
    if not records:
        return None
    keys = [record.pk for record in records]
    known = facts(Certification.objects.filter(pk__in=keys).order_by("type__position", "pk"))[profile.pk]
    events = list(events_of(Certification).filter(pgh_obj_id__in=keys).order_by("pgh_id"))
    evidence = list(Evidence.objects.filter(certification__in=keys).best_first())
    found = []
    for record, about in zip(records, known, strict=True):
        versions = [event for event in events if event.pgh_obj_id == record.pk] or [record]
        proofs = [row for row in evidence if row.certification_id == record.pk]
        then, today = (_known(about, versions, proofs, on, cutoff) for cutoff in (min(after(on), now), now))
        if then or today:
            found.append(Certified(record.type.name, record.label, record.body_name, then, today))
    return found


def _known(about: RecordFacts, versions: list[Any], proofs: list[Evidence], on: date, cutoff: datetime) -> Known | None:
    """Return what was known before `cutoff` of the certificate that was valid on a day, or None."""
    valid = [holding for holding in holdings([about], cutoff) if holding.against(on, ANY) is None]
    if not valid:
        return None
    holding = valid[-1]
    said = _said(versions, holding, cutoff)
    level = holding.step_on(on)
    proof = next((row for row in proofs if row.step == level and _is_of(row, holding, cutoff)), None)
    return Known(
        said.legal_business_name,
        said.number,
        said.issued_on,
        holding.ends_on,
        Step(level),
        proof.source if proof else "",
        proof.evidence_on if proof else None,
    )


def _said(versions: list[Any], holding: Holding, cutoff: datetime) -> Any:
    """Return the newest version of the record that states this term and was known before `cutoff`."""
    known = [row for row in versions if getattr(row, "pgh_created_at", row.self_reported_at) < cutoff]
    return next((row for row in reversed(known) if row.expires_on == holding.ends_on), versions[-1])


def _is_of(row: Evidence, holding: Holding, cutoff: datetime) -> bool:
    """Return True if this is the row of one of the proofs of the term, as they were known before `cutoff`."""
    return row.recorded_at < cutoff and any(
        (row.recorded_at, row.reported_at, row.certified_until, row.step)
        == (proof.known_at, proof.reported_at, proof.certified_until, proof.step)
        for proof in holding.proofs
    )
