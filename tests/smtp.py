"""A small mail server, which takes what it is sent or answers as a test wants."""

import email
import email.policy
import socketserver
import threading


class Session(socketserver.StreamRequestHandler):
    server: "MailServer"

    def handle(self):
        self._say(220)
        self.recipients = []
        while line := self.rfile.readline():
            command = line.split(b":")[0].split()[0].decode().upper()
            refusal = self.server.answers(command, line.decode())
            if refusal == "hang up":
                return
            if command == "DATA" and not refusal:
                self._say(354)
                lines = list(iter(self.rfile.readline, b".\r\n"))
                refusal = self.server.answers("END", b"".join(lines).decode())
                if refusal == "hang up":
                    return
                if not refusal:
                    self.server.took.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
            self._say(refusal or (221 if command == "QUIT" else 250))
            if command == "QUIT":
                return

    def _say(self, code):
        self.wfile.write(f"{code} ok\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a port of this machine. `took`: the messages it took. `answers`: (command, line) -> a code to refuse
    with, "hang up", or None to take it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Session)
        self.took = []
        self.answers = lambda command, line: None

    @property
    def port(self):
        return self.server_address[1]

    def __enter__(self):
        # It looks every 10 ms whether to stop: with the usual half a second each test would wait so long for it.
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()


def mailers(port):
    """MAILERS that send to a port of this machine."""
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
