"""Loading a register's file: looked through, confirmed by staff, stored in batches, and put in force at once.

Rows of a file are looked at only once their register names it as its current one, so that a load that breaks or is
killed in the middle shows nothing, and is simply done again.
"""

import hashlib
import shutil
import tempfile
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from itertools import batched, islice
from pathlib import Path

from django.core.files import File
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from certifications.models import CertificationType, CommonWord, Register, RegisterEntry, RegisterFile
from certifications.registers import lookup, matching, names
from certifications.registers.columns import Columns, recognise
from certifications.registers.reading import BrokenFile, open_table
from certifications.registers.report import SkippedRows
from certifications.registers.values import DEFAULT_CODES, clean, codes_of, first_day

BATCH = 25_000  # rows stored at a time; each batch is committed, and is what a progress bar moves by
PART = 500
MOST_BYTES = 200_000_000
MOST_CODES = 300  # shown for mapping; more of them is not a column of codes
STOPPED_AFTER = timedelta(minutes=5)
NOT_ITS_FAULT = "It could not be read, and not for anything in it. What happened is in the log; upload it again."
LOCKS = 0x52656769  # the first half of the advisory lock that a load holds on its register

COPY = """
COPY certifications_registerentry
    (file_id, line, name, dba, number, identity, words, types, codes, status, certified_on, expires_on)
FROM STDIN
"""
COUNT_COMMON_WORDS = """
INSERT INTO certifications_commonword (file_id, word, rows)
SELECT file_id, word, count(*) FROM certifications_registerentry, unnest(words) AS word
WHERE file_id = %s GROUP BY file_id, word HAVING count(*) > %s
"""


class Unchanged(Exception):
    """The same file, of the same day and read the same way, is in force already."""


class Outdated(Exception):
    """A newer state of the register is in force."""


def receive(register, upload, *, name, as_of, by=None):
    """Keep an uploaded file (a django File) of `register`. Returns the RegisterFile, not looked through yet."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    file = RegisterFile(
        register=register, name=name[:120], sha256=digest.hexdigest(), size=upload.size, as_of=as_of, uploaded_by=by
    )
    file.file.save("", upload, save=False)
    file.save()
    return file


@contextmanager
def local_copy(file):
    """The path of an uploaded file on this machine, wherever it is stored."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register"
        with file.file.open() as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy, 1 << 20)
        yield path


def _move(file, state, *, only_from, **values):
    """Move a file from one of the states `only_from` to another. Raises RegisterFile.NotPossible."""
    now = timezone.now()
    moved = RegisterFile.objects.filter(pk=file.pk, state__in=only_from).update(state=state, changed_at=now, **values)
    if not moved:
        raise RegisterFile.NotPossible(file)
    file.refresh_from_db()


def _fail(file, broken):
    where = f" (line {broken.line})" if getattr(broken, "line", None) else ""
    states = RegisterFile.State
    _move(file, states.FAILED, only_from=[states.UPLOADED, states.LOADING], error=f"{broken}{where}"[:500])
    _discard(file)


def _discard(file):
    """Delete what was uploaded, which is of no use any more; the row tells of it."""
    stored = file.file
    RegisterFile.objects.filter(pk=file.pk).update(file="")
    stored.delete(save=False)


def look_through(file, *, sheet=None, header_line=None):
    """Find out how `file` is to be read: its table, columns, and the codes in them, with the register's last mapping.

    Moves it from UPLOADED to READY, or to FAILED with what is wrong. Nothing is stored of its rows.
    """
    states = RegisterFile.State
    try:
        with local_copy(file) as path:
            table = open_table(path, sheet=sheet, header_line=header_line)
            remembered = file.register.columns
            if remembered.get("header") == table.header:
                columns = Columns.from_dict(remembered["columns"])
            else:
                columns = recognise(table.header, table.sample)
            rows, counts = 0, Counter()
            for row in table.rows():
                rows += 1
                if not row.problem and len(counts) <= MOST_CODES:
                    counts.update(set(codes_of(row.cells, columns, table.header)))
    except BrokenFile as broken:
        _fail(file, broken)
        return
    except Exception:
        _fail(file, NOT_ITS_FAULT)
        raise
    found = {
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "sheets": table.sheets,
        "header_line": table.header_line,
        "header": table.header,
        "sample": table.sample,
        "rows": rows,
        "codes": counts.most_common(MOST_CODES),
    }
    known = DEFAULT_CODES | file.register.codes
    mapping = {
        "columns": columns.as_dict(),
        "codes": {code: sorted(known.get(code, [])) for code in counts},
        "types": sorted(file.register.types.values_list("key", flat=True)),
    }
    _move(file, states.READY, only_from=[states.UPLOADED], found=found, mapping=mapping)


