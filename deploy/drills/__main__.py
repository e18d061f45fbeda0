"""`python -m deploy.drills [NAME …]`: run drills, or list them."""

import sys
import tempfile
import time
from pathlib import Path

from deploy.drills.backup import restore
from deploy.drills.disk import disk_full
from deploy.drills.machines import rolling, slow_clients, worker_kill
from deploy.drills.primary import failover, partition, switchover
from deploy.drills.services import cache_down, clamd_down, mail_down, s3_down

DRILLS = {
    drill.__name__.replace("_", "-"): drill
    for drill in (
        failover, switchover, partition, rolling, worker_kill, slow_clients, cache_down, mail_down, s3_down,
        clamd_down, disk_full, restore,
    )
}  # fmt: skip


def main(names: list[str]) -> int:
    """Run the drills called `names`. Return how many failed their promise."""
    if unknown := [name for name in names if name not in DRILLS]:
        print(f"There is no drill called {', '.join(unknown)}.", file=sys.stderr)
    if unknown or not names:
        for name, drill in DRILLS.items():
            print(f"{name:14}{(drill.__doc__ or '').splitlines()[0]}")
        return len(unknown)
    failed = 0
    for name in names:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"drill-{name}-") as folder:
            outcome = DRILLS[name](Path(folder))
        failed += not outcome.is_kept
        verdict = "kept" if outcome.is_kept else "BROKEN"
        print(f"{name}: {outcome.figures} Promise {verdict}, after {time.monotonic() - began:.0f} s.", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
