"""The cache in Redis: who answers while it is there, and while it is not."""

import threading
import time
from types import SimpleNamespace

import pytest
import redis
from django.core.cache import caches
from fakeredis import TcpFakeServer

from common import pauses
from marketplace import cache as module

pytestmark = pytest.mark.django_db


class Server:
    """A Redis on a port of its own, which can be stopped and started anew."""

    def __init__(self):
        self.port = 0
        self.start()

    def start(self):
        self._server = TcpFakeServer(("127.0.0.1", self.port))
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def cache(server, settings):
    location = f"redis://127.0.0.1:{server.port}/0"
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": "marketplace.cache.RedisOrDatabase", "LOCATION": location}
    }
    caches["database"].clear()
    return caches["default"]


def is_stopped(client, guesses):
    """Whether so many guesses of a password are stopped, each time."""
    form = {"login": "someone@example.com", "password": "wrong"}
    answers = [client.post("/accounts/login/", form) for _ in range(guesses)]
    assert {answer.status_code for answer in answers} == {200}
    return ["Too many tries" in answer.text for answer in answers]


def test_cached_values_are_in_redis_and_not_in_the_database(cache, server):
    cache.set("one", 1)
    cache.set_many({"two": [2], "three": 3})
    cache.incr("three")

    assert cache.get_many(["one", "two", "three"]) == {"one": 1, "two": [2], "three": 4}
    assert caches["database"].get_many(["one", "two", "three"]) == {}
    with redis.Redis(port=server.port) as client:
        assert sorted(client.keys()) == [b":1:one", b":1:three", b":1:two"]


def test_while_redis_is_down_the_database_keeps_the_counts(cache, server, caplog):
    cache.set("before", 1)
    server.stop()
    try:
        assert cache.get("before") is None
        assert cache.add("lock", 1)
        assert not cache.add("lock", 1)
        cache.set("count", 1)
        cache.incr("count")
    finally:
        server.start()

    assert caches["database"].get("count") == 2
    [line] = caplog.messages  # one for the whole pause
    assert line.startswith("The cache does not answer; the database takes its place: ")


def test_redis_is_asked_again_after_a_pause(cache, server, monkeypatch):
    server.stop()
    cache.set("place", "database")
    server.start()
    assert cache.get("place") == "database"

    monkeypatch.setattr(pauses, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + module.PAUSE_SECONDS))

    assert cache.get("place") is None


def test_a_restart_of_redis_is_not_noticed(cache, server, caplog):
    cache.set("before", 1)
    server.stop()
    server.start()

    cache.set("after", 1)

    assert cache.get("after") == 1
    assert caplog.messages == []


@pytest.mark.slow
def test_guessing_passwords_is_limited_with_redis_and_without(client, cache, server):
    with_redis = is_stopped(client, guesses=6)
    server.stop()
    try:
        without = is_stopped(client, guesses=6)
    finally:
        server.start()

    assert with_redis == without == [False] * 5 + [True]
