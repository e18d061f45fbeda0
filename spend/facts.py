"""What the database knows of the certifications that a client may count, with the times at which it learned it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from certifications.models import Certificate, Certification, CertificationType, Consent, Evidence
from certifications.sharing import consents
from certifications.sharing.viewers import place_of
from common.history import events_of
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from spend.holdings import Named, Proof, RecordFacts, Statement, Suspension

# The ends of evidence that say it was wrong from the start. After any other end, it stands for the time before.
VOID = frozenset({Evidence.Ending.WITHDRAWN, Evidence.Ending.FILE_WITHDRAWN})


def countable(client: Client, policy: RolloutPolicy) -> QuerySet[Certification]:
    """Return the records that `client` may count. There is no other way to a record for a report.

    The rule shows them to the client now, their dates aside, and their owner now agrees to be counted by clients on its
    plan, by a text that says what the client sees. Both are permissions, not facts, so no cut-off applies to them: what
    an owner hides or takes back is in no report made later, about whatever time.
    """
    return countable_by(Viewer.member_of(place_of(client)), policy)


def countable_by(viewer: Viewer, policy: RolloutPolicy) -> QuerySet[Certification]:
    """Return the records that the client may count for which `viewer` acts."""
    if viewer.client is None:
        return Certification.objects.none()
    agreed = Consent.objects.filter(
        profile=OuterRef("profile"),
        purpose=Consent.Purpose.COUNT,
        is_given=True,
        plans__contains=[viewer.client.plan],
        version__in=consents.versions_since(Consent.Purpose.COUNT, consents.COUNTED_BY_PAYMENT),
    )
    return Certification.objects.visible_to(viewer, policy, also_expired=True).filter(Exists(agreed))


class Catalogue(NamedTuple):
    """The rows of the catalogue that records name, by key: certificates with their bodies, and the keys of types."""

    certificates: Mapping[int, Certificate]
    types: Mapping[int, str]

    @classmethod
    def read(cls) -> "Catalogue":
        certificates = Certificate.objects.select_related("body").in_bulk()
        return cls(certificates, dict(CertificationType.objects.values_list("pk", "key")))


def facts(records: QuerySet[Certification]) -> dict[int, list[RecordFacts]]:
    """Return what is known of `records`, by the key of their profile. Five queries, whatever their number."""
    found = list(records.select_related("profile"))
    keys = [record.pk for record in found]
    catalogue = Catalogue.read()
    events = defaultdict(list)
    for event in events_of(Certification).filter(pgh_obj_id__in=keys).order_by("pgh_id"):
        events[event.pgh_obj_id].append(event)
    proofs = defaultdict(list)
    for evidence in Evidence.objects.filter(certification__in=keys).order_by("pk"):
        proofs[evidence.certification_id].append(_proof(evidence))
    by_profile = defaultdict(list)
    for record in found:
        # A record that was loaded in bulk has no history, and has said only what it says now.
        versions = [event for event in events[record.pk] if _is_in(catalogue, event)] or [record]
        known = RecordFacts(
            tuple(_statements(record, versions, catalogue)),
            tuple(proofs[record.pk]),
            tuple(_suspensions(versions)),
        )
        by_profile[record.profile_id].append(known)
    return dict(by_profile)


def _is_in(catalogue: Catalogue, version: Any) -> bool:
    return version.certificate_id in catalogue.certificates and version.type_id in catalogue.types


def _proof(evidence: Evidence) -> Proof:
    return Proof(
        evidence.recorded_at,
        evidence.reported_at,
        evidence.certified_until,
        evidence.evidence_on,
        evidence.step,
        evidence.holds_until,
        evidence.ended_at,
        evidence.ended_because in VOID,
    )


def _statements(record: Certification, versions: Iterable[Any], catalogue: Catalogue) -> list[Statement]:
    """Return what a record said, from its history. `versions` are its events, oldest first.

    A report is known from the moment that it names itself, a change of dates alone from the moment it was saved. A
    renewal that was filed is the application for the term that follows.
    """
    said: list[Statement] = []
    before: tuple[Any, ...] = ()
    applied_on = None
    for version in versions:
        substance = (
            version.self_reported_at,
            version.certificate_id,
            version.type_id,
            version.issued_on,
            version.expires_on,
        )
        if substance != before:
            is_new_report = not before or before[0] != version.self_reported_at
            known_at = version.self_reported_at if is_new_report else version.pgh_created_at
            body = catalogue.certificates[version.certificate_id].body
            said.append(
                Statement(
                    known_at,
                    version.self_reported_at,
                    catalogue.types[version.type_id],
                    body.key,
                    body.kind,
                    version.issued_on,
                    version.expires_on,
                    record.profile.day_of(known_at),
                    applied_on,
                    _named(record, version, catalogue),
                )
            )
            before, applied_on = substance, None
        applied_on = version.renewal_filed_on or applied_on
    return said


def _named(record: Certification, version: Any, catalogue: Catalogue) -> Named:
    certificate = catalogue.certificates[version.certificate_id]
    return Named(
        record.pk,
        version.other_name or certificate.label,
        version.other_body or certificate.body.name,
        version.number,
        version.legal_business_name,
    )


def _suspensions(versions: Iterable[Any]) -> list[Suspension]:
    """Return the times during which staff had suspended or refused a record."""
    found: list[Suspension] = []
    for version in versions:
        is_open = bool(found) and found[-1].ended_at is None
        is_good = version.standing == Certification.Standing.GOOD
        if not is_good and not is_open:
            found.append(Suspension(version.pgh_created_at, None))
        elif is_good and is_open:
            found[-1] = found[-1]._replace(ended_at=version.pgh_created_at)
    return found