def look_again(file, *, header_line, sheet=None):
    """Look through a file again, with the header or the sheet that staff say."""
    states = RegisterFile.State
    _move(file, states.UPLOADED, only_from=[states.READY])
    look_through(file, sheet=sheet or None, header_line=header_line)


def start(file, mapping):
    """Let a file be loaded as `mapping` says: dict of `columns`, `codes` and `types`. Remembered for the next file.

    Raises RegisterFile.NotPossible if it was let already.
    """
    with transaction.atomic():
        states = RegisterFile.State
        _move(file, states.LOADING, only_from=[states.READY], mapping=mapping, share_read=0)
        _remember(file)


def _remember(file):
    register = file.register
    register.columns = {"header": file.found["header"], "columns": file.mapping["columns"]}
    register.codes = register.codes | file.mapping["codes"]
    register.save(update_fields=["columns", "codes"])
    register.types.set(CertificationType.objects.filter(key__in=file.mapping["types"]))


def load(file):
    """Store the rows of a file in state LOADING, put it in force, and match what was reported against it.

    A second load of it at the same time does nothing. One that was broken off is done again from where it is safe.
    """
    with _locked(file.register_id) as is_mine:
        file.refresh_from_db()
        if not is_mine:
            return
        if file.state == RegisterFile.State.LOADING and not _load(file):
            return
        if file.is_unmatched:
            matching.match_all(Register.objects.select_related("current").get(pk=file.register_id))
            RegisterFile.objects.filter(pk=file.pk).update(matched_at=timezone.now())


def _load(file):
    """Store a file's rows and put it in force. Returns whether; if not, the file says why."""
    try:
        _refuse_unchanged_and_outdated(file)
        _remove_entries(file)  # of a load that was broken off
        with local_copy(file) as path:
            _store(file, path)
    except Unchanged:
        _drop(file)
        return False
    except Outdated as outdated:
        _fail(file, outdated)
        return False
    except BrokenFile as broken:
        _remove_entries(file)
        _fail(file, broken)
        return False
    except Exception:
        _remove_entries(file)
        _fail(file, NOT_ITS_FAULT)
        raise
    _put_in_force(file)
    return True


@contextmanager
def _locked(register_pk):
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


def _refuse_unchanged_and_outdated(file):
    """Raises Unchanged or Outdated, where loading `file` would change nothing or go back."""
    current = file.register.current
    if current is None or current.pk == file.pk:
        return
    if (current.sha256, current.mapping, current.as_of) == (file.sha256, file.mapping, file.as_of):
        raise Unchanged
    if file.as_of < current.as_of:
        raise Outdated(f"A newer state of this register is in force already: {current.as_of:%b %d, %Y}.")


def _drop(file):
    """The same file once more: nothing changes, and nothing is kept of it but that it came."""
    current = file.register.current
    counts = {name: getattr(current, name) for name in ("rows_read", "rows_stored", "rows_skipped")}
    states = RegisterFile.State
    _move(
        file, states.REPLACED, only_from=[states.LOADING], error="It is the file that was in force already.", **counts
    )
    _discard(file)


def _remove_entries(file):
    RegisterEntry.objects.filter(file=file)._raw_delete("default")
    CommonWord.objects.filter(file=file)._raw_delete("default")


def _store(file, path):
    """Read the file and store its rows, a batch at a time, each committed with the counts up to it."""
    table = open_table(path, sheet=file.found["sheet"], header_line=file.found["header_line"])
    to_line = entry_lines(file.pk, file.mapping, table.header)
    rows, read = table.rows(), 0
    with SkippedRows() as skipped:
        while batch := list(islice(rows, BATCH)):
            read += len(batch)
            with transaction.atomic():
                with connection.cursor() as cursor, cursor.copy(COPY) as copy:
                    for part in batched(batch, PART):  # the database stores one while the next is read
                        copy.write("".join(_lines(part, to_line, skipped)))
                _count(file, read, skipped.count, table.share_read)
        _count(file, read, skipped.count, 1)
        if skipped.count:
            file.report.save("", File(skipped.file), save=False)
            RegisterFile.objects.filter(pk=file.pk).update(report=file.report.name)


