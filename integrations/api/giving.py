"""Certifications as the API gives them: what the rule allows, under the client's own keys, noted for their owners."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any, NamedTuple

from django.db import connection
from django.db.models import Case, DateTimeField, F, FilteredRelation, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from ninja import Schema
from pydantic import Field

from certifications.models import Certification, ClientView, Evidence
from certifications.models.local_days import end_of, local_today
from certifications.models.record_queries import CertificationQuerySet
from certifications.sharing import seen_by
from common.mail.letters import absolute
from integrations.api.auth import Caller
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy

# Later than any change: where what a client was not given yet stands in the order of changes.
NEW = datetime(9999, 1, 1, tzinfo=UTC)


class Choice(Schema):
    """One of some values: a code for programs, which stays, and its words for people, which may change."""

    code: Annotated[str, Field(examples=["woman"])]
    label: Annotated[str, Field(examples=["Woman-owned"])]


class ProfileOut(Schema):
    """The profile of a freelancer or an agency."""

    kind: Annotated[Choice, Field(examples=[{"code": "freelancer", "label": "Freelancer"}])]
    slug: Annotated[str, Field(examples=["renee-diaz"])]
    name: Annotated[str, Field(examples=["Renée Diaz"])]
    url: Annotated[str, Field(examples=[absolute("/freelancers/renee-diaz/")])]

    @classmethod
    def of(cls, profile: Profile) -> "ProfileOut":
        kind = Choice(code=profile.kind, label=profile.get_kind_display())
        return cls(kind=kind, slug=profile.slug, name=profile.name, url=absolute(profile.get_absolute_url()))


class Verification(Schema):
    """How it is known, and since when."""

    level: Annotated[Choice, Field(examples=[{"code": "document", "label": "Document checked"}])]
    since: date


class CertificationOut(Schema):
    """A certification that your organization may be shown now."""

    id: Annotated[uuid.UUID, Field(description="Stays the same. Other organizations have another one for it.")]
    profile: ProfileOut
    type: Choice
    certificate: Annotated[
        Choice, Field(examples=[{"code": "wbenc-wbe", "label": "WBE · Women's Business Enterprise"}])
    ]
    certifier: Annotated[
        Choice, Field(examples=[{"code": "wbenc", "label": "Women's Business Enterprise National Council"}])
    ]
    legal_business_name: Annotated[str, Field(examples=["Diaz Bookkeeping LLC"])]
    number: Annotated[str, Field(examples=["WBE2100456"])]
    issued_on: date | None
    expires_on: Annotated[date | None, Field(description="The last day, or null if it does not expire.")]
    renewal_filed_on: date | None
    verification: Verification
    changed_at: Annotated[datetime, Field(description="When it last changed, or became visible to your organization.")]


def records_for(caller: Caller) -> CertificationQuerySet:
    """Return what `records_of` does for the caller."""
    return records_of(caller.viewer, caller.policy)


def records_of(viewer: Viewer, policy: RolloutPolicy) -> CertificationQuerySet:
    """Return the certifications that may leave the site for the viewer's client, each with `key` and `changed`.

    They are those that it could have in a file. `key` is None for what the client does not have, and `changed` is NEW
    then.
    """
    records = Certification.objects.findable_by(viewer, policy)
    # The days on which evidence lapses, which are its owner's, change the level of a record as well.
    lapsed = Case(When(holds_until__lt=local_today(OuterRef), then=end_of(F("holds_until"), OuterRef)))
    latest = Max(Greatest("recorded_at", Coalesce("ended_at", "recorded_at"), Coalesce(lapsed, "recorded_at")))
    evidence = Evidence.objects.filter(certification=OuterRef("pk")).order_by().values("certification")
    has = Q(given__client=viewer.acts_for.pk, given__gone_at=None)
    return records.alias(had=FilteredRelation("given", condition=has)).annotate(
        key=F("had__key"),
        changed=Greatest(
            "details_changed_at",
            "profile__updated_at",  # its name, its address, and what filters look at
            Coalesce(Subquery(evidence.annotate(latest=latest).values("latest")), "details_changed_at"),
            Coalesce("had__given_at", Value(NEW, DateTimeField())),
        ),
    )


def shown(records: CertificationQuerySet) -> CertificationQuerySet:
    """Return records with what the API shows of them."""
    return records.with_step().select_related("type", "certificate__body", "profile")


def give(caller: Caller, records: Iterable[Any]) -> list[CertificationOut]:
    """Return certifications of `records_for` as the API gives them, and note that the client has them now.

    They come from `shown`. At most two statements, however many there are.
    """
    found = list(records)
    held = {record.pk: Held(record.key, record.changed) for record in found if record.key}
    if new := [record.pk for record in found if not record.key]:
        held |= _note_given(caller, new)
    given = [record for record in found if record.pk in held]  # all but what was erased just now
    if given:
        profiles = {record.profile_id for record in given}
        seen_by.note_many(profiles, caller.viewer, surface=ClientView.Surface.API, filters={})
    return [_out(record, held[record.pk]) for record in given]


class Held(NamedTuple):
    """What a client's system holds a record by: its key, and when it last changed for that client."""

    key: uuid.UUID
    changed_at: datetime


NOTE = """
INSERT INTO integrations_given AS given (client_id, certification_id, key, given_at)
SELECT %(client)s, id, gen_random_uuid(), clock_timestamp() FROM (
    SELECT id FROM certifications_certification WHERE id = ANY(%(records)s) ORDER BY id FOR KEY SHARE
) AS record
ON CONFLICT (client_id, certification_id) DO UPDATE
SET gone_at = NULL,
    given_at = CASE WHEN given.gone_at IS NULL THEN given.given_at ELSE clock_timestamp() END,
    is_told_gone = given.is_told_gone AND given.gone_at IS NULL
RETURNING certification_id, key, given_at
"""


def _note_given(caller: Caller, records: list[int]) -> dict[int, Held]:
    """Note that the client has these records from now on. Return what it holds them by. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"client": caller.client_pk, "records": records})
        return {record: Held(key, given_at) for record, key, given_at in cursor.fetchall()}


def _out(record: Any, held: Held) -> CertificationOut:
    body = record.certificate.body
    return CertificationOut(
        id=held.key,
        profile=ProfileOut.of(record.profile),
        type=Choice(code=record.type.key, label=record.type.name),
        certificate=Choice(code=record.certificate.key, label=record.label),
        certifier=Choice(code=body.key, label=record.body_name),
        legal_business_name=record.legal_business_name,
        number=record.number,
        issued_on=record.issued_on,
        expires_on=record.expires_on,
        renewal_filed_on=record.renewal_filed_on,
        verification=Verification(
            level=Choice(code=record.level.name.lower(), label=record.level.label), since=record.known_on
        ),
        changed_at=held.changed_at,
    )
