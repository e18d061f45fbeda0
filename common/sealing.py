"""Seals secrets that the site itself has to read again, so that a copy of the database alone reveals none.

The key is derived from SECRET_KEY. What an older key sealed is read as long as that key is in SECRET_KEY_FALLBACKS.
"""

import base64
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

Unreadable = InvalidToken  # none of the keys sealed it


def _keys() -> MultiFernet:
    """Return the keys, the one that seals first."""
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(salted_hmac("common.sealing", "", secret, algorithm="sha256").digest())


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


def has_older_keys() -> bool:
    return bool(settings.SECRET_KEY_FALLBACKS)


def sealed_anew(token: str) -> str:
    """Return `token` as the newest key seals it, or "" if that one sealed it or none did."""
    newest = Fernet(_key(settings.SECRET_KEY))
    with suppress(InvalidToken):
        newest.decrypt(token.encode())
        return ""
    try:
        return _keys().rotate(token.encode()).decode()
    except InvalidToken:
        return ""


def seal_anew(objects: QuerySet, *fields: str) -> int:
    """Seal with the newest key what an older one sealed in `fields`, so that the older can be removed.

    Returns how many.
    """
    count = 0
    for row in objects.values("pk", *fields).iterator() if has_older_keys() else ():
        for field in fields:
            if anew := sealed_anew(row[field]):
                count += objects.filter(pk=row["pk"], **{field: row[field]}).update(**{field: anew})
    return count
