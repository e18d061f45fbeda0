"""The key that signs audit packs, and its public half, which anyone may read."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

OWNER_ONLY = 0o600


def private_key() -> Ed25519PrivateKey | None:
    """Return the key of the settings, or None if there is none. With DEBUG, one is made on first use and kept."""
    pem = settings.SIGNING_KEY.encode()
    if not pem and settings.DEBUG:
        pem = _own_key(settings.DATA_DIR / "signing-key.pem")
    if not pem:
        return None
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(
            "SIGNING_KEY is not an Ed25519 key: make one with openssl genpkey -algorithm ed25519."
        )
    return key


def _own_key(path: Path) -> bytes:
    """Return the key kept at `path`. Of two processes that make it at once, both return the first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        new = path.with_suffix(f".{os.getpid()}")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as file:
            file.write(made)
        try:
            os.link(new, path)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return path.read_bytes()


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """Return the public half of `key` as PEM, which openssl reads."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
