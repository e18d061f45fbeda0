"""PostgreSQL servers that a drill or a test may kill: a primary on a port of its own, and a standby that follows it."""

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from devtools.embedded_postgres import server

HOST, DATABASE = "127.0.0.1", "site"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server:
    """A server of its own in `folder`, which must not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.where = ["-h", HOST, "-p", str(self.port), "-U", server.SUPERUSER]
        folder.mkdir()
        hand_over(folder)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def run(self, program: str, *arguments: str) -> None:
        failed, said = server.run(self.folder, program, *arguments)
        if failed:
            raise RuntimeError(f"{program} failed: {said}")

    def start(self, more: str = "") -> None:
        """Start it, with `more` options as `postgres` takes them."""
        # Nothing is lost if the machine fails: the disk need not be waited for.
        options = f"-p {self.port} -c listen_addresses={HOST} -c unix_socket_directories='' -c fsync=off {more}"
        self.run("pg_ctl", "start", "-w", "-s", "-D", "data", "-l", "data/server.log", "-o", options)

    def stop(self) -> None:
        """Let it end as if its machine failed."""
        server.run(self.folder, "pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", "data")

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself. It may still be recovering."""
        failed, _ = server.run(self.folder, "pg_ctl", "status", "-s", "-D", "data")
        return not failed

    def promote(self) -> None:
        self.run("pg_ctl", "promote", "-w", "-s", "-D", "data")

    def ask(self, query: str, values: Any = None) -> Any:
        """Return the only value of the answer, or None."""
        return ask(self.port, query, values)


def hand_over(folder: Path) -> None:
    """Give `folder` to the account that runs the servers: PostgreSQL refuses to run as root."""
    if account := server.account_of_server():
        server.let_through(folder)
        os.chown(folder, account.pw_uid, account.pw_gid)


def ask(port: int, query: str, values: Any = None) -> Any:
    """Return the only value that the server at `port` answers, or None."""
    where = f"host={HOST} port={port} user={server.SUPERUSER} dbname={DATABASE} connect_timeout=3"
    with psycopg.connect(where, autocommit=True) as connection:
        answer = connection.execute(query.encode(), values)
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def primary(folder: Path) -> Server:
    """Start a server with an empty database."""
    new = Server(folder)
    new.run(
        "initdb", "-D", "data", "-U", server.SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-sync",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
    )  # fmt: skip
    new.start()
    new.run("createdb", *new.where, DATABASE)
    return new


def copy_of(database: dict[str, Any], folder: Path) -> Server:
    """Start a server that holds a copy of `database`, as Django's settings describe it on the embedded server."""
    new = primary(folder)
    sockets = str(server.socket_folder(Path(database["HOST"])))
    dump = [str(server.binaries() / "pg_dump"), "-h", sockets, "-U", server.SUPERUSER, database["NAME"]]
    written = subprocess.run(dump, capture_output=True, check=True).stdout
    load = [str(server.binaries() / "psql"), "-q", "-v", "ON_ERROR_STOP=1", *new.where, DATABASE]
    subprocess.run(load, input=written, stdout=subprocess.DEVNULL, check=True)
    return new


def standby(folder: Path, leader: Server) -> Server:
    """Start a standby that follows `leader`."""
    new = Server(folder)
    new.run("pg_basebackup", "-D", "data", "-R", "-X", "stream", "--checkpoint=fast", "--no-sync", *leader.where)
    new.start()
    return new


def wait_for_standby(leader: Server) -> None:
    """Return once the standby has applied everything that the leader wrote."""
    lag = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()"
    deadline = time.monotonic() + 20
    while not leader.ask(lag):
        if time.monotonic() > deadline:
            raise TimeoutError("The standby does not catch up.")
        time.sleep(0.05)
