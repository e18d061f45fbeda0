import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from devtools.embedded_postgres import server

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]
CONNECT_AND_WAIT = """
import sys
from django.conf import settings
from django.db import connection
engine = "devtools.embedded_postgres"
settings.configure(DATABASES={"default": {"ENGINE": engine, "NAME": "site", "HOST": sys.argv[1]}})
connection.ensure_connection()
print("connected", flush=True)
sys.stdin.read()
"""


def connect_to(folder, **settings):
    database = {"ENGINE": "devtools.embedded_postgres", "NAME": "site", "HOST": str(folder), **settings}
    return ConnectionHandler({"default": database})["default"]


def stop_using(folder):
    """What the end of this process would do."""
    if using := server._used.pop(folder.resolve(), None):
        os.close(using)


def postmaster(folder):
    """The process id of the server, or None once it has ended."""
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return pid


def eventually(is_so):
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ask(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else None


@contextlib.contextmanager
def another_process(folder):
    command = [sys.executable, "-c", CONNECT_AND_WAIT, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module", autouse=True)
def _databases_of_its_own(django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a server set up in it, in a path that a shell would trip over."""
    folder = tmp_path_factory.mktemp("embedded") / """it's "a" $folder"""
    folder.mkdir()
    (folder / "unfinished").mkdir()
    (folder / "unfinished" / "PG_VERSION").write_text("from a set-up that was interrupted")
    connection = connect_to(folder)
    connection.ensure_connection()
    connection.close()
    stop_using(folder)  # so that the first test finds it as every other does, whichever it is
    eventually(lambda: postmaster(folder) is None)
    return folder


@pytest.fixture
def folder(made):
    yield made
    stop_using(made)
    eventually(lambda: postmaster(made) is None)


@pytest.fixture
def connection(folder):
    connection = connect_to(folder)
    yield connection
    connection.close()


def test_first_connection_starts_a_server_that_sorts_alike_everywhere(connection):
    (row,) = ask(
        connection,
        "SELECT datname, datlocprovider, datlocale, pg_encoding_to_char(encoding), current_setting('listen_addresses')"
        " FROM pg_database WHERE datname = current_database()",
    )

    assert row == ("site", "b", "C.UTF-8", "UTF8", "")


def test_database_is_kept_when_the_server_stops(folder, connection):
    ask(connection, "CREATE TABLE kept AS SELECT 'still here' AS word")
    connection.close()
    stop_using(folder)
    eventually(lambda: postmaster(folder) is None)

    assert ask(connection, "SELECT word FROM kept") == [("still here",)]


def test_a_missing_test_database_is_left_to_the_test_runner(folder):
    with pytest.raises(OperationalError, match='database "test_site" does not exist'):
        connect_to(folder, NAME="test_site").ensure_connection()


def test_processes_that_start_at_once_share_one_server_which_outlives_none_of_them(folder):
    with another_process(folder) as first, another_process(folder) as second:
        assert [first.stdout.readline(), second.stdout.readline()] == ["connected\n"] * 2
        shared = postmaster(folder)
        first.send_signal(signal.SIGKILL)
        first.wait()
        time.sleep(0.2)
        assert postmaster(folder) == shared
        second.send_signal(signal.SIGKILL)
        second.wait()

        eventually(lambda: postmaster(folder) is None)
        eventually(lambda: not server._has_keeper(folder))


def test_a_forked_child_keeps_the_server(folder, connection):
    connection.ensure_connection()
    child = subprocess.Popen(
        ["sleep", "60"], close_fds=False, preexec_fn=lambda: os.set_inheritable(server._used[folder.resolve()], True)
    )
    stop_using(folder)
    time.sleep(0.2)

    assert postmaster(folder)

    child.kill()
    child.wait()
    eventually(lambda: postmaster(folder) is None)


def test_server_is_started_again_after_it_was_killed(folder):
    connection = connect_to(folder, CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
    connection.ensure_connection()
    os.kill(postmaster(folder), signal.SIGKILL)
    eventually(lambda: not connection.is_usable())

    connection.close_if_unusable_or_obsolete()  # as at the start of each request

    assert ask(connection, "SELECT 1") == [(1,)]
    connection.close()


def test_keeper_that_is_gone_is_replaced_by_the_next_process(tmp_path, monkeypatch):
    folder = tmp_path / "own"  # in which no test before has left a keeper that is about to go
    with monkeypatch.context() as patched:
        patched.setattr(server, "_start_keeper", lambda folder: None)
        connection = connect_to(folder)
        connection.ensure_connection()
    assert not server._has_keeper(folder)

    with another_process(folder) as other:
        assert other.stdout.readline() == "connected\n"

    assert server._has_keeper(folder)
    connection.close()
    stop_using(folder)
    eventually(lambda: postmaster(folder) is None)


def test_keeper_stops_the_server_once_no_one_uses_it(folder, connection, monkeypatch):
    monkeypatch.setattr(server, "_start_keeper", lambda folder: None)
    connection.ensure_connection()
    connection.close()
    stop_using(folder)

    server.stop_when_unused(folder, server.start_keeping(folder))

    assert postmaster(folder) is None


def test_data_of_another_account_is_refused_in_a_sentence(folder, monkeypatch):
    monkeypatch.setattr(server, "account_of_server", lambda: SimpleNamespace(pw_uid=os.geteuid() + 12345))

    with pytest.raises(OperationalError) as caught:
        connect_to(folder).ensure_connection()

    assert str(caught.value) == f"{folder} belongs to another account. Remove it, or run as the one that made it."


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OperationalError, match=r"The embedded PostgreSQL cannot run in .*/file/postgres: "):
        connect_to(tmp_path / "file" / "postgres").ensure_connection()


def test_a_server_that_does_not_start_says_why(folder):
    control = folder / "data" / "global" / "pg_control"
    control.rename(folder / "pg_control")
    try:
        with pytest.raises(OperationalError, match=r"The embedded PostgreSQL did not start: .*pg_control"):
            connect_to(folder).ensure_connection()
    finally:
        (folder / "pg_control").rename(control)


def test_without_the_wheel_it_says_what_to_do(folder, monkeypatch):
    monkeypatch.setattr(server.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(OperationalError, match=r"not installed\. Run `make run`, or set DATABASE_URL"):
        connect_to(folder).ensure_connection()


def test_shell_is_the_servers_own_psql(connection, capfd):
    connection.client.runshell(["-Atc", "SELECT current_database()"])

    assert capfd.readouterr().out == "site\n"


def test_socket_of_a_long_path_is_in_the_temporary_folder(tmp_path):
    short, long = Path("/srv/postgres"), tmp_path / ("long" * 20)

    assert server.socket_folder(short) == short / "socket"
    assert server.socket_folder(long).parent == Path("/tmp")  # noqa: S108
    assert server.socket_folder(long) != server.socket_folder(long / "other")


def test_closed_folders_are_opened_to_the_servers_account_no_wider_than_needed(tmp_path):
    outer = tmp_path / "outer"
    program = outer / "package" / "program"
    program.parent.mkdir(parents=True)
    program.write_text("")
    for path, mode in [(program, 0o700), (program.parent, 0o700), (outer, 0o750)]:
        path.chmod(mode)

    server.let_through(outer)
    server._let_read([program.parent])

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (outer, program.parent, program)]
    assert modes == [0o751, 0o705, 0o705]
