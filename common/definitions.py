"""The functions and views that an app keeps in the database. Each stands in a file of SQL that bears its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# As in psql: `:name` stands for a value as it is, `:'name'` for a text. `::date` and `[:alnum:]` are SQL's own.
PARAMETER = re.compile(r"(?<![:\w\[]):(?:(?P<value>\w+)|'(?P<text>\w+)')")
STORED = """
SELECT proname, pg_get_functiondef(oid) FROM pg_proc
WHERE proname = ANY(%(names)s) AND pronamespace = current_schema::regnamespace
UNION ALL
SELECT relname, pg_get_viewdef(oid) FROM pg_class
WHERE relname = ANY(%(names)s) AND relkind = 'v' AND relnamespace = current_schema::regnamespace
"""
VIEWS = """
SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
WHERE relname = ANY(%s) AND relkind = 'v' AND relnamespace = current_schema::regnamespace
"""


@dataclass(frozen=True)
class Definitions:
    """The functions and views of one folder: `names` in the order in which they are created, `values` for their SQL."""

    folder: Path
    names: tuple[str, ...]
    values: Mapping[str, str | int]

    def sql(self, name: str) -> str:
        """Return the statement that creates one of them."""

        def filled(match: re.Match[str]) -> str:
            if match["value"]:
                return str(self.values[match["value"]])
            return "'" + str(self.values[match["text"]]).replace("'", "''") + "'"

        return PARAMETER.sub(filled, (self.folder / f"{name}.sql").read_text(encoding="utf-8"))

    def install(self) -> None:
        """Make the database hold what the files say."""
        with transaction.atomic(), connection.cursor() as cursor:
            # A view cannot be replaced by one of other columns.
            cursor.execute(VIEWS, [list(self.names)])
            if views := cursor.fetchone()[0]:
                cursor.execute(f"DROP VIEW {views}")
            for name in self.names:
                cursor.execute(self.sql(name))

    def differing(self) -> list[str]:
        """Return the names of those that the database lacks or holds otherwise than the files say."""
        with transaction.atomic(), connection.cursor() as cursor:
            stored = self._stored(cursor)
            self.install()
            expected = self._stored(cursor)
            transaction.set_rollback(True)
        return [name for name in self.names if stored.get(name) != expected[name]]

    def _stored(self, cursor: CursorWrapper) -> dict[str, str]:
        cursor.execute(STORED, {"names": list(self.names)})
        return dict(cursor.fetchall())
