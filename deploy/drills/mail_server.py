"""A small mail server, which takes what it is sent or answers as a test wants. It stands for one that may go away."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Callable
from email.message import EmailMessage
from typing import Self

from deploy.drills.databases import HOST

HANG_UP = "hang up"


class Session(socketserver.StreamRequestHandler):
    server: "MailServer"

    def handle(self) -> None:
        self._say(220)
        while line := self.rfile.readline():
            command = line.split(b":")[0].split()[0].decode().upper()
            refusal = self.server.answers(command, line.decode())
            if refusal == HANG_UP:
                return
            if command == "DATA" and not refusal:
                self._say(354)
                lines = list(iter(self.rfile.readline, b".\r\n"))
                refusal = self.server.answers("END", b"".join(lines).decode())
                if refusal == HANG_UP:
                    return
                if not refusal:
                    self.server.took.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
            self._say(refusal or (221 if command == "QUIT" else 250))
            if command == "QUIT":
                return

    def _say(self, code: int | str) -> None:
        self.wfile.write(f"{code} ok\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a port of this machine. `took`: the messages it took. `answers`: (command, line) -> a code to refuse
    with, HANG_UP, or None to take it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), Session)
        self.took: list[EmailMessage] = []
        self.answers: Callable[[str, str], int | str | None] = lambda command, line: None

    @property
    def port(self) -> int:
        return self.server_address[1]

    def __enter__(self) -> Self:
        # It looks every 10 ms whether to stop: with the usual half a second each test would wait so long for it.
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()
