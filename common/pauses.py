"""A pause for a service that failed, so that only the first request waits for it in vain."""

import time


class Pause:
    """Lasts so many seconds from each `begin`. Each process has its own."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        return time.monotonic() < self._until

    def begin(self) -> None:
        self._until = time.monotonic() + self.seconds
