"""The project's settings as the tests run them: quick hashing, mail in memory, files in a folder of their own."""

import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

os.environ["DEBUG"] = "true"

from marketplace.settings import *  # noqa: F403
from marketplace.settings import DATABASES, STORAGES

DEBUG = False
SECRET_KEY = "tests-only-0123456789-0123456789-0123456789-0123456789"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
DATA_DIR = Path(tempfile.mkdtemp(prefix="data-"))
MEDIA_ROOT = tempfile.mkdtemp(prefix="media-")
PRIVATE_ROOT = os.environ.get("PRIVATE_ROOT") or tempfile.mkdtemp(prefix="private-")
STORAGES["private"]["OPTIONS"]["location"] = PRIVATE_ROOT
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
# A key for this run alone.
SIGNING_KEY = (
    Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
)
# Static files are found where they are: nothing has to be collected before the tests.
WHITENOISE_AUTOREFRESH = True
# Nothing is lost if a test database is: the disk need not be waited for.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
