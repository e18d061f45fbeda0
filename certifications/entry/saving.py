"""Saving what an owner entered and attested: new records, and changes of one; and trying what saving would do."""

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

# Called with a record that was added or changed, in the same transaction. `is_corrected`: it was changed in substance
# while it did not stand in good standing.
reported = Hook()


class Changed(Exception):
    """Someone changed the record since the person opened it, or withdrew it."""

    def __init__(self, record) -> None:
        self.record = record


class Duplicate(Exception):
    """A record like this one was saved in the meantime. `first` is that one, `form` the form it was typed in."""

    def __init__(self, form, first) -> None:
        self.form, self.first = form, first


def _attested(by) -> dict:
    return {"attestation": attestation.VERSION, "attested_by": by, "attested_at": timezone.now()}


def was_saved(profile, submission) -> bool:
    """Whether `submission` (text, as it was posted, or None) is one that was saved before."""
    try:
        return Certification.objects.filter(profile=profile, submission=UUID(submission or "")).exists()
    except ValueError:
        return False


@transaction.atomic
def add(profile, forms, *, by, plans, submission, purposes=()) -> list:
    """Save the records of valid `forms`, all or none, and return them.

    `plans`: those that the owner was shown and agreed to; `purposes`: what they agreed to beside showing. Raises
    Duplicate.
    """
    disclosures.lock(profile)
    for form in forms:
        record = form.instance
        record.submission = submission
        for name, value in _attested(by).items():
            setattr(record, name, value)
        record.agreed_plans = plans
        record.self_reported_at = record.attested_at
        if first := Certification.objects.same_as(record).first():
            raise Duplicate(form, first)  # saved by another click since the form was checked
        record.save()
        reported(record, is_corrected=False)
    disclosures.disclosed(profile, by=by)
    consents.agree_by_adding(profile, plans=plans, by=by)
    for purpose in purposes:
        consents.choose(profile, purpose, is_given=True, plans=plans, by=by)
    return [form.instance for form in forms]


def change(record, form, *, by, version) -> list:
    """Save what a valid `form` says of `record`, if it is still as it was at `version` (its `updated_at`, ISO, or None
    for any). Returns a list of that record.

    Whom the owner agreed to show it to stays as it is. A change of substance starts the record anew as self-reported,
    a refused one included; a suspended one stays suspended. Raises Changed if someone else changed it in between,
    Duplicate if it now equals another.
    """
    values = {name: form.cleaned_data[name] for name in form._meta.fields} | _attested(by)
    if form.is_material:
        values["self_reported_at"] = values["attested_at"]
    if "expires_on" in form.changed_data or "does_not_expire" in form.changed_data:
        values["renewal_filed_on"] = None  # the renewal that was declared is here
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
                # registers may list the new dates
                reported(Certification.objects.get(pk=record.pk), is_corrected=False)
    except IntegrityError as error:
        first = Certification.objects.same_as(record).exclude(pk=record.pk).first()
        if first is None:
            raise
        raise Duplicate(form, first) from error
    return [record]


def tried(save, policy):
    """The records that `save` (a call that returns them) would leave, with their status and step. Nothing is kept.

    They are saved and taken back, so that who would see them is the rule's own answer. Raises what `save` raises.
    """
    with transaction.atomic():
        keys = [record.pk for record in save()]
        saved = Certification.objects.filter(pk__in=keys).with_status(policy).with_step().for_display()
        records = list(saved.select_related("profile"))
        transaction.set_rollback(True)
    return records


def _look_again(record) -> None:
    """A change of substance: a record that was not accepted stands again, and staff look at it again."""
    saved = Certification.objects.get(pk=record.pk)
    reported(saved, is_corrected=saved.standing != Certification.Standing.GOOD)
    Certification.objects.filter(pk=record.pk, standing=Certification.Standing.REFUSED).update(
        standing=Certification.Standing.GOOD, standing_reason="", standing_note=""
    )
