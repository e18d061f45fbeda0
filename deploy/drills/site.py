"""The site in production form on loopback: machines that serve it, a worker, and the proxy of deploy/haproxy."""

import http.client
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from deploy.drills.databases import DATABASE, HOST, free_port

PROJECT = Path(__file__).resolve().parents[2]
NAME = "talent.example.com"
WAIT_SECONDS = 60
# The site's own settings, which a drill must not take over from whoever runs it.
FOREIGN = ("DEBUG", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> float:
    """Return after how many seconds it was so. Raise TimeoutError."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{what}: not within {seconds:.0f} seconds.")
        time.sleep(0.05)
    return time.monotonic() - began


class Process:
    """A process with its log, which can be started again."""

    def __init__(
        self, command: list[str], *, log: Path, environment: dict[str, str], account: pwd.struct_passwd | None = None
    ) -> None:
        self.command, self.log, self.environment = command, log, environment
        # As that account and with its rights alone.
        self.who: dict[str, Any] = (
            {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        )
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=PROJECT, env=self.environment, stdout=log, stderr=log, **self.who
            )

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.terminate()
        try:
            self.process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Let it hang: it still takes connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)


# A cut of this stands for a cut of the cable to a service.
CABLE = """
global
    maxconn 200
defaults
    mode tcp
    timeout connect 3s
    timeout client 1h
    timeout server 1h
listen cable
    bind {host}:{port}
    server service {host}:{service}
"""


def cable(folder: Path, service: int) -> tuple[Process, int]:
    """Start a cable to the port `service`. Return it and the port at its near end."""
    port = free_port()
    configuration = folder / "cable.cfg"
    configuration.write_text(CABLE.format(host=HOST, port=port, service=service))
    command = [program("haproxy"), "-db", "-f", str(configuration)]
    return Process(command, log=folder / "cable.log", environment={}), port


class Site:
    """A site on the databases at `addresses`, everything of which is in `folder`."""

    def __init__(self, folder: Path, addresses: list[str], **settings: str) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self.environment = kept | {
            "DEBUG": "false",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "DATABASE_URL": f"postgres://postgres@{','.join(addresses)}/{DATABASE}",
            "ALLOWED_HOSTS": NAME,
            "SITE_URL": f"https://{NAME}",
            "EMAIL_URL": f"smtp://{HOST}:{free_port()}",
            "TRUSTED_PROXY_COUNT": "1",
            "DATA_DIR": str(folder / "data"),
            "PRIVATE_ROOT": str(folder / "private"),
            "STATIC_ROOT": str(folder / "static"),
            **settings,
        }
        self.ports: list[int] = []
        self.machines: list[Process] = []
        self.others: list[Process] = []
        self.proxy_port = free_port()

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py to its end, and return what it printed. Raise RuntimeError if it fails."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed: {done.stderr[-2000:]}")
        return done.stdout

    def prepare(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_catalogue", "--verbosity", "0")

    def open(self, machines: int) -> None:
        """Start so many machines with two workers each, and the proxy. Return when all answer."""
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.ports = [free_port() for _ in range(machines)]
        for number, port in enumerate(self.ports, 1):
            environment = self.environment | {"PORT": str(port), "WORKERS": "2"}
            command = [sys.executable, "manage.py", "serve"]
            self.machines.append(Process(command, log=self.folder / f"machine{number}.log", environment=environment))
        configuration = self.folder / "haproxy.cfg"
        configuration.write_text(proxy_configuration(self.proxy_port, self.ports))
        self.start("haproxy", [program("haproxy"), "-db", "-f", str(configuration)])
        for port in self.ports:
            wait_until(partial(is_ready, port), f"The machine at {port}")
        wait_until(lambda: self.get("/") == 200, "The proxy")

    def start(self, name: str, command: list[str]) -> Process:
        """Start another process of the site, or a service that it uses. It ends with the site."""
        started = Process(command, log=self.folder / f"{name}.log", environment=self.environment)
        self.others.append(started)
        return started

    def get(self, path: str) -> int:
        """Return the status with which the proxy answers, or 0 without an answer."""
        return status(self.proxy_port, path, {"Host": NAME})

    def close(self) -> None:
        for process in (*self.machines, *self.others):
            process.stop()


def proxy_configuration(port: int, machines: list[int]) -> str:
    """Return deploy/haproxy/haproxy.cfg with the addresses of a drill, and without TLS."""
    text = (PROJECT / "deploy" / "haproxy" / "haproxy.cfg").read_text()
    text = re.sub(r"    bind :80\n    bind :443 .*\n.*redirect scheme https.*\n", f"    bind {HOST}:{port}\n", text)
    servers = "".join(f"    server app{number} {HOST}:{at}\n" for number, at in enumerate(machines, 1))
    text = re.sub(r"(    server app\d .*\n?)+", servers, text)
    return text.replace("maxconn 8000 ", "maxconn 900  ")  # what this account may open here


def program(*names: str) -> str:
    """Return where the first of these programs is that is installed. Raise RuntimeError if none is."""
    for name in names:
        if found := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"):
            return found
    raise RuntimeError(f"{' or '.join(names)} is not installed on this machine.")


def is_ready(port: int) -> bool:
    return status(port, "/readyz", {"Host": NAME}) == 200


def status(port: int, path: str, headers: dict[str, str], method: str = "GET") -> int:
    """Return the status of an answer, or 0 without one."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
