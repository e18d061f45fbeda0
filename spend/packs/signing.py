"""The key that signs audit packs, and its public half, which anyone may read."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings
from django.core.checks import Error

OWNER_ONLY = 0o600
PUBLIC_KEY = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)
UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)  # what reading a wrong PEM raises


def private_key() -> Ed25519PrivateKey | None:
    """Return the key of the settings, or None if there is none. With DEBUG, one is made on first use and kept."""
    pem = settings.SIGNING_KEY.encode()
    if not pem and settings.DEBUG:
        pem = _own_key(settings.DATA_DIR / "signing-key.pem")
    return _private(pem) if pem else None


def _private(pem: bytes) -> Ed25519PrivateKey:
    """Return the key in `pem`. Raise one of UNREADABLE if it is no Ed25519 key."""
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("The key is of another kind")
    return key


def published_keys() -> bytes:
    """Return the public keys that check packs, as PEM, the one in use first. Nothing if there is no key in use."""
    key = private_key()
    if key is None:
        return b""
    return b"".join(map(_pem, [key.public_key(), *_earlier_keys()]))


def _earlier_keys() -> list[Ed25519PublicKey]:
    """Return the public keys of the settings. Raise one of UNREADABLE if there is anything else."""
    text = settings.EARLIER_SIGNING_KEYS
    found = [load_pem_public_key(pem.encode()) for pem in PUBLIC_KEY.findall(text)]
    keys = [key for key in found if isinstance(key, Ed25519PublicKey)]
    if len(keys) != len(found) or PUBLIC_KEY.sub("", text).strip():
        raise ValueError("There is something else than public keys")
    return keys


def check_keys(app_configs: Sequence[Any] | None, **options: Any) -> list[Error]:
    """Return what is wrong with the keys in the settings, when the site starts and not when a client waits."""
    errors = []
    try:
        if settings.SIGNING_KEY:
            _private(settings.SIGNING_KEY.encode())
    except UNREADABLE:
        hint = "Make one: openssl genpkey -algorithm ed25519"
        errors.append(Error("SIGNING_KEY is not an Ed25519 private key in PEM.", hint=hint, id="spend.E001"))
    try:
        _earlier_keys()
    except UNREADABLE:
        hint = "Take the public half of each: openssl pkey -in signing-key.pem -pubout"
        errors.append(Error("EARLIER_SIGNING_KEYS are not Ed25519 public keys in PEM.", hint=hint, id="spend.E002"))
    return errors


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
    return _pem(key.public_key())


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
