"""An optional virus scan of uploads by a ClamAV daemon: off unless CLAMD_URL is set."""

import socket
import struct
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

PING_SECONDS = 2  # one that hangs is noticed before it has held up the server's worker for long
TIMEOUT_SECONDS = 20
CHUNK = 1 << 16


class Infected(Exception):
    """The scanner found a virus. The text is the scanner's name for it."""


class Unavailable(Exception):
    """The scanner is configured but does not answer. Then no file is accepted."""


def scan(content: bytes) -> None:
    """Scan `content`, if a scanner is configured. Raises Infected or Unavailable.

    Source: clamd(8), PING and INSTREAM.
    """
    if not settings.CLAMD_URL:
        return
    url = urlsplit(settings.CLAMD_URL)
    try:
        with _connected(url, PING_SECONDS) as daemon:
            daemon.sendall(b"zPING\0")
            if _answer(daemon) != "PONG":
                raise Unavailable
        with _connected(url, TIMEOUT_SECONDS) as daemon:
            daemon.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                part = content[start : start + CHUNK]
                daemon.sendall(struct.pack("!I", len(part)) + part)
            daemon.sendall(struct.pack("!I", 0))
            answer = _answer(daemon)
    except OSError as error:
        raise Unavailable from error
    if answer.endswith("FOUND"):
        raise Infected(answer.removeprefix("stream: ").removesuffix(" FOUND"))
    if answer != "stream: OK":
        raise Unavailable(answer)


def _connected(url: SplitResult, timeout: float) -> socket.socket:
    if url.scheme == "unix":
        daemon = socket.socket(socket.AF_UNIX)
        daemon.settimeout(timeout)
        daemon.connect(url.path)
        return daemon
    return socket.create_connection((url.hostname, url.port or 3310), timeout)


def _answer(daemon: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and (part := daemon.recv(4096)):
        answer += part
    return answer.rstrip(b"\0").decode(errors="replace").strip()
