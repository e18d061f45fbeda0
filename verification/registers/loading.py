"""Loading a register's file: looked through, confirmed by staff, stored in batches, compared, and put in force.

Rows of a file are looked at only once their register names it as its current one, so that a load that breaks or is
killed in the middle shows nothing, and is simply done again. A file in force can be taken back.
"""

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from itertools import batched, islice
from pathlib import Path

from django.core.files import File
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from certifications.entry.placeholders import is_no_number
from certifications.models import CertificationType
from certifications.models.catalogue import today
from common.days import day
from verification.models import CommonWord, Register, RegisterEntry, RegisterFile
from verification.models.register import STOPPED_AFTER
from verification.registers import comparing, lookup, matching, names
from verification.registers.columns import Columns, recognise
from verification.registers.days import read_days
from verification.registers.reading import BrokenFile, open_table
from verification.registers.report import SkippedRows
from verification.registers.survey import MOST_CODES, survey
from verification.registers.values import ERROR, cell_text, codes_of, printed_number, spoiled, types_of

BATCH = 25_000  # rows stored at a time; each batch is committed, and is what a progress bar moves by
PART = 500
MOST_BYTES = 200_000_000
KEPT_FOR = timedelta(days=90)  # the rows of a file that was replaced; those of the one before last stay longer
NOT_ITS_FAULT = "It could not be read, and not for anything in it. What happened is in the log; upload it again."
LOCKS = 0x52656769  # the first half of the advisory lock that a load holds on its register

COPY = """
COPY verification_registerentry
    (file_id, line, name, dba, number, identity, words, types, codes, status, certified_on, expires_on,
     unread_day)
FROM STDIN
"""
COUNT_COMMON_WORDS = """
INSERT INTO verification_commonword (file_id, word, rows)
SELECT file_id, word, count(*) FROM verification_registerentry, unnest(words) AS word
WHERE file_id = %s GROUP BY file_id, word HAVING count(*) > %s
"""


class Unchanged(Exception):
    """The same file, of the same day and read the same way, is in force already."""


class Outdated(Exception):
    """A newer state of the register is in force."""


class Changed(Exception):
    """What the file was compared with is no longer so: it has to be compared again."""


class NeedsYes(Exception):
    """Putting the file in force costs something that nobody agreed to. `args`: sentences that say what."""


def receive(register, upload, *, name, as_of, by=None, wanted=None):
    """Keep an uploaded file (a django File) of `register`. Returns the RegisterFile, not looked through yet.

    `wanted`: dict of the `sheet` and the `header_line`, if they are not to be found.
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


def look_through(file):
    """Find out how `file` is to be read: its table, columns, the codes in them, and what staff have to know of it.

    Its columns are those of its mapping, if it has one already, else those that its register's last file had, else
    those that its header tells. Moves it from UPLOADED to READY, or to FAILED with what is wrong. Nothing is stored of
    its rows.
    """
    states = RegisterFile.State
    try:
        with local_copy(file) as path:
            table = open_table(path, sheet=file.found.get("sheet"), header_line=file.found.get("header_line"))
            columns = _columns(file, table)
            surveyed = _survey(file, table, columns)
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
        "rows": surveyed.rows,
        "codes": surveyed.codes.most_common(MOST_CODES),
        "notes": surveyed.notes,
    }
    known = file.register.codes | file.mapping.get("codes", {})
    mapping = {
        "columns": columns.as_dict(),
        "codes": {code: sorted(known.get(code, types_of(code) or [])) for code in surveyed.codes},
        "types": file.mapping.get("types", sorted(file.register.types.values_list("key", flat=True))),
    }
    _move(file, states.READY, only_from=[states.UPLOADED], found=found, mapping=mapping)


def _columns(file, table):
    said, remembered = file.mapping.get("columns"), file.register.columns
    if said:
        return Columns.from_dict(said)
    if remembered.get("header") == table.header:
        return Columns.from_dict(remembered["columns"])
    return recognise(table.header, table.sample)


def _survey(file, table, columns):
    def beat():
        RegisterFile.objects.filter(pk=file.pk).update(changed_at=timezone.now())

    return survey(table, columns, as_of=file.as_of, today=today(), every=beat)


def look_again(file, *, header_line=None, sheet=None, mapping=None):
    """Have a file looked through again, with the header and the sheet, or with the mapping, that staff say.

    Raises BrokenFile, and leaves it as it is, if it has no such header or sheet; RegisterFile.NotPossible.
    """
    states = RegisterFile.State
    wanted = {"sheet": file.found["sheet"] or None, "header_line": file.found["header_line"]}
    if mapping is None:
        wanted = {"sheet": sheet or None, "header_line": header_line}
        with local_copy(file) as path:
            open_table(path, **wanted)
    _move(file, states.UPLOADED, only_from=[states.READY], found=wanted, mapping=mapping or {})


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
    """Store the rows of a file in state LOADING and compare them; match what was reported against a file in force.

    A second load of it at the same time does nothing. One that was broken off is done again from where it is safe.
    """
    with _locked(file.register_id) as is_mine:
        file.refresh_from_db()
        if not is_mine:
            return
        if file.state == RegisterFile.State.LOADING and not _load(file):
            return
        if file.is_unmatched:
            matching.match_all(file)
            RegisterFile.objects.filter(pk=file.pk).update(matched_at=timezone.now())


def _load(file):
    """Store a file's rows and compare them with those in force. Returns whether; if not, the file says why."""
    try:
        _refuse_unchanged_and_outdated(file)
        _remove_entries(file)  # of a load that was broken off
        with local_copy(file) as path:
            untyped, surveyed = _store(file, path)
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
    with connection.cursor() as cursor:
        cursor.execute(COUNT_COMMON_WORDS, [file.pk, lookup.COMMON_FROM])
        cursor.execute("ANALYZE verification_registerentry")
    file.refresh_from_db()
    states = RegisterFile.State
    comparison = comparing.compare(file, untyped=untyped, survey=surveyed)
    _move(file, states.STORED, only_from=[states.LOADING], comparison=comparison)
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
    _refuse_outdated(file, current)