def _lines(rows, to_line, skipped):
    for row in rows:
        line, reason = ("", row.problem) if row.problem else to_line(row.line, row.cells)
        if reason:
            skipped.add(row.line, reason, row.cells)
        else:
            yield line


def _count(file, read, skipped, share):
    RegisterFile.objects.filter(pk=file.pk).update(
        rows_read=read,
        rows_stored=read - skipped,
        rows_skipped=skipped,
        share_read=share,
        changed_at=timezone.now(),
    )


def entry_lines(file_pk, mapping, header):
    """A function from a row's line number and cells to what COPY takes, and why it is left out: one of both is "".

    Made once a file, and called a million times: everything that can be is looked up before.
    """
    columns = Columns.from_dict(mapping["columns"])
    types_of_code, always = mapping["codes"], frozenset(mapping["types"])
    start = f"{file_pk}\t"

    @cache
    def types_array(codes):
        return _array(sorted(always.union(*(types_of_code.get(code, ()) for code in codes))))

    def cell(cells, position):
        text = cells[position] if position is not None else ""
        return clean(text) if text else ""

    def to_line(number, cells):
        name = cell(cells, columns.name)
        if not name:
            return "", "It has no name"
        dba, printed, status = (cell(cells, at) for at in (columns.dba, columns.number, columns.status))
        codes = codes_of(cells, columns, header)
        try:
            certified = first_day(cells[columns.certified_on]) if columns.certified_on is not None else None
            expires = first_day(cells[columns.expires_on]) if columns.expires_on is not None else None
        except ValueError as error:
            return "", f"A date cannot be read: {error}"
        words = names.words(f"{name} DBA {dba}" if dba and dba != name else name)
        if not words:
            return "", "It has no name"
        identity = lookup.number_identity(printed) or f"={''.join(words)}"
        known_by = f"{name}\t{dba}\t{printed}\t{identity}\t{_array(words)}\t{types_array(tuple(codes))}"
        texts = f"{known_by}\t{', '.join(codes)}\t{status}".replace("\\", "\\\\")
        return f"{start}{number}\t{texts}\t{certified or NULL}\t{expires or NULL}\n", ""

    return to_line


NULL = "\\N"  # COPY's


def _array(items):
    """`items`, of letters, digits and hyphens only, as an array for COPY."""
    return '{"' + '","'.join(items) + '"}' if items else "{}"


def _put_in_force(file):
    """Make a stored file its register's current one, and end the evidence whose rows it no longer lists."""
    states = RegisterFile.State
    with connection.cursor() as cursor:
        cursor.execute(COUNT_COMMON_WORDS, [file.pk, lookup.COMMON_FROM])
        cursor.execute("ANALYZE certifications_registerentry")
    old = file.register.current
    if old and old.pk == file.pk:
        old = None
    gone = ~Exists(RegisterEntry.objects.filter(file=file.pk, identity=OuterRef("identity")))
    vanished = RegisterEntry.objects.filter(gone, file=old).count() if old else 0
    with transaction.atomic():
        _move(file, states.LOADED, only_from=[states.LOADING], rows_vanished=vanished, loaded_at=timezone.now())
        Register.objects.filter(pk=file.register_id).update(current=file)
        if old:
            _move(old, states.REPLACED, only_from=[states.LOADED])
        matching.end_vanished(file)
        if old:  # what is still listed is in the new file; the rest tells what vanished
            RegisterEntry.objects.filter(~gone, file=old)._raw_delete("default")
            CommonWord.objects.filter(file=old)._raw_delete("default")
    if old:
        _discard(old)


def restart_stopped():
    """Have what stopped in the middle, with its worker, done again. Returns how many files."""
    states = RegisterFile.State
    stopped = RegisterFile.objects.filter(changed_at__lt=timezone.now() - STOPPED_AFTER)
    moving = stopped.filter(Q(state__in=[states.UPLOADED, states.LOADING]) | Q(state=states.LOADED, matched_at=None))
    return sum(restart(file) for file in moving)


def restart(file):
    """Have a file that stopped in the middle done again. Returns whether; not while somebody works on it."""
    from certifications.registers.tasks import load_file, look_through_file

    with _locked(file.register_id) as is_nobodys:
        if not is_nobodys or not (file.is_moving or file.is_unmatched):
            return False
        RegisterFile.objects.filter(pk=file.pk).update(changed_at=timezone.now())
    (look_through_file if file.state == RegisterFile.State.UPLOADED else load_file).enqueue(file.pk)
    return True
