"""Makes exports: small ones at once, others in the background, and again if some of it may not be shown now."""

import tempfile
from functools import partial
from hashlib import blake2b

from django.core.files import File
from django.db import IntegrityError, transaction
from django.tasks import task
from django.utils import timezone

from certifications.models import ClientView
from certifications.sharing import seen_by
from common import unwanted
from common.hooks import Hook
from common.translation import plain
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import access
from sourcing.exports.columns import COLUMNS, Row, moment
from sourcing.exports.files import ABOUT, WRITERS
from sourcing.exports.rows import BATCH, MOST, batches, rows_of, source
from sourcing.exports.subject import subject
from sourcing.models import Export

# So many profiles are written while the browser waits.
AT_ONCE = 500
# Called with each Export whose file is ready, in the transaction that says so.
export_ready = Hook()


def ask(export: Export, viewer: Viewer, policy: RolloutPolicy) -> Export:
    """Keep a new Export, which is its entry in the log, and make it or have it made.

    Returns it, or for a second click on the same button the one that the first click made.
    """
    export.profiles_found = min(len(source(export, viewer, policy).keys), MOST)
    try:
        with transaction.atomic():
            export.save()
    except IntegrityError:
        return Export.objects.get(submission=export.submission, client=export.client_id, user=export.user)
    _start(export)
    return export


def _start(export: Export) -> None:
    if export.profiles_found <= AT_ONCE:
        make(export.pk)
    else:
        transaction.on_commit(partial(make_in_background.enqueue, export.pk))


def make_anew(export: Export) -> None:
    """Make it once more, of what may be shown now. Two at once start it once."""
    done = Export.objects.filter(pk=export.pk, state=Export.State.DONE, as_of=export.as_of)
    if done.update(state=Export.State.WAITING, touched_at=timezone.now(), profiles_done=0):
        _start(export)


def is_still_true(export: Export, viewer: Viewer, policy: RolloutPolicy) -> bool:
    """Return whether `viewer` may be shown all that the file says of certifications, and it still is so. One query."""
    rows = rows_of(export.records, viewer, policy, export.as_of)  # type: ignore[arg-type] # what is done has its time
    return _digest(rows) == export.digest


def _digest(rows: dict[int, Row]) -> str:
    """Return what tells rows, by the key of their record, from any others."""
    return blake2b(repr(sorted(rows.items())).encode(), digest_size=16).hexdigest()


@task
def make_in_background(pk: int) -> None:
    """Make a large export. May run twice: whoever comes second finds it taken."""
    make(pk)


def make(pk: int) -> None:
    """Write the file of a waiting export. What goes wrong is said by its state, and raised."""
    waiting = Export.objects.filter(pk=pk, state=Export.State.WAITING)
    if not waiting.update(state=Export.State.RUNNING, touched_at=timezone.now()):
        return
    export = Export.objects.select_related("user", "shortlist").get(pk=pk)
    policy = RolloutPolicy.in_force()
    viewer = access.member(export.user, export.client_id, policy) if export.user else None
    try:
        if viewer is None:
            raise PermissionError("who asked for it may not search anymore")
        _write(export, viewer, policy)
    except BaseException:
        Export.objects.filter(pk=pk).update(state=Export.State.FAILED)
        raise


def _write(export: Export, viewer: Viewer, policy: RolloutPolicy) -> None:
    as_of = timezone.now()
    found = source(export, viewer, policy)
    records: dict[int, Row] = {}
    rows = 0
    progress = Export.objects.filter(pk=export.pk)
    progress.update(profiles_found=min(len(found.keys), MOST))
    with tempfile.TemporaryFile() as file:
        writer = WRITERS[export.format](file, COLUMNS)
        is_cut = len(found.keys) > MOST
        for done, lines in enumerate(batches(found, as_of), 1):
            written = lines[: MOST - rows]
            if certified := {line.profile.pk for line in written if line.record}:
                seen_by.note_many(certified, viewer, surface=ClientView.Surface.EXPORT, filters=export.filters)
            for line in written:
                row = line.row()
                writer.add(list(row.values()))
                if line.record:
                    records[line.record.pk] = row
            rows += len(written)
            progress.update(profiles_done=min(done * BATCH, len(found.keys)), rows=rows, touched_at=timezone.now())
            if len(written) < len(lines):
                is_cut = True
                break
        of = f"the first {MOST:,}: narrow the search for the rest" if is_cut else "all"
        about = {"As of": moment(as_of), "Rows": f"{rows:,} ({of})", "Of": plain(subject(export))}
        writer.close({**about, "For": viewer.acts_for.name, "What it is": " ".join(ABOUT.split())})
        file.seek(0)
        old = export.file.name
        export.file.save(_digest(records), File(file), save=False)
    with transaction.atomic():
        progress.update(
            state=Export.State.DONE, as_of=as_of, file=export.file.name, records=list(records), rows=rows,
            is_cut=is_cut, profiles_done=len(found.keys), touched_at=timezone.now(),
        )  # fmt: skip
        export_ready(export)
    if old:
        unwanted.delete_later("private", old)


def restart_stopped() -> int:
    """Start again what was stopped in the middle. Returns how many."""
    moving = [Export.State.WAITING, Export.State.RUNNING]
    stopped = Export.objects.filter(state__in=moving, touched_at__lt=timezone.now() - Export.STOPPED_AFTER)
    keys = list(stopped.values_list("pk", flat=True))
    Export.objects.filter(pk__in=keys).update(state=Export.State.WAITING, touched_at=timezone.now())
    for pk in keys:
        make_in_background.enqueue(pk)
    return len(keys)


def remove_old() -> int:
    """Delete the files that are a day old, and log entries after their time. Returns how many of both."""
    now = timezone.now()
    old = Export.objects.exclude(file="").filter(touched_at__lt=now - Export.FILE_KEPT_FOR)
    count = 0
    for export in old:
        count += Export.objects.filter(pk=export.pk).update(file="", records=[])
        unwanted.delete_later("private", str(export.file.name))
    return count + Export.objects.filter(asked_at__lt=now - Export.LOG_KEPT_FOR).delete()[0]
