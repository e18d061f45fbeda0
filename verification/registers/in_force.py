"""Puts files of registers in force, and takes them back."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from profiles.models import User
from verification.models import Register, RegisterEntry, RegisterFile
from verification.registers import comparing, matching, tasks
from verification.registers.loading import refuse_outdated
from verification.registers.storing import remove_entries
from verification.registers.uploads import discard_upload, move

KEPT_FOR = timedelta(days=90)  # the rows of a replaced file; those of the file before the current one stay longer


class Changed(Exception):
    """The comparison is outdated. The file has to be compared again."""


class NeedsYes(Exception):
    """Putting the file in force has costs that no one agreed to. `args`: sentences about them."""


def put_in_force(file: RegisterFile, *, by: User | None = None, agreed: bool = False) -> None:
    """Put a stored file in force, and end the evidence whose entries it no longer lists.

    `agreed`: whether someone agreed to `comparing.reservations`. Raises NeedsYes, Changed, Outdated, and
    RegisterFile.NotPossible.
    """
    states = RegisterFile.State
    with transaction.atomic():
        file, old = _held(file)
        if file.state != states.STORED:
            raise RegisterFile.NotPossible(file)
        refuse_outdated(file, old)
        lost = set(matching.holding_now(matching.unlisted(file)).values_list("certification", flat=True))
        if file.comparison["against"] != (old and old.pk) or len(lost) > file.comparison["lost"]:
            raise Changed(file)
        reservations = comparing.reservations(file.comparison)
        if reservations and not agreed:
            raise NeedsYes(*reservations)
        now = timezone.now()
        vanished = file.comparison["gone"]
        move(
            file,
            states.LOADED,
            only_from=[states.STORED],
            rows_vanished=vanished,
            before=old,
            loaded_at=now,
            loaded_by=by,
        )
        Register.objects.filter(pk=file.register_id).update(current=file)
        if old:
            move(old, states.REPLACED, only_from=[states.LOADED])
        matching.end_vanished(file)
    if old:
        discard_upload(old)


def _held(file: RegisterFile) -> tuple[RegisterFile, RegisterFile | None]:
    """Return the file and the file in force (or None), read again and locked until the transaction ends."""
    register = Register.objects.select_for_update(of=("self",), no_key=True).get(pk=file.register_id)
    file = RegisterFile.objects.select_related("register", "before__register").get(pk=file.pk)
    return file, register.current


def compare_again(file: RegisterFile) -> None:
    """Have a stored file compared again with the file in force. Raises RegisterFile.NotPossible."""
    states = RegisterFile.State
    move(file, states.LOADING, only_from=[states.STORED], share_read=0)


def correct(file: RegisterFile) -> None:
    """Go back from a stored file to confirming its columns. Raises RegisterFile.NotPossible."""
    states = RegisterFile.State
    move(file, states.READY, only_from=[states.STORED])


def discard(file: RegisterFile) -> None:
    """Discard a stored file. Raises RegisterFile.NotPossible."""
    states = RegisterFile.State
    move(file, states.DISCARDED, only_from=[states.STORED])
    discard_upload(file)


def can_be_taken_back(file: RegisterFile) -> bool:
    """Return whether `file` is in force and the rows of the file before, if any, are still there."""
    if file.register.current_id != file.pk or file.state != RegisterFile.State.LOADED:
        return False
    return file.before is None or not file.before.rows_stored or file.before.entries.exists()


def take_back(file: RegisterFile, *, by: User | None = None) -> RegisterFile | None:
    """Put the file before `file` in force again, with its evidence, as if `file` had never come. Return it.

    Raises RegisterFile.NotPossible if it is not in force any more, or the rows of the file before are gone.
    """

    states = RegisterFile.State
    with transaction.atomic():
        file, _ = _held(file)
        if not can_be_taken_back(file):
            raise RegisterFile.NotPossible(file)
        now, before = timezone.now(), file.before
        move(file, states.TAKEN_BACK, only_from=[states.LOADED], taken_back_at=now, taken_back_by=by)
        Register.objects.filter(pk=file.register_id).update(current=before)
        if before:
            move(before, states.LOADED, only_from=[states.REPLACED], matched_at=None)
        for record in matching.take_back(file):
            transaction.on_commit(partial(tasks.match_record.enqueue, record))
    discard_upload(file)
    return before


def remove_old() -> int:
    """Delete the rows of files that cannot come into force again. Return the number of files."""
    states = RegisterFile.State
    before_current = RegisterFile.objects.filter(current_of__isnull=False, before__isnull=False).values("before")
    replaced = Q(state=states.REPLACED, changed_at__lt=timezone.now() - KEPT_FOR) & ~Q(pk__in=before_current)
    over = RegisterFile.objects.filter(replaced | Q(state__in=[states.TAKEN_BACK, states.DISCARDED]))
    removed = 0
    for file in over.filter(Exists(RegisterEntry.objects.filter(file=OuterRef("pk")))):
        remove_entries(file)
        removed += 1
    return removed
