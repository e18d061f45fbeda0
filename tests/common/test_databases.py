"""Which database is read, what counts as unavailable, and how long a migration waits."""

from contextlib import closing

import psycopg
import pytest
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import InterfaceError, InternalError, OperationalError, connection, connections, transaction

from common import databases


def raised(error, because=None):
    try:
        raise error from because
    except type(error) as caught:
        return caught


def lock_timeout():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]


def test_the_standby_is_read_only_if_the_settings_name_one(monkeypatch):
    assert databases.for_reading() == "default"

    monkeypatch.setitem(connections.settings, "replica", {})

    assert databases.for_reading() == "replica"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError(), True),
        (InterfaceError(), True),
        (raised(InternalError(), psycopg.errors.ReadOnlySqlTransaction()), True),
        (raised(InternalError(), psycopg.errors.InFailedSqlTransaction()), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_an_error_tells_whether_the_database_is_unavailable(error, expected, monkeypatch):
    monkeypatch.setattr(connection, "close", lambda: None)

    assert databases.is_unavailable(error) is expected


@pytest.mark.django_db
def test_migrations_wait_for_a_table_briefly_and_pages_as_long_as_ever():
    usual = lock_timeout()

    emit_pre_migrate_signal(verbosity=0, interactive=False, db="default")
    meanwhile = lock_timeout()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert (usual, meanwhile, lock_timeout()) == ("0", "3s", "0")


@pytest.mark.django_db
def test_a_migration_gives_up_on_a_table_that_is_in_use(monkeypatch):
    monkeypatch.setattr(databases, "LOCK_TIMEOUT", "20ms")
    with closing(connections.create_connection("default")) as reader:
        reader.set_autocommit(False)
        reader.cursor().execute("SELECT count(*) FROM common_mail")
        databases.begin_migrating("default")

        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            connection.cursor().execute("ALTER TABLE common_mail ADD COLUMN added integer")
