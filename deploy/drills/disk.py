"""A drill about the database's disk."""

import errno
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from deploy.drills.databases import Server, hand_over
from deploy.drills.load import Load
from deploy.drills.outcomes import SETTLE_SECONDS, Outcome, members, of_load, site_on
from deploy.drills.primary import wait_for_writes
from deploy.drills.site import program

SIZE = 400 * 2**20  # bytes: a new database, its log, and room to work
CHUNK = 2**20
LONGEST_RETURN = 30  # seconds, from room on the disk to writes of everyone
MOST_SWITCHES = 20  # of the log's file, each of which takes 16 MB


def disk_full(folder: Path) -> Outcome:
    """The database's disk fills up under reads and writes. No write is lost, and with room writes are back in 30 s."""
    with _disk(folder / "disk") as disk, site_on(folder, disk) as (site, server):
        with Load(site.proxy_port, members(site)) as load:
            time.sleep(SETTLE_SECONDS)
            filler = _fill(disk)
            time.sleep(2 * SETTLE_SECONDS)  # tables can't grow
            _use_up_log(server)
            time.sleep(2 * SETTLE_SECONDS)  # nothing can be written at all
            while_full = Counter(sent.status for sent in load.sent)
            filler.unlink()
            began = time.monotonic()
            if not server.is_running:  # whatever supervises it starts it again
                server.start()
            wait_for_writes(load)
            back_after = time.monotonic() - began
            time.sleep(SETTLE_SECONDS)
        figures, lost = of_load(load, server.port)
        counts = load.statuses()
        is_kept = not lost and not counts[500] and not counts[0] and while_full[503] and back_after <= LONGEST_RETURN
        return Outcome(f"Writes again {back_after:.1f} s after there was room. {figures}", bool(is_kept))


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    """Yield a small disk in memory. To mount it takes root."""
    folder.mkdir()
    subprocess.run([program("mount"), "-t", "tmpfs", "-o", f"size={SIZE}", "drill", folder], check=True)
    try:
        hand_over(folder)
        yield folder
    finally:
        subprocess.run([program("umount"), "--lazy", folder], check=True)


def _fill(disk: Path) -> Path:
    """Write a file that takes all the room there is, and return it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (CHUNK, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return filler


def _use_up_log(server: Server) -> None:
    """Let the server begin new files of its log until it can't, which ends it."""
    with suppress(psycopg.Error):
        for _ in range(MOST_SWITCHES):
            server.ask("CREATE TABLE IF NOT EXISTS more (); SELECT pg_switch_wal()")
