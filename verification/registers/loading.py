"""Loading a register's file whose columns staff confirmed: its rows are stored in batches and compared.

Rows of a file are looked at only once their register names it as its current one, so that a load that breaks or is
killed in the middle shows nothing, and is simply done again. `in_force` puts it in force.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from common.days import day
from verification.models import RegisterFile
from verification.registers import comparing, lookup, matching
from verification.registers.reading import BrokenFile
from verification.registers.storing import COUNT_COMMON_WORDS, remove_entries, store
from verification.registers.uploads import NOT_ITS_FAULT, discard_upload, fail, local_copy, move

LOCKS = 0x52656769  # the first half of the advisory lock that a load holds on its register


class Unchanged(Exception):
    """The same file, of the same day and read the same way, is in force already."""


class Outdated(Exception):
    """A newer state of the register is in force."""


def load(file: RegisterFile) -> None:
    """Store the rows of a file in state LOADING and compare them; match what was reported against a file in force.

    A second load of it at the same time does nothing. One that was broken off is done again from where it is safe.
    """
    with only_loader(file.register_id) as is_mine:
        file.refresh_from_db()
        if not is_mine:
            return
        if file.state == RegisterFile.State.LOADING and not _load(file):
            return
        if file.is_unmatched:
            matching.match_all(file)
            RegisterFile.objects.filter(pk=file.pk).update(matched_at=timezone.now())


def _load(file: RegisterFile) -> bool:
    """Store a file's rows and compare them with those in force. Returns whether; if not, the file says why."""
    try:
        _refuse_unchanged_and_outdated(file)
        remove_entries(file)  # of a load that was broken off
        with local_copy(file) as path:
            untyped, surveyed = store(file, path)
    except Unchanged:
        _drop(file)
        return False
    except Outdated as outdated:
        fail(file, outdated)
        return False
    except BrokenFile as broken:
        remove_entries(file)
        fail(file, broken)
        return False
    except Exception:
        remove_entries(file)
        fail(file, NOT_ITS_FAULT)
        raise
    with connection.cursor() as cursor:
        cursor.execute(COUNT_COMMON_WORDS, [file.pk, lookup.COMMON_FROM])
        cursor.execute("ANALYZE verification_registerentry")
    file.refresh_from_db()
    states = RegisterFile.State
    comparison = comparing.compare(file, untyped=untyped, survey=surveyed)
    move(file, states.STORED, only_from=[states.LOADING], comparison=comparison)
    return True


@contextmanager
def only_loader(register_pk: int) -> Iterator[bool]:
    """Whether this process is now the only one that loads a file of the register. Let go of even if it is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, register_pk])
        [is_mine] = cursor.fetchone()
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, register_pk])


def _refuse_unchanged_and_outdated(file: RegisterFile) -> None:
    """Raises Unchanged or Outdated, where loading `file` would change nothing or go back."""
    current = file.register.current
    if current is None or current.pk == file.pk:
        return
    if (current.sha256, current.mapping, current.as_of) == (file.sha256, file.mapping, file.as_of):
        raise Unchanged
    refuse_outdated(file, current)


def refuse_outdated(file: RegisterFile, current: RegisterFile | None) -> None:
    if current and file.as_of < current.as_of:
        raise Outdated(newer_in_force(current))


def newer_in_force(current: RegisterFile) -> str:
    """Why a file of an earlier day than the `current` one does not come in force."""
    return f"A newer state of this register is in force already: {day(current.as_of)}."


def _drop(file: RegisterFile) -> None:
    """The same file once more: nothing changes, and nothing is kept of it but that it came."""
    current = file.register.current
    counts = {name: getattr(current, name) for name in ("rows_read", "rows_stored", "rows_skipped")}
    states = RegisterFile.State
    move(file, states.REPLACED, only_from=[states.LOADING], error="It is the file that was in force already.", **counts)
    discard_upload(file)
