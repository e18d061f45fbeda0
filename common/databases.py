"""The primary, which every write and almost every read goes to, and a standby, which follows it."""

from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

REPLICA = "replica"
# How long a migration waits for a table. Whoever reads the table waits behind the migration.
LOCK_TIMEOUT = "3s"


def for_reading() -> str:
    """Return the database for what may be some seconds old: the standby if the settings name one.

    Never for what the visibility rule, a permission or anyone's choice decides: those count at once.
    """
    return REPLICA if REPLICA in connections else DEFAULT_DB_ALIAS


def is_unavailable(error: BaseException | None) -> bool:
    """Return True if `error` says that the database cannot be reached, or takes no writes because it is a standby now.

    A connection to such a standby would look healthy. It is closed, so that the next request looks for the primary.
    """
    if error is not None and isinstance(error.__cause__, psycopg.errors.ReadOnlySqlTransaction):
        connections[DEFAULT_DB_ALIAS].close()
        return True
    return isinstance(error, OperationalError | InterfaceError)


def begin_migrating(using: str, **kwargs: Any) -> None:
    """Let migrations give up soon if a table is in use. They can be applied again at any time."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])


def end_migrating(using: str, **kwargs: Any) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("RESET lock_timeout")
