"""Seals secrets that the site itself has to read again, so that a copy of the database alone reveals none.

The key is derived from SECRET_KEY. What an older key sealed is read as long as that key is in SECRET_KEY_FALLBACKS.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

Unreadable = InvalidToken  # none of the keys sealed it


def _keys() -> MultiFernet:
    """Return the keys, the one that seals first."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (salted_hmac("integrations.sealing", "", secret, algorithm="sha256").digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def sealed(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def unsealed(token: str) -> str:
    """Return the secret in `token`. Raises Unreadable."""
    return _keys().decrypt(token.encode()).decode()


def is_readable(token: str) -> bool:
    try:
        unsealed(token)
    except Unreadable:
        return False
    return True


def sealed_anew(token: str) -> str:
    """Return `token` as the newest key seals it. Raises Unreadable."""
    return _keys().rotate(token.encode()).decode()
