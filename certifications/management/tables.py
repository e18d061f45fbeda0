"""The tables that commands read."""

import csv
from contextlib import contextmanager

from django.core.management.base import CommandError


@contextmanager
def read_table(path, columns):
    """A csv.DictReader of the file at `path` with at least `columns`; absent cells are "". Raises CommandError."""
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
