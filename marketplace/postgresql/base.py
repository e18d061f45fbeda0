"""Django's backend for PostgreSQL, whose requests wait out a planned switchover: neither fails nor is any cut off.

Before a primary is stopped as planned, deploy/patroni/hold.sh takes a lock on it. Requests that run go on to their end.
Each new one finds its connection held, gives it up, and waits until a server takes writes and is not held.
"""

import time
from collections import defaultdict
from functools import partial
from typing import Any, ClassVar

import psycopg
from django.db.backends.postgresql import base

from common.pauses import Pause

# Whoever has this advisory lock of the database holds off all requests.
HELD = "SELECT NOT pg_try_advisory_xact_lock_shared(hashtext('marketplace.held'))"
RETRY_SECONDS = 0.1


class DatabaseWrapper(base.DatabaseWrapper):
    patience_seconds = 0.0  # how long a connection is waited for: `marketplace.wsgi` sets it for requests
    # By database. Once waited for in vain, it is away for longer. Then requests are refused at once for a while.
    _given_up: ClassVar[dict[str, Pause]] = defaultdict(partial(Pause, 30))

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        """Return a connection to a server that is not held, if need be after a while."""
        given_up = self._given_up[self.alias]
        until = time.monotonic() + (0 if given_up.is_on else self.patience_seconds)
        while True:
            try:
                return self._connected(conn_params)
            except psycopg.OperationalError:
                if time.monotonic() >= until:
                    given_up.begin()
                    raise
                time.sleep(RETRY_SECONDS)

    def _connected(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        connection = super().get_new_connection(conn_params)
        if _is_held(connection):
            connection.close()
            raise psycopg.OperationalError("The server is held: another is about to be the primary.")
        return connection

    def is_usable(self) -> bool:
        """Asked at the beginning of each request: True if the connection stands and its server is not held."""
        if self.connection is None:
            return False
        try:
            return not _is_held(self.connection)
        except psycopg.Error:
            return False


def _is_held(connection: psycopg.Connection) -> bool:
    with connection.cursor() as cursor:
        row = cursor.execute(HELD).fetchone()
    if not connection.autocommit:
        connection.rollback()
    return bool(row and row[0])
