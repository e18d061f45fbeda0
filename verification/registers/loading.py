"""Loads a register's file after staff confirmed its columns: stores its rows in batches and compares them.

Rows count only once their file is in force (see `in_force`). A load that fails or is killed halfway shows nothing and
can be repeated.
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

LOCKS = 0x52656769  # the first half of the key of the advisory lock that a load holds on its register


class Unchanged(Exception):
    """The same file, of the same day and with the same mapping, is in force already."""


class Outdated(Exception):
    """A newer state of the register is in force."""


def load(file: RegisterFile) -> None:
    """Store and compare the rows of a file in state LOADING, or match all records against a file in force.

    A second load at the same time does nothing. An interrupted load starts again.
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
    """Store a file's rows and compare them with those in force. Return whether it worked; if not, the file says why."""
    try:
        _refuse_unchanged_and_outdated(file)
        remove_entries(file)  # of an interrupted load
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
    """Yield whether this process is the only one that loads files of the register. Killing it frees the lock."""
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
    """Raise Unchanged or Outdated if loading `file` would change nothing or go back in time."""
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
    """Return why a file of an earlier day than `current` does not come into force."""
    return f"This register already has newer data in use, as of {day(current.as_of)}."


def _drop(file: RegisterFile) -> None:
    """Discard a file that is in force already. Only its row is kept."""
    current = file.register.current
    counts = {name: getattr(current, name) for name in ("rows_read", "rows_stored", "rows_skipped")}
    states = RegisterFile.State
    move(file, states.REPLACED, only_from=[states.LOADING], error="This file was already in use.", **counts)
    discard_upload(file)
