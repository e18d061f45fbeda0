"""Whether a server's process works: asked by proxies and process managers, many times a minute."""

import time
from contextlib import closing
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

ANSWER_HOLDS_SECONDS = 1  # a worker opens no more than one connection a second for whoever asks
_answers: dict[str, tuple[float, str]] = {}


@login_not_required
@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """Answer, whatever else works."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if pages can be served, or 503 with what is in the way."""
    asked_at, obstacle = _answers.get("ready", (float("-inf"), ""))
    if time.monotonic() - asked_at > ANSWER_HOLDS_SECONDS:
        obstacle = _obstacle()
        _answers["ready"] = time.monotonic(), obstacle
    status = 503 if obstacle else 200
    return HttpResponse(f"{obstacle or 'ready'}\n", content_type="text/plain; charset=utf-8", status=status)


def _obstacle() -> str:
    """Return why no page can be served, or ""."""
    try:
        # A new connection: the worker's own may still stand while the server takes no more.
        with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as connection:
            applied = MigrationRecorder(connection).applied_migrations()
    except (DatabaseError, InterfaceError):
        return "The database cannot be reached."
    return "" if _needed() <= set(applied) else "Migrations are not applied."


@cache
def _needed() -> frozenset[tuple[str, str]]:
    """Return the migrations that this release comes with."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return frozenset(loader.disk_migrations or ())
