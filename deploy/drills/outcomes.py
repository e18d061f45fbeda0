"""What a drill found, and what most drills need: a site on a new database, with people at work on it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from deploy.drills import databases
from deploy.drills.databases import Server
from deploy.drills.load import Load, Member
from deploy.drills.site import Site

PEOPLE = 6
SETTLE_SECONDS = 5  # of use before something is taken, and after it is back
MAKE = "import json; from deploy.drills.people import make; print(json.dumps(make({total})))"


class Outcome(NamedTuple):
    """The figures of a drill, in words, and whether the site kept its promise."""

    figures: str
    is_kept: bool


@contextmanager
def site_on(
    folder: Path, disk: Path | None = None, /, *, machines: int = 2, **settings: str
) -> Iterator[tuple[Site, Server]]:
    """Yield a site that serves from so many machines, and the one database server that it is on.

    `disk`: where the database stands, if it has a disk of its own.
    """
    server = databases.primary((disk or folder) / "primary")
    site = Site(folder, [server.address], **settings)
    try:
        site.prepare()
        site.open(machines)
        yield site, server
    finally:
        site.close()
        server.stop()


def members(site: Site) -> list[Member]:
    """Return new people of the site, who use it in a drill."""
    printed = site.manage("shell", "--no-imports", "--command", MAKE.format(total=PEOPLE))
    return [Member(*values) for values in json.loads(printed.splitlines()[-1])]


def saved(port: int) -> dict[int, str]:
    """Return the title of each position by its key, as the database at `port` holds it."""
    rows = databases.ask(port, "SELECT json_object_agg(id, title) FROM profiles_workhistory")
    return {int(key): title for key, title in (rows or {}).items()}


def of_load(load: Load, port: int) -> tuple[str, int]:
    """Return what became of the requests of `load`, in words, and how many confirmed writes are lost."""
    counts = load.statuses()
    answers = ", ".join(f"{count:,} of {status or 'no answer'}" for status, count in sorted(counts.items()))
    confirmed = sum(visitor.confirmed for visitor in load.visitors)
    lost = load.lost(saved(port))
    return f"{counts.total():,} requests ({answers}), {confirmed:,} confirmed writes, {lost} lost.", lost
