"""Hooks, by which an upper app adds to a lower app that does not know it."""

from collections.abc import Callable
from typing import Any


class Hook:
    """A list of functions that other apps registered. Calling the hook calls each and returns their answers in order.

    The lower app declares a hook where it needs one and says what it is called with. Upper apps register their
    functions in their module `extensions.py`, which `common` imports when Django starts.
    """

    def __init__(self) -> None:
        self._functions: list[Callable[..., Any]] = []

    def register(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Add `function`, and return it, so that this serves as a decorator as well."""
        self._functions.append(function)
        return function

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [function(*args, **kwargs) for function in self._functions]