def _refuse_outdated(file, current):
    if current and file.as_of < current.as_of:
        raise Outdated(newer_in_force(current))


def newer_in_force(current):
    """Why a file of an earlier day than the `current` one does not come in force."""
    return f"A newer state of this register is in force already: {day(current.as_of)}."


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
    """Read the file and store its rows, a batch at a time, each committed with the counts up to it.

    Returns how many of them have no type, and the Survey of the columns as they were confirmed.
    """
    table = open_table(path, sheet=file.found["sheet"] or None, header_line=file.found["header_line"])
    columns = Columns.from_dict(file.mapping["columns"])
    surveyed = _survey(file, table, columns)
    RegisterFile.objects.filter(pk=file.pk).update(found=file.found | {"notes": surveyed.notes})
    to_line = EntryLines(file.pk, file.mapping, table.header, surveyed.day_first)
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
    return to_line.untyped, surveyed


def _lines(rows, to_line, skipped):
    for row in rows:
        line, reason = ("", row.problem) if row.problem else to_line.of(row.line, row.cells)
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


class EntryLines:
    """Makes the lines that COPY takes of a file's rows, and counts those without a type.

    Made once a file, and called a million times: everything that can be is looked up before.
    """

    def __init__(self, file_pk, mapping, header, day_first):
        self.columns, self.header, self.day_first = Columns.from_dict(mapping["columns"]), header, day_first
        self.start, self.untyped = f"{file_pk}\t", 0
        types_of_code, always = mapping["codes"], frozenset(mapping["types"])

        @cache
        def types_array(codes):
            return _array(sorted(always.union(*(types_of_code.get(code, ()) for code in codes))))

        self.types_array = types_array

    def of(self, number, cells):
        """The line of a row, by its line number and its cells, and why it is left out: one of both is ""."""
        columns = self.columns
        name = self._cell(cells, columns.name)
        if not name or ERROR.fullmatch(name):
            return "", "It has no name"
        dba, printed, status = (self._cell(cells, at) for at in (columns.dba, columns.number, columns.status))
        codes = codes_of(cells, columns, self.header)
        certified, _ = self._day(cells, "certified_on")
        expires, unread = self._day(cells, "expires_on")
        words = names.words(f"{name} DBA {dba}" if dba and dba != name else name)
        if not words:
            return "", "It has no name"
        printed = printed_number(printed)
        known_by_number = "" if spoiled(printed) or is_no_number(printed) else lookup.number_identity(printed)
        identity = known_by_number or f"={''.join(words)}"
        types = self.types_array(tuple(codes))
        self.untyped += types == NONE
        known_by = f"{name}\t{dba}\t{printed}\t{identity}\t{_array(words)}\t{types}"
        texts = f"{known_by}\t{', '.join(codes)}\t{status}".replace("\\", "\\\\")
        unread = unread.replace("\\", "\\\\")
        return f"{self.start}{number}\t{texts}\t{certified or NULL}\t{expires or NULL}\t{unread}\n", ""

    def _cell(self, cells, position):
        text = cells[position] if position is not None else ""
        return cell_text(text) if text else ""

    def _day(self, cells, name):
        """The day in a column (date or None), and what stands there if it cannot be read."""
        position = getattr(self.columns, name)
        if position is None:
            return None, ""
        try:
            found = read_days(cells[position], self.day_first[name])
            return found.start if name == "certified_on" else found.earliest, ""
        except ValueError:
            return None, cell_text(cells[position])


NULL, NONE = "\\N", "{}"  # COPY's


def _array(items):
    """`items`, of letters, digits and hyphens only, as an array for COPY."""
    return '{"' + '","'.join(items) + '"}' if items else NONE


