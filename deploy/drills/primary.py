"""Drills about the primary of the database, under Patroni."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.drills.cluster import Cluster, Node
from deploy.drills.load import Load
from deploy.drills.outcomes import SETTLE_SECONDS, Outcome, members, of_load
from deploy.drills.site import Site, wait_until

LONGEST_FAILOVER = 30  # seconds
LONGEST_SWITCHOVER = 15


@contextmanager
def _site_on_cluster(folder: Path) -> Iterator[tuple[Site, Cluster]]:
    cluster = Cluster(folder / "cluster")
    try:
        cluster.open()
        site = Site(folder, cluster.addresses)
        try:
            site.prepare()
            site.open(machines=2)
            yield site, cluster
        finally:
            site.close()
    finally:
        cluster.close()


def failover(folder: Path) -> Outcome:
    """The primary's machine is killed under reads and writes. Service is back in 30 s, and no write is lost."""
    with _site_on_cluster(folder) as (site, cluster):
        with Load(site.proxy_port, members(site)) as load:
            time.sleep(SETTLE_SECONDS)
            cluster.require_leader().lose()
            wait_for_writes(load)
            time.sleep(SETTLE_SECONDS)
        return _judged(load, cluster, LONGEST_FAILOVER)


def switchover(folder: Path) -> Outcome:
    """A standby is made the primary as planned, under reads and writes. No request fails."""
    with _site_on_cluster(folder) as (site, cluster):
        before = cluster.require_leader()
        with Load(site.proxy_port, members(site)) as load:
            time.sleep(SETTLE_SECONDS)
            cluster.switch_over()
            wait_until(lambda: cluster.leader not in (None, before), "The new primary")
            wait_for_writes(load)
            time.sleep(SETTLE_SECONDS)
        judged = _judged(load, cluster, LONGEST_SWITCHOVER)
        return Outcome(judged.figures, judged.is_kept and not load.failed())


def partition(folder: Path) -> Outcome:
    """The primary is cut off from etcd. It gives up before another leads: never do two servers take writes."""
    with _site_on_cluster(folder) as (site, cluster):
        old = cluster.require_leader()
        watch = _Watch(cluster.nodes)
        with Load(site.proxy_port, members(site)) as load, watch:
            time.sleep(SETTLE_SECONDS)
            old.cable.kill()
            wait_until(lambda: cluster.leader not in (None, old), "The new primary", 120)
            wait_for_writes(load)
            time.sleep(SETTLE_SECONDS)
        judged = _judged(load, cluster, LONGEST_FAILOVER)
        words = f"{watch.doubled} of {watch.looks:,} looks found two servers that take writes. "
        return Outcome(words + judged.figures, judged.is_kept and not watch.doubled and not old.takes_writes())


class _Watch(threading.Thread):
    """Looks again and again which of `nodes` take writes, from entering the context until leaving it."""

    def __init__(self, nodes: list[Node]) -> None:
        super().__init__()
        self.nodes, self.is_over = nodes, threading.Event()
        self.looks = self.doubled = 0

    def run(self) -> None:
        while not self.is_over.wait(0.1):
            self.looks += 1
            # In this order, twice: one that gave up between two questions was never beside its successor.
            first = {node.name for node in self.nodes if node.takes_writes()}
            again = {node.name for node in self.nodes if node.takes_writes()}
            self.doubled += len(first & again) > 1

    def __enter__(self) -> "_Watch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.join()


def wait_for_writes(load: Load) -> None:
    """Wait until every person has had a write confirmed that was sent from now on."""
    before = [visitor.tried for visitor in load.visitors]
    wait_until(
        lambda: all(visitor.confirmed > tried for visitor, tried in zip(load.visitors, before, strict=True)),
        "A confirmed write of each person",
        120,
    )


def _judged(load: Load, cluster: Cluster, longest: int) -> Outcome:
    figures, lost = of_load(load, cluster.require_leader().port)
    statuses = load.statuses()
    is_kept = not lost and not statuses[500] and not statuses[0] and load.pause() <= longest
    return Outcome(f"No page for {load.pause():.1f} s at most. {figures}", is_kept)
