"""Saving what an owner entered and attested: new records and changes to one. Also, trying out a save."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from certifications import disclosures
from certifications.entry import attestation
from certifications.models import Certification
from certifications.sharing import consents
from common.hooks import Hook
from profiles.models import Profile, User
from rollout.models import RolloutPolicy

if TYPE_CHECKING:
    from certifications.entry.forms import DatesForm

# Called with a record that was added or changed, in the same transaction. `is_corrected`: it was changed in substance
# while it was suspended or not accepted.
reported = Hook()


class Changed(Exception):
    """Someone else has changed or withdrawn the record since the person opened it."""

    def __init__(self, record: Certification) -> None:
        self.record = record


class Duplicate(Exception):
    """The record typed into `form` equals `first`, which was saved in the meantime."""

    def __init__(self, form: Any, first: Certification) -> None:
        self.form, self.first = form, first


class RecordForm(Protocol):
    """A valid form of one new record."""

    instance: Certification


def _attested(by: User) -> dict[str, Any]:
    return {"attestation": attestation.VERSION, "attested_by": by, "attested_at": timezone.now()}


def saved_before(profile: Profile, submission: str | None) -> list[Certification]:
    """Return the records that were saved by `submission`, as it was posted: those of an earlier click."""
    try:
        return list(Certification.objects.filter(profile=profile, submission=UUID(submission or "")))
    except ValueError:
        return []


@transaction.atomic
def add(
    profile: Profile,
    forms: Sequence[RecordForm],
    *,
    by: User,
    plans: Sequence[str],
    submission: UUID,
    audience: str = Certification.Audience.ELIGIBLE,
    purposes: Iterable[str] = (),
) -> list[Certification]:
    """Save the records of valid `forms`, all or none, and return them. Raises Duplicate.

    The owner was shown `plans` and agreed to them, and chose who of these can see it (`audience`). `purposes` are what
    they agreed to besides showing.
    """
    disclosures.lock(profile)
    for form in forms:
        record = form.instance
        record.submission = submission
        for name, value in _attested(by).items():
            setattr(record, name, value)
        record.agreed_plans = plans
        record.audience = audience
        record.self_reported_at = record.attested_at
        if first := Certification.objects.same_as(record).first():
            raise Duplicate(form, first)  # another click has saved it since the form was checked
        record.save()
        reported(record, is_corrected=False)
    disclosures.disclosed(profile, by=by)
    consents.agree_by_adding(profile, plans=plans, by=by)
    for purpose in purposes:
        consents.choose(profile, purpose, is_given=True, plans=plans, by=by)
    return [form.instance for form in forms]


def change(record: Certification, form: "DatesForm", *, by: User, version: str | None) -> list[Certification]:
    """Save the changes of a valid `form` to `record`, and return it in a list.

    `version` is the `updated_at` that the form was opened with (ISO format), or None for any. The plans that the
    owner agreed to stay. A change of substance makes the record self-reported again. A refused record then stands
    again, a suspended one stays suspended. Raises Changed if someone else changed it since, Duplicate if it now equals
    another.
    """
    values = {name: form.cleaned_data[name] for name in form._meta.fields or ()} | _attested(by)
    values["details_changed_at"] = values["attested_at"]
    if form.is_material:
        values["self_reported_at"] = values["attested_at"]
    if "expires_on" in form.changed_data or "does_not_expire" in form.changed_data:
        values["renewal_filed_on"] = None  # the declared renewal has arrived
    unchanged = Q(pk=record.pk, withdrawn_at=None)
    if version is not None:
        unchanged &= Q(updated_at=parse_datetime(version) if version else None)
    try:
        with transaction.atomic():
            changed = Certification.objects.filter(unchanged).update(updated_at=timezone.now(), **values)
            if not changed:
                raise Changed(record)
            if form.is_material:
                _look_again(record)
            elif form.changed_data:
                # Registers may list the new dates.
                reported(Certification.objects.get(pk=record.pk), is_corrected=False)
    except IntegrityError as error:
        first = Certification.objects.same_as(record).exclude(pk=record.pk).first()
        if first is None:
            raise
        raise Duplicate(form, first) from error
    return [record]


def tried(save: Callable[[], Iterable[Certification]], policy: RolloutPolicy) -> list[Certification]:
    """Return the records that `save` would leave, with their status and step. Nothing is kept.

    They are saved and rolled back, so that the rule itself says who would see them. Raises what `save` raises.
    """
    with transaction.atomic():
        keys = [record.pk for record in save()]
        saved = Certification.objects.filter(pk__in=keys).with_status(policy).with_step().for_display()
        records = list(saved.select_related("profile"))
        transaction.set_rollback(True)
    return records


def _look_again(record: Certification) -> None:
    """After a change of substance, let staff check the record again. A refused one stands again."""
    saved = Certification.objects.get(pk=record.pk)
    reported(saved, is_corrected=saved.standing != Certification.Standing.GOOD)
    Certification.objects.filter(pk=record.pk, standing=Certification.Standing.REFUSED).update(
        standing=Certification.Standing.GOOD, standing_reason="", standing_note=""
    )
