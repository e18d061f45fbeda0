"""Host names as the DNS has them."""

import idna


def in_ascii(name: str) -> str:
    """Return a host name in ASCII: letters of other alphabets are encoded (IDNA 2008). Raises ValueError."""
    return name if name.isascii() else idna.encode(name, uts46=True).decode()
