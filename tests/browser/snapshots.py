"""A server of what was answered before, with the static files: Chromium asks no view a second time."""

import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.staticfiles import finders

from tests.site import Answer


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def snapshots(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Serve `answers`, by address with its query, and yield the server's own address."""

    def respond(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        answer = answers.get(f"{path}?{query}" if query else path)
        if answer and answer.status == 200:
            start_response("200 OK", [("Content-Type", answer.type)])
            return [answer.content]
        if found := finders.find(path.removeprefix("/static/")):
            kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
            start_response("200 OK", [("Content-Type", kind), ("Cache-Control", "max-age=3600")])
            return [Path(found).read_bytes()]
        start_response("404 Not Found", [])
        return []

    with make_server("localhost", 0, respond, _Server, _Quiet) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()
