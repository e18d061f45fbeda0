"""Compares a stored file with the file in force, and decides whether staff have to agree to the changes."""

from typing import Any

from django.db import connection

from verification.models import RegisterFile
from verification.registers import matching
from verification.registers.survey import Survey

# Staff have to agree if more than one in this many rows would be gone or worse than before.
ONE_IN = 10
SAMPLES = 5

# The counts that may be worse than in the file in force, and their words for staff.
WORSE = {
    "untyped": "have no type, so they can't confirm anything",
    "unread_days": "have an expiration date that can't be read",
    "lost_numbers": "have a number that lost digits or turned into a date or an error",
    "left_out": "are skipped",
}

# Rows are the same if their numbers are, or their names where a file has no number.
GONE = """
SELECT {what} FROM verification_registerentry one
WHERE one.file_id = %(one)s
  AND NOT EXISTS (
    SELECT FROM verification_registerentry other WHERE other.file_id = %(other)s AND other.identity = one.identity
  )
  AND NOT EXISTS (
    SELECT FROM verification_registerentry other
    WHERE other.file_id = %(other)s AND other.words = one.words
      AND (left(one.identity, 1) = '=' OR left(other.identity, 1) = '=')
  )
"""


def compare(file: RegisterFile, *, untyped: int, survey: Survey) -> dict[str, Any]:
    """Return the comparison of a stored file with the file in force: counts, and samples of names.

    `untyped`: the number of its rows without a type.
    """
    current = file.register.current
    gone = _missing(current, file) if current else 0
    found = {
        "against": current.pk if current else None,
        "rows": file.rows_stored,
        "rows_before": current.rows_stored if current else 0,
        "gone": gone,
        "gone_names": _names(current, file) if current and gone else [],
        "new": _missing(file, current) if current else file.rows_stored,
        "untyped": untyped,
        "unread_days": survey.unread_days,
        "lost_numbers": survey.lost_numbers,
        "left_out": file.rows_skipped,
    }
    before = current.comparison if current else {}
    found["before"] = {name: before.get(name, 0) for name in WORSE}
    outlook = matching.outlook(file)
    return found | {name: outlook[name] for name in ("lost", "gained", "doubted")}


def _missing(one: RegisterFile, other: RegisterFile) -> int:
    """Return the number of rows of one file that the other does not list."""
    with connection.cursor() as cursor:
        cursor.execute(GONE.format(what="count(*)"), {"one": one.pk, "other": other.pk})
        return cursor.fetchone()[0]


def _names(one: RegisterFile, other: RegisterFile) -> list[str]:
    with connection.cursor() as cursor:
        names = f"{GONE.format(what='name')} ORDER BY line LIMIT %(most)s"
        cursor.execute(names, {"one": one.pk, "other": other.pk, "most": SAMPLES})
        return [name for (name,) in cursor.fetchall()]


def reservations(comparison: dict[str, Any]) -> list[str]:
    """Return the reasons why staff have to agree before the file counts. Empty if it changes little."""
    found = []
    rows, before = comparison["rows"], comparison["rows_before"]
    if ONE_IN * comparison["gone"] > before:
        found.append(f"{comparison['gone']:,} of the {before:,} rows in use now would no longer be listed.")
    if comparison["lost"]:
        found.append(f"{_records(comparison['lost'])} would lose the match in this register.")
    if comparison["doubted"]:
        found.append(f"{_records(comparison['doubted'])} would go back to review, because the file contradicts them.")
    for name, words in WORSE.items():
        count = comparison[name]
        share_before = comparison["before"][name] / before if before else 0
        all_rows = rows + comparison["left_out"] if name == "left_out" else rows
        if ONE_IN * (count - share_before * all_rows) > all_rows:
            found.append(f"{count:,} of its {all_rows:,} rows {words}.")
    return found


def _records(count: int) -> str:
    return f"{count:,} matched record{'' if count == 1 else 's'}"
