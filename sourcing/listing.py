"""The listings: how a search's filters are written in their terms, and the proof that they equal what they are made of.

The views `sourcing_expected` and `sourcing_certified_expected` say what each row must be, `sourcing_refresh` writes the
rows of some profiles; all are in the migration `listing`, as are the functions of the triggers that call it.
"""

from datetime import timedelta

from django.db import connection
from django.db.models import BooleanField, F, Func, Value
from django.utils import timezone

from common.searching import query_of
from sourcing.models import CertifiedListing

COLUMNS = "profile_id, active_at, name_key, state, hourly_rate, terms"
# What is listed, and what must be. Who has expired since is about to leave, which is neither wrong nor lacking.
TABLES = (
    ("sourcing_listing", "sourcing_expected", COLUMNS),
    (
        "sourcing_certifiedlisting WHERE valid_until >= (now() AT TIME ZONE 'UTC')::date - 2",
        "sourcing_certified_expected",
        f"{COLUMNS}, valid_until",
    ),
)
# One statement, so that both sides are read as of the same moment.
DIFFERENCES = """
WITH listed AS (SELECT {columns} FROM {table}), expected AS (SELECT {columns} FROM {view})
SELECT (SELECT count(*) FROM (TABLE listed EXCEPT TABLE expected) AS wrong),
       (SELECT count(*) FROM (TABLE expected EXCEPT TABLE listed) AS lacking)
"""


class Matches(Func):
    """Whether the listing's terms have all that is asked for: a list of tsqueries, as text."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, queries):
        super().__init__(F("terms"), Func(Value(" & ".join(queries)), template="(%(expressions)s)::tsquery"))


class Unindexed(Func):
    """A value as it is, in whose order the database reads no index."""

    function = "GREATEST"


def term(name, value):
    """The query for the lexeme that stands for a filter: `term("type", 3)`. See `sourcing_expected`."""
    return _quoted(f"~{name}/{value}")


def word(typed):
    """The query for a word of the name, the headline or the skills, or one that begins so. `typed`: a Word.

    A single letter is a word of its own, such as C: what begins with it would be a large part of all.
    """
    return query_of(typed, lambda part: _quoted(part) + _begins(part))


def word_of_name(typed):
    """The query for a word of the profile's name, or one that begins so."""
    return query_of(typed, lambda part: term("name", part) + _begins(part))


def _begins(text):
    return ":*" if len(text) > 1 else ""


def _quoted(lexeme):
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def oldest():
    """The last day of whoever may still be shown somewhere: whoever's was before has expired in every time zone."""
    return timezone.now().date() - timedelta(days=2)


def drop_expired():
    """Remove the rows of those who have expired, which every search steps over. Returns how many."""
    return CertifiedListing.objects.filter(valid_until__lt=oldest()).delete()[0]


def differences():
    """(rows of the listings that must not be so, rows that they lack). A row that is wrong counts in both."""
    found = []
    with connection.cursor() as cursor:
        for table, view, columns in TABLES:
            cursor.execute(DIFFERENCES.format(table=table, view=view, columns=columns))
            found.append(cursor.fetchone())
    return tuple(map(sum, zip(*found, strict=True)))


def rebuild():
    """Write every row that is not as it must be. Meant for what was changed behind the triggers' back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sourcing_refresh(ARRAY("
            "SELECT id FROM profiles_profile UNION SELECT profile_id FROM sourcing_listing"
            " UNION SELECT profile_id FROM sourcing_certifiedlisting))"
        )
