"""Drills about the services that the site uses besides the database."""

import time
from pathlib import Path

from deploy.drills.databases import HOST, free_port
from deploy.drills.load import Load
from deploy.drills.outcomes import SETTLE_SECONDS, Outcome, members, of_load, site_on
from deploy.drills.site import program


def cache_down(folder: Path) -> Outcome:
    """The cache is killed under load and comes back empty. No request fails."""
    port = free_port()
    with site_on(folder, CACHE_URL=f"redis://{HOST}:{port}/0") as (site, server):
        where = ["--bind", HOST, "--port", str(port), "--save", "", "--dir", str(folder)]
        cache = site.start("cache", [program("valkey-server", "redis-server"), *where])
        with Load(site.proxy_port, members(site)) as load:
            time.sleep(SETTLE_SECONDS)
            cache.kill()
            time.sleep(2 * SETTLE_SECONDS)
            cache.start()
            time.sleep(3 * SETTLE_SECONDS)  # longer than the site leaves it alone
        figures, lost = of_load(load, server.port)
        return Outcome(figures, not load.failed() and not lost)
