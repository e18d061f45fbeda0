"""Uploaded files of registers: kept, moved from state to state, and discarded."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone

from common import unwanted
from profiles.models import User
from verification.models import Register, RegisterFile

MOST_BYTES = 200_000_000
NOT_ITS_FAULT = (
    "We couldn't read this file because of a fault on our side. Upload it again. The log says what happened."
)


def receive(
    register: Register,
    upload: File,
    *,
    name: str,
    as_of: date,
    by: User | None = None,
    wanted: dict[str, Any] | None = None,
) -> RegisterFile:
    """Keep an uploaded file of `register`. Return its row, before its survey.

    `wanted`: the `sheet` and the `header_line`, unless the survey shall find them.
    """
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    file = RegisterFile(
        register=register,
        name=name[:120],
        sha256=digest.hexdigest(),
        size=upload.size,
        as_of=as_of,
        uploaded_by=by,
        found=wanted or {},
    )
    file.file.save("", upload, save=False)
    file.save()
    return file


@contextmanager
def local_copy(file: RegisterFile) -> Iterator[Path]:
    """Yield the path of a copy on this machine, wherever the file is stored."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register"
        with file.file.open() as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy, 1 << 20)
        yield path


def move(
    file: RegisterFile, state: RegisterFile.State, *, only_from: Iterable[RegisterFile.State], **values: Any
) -> None:
    """Move a file from one of the states `only_from` to another. Raises RegisterFile.NotPossible."""
    now = timezone.now()
    moved = RegisterFile.objects.filter(pk=file.pk, state__in=only_from).update(state=state, changed_at=now, **values)
    if not moved:
        raise RegisterFile.NotPossible(file)
    file.refresh_from_db()


def fail(file: RegisterFile, broken: Exception | str) -> None:
    """Mark a file as failed with its error, and discard the upload."""
    line = getattr(broken, "line", None)
    where = f" (line {line})" if line else ""
    states = RegisterFile.State
    move(file, states.FAILED, only_from=[states.UPLOADED, states.LOADING], error=f"{broken}{where}"[:500])
    discard_upload(file)


def discard_upload(file: RegisterFile) -> None:
    """Delete the upload, which is no longer needed. The row stays."""
    RegisterFile.objects.filter(pk=file.pk).update(file="")
    if file.file:
        unwanted.delete_later("private", str(file.file.name))
