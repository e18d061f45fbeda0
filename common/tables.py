"""Tables that come in and go out: CSV files that commands read, and cells that spreadsheets open."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError

# What makes a spreadsheet execute a cell. Source: OWASP, "CSV Injection".
ACTIVE = ("=", "+", "-", "@")


@contextmanager
def read_table(path: Path, columns: Iterable[str]) -> Iterator[csv.DictReader[str]]:
    """Yield a csv.DictReader of the file at `path`, which must have `columns`. Absent cells are ""."""
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, restval="")
            missing = [column for column in columns if column not in (rows.fieldnames or [])]
            if missing:
                raise CommandError(f"{path} has no column {', '.join(missing)}.")
            yield rows
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not in UTF-8: save it so.") from error
    except csv.Error as error:
        raise CommandError(f"{path} cannot be read as CSV: {error}.") from error


def safe_cell(text: str) -> str:
    """Return `text` so that a spreadsheet shows and never executes it, even after invisible characters."""
    first = next((letter for letter in text if unicodedata.category(letter)[0] not in "CZ"), "")
    is_active = unicodedata.normalize("NFKC", first).startswith(ACTIVE) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if is_active else text
