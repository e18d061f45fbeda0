"""The cache in Redis or Valkey, which may go away at any time."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from common.pauses import Pause

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 10


class RedisOrDatabase(BaseCache):
    """Django's cache in Redis. While Redis does not answer, the cache in the database takes its place.

    So rate limits hold without Redis. Their counts begin anew whenever the place changes: at worst, a limit allows
    twice as much within its period.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            # Once: a connection that is kept open breaks when Redis restarts.
            "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        }
        self._redis = RedisCache(server, params | {"OPTIONS": options})
        self._pause = Pause(PAUSE_SECONDS)

    def _ask(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        """Return what Redis answers, or the database for PAUSE_SECONDS after Redis failed."""
        if not self._pause.is_on:
            try:
                return getattr(self._redis, operation)(*args, **kwargs)
            except RedisError as error:
                self._pause.begin()
                logger.warning("The cache does not answer; the database takes its place: %s", error)
        return getattr(caches["database"], operation)(*args, **kwargs)


def _operation(name: str) -> Callable[..., Any]:
    def operation(self: RedisOrDatabase, *args: Any, **kwargs: Any) -> Any:
        return self._ask(name, *args, **kwargs)

    return operation


# What every other method of a cache is made of.
for _name in (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "clear",
    "get_many",
    "set_many",
    "delete_many",
    "incr",
    "has_key",
):
    setattr(RedisOrDatabase, _name, _operation(_name))