def put_in_force(file, *, by=None, agreed=False):
    """Make a stored file its register's current one, and end the evidence whose rows it no longer lists.

    `agreed`: whether someone agreed to what `comparing.reservations` says. Raises NeedsYes, Changed, Outdated, and
    RegisterFile.NotPossible.
    """
    states = RegisterFile.State
    with transaction.atomic():
        file, old = _held(file)
        if file.state != states.STORED:
            raise RegisterFile.NotPossible(file)
        _refuse_outdated(file, old)
        lost = set(matching.holding_now(matching.unlisted(file)).values_list("certification", flat=True))
        if file.comparison["against"] != (old and old.pk) or len(lost) > file.comparison["lost"]:
            raise Changed(file)
        reservations = comparing.reservations(file.comparison)
        if reservations and not agreed:
            raise NeedsYes(*reservations)
        now = timezone.now()
        vanished = file.comparison["gone"]
        _move(
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
            _move(old, states.REPLACED, only_from=[states.LOADED])
        matching.end_vanished(file)
    if old:
        _discard(old)


def _held(file):
    """The file and its register's current one (or None), anew, and held: no one else puts one in force meanwhile."""
    register = Register.objects.select_for_update(of=("self",), no_key=True).get(pk=file.register_id)
    file = RegisterFile.objects.select_related("register", "before__register").get(pk=file.pk)
    return file, register.current


def compare_again(file):
    """Have a file that waits to be put in force compared with what is in force now. Raises RegisterFile.NotPossible."""
    states = RegisterFile.State
    _move(file, states.LOADING, only_from=[states.STORED], share_read=0)


def correct(file):
    """Go back to the columns of a file that waits to be put in force. Raises RegisterFile.NotPossible."""
    states = RegisterFile.State
    _move(file, states.READY, only_from=[states.STORED])


def discard(file):
    """Let a file that waits to be put in force never be. Raises RegisterFile.NotPossible."""
    states = RegisterFile.State
    _move(file, states.DISCARDED, only_from=[states.STORED])
    _discard(file)


def can_be_taken_back(file):
    """Whether `file` is in force, and the rows of the one before are still there, if there was one."""
    if file.register.current_id != file.pk or file.state != RegisterFile.State.LOADED:
        return False
    return file.before is None or not file.before.rows_stored or file.before.entries.exists()


def take_back(file, *, by=None):
    """Put the file before `file` in force again, with all that rested on it, as if `file` had never come.

    Raises RegisterFile.NotPossible if it is not in force any more, or nothing is left of the one before.
    """
    from verification.registers.tasks import match_record

    states = RegisterFile.State
    with transaction.atomic():
        file, _ = _held(file)
        if not can_be_taken_back(file):
            raise RegisterFile.NotPossible(file)
        now, before = timezone.now(), file.before
        _move(file, states.TAKEN_BACK, only_from=[states.LOADED], taken_back_at=now, taken_back_by=by)
        Register.objects.filter(pk=file.register_id).update(current=before)
        if before:
            _move(before, states.LOADED, only_from=[states.REPLACED], matched_at=None)
        for record in matching.take_back(file):
            transaction.on_commit(partial(match_record.enqueue, record))
    _discard(file)
    return before


def remove_old():
    """Delete the rows of files that cannot come in force any more. Returns of how many files."""
    states = RegisterFile.State
    before_current = RegisterFile.objects.filter(current_of__isnull=False, before__isnull=False).values("before")
    replaced = Q(state=states.REPLACED, changed_at__lt=timezone.now() - KEPT_FOR) & ~Q(pk__in=before_current)
    over = RegisterFile.objects.filter(replaced | Q(state__in=[states.TAKEN_BACK, states.DISCARDED]))
    removed = 0
    for file in over.filter(Exists(RegisterEntry.objects.filter(file=OuterRef("pk")))):
        _remove_entries(file)
        removed += 1
    return removed


def restart_stopped():
    """Have what stopped in the middle, with its worker, done again. Returns how many files."""
    states = RegisterFile.State
    stopped = RegisterFile.objects.filter(changed_at__lt=timezone.now() - STOPPED_AFTER)
    moving = stopped.filter(Q(state__in=[states.UPLOADED, states.LOADING]) | Q(state=states.LOADED, matched_at=None))
    return sum(restart(file) for file in moving)


def restart(file):
    """Have a file that stopped in the middle done again. Returns whether; not while somebody works on it."""
    from verification.registers.tasks import load_file, look_through_file

    with _locked(file.register_id) as is_nobodys:
        if not is_nobodys or not (file.is_moving or file.is_unmatched):
            return False
        RegisterFile.objects.filter(pk=file.pk).update(changed_at=timezone.now())
    (look_through_file if file.state == RegisterFile.State.UPLOADED else load_file).enqueue(file.pk)
    return True
