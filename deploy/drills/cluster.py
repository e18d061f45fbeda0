"""Three PostgreSQL servers under Patroni, as deploy/patroni configures them, and an etcd that says which one leads."""

import http.client
import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import yaml

from deploy.drills import databases
from deploy.drills.databases import DATABASE, HOST, free_port
from deploy.drills.site import PROJECT, Process, cable, program, wait_until
from devtools.embedded_postgres import server

NODES = ("db1", "db2", "db3")


class Node:
    """A database machine: Patroni, its PostgreSQL, and its way to etcd."""

    def __init__(self, name: str, folder: Path, etcd: int) -> None:
        self.name, self.folder = name, folder
        self.port, self.api = free_port(), free_port()
        folder.mkdir()
        databases.hand_over(folder)
        self.cable, self.etcd = cable(folder, etcd)
        configuration = folder / "patroni.yml"
        configuration.write_text(yaml.safe_dump(self.configuration()))
        environment = {
            "PATH": f"{server.binaries()}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LC_ALL": "C",
            "TZ": "UTC",
        }
        self.patroni = Process(
            [program("patroni"), str(configuration)],
            log=folder / "patroni.log",
            environment=environment,
            account=server.account_of_server(),
        )

    def configuration(self) -> dict[str, Any]:
        """Return deploy/patroni/patroni.yml with the addresses and folders of a drill, and without passwords."""
        values = yaml.safe_load((PROJECT / "deploy" / "patroni" / "patroni.yml").read_text())
        where = f"--host={HOST} --port={self.port} --username={server.SUPERUSER} --dbname={DATABASE}"
        values["name"] = self.name
        values["restapi"] = {"listen": f"{HOST}:{self.api}", "connect_address": f"{HOST}:{self.api}"}
        values["etcd3"] = {"hosts": f"{HOST}:{self.etcd}", "use_proxies": True}  # never past the cable
        values["postgresql"] |= {
            "listen": f"{HOST}:{self.port}",
            "connect_address": f"{HOST}:{self.port}",
            "data_dir": str(self.folder / "data"),
            "bin_dir": str(server.binaries()),
            "before_stop": f"{PROJECT}/deploy/patroni/hold.sh {where}",
            "pg_hba": [f"host all all {HOST}/32 trust", f"host replication all {HOST}/32 trust"],
            "parameters": {"unix_socket_directories": str(self.folder), "fsync": "off"},
        }
        return values

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def state(self) -> dict[str, Any]:
        """Return what Patroni says of itself, or an empty dict if it does not answer."""
        return call(self.api, "GET", "/patroni")

    def takes_writes(self) -> bool:
        with suppress(Exception):  # a server that does not answer takes none
            return databases.ask(self.port, "SHOW transaction_read_only") == "off"
        return False

    def lose(self) -> None:
        """Kill the machine: Patroni and PostgreSQL, all at once."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        mine = [psutil.Process(self.patroni.process.pid), psutil.Process(postmaster)]
        for process in {child for one in mine for child in one.children(recursive=True)} | set(mine):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self.patroni.process.wait()

    def close(self) -> None:
        self.patroni.stop()
        server.run(self.folder, "pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", "data")
        self.cable.stop()


class Cluster:
    """Three nodes, one of which leads. Ready when it can lose one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes: list[Node] = []
        self.etcd: Process | None = None

    def open(self) -> None:
        """Start etcd, then the nodes. Return when a synchronous standby follows the primary."""
        folder, client, peer = self.folder, free_port(), free_port()
        folder.mkdir()
        self.etcd = Process(
            [program("etcd"), "--config-file", str(_etcd_configuration(folder, client, peer))],
            log=folder / "etcd.log",
            environment={"PATH": os.environ["PATH"]},
        )
        wait_until(lambda: bool(call(client, "GET", "/version")), "etcd")
        self.nodes.append(Node(NODES[0], folder / NODES[0], client))
        wait_until(lambda: self.leader is not None, "The first primary")
        self.nodes += [Node(name, folder / name, client) for name in NODES[1:]]
        wait_until(lambda: self.sync_standby() is not None, "A synchronous standby", 120)
        where = ["-h", HOST, "-p", str(self.require_leader().port), "-U", server.SUPERUSER]
        failed, said = server.run(folder / NODES[0], "createdb", *where, DATABASE)
        if failed:
            raise RuntimeError(f"createdb failed: {said}")

    @property
    def addresses(self) -> list[str]:
        return [node.address for node in self.nodes]

    @property
    def leader(self) -> Node | None:
        for node in self.nodes:
            if node.state().get("role") in {"primary", "master"} and node.state().get("state") == "running":
                return node
        return None

    def require_leader(self) -> Node:
        wait_until(lambda: self.leader is not None, "A primary")
        leader = self.leader
        if leader is None:
            raise RuntimeError("The primary vanished again.")
        return leader

    def sync_standby(self) -> Node | None:
        return next((node for node in self.nodes if node.state().get("sync_standby")), None)

    def switch_over(self) -> int:
        """Ask Patroni to make a standby the primary. Return the status of its answer."""
        leader = self.require_leader()
        return call(leader.api, "POST", "/switchover", {"leader": leader.name}).get("status", 0)

    def close(self) -> None:
        for node in self.nodes:
            node.close()
        if self.etcd:
            self.etcd.stop()


def _etcd_configuration(folder: Path, client: int, peer: int) -> Path:
    """Write deploy/etcd/etcd.conf.yml for a cluster of one, and return where."""
    values = yaml.safe_load((PROJECT / "deploy" / "etcd" / "etcd.conf.yml").read_text())
    peers = f"http://{HOST}:{peer}"
    values |= {
        "data-dir": str(folder / "etcd"),
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "listen-client-urls": f"http://{HOST}:{client}",
        "advertise-client-urls": f"http://{HOST}:{client}",
        "initial-cluster": f"{values['name']}={peers}",
    }
    path = folder / "etcd.yml"
    path.write_text(yaml.safe_dump(values))
    return path


def call(port: int, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """Return the JSON object that a service answers, or {"status": …} of an answer that is none. {} without answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        with suppress(ValueError):
            if isinstance(found := json.loads(text), dict):
                return found
        return {"status": answer.status}
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
