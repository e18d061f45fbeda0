"""Surveys a register's file before its rows are stored: its table, its columns and their codes."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from certifications.models import CertificationType
from certifications.models.catalogue import today
from verification.models import RegisterFile
from verification.registers.columns import Columns, recognise
from verification.registers.reading import BrokenFile, Table, open_table
from verification.registers.survey import MOST_CODES, Survey, survey
from verification.registers.uploads import NOT_ITS_FAULT, fail, local_copy, move
from verification.registers.values import types_of


def look_through(file: RegisterFile) -> None:
    """Find out how to read `file`: its table, columns and codes, and notes for staff.

    The columns come from its mapping, else from the register's last file with the same header, else from its header.
    Moves the file from UPLOADED to READY, or to FAILED with the error. None of its rows is stored.
    """
    states = RegisterFile.State
    try:
        with local_copy(file) as path:
            table = open_table(path, sheet=file.found.get("sheet"), header_line=file.found.get("header_line"))
            columns = _columns(file, table)
            surveyed = survey_of(file, table, columns)
    except BrokenFile as broken:
        fail(file, broken)
        return
    except Exception:
        fail(file, NOT_ITS_FAULT)
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
    move(file, states.READY, only_from=[states.UPLOADED], found=found, mapping=mapping)


def _columns(file: RegisterFile, table: Table) -> Columns:
    said, remembered = file.mapping.get("columns"), file.register.columns
    if said:
        return Columns.from_dict(said)
    if remembered.get("header") == table.header:
        return Columns.from_dict(remembered["columns"])
    return recognise(table.header, table.sample)


def survey_of(file: RegisterFile, table: Table, columns: Columns) -> Survey:
    """Return the survey of the whole file. Its row in the database shows the progress."""

    def beat() -> None:
        RegisterFile.objects.filter(pk=file.pk).update(changed_at=timezone.now())

    return survey(table, columns, as_of=file.as_of, today=today(), every=beat)


def look_again(
    file: RegisterFile,
    *,
    header_line: int | None = None,
    sheet: str | None = None,
    mapping: dict[str, Any] | None = None,
) -> None:
    """Have a file surveyed again, with the header and sheet, or with the mapping, that staff chose.

    Raises BrokenFile, without a change, if it has no such header or sheet, and RegisterFile.NotPossible.
    """
    states = RegisterFile.State
    wanted = {"sheet": file.found["sheet"] or None, "header_line": file.found["header_line"]}
    if mapping is None:
        wanted = {"sheet": sheet or None, "header_line": header_line}
        with local_copy(file) as path:
            open_table(path, **wanted)
    move(file, states.UPLOADED, only_from=[states.READY], found=wanted, mapping=mapping or {})


def start(file: RegisterFile, mapping: dict[str, Any]) -> None:
    """Let a file be loaded with `mapping` (`columns`, `codes` and `types`), and remember it for the next file.

    Raises RegisterFile.NotPossible if loading has begun already.
    """
    with transaction.atomic():
        states = RegisterFile.State
        move(file, states.LOADING, only_from=[states.READY], mapping=mapping, share_read=0)
        _remember(file)


def _remember(file: RegisterFile) -> None:
    register = file.register
    register.columns = {"header": file.found["header"], "columns": file.mapping["columns"]}
    register.codes = register.codes | file.mapping["codes"]
    register.save(update_fields=["columns", "codes"])
    register.types.set(CertificationType.objects.filter(key__in=file.mapping["types"]))
