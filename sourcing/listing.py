"""The listings: what keeps them, how a search's filters are written in their terms, and the proof that they are right.

How they are made: sourcing/sql/README.md.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pgtrigger
from django.db import connection
from django.db.models import BooleanField, F, Func, Value
from django.utils import timezone

from certifications.models import Certificate, Certification, Consent, Evidence
from certifications.models.record import RENEWAL_GRACE
from common.definitions import Definitions
from common.searching import FUNCTIONS, JOINERS, Word, query_of
from profiles.models import Profile
from sourcing.models import CertifiedListing, Listing

# After its last day a certification is over in every time zone.
UNTIL_LEAVING = timedelta(days=2)
NAME_LETTERS = 100
MOST_BYTES_OF_TERMS = 2200
DEFINITIONS = Definitions(
    folder=Path(__file__).parent / "sql",
    names=(
        "sourcing_fitting_terms",
        "sourcing_expected",
        "sourcing_certified_expected",
        "sourcing_refresh_certified",
        "sourcing_refresh",
    ),
    values={
        "profile_table": Profile._meta.db_table,
        "certification_table": Certification._meta.db_table,
        "certificate_table": Certificate._meta.db_table,
        "evidence_table": Evidence._meta.db_table,
        "consent_table": Consent._meta.db_table,
        "listing_table": Listing._meta.db_table,
        "certified_listing_table": CertifiedListing._meta.db_table,
        "name_letters": NAME_LETTERS,
        "joiners": JOINERS,
        "most_bytes_of_terms": MOST_BYTES_OF_TERMS,
        "renewal_grace_days": RENEWAL_GRACE.days,
        "days_until_leaving": UNTIL_LEAVING.days,
        "good_standing": Certification.Standing.GOOD.value,
        "purpose_find": Consent.Purpose.FIND.value,
    },
)
IN_FORCE = ("INSTALLED", True)
COLUMNS = "profile_id, active_at, name_key, state, hourly_rate, terms"
# What is listed, and what must be. Who has expired since is about to leave, which is neither wrong nor lacking.
TABLES = (
    ("sourcing_listing", "sourcing_expected", COLUMNS),
    (
        f"sourcing_certifiedlisting WHERE valid_until >= (now() AT TIME ZONE 'UTC')::date - {UNTIL_LEAVING.days}",
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
    """SQL: true if the listing's terms match all of a list of tsqueries, given as text."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, queries: Iterable[str]) -> None:
        super().__init__(F("terms"), Func(Value(" & ".join(queries)), template="(%(expressions)s)::tsquery"))


class Unindexed(Func):
    """SQL: an unchanged value. Ordering by it uses no index."""

    function = "GREATEST"


def term(name: str, value: object) -> str:
    """Return the tsquery for the lexeme of a filter: `term("type", 3)`. See `sourcing_expected`."""
    return _quoted(f"~{name}/{value}")


def word(typed: Word) -> str:
    """Return the tsquery for a word of the name, the headline or the skills, or for words that begin with it.

    A single letter, such as C, must be a whole word: too many words begin with it.
    """
    return query_of(typed, lambda part: _quoted(part) + _begins(part))


def word_of_name(typed: Word) -> str:
    """Return the tsquery for a word of the profile's name, or for words that begin with it."""
    return query_of(typed, lambda part: term("name", part) + _begins(part))


def _begins(text: str) -> str:
    return ":*" if len(text) > 1 else ""


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def install(**kwargs: object) -> None:
    """Make the database hold the listings' functions and views, once it has their tables. Follows each `migrate`."""
    if Listing._meta.db_table in connection.introspection.table_names():
        DEFINITIONS.install()


def outdated() -> list[str]:
    """Return the functions, views and triggers that the database lacks or holds otherwise than the project says."""
    return [*FUNCTIONS.differing(), *DEFINITIONS.differing(), *_outdated_triggers()]


def install_outdated() -> None:
    """Install the definitions and triggers that the database lacks or holds differently."""
    FUNCTIONS.install()
    DEFINITIONS.install()
    if triggers := _outdated_triggers():
        pgtrigger.install(*triggers)


def _outdated_triggers() -> list[str]:
    return [
        trigger.get_uri(model)
        for model, trigger in pgtrigger.registered()
        if trigger.get_installation_status(model) != IN_FORCE
    ]


def oldest() -> date:
    """Return the earliest last day that is still valid in some time zone."""
    return timezone.now().date() - UNTIL_LEAVING


def drop_expired() -> int:
    """Delete the rows of expired certifications, which searches skip anyway. Return their number."""
    return CertifiedListing.objects.filter(valid_until__lt=oldest()).delete()[0]


def differences() -> tuple[int, int]:
    """Return the number of wrong rows in the listings, and of missing ones. A wrong row counts in both."""
    found = []
    with connection.cursor() as cursor:
        for table, view, columns in TABLES:
            cursor.execute(DIFFERENCES.format(table=table, view=view, columns=columns))
            found.append(cursor.fetchone())
    wrong, lacking = zip(*found, strict=True)
    return sum(wrong), sum(lacking)


def rebuild() -> None:
    """Write every wrong or missing row, after a change that bypassed the triggers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sourcing_refresh(ARRAY("
            "SELECT id FROM profiles_profile UNION SELECT profile_id FROM sourcing_listing"
            " UNION SELECT profile_id FROM sourcing_certifiedlisting))"
        )
