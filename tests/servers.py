"""PostgreSQL servers that a test may kill: a primary on a port of its own, and a standby that follows it."""

import os
import socket
import subprocess
import time
from pathlib import Path

import psycopg

from devtools.embedded_postgres import server

HOST, DATABASE = "127.0.0.1", "site"


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server:
    """A server of its own in `folder`, which must not exist yet."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.where = ["-h", HOST, "-p", str(self.port), "-U", server.SUPERUSER]
        folder.mkdir()
        if account := server._account():
            server._let_through(folder)
            os.chown(folder, account.pw_uid, account.pw_gid)

    @property
    def address(self):
        return f"{HOST}:{self.port}"

    def run(self, program, *arguments):
        failed, said = server._run(self.folder, program, *arguments)
        assert not failed, said

    def start(self):
        # Nothing is lost if the machine fails: the disk need not be waited for.
        options = f"-p {self.port} -c listen_addresses={HOST} -c unix_socket_directories='' -c fsync=off"
        self.run("pg_ctl", "start", "-w", "-s", "-D", "data", "-l", "data/server.log", "-o", options)

    def stop(self):
        """Let it end as if its machine failed."""
        server._run(self.folder, "pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", "data")

    def promote(self):
        self.run("pg_ctl", "promote", "-w", "-s", "-D", "data")

    def ask(self, query, values=None):
        """The only value of the answer, or None."""
        with psycopg.connect(
            host=HOST, port=self.port, user=server.SUPERUSER, dbname=DATABASE, autocommit=True
        ) as connection:
            answer = connection.execute(query, values)
            return answer.fetchone()[0] if answer.description else None


def primary(folder, database):
    """Start a server that holds a copy of `database`, as Django's settings describe it on the embedded server."""
    new = Server(folder)
    new.run(
        "initdb", "-D", "data", "-U", server.SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-sync",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
    )  # fmt: skip
    new.start()
    new.run("createdb", *new.where, DATABASE)
    sockets = str(server.socket_folder(Path(database["HOST"])))
    dump = [str(server.binaries() / "pg_dump"), "-h", sockets, "-U", server.SUPERUSER, database["NAME"]]
    written = subprocess.run(dump, capture_output=True, check=True).stdout
    load = [str(server.binaries() / "psql"), "-q", "-v", "ON_ERROR_STOP=1", *new.where, DATABASE]
    subprocess.run(load, input=written, stdout=subprocess.DEVNULL, check=True)
    return new


def standby(folder, leader):
    """Start a standby that follows `leader`."""
    new = Server(folder)
    new.run("pg_basebackup", "-D", "data", "-R", "-X", "stream", "--checkpoint=fast", "--no-sync", *leader.where)
    new.start()
    return new


def wait_for_standby(leader):
    """Return once the standby has applied everything that the leader wrote."""
    lag = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()"
    deadline = time.monotonic() + 20
    while not leader.ask(lag):
        assert time.monotonic() < deadline
        time.sleep(0.05)
