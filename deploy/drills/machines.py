"""Drills about the machines that serve the site."""

import os
import signal
import socket
import time
from functools import partial
from pathlib import Path

import psutil

from deploy.drills.databases import HOST
from deploy.drills.load import Load
from deploy.drills.outcomes import SETTLE_SECONDS, Outcome, members, of_load, site_on
from deploy.drills.release import next_release
from deploy.drills.site import NAME, Process, is_ready, wait_until

SLOW = 200  # clients
APPLIED = "SELECT to_regclass('workhistory_remark') IS NOT NULL"


def rolling(folder: Path) -> Outcome:
    """Migrations are applied and two machines restarted as the next release, under reads and writes. None fails."""
    with site_on(folder) as (site, server):
        release = next_release(folder)
        with Load(site.proxy_port, members(site)) as load:
            time.sleep(SETTLE_SECONDS)
            site.environment |= release
            site.manage("migrate", "--verbosity", "0")
            time.sleep(SETTLE_SECONDS)  # the release before serves with the new tables
            for machine, port in zip(site.machines, site.ports, strict=True):
                machine.stop()
                machine.environment |= release
                machine.start()
                wait_until(partial(is_ready, port), f"The machine at {port}")
                time.sleep(SETTLE_SECONDS)  # until the proxy has asked it
        figures, lost = of_load(load, server.port)
        is_applied = bool(server.ask(APPLIED))
        return Outcome(figures, is_applied and not load.failed() and not lost)


def worker_kill(folder: Path) -> Outcome:
    """A worker of each machine is killed in the midst of requests. Others take its place, and no write is lost."""
    with site_on(folder) as (site, server):
        with Load(site.proxy_port, members(site)) as load:
            killed = 0
            for machine in site.machines:
                time.sleep(SETTLE_SECONDS)
                before = _children(machine)
                os.kill(min(before), signal.SIGKILL)
                killed += 1
                wait_until(partial(_has_new_child, machine, before), "A new worker")
            time.sleep(SETTLE_SECONDS)
        figures, lost = of_load(load, server.port)
        # Only what a killed worker had in its hands may fail: one request each.
        return Outcome(f"{killed} workers killed. {figures}", load.failed() <= killed and not lost)


def _children(machine: Process) -> set[int]:
    return {child.pid for child in psutil.Process(machine.process.pid).children(recursive=True)}


def _has_new_child(machine: Process, before: set[int]) -> bool:
    return bool(_children(machine) - before)


def slow_clients(folder: Path) -> Outcome:
    """200 clients send a request a byte at a time. Everyone else is served as before."""
    with site_on(folder) as (site, server):
        people = members(site)
        with Load(site.proxy_port, people):  # a worker's first pages take longer
            time.sleep(SETTLE_SECONDS)
        with Load(site.proxy_port, people) as before:
            time.sleep(SETTLE_SECONDS)
        slow = [socket.create_connection((HOST, site.proxy_port)) for _ in range(SLOW)]
        for client in slow:
            client.sendall(f"POST /profiles/new/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 5000\r\n\r\na".encode())
        with Load(site.proxy_port, people) as during:
            for _ in range(SETTLE_SECONDS):
                for client in slow:
                    client.sendall(b"a")
                time.sleep(1)
        for client in slow:
            client.close()
        usual, now = _median(before), _median(during)
        figures, _ = of_load(during, server.port)
        words = f"{SLOW} slow clients: a request takes {1000 * now:.0f} ms instead of {1000 * usual:.0f}. {figures}"
        return Outcome(words, not during.failed() and now <= 2 * usual)


def _median(load: Load) -> float:
    times = sorted(sent.seconds for sent in load.sent)
    return times[len(times) // 2]
