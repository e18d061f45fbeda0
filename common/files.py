"""Files of people, wherever the settings keep them."""

import errno


class Unavailable(Exception):
    """The service that keeps the files does not answer, or did not a moment ago."""


def is_unavailable(error: BaseException | None) -> bool:
    """Return True if `error` says that files cannot be reached, or that their disk is full."""
    is_full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    return is_full or isinstance(error, Unavailable)
