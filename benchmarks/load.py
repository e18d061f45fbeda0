"""Requests per second of the production server over loopback, asked by connections that are kept open."""

import re
import selectors
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from benchmarks.databases import HOST, ROOT

CONNECTIONS = 8
START_TIMEOUT_SECONDS = 30


@contextmanager
def serving(environment):
    """The production server, started as `make serve` does, on a free port: its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    environment = environment | {"HOST": address[0], "PORT": str(address[1])}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(address, process):
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The server did not start.") from None
            time.sleep(0.1)
        else:
            return


def requests_per_second(address, path, cookie, seconds):
    """How many GETs of `path` are answered a second. Raises SystemExit at any answer but 200."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {HOST}",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 192.0.2.1",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    request = "\r\n".join([*lines, "", ""]).encode()
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ, (connection, bytearray()))
    answered = 0
    started = time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for key, _ in selector.select(timeout=1):
            connection, received = key.data
            received += connection.recv(1 << 18)
            if _is_whole(received):
                answered += 1
                received.clear()
                connection.sendall(request)
    for key in list(selector.get_map().values()):
        key.data[0].close()
    selector.close()
    return answered / elapsed


def _is_whole(received):
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"The server answered {head.split(b'\r\n')[0].decode()}.")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    assert length, "The server gave no length."
    return len(body) >= int(length[1])
