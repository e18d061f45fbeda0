"""Drills about the backup."""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.drills import databases
from deploy.drills.databases import Server
from deploy.drills.load import Load
from deploy.drills.outcomes import Outcome, members, of_load
from deploy.drills.site import PROJECT, Site, wait_until
from devtools.embedded_postgres import server as embedded

PROFILES = 100_000
WORK_SECONDS = 10
LONGEST_SECONDS = 600
# The sum of the hashes of all rows of a table, whatever their order.
CHECKSUM = "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} AS t"
TABLES = "SELECT string_agg(quote_ident(tablename), ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"


def restore(folder: Path) -> Outcome:
    """A database of 100,000 profiles is lost. It is restored to the second before a mistake, in 10 minutes."""
    backups = folder / "backups"
    for part in (backups, backups / "base", backups / "wal"):
        part.mkdir()
        databases.hand_over(part)
    first = databases.primary(folder / "first")
    second = None
    site = Site(folder, [first.address])
    try:
        archive = f"cp %p {backups}/wal/.%f && mv {backups}/wal/.%f {backups}/wal/%f"
        for setting in (f"archive_command = '{archive}'", "archive_mode = on"):
            first.ask(f"ALTER SYSTEM SET {setting}")
        first.stop()
        first.start()
        site.prepare()
        site.environment["DEBUG"] = "true"
        site.manage("fill", str(PROFILES))
        site.environment["DEBUG"] = "false"
        people = members(site)
        _back_up(first, backups)
        site.open(machines=1)
        with Load(site.proxy_port, people) as load:
            time.sleep(WORK_SECONDS)
        figures, _ = of_load(load, first.port)
        before = checksums(first.port)
        moment = datetime.now(UTC)
        time.sleep(1)
        first.ask("DELETE FROM profiles_workhistory")  # the mistake
        first.ask("SELECT pg_switch_wal()")
        wait_until(lambda: _is_archived(first), "The archive of the log")
        site.close()
        first.stop()

        began = time.monotonic()
        second = _restored(folder, backups, moment)
        restored = Site(folder, [second.address])
        try:
            restored.prepare()
            restored.open(machines=1)
            took = time.monotonic() - began
        finally:
            restored.close()
        # What the site itself wrote since: its migrations' and catalog's bookkeeping stays the same.
        differing = [table for table, known in before.items() if checksums(second.port)[table] != known]
        words = (
            f"{PROFILES:,} profiles served again after {took:.0f} s; {len(before)} tables, {len(differing)} differ. "
        )
        return Outcome(words + figures, took <= LONGEST_SECONDS and not differing)
    finally:
        site.close()
        for server in (first, second):
            if server:
                server.stop()


def checksums(port: int) -> dict[str, str]:
    """Return what the rows of each table at `port` add up to."""
    names = databases.ask(port, TABLES).split()
    return {name: databases.ask(port, CHECKSUM.format(table=name)) for name in names}


def _back_up(server: Server, backups: Path) -> None:
    copy = backups / "base" / "unfinished"
    server.run("pg_basebackup", "-D", str(copy), "-X", "none", "--checkpoint=fast", "--no-sync", *server.where)
    copy.rename(copy.with_name(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"))


def _is_archived(server: Server) -> bool:
    waits = "SELECT last_archived_wal >= pg_walfile_name(pg_switch_wal() - 1) FROM pg_stat_archiver"
    return bool(server.ask(waits))


def _restored(folder: Path, backups: Path, moment: datetime) -> Server:
    """Return a new server with what deploy/restore.sh makes of the backups, once it takes writes."""
    new = Server(folder / "second")
    command = [str(PROJECT / "deploy" / "restore.sh"), str(backups), str(new.folder / "data"), f"{moment:%FT%TZ}"]
    account = embedded.account_of_server()
    who = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
    subprocess.run(command, check=True, extra_groups=[] if account else None, **who)  # type: ignore[call-overload]
    new.start()
    wait_until(lambda: new.ask("SELECT NOT pg_is_in_recovery()"), "The end of recovery", LONGEST_SECONDS)
    return new
