"""Servers on this machine that stand for those of clients."""

import ssl
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

NETWORK = "127.0.0.0/8"  # what a test lets the site ask, as an operator lets it ask hosts of the own network


@contextmanager
def serving(answer, tls: ssl.SSLContext | None = None):
    """Serve what `answer` writes to each request's handler. Gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args):
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """Say nothing: a test may hang up on purpose."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
