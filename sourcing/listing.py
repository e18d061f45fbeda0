"""The listing: how a search's filters are written in its terms, and the proof that it equals what it is made of.

`sourcing_expected` is the view that says what each row must be, `sourcing_refresh` writes the rows of some profiles;
both are in migration 0002, as are the triggers that call it.
"""

from django.db import connection
from django.db.models import BooleanField, F, Func, Value

COLUMNS = "profile_id, active_at, name_key, state, hourly_rate, is_certified, valid_until, terms"
# One statement, so that both sides are read as of the same moment.
DIFFERENCES = f"""
WITH listed AS (SELECT {COLUMNS} FROM sourcing_listing), expected AS (SELECT {COLUMNS} FROM sourcing_expected)
SELECT (SELECT count(*) FROM (TABLE listed EXCEPT TABLE expected) AS wrong),
       (SELECT count(*) FROM (TABLE expected EXCEPT TABLE listed) AS lacking)
"""  # noqa: S608 - names of columns, from here


class Matches(Func):
    """Whether the listing's terms have what a tsquery, given as text, asks for."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, query):
        super().__init__(F("terms"), Value(query))


def term(name, value):
    """The query for the lexeme that stands for a filter: `term("type", 3)`. See `sourcing_expected`."""
    return _quoted(f"~{name}/{value}")


def word(text, weight=""):
    """The query for a word, or one that begins so; with `weight` "A" in the profile's name alone."""
    return f"{_quoted(text)}:*{weight}"


def _quoted(lexeme):
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def differences():
    """(rows of the listing that must not be so, rows that it lacks). A row that is wrong counts in both."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        return cursor.fetchone()


def rebuild():
    """Write every row that is not as it must be. Meant for what was changed behind the triggers' back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sourcing_refresh("
            "ARRAY(SELECT id FROM profiles_profile UNION SELECT profile_id FROM sourcing_listing))"
        )
