"""Files in buckets of an S3 service."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from s3transfer.exceptions import RetriesExceededError
from storages.backends.s3 import S3Storage

from common import files
from common.pauses import Pause

PAUSE_SECONDS = 10


@cache
def pause_of(endpoint: str | None) -> Pause:
    """Return the pause of the service at that address, which keeps several buckets."""
    return Pause(PAUSE_SECONDS)


class Bucket(S3Storage):
    """A private, encrypted bucket.

    A service that does not answer must not hold up a worker for long, nor again for each photo of a page: it is left
    alone for a while.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._pause = pause_of(self.endpoint_url)

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {
            "default_acl": "private",
            "file_overwrite": False,
            "object_parameters": {"ServerSideEncryption": "AES256"},
            "client_config": Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2}),
            "transfer_config": TransferConfig(use_threads=False, num_download_attempts=1),
        }

    def _open(self, name: str, mode: str = "rb") -> File:
        with self._asked():
            opened = super()._open(name, mode)
            if "r" in mode:
                opened.open()  # all of it is read here: a response that streams could not say any more that it failed
            return opened

    def _save(self, name: str, content: File) -> str:
        with self._asked():
            return super()._save(name, content)

    def exists(self, name: str) -> bool:
        with self._asked():
            return super().exists(name)

    def delete(self, name: str) -> None:
        with self._asked():
            super().delete(name)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Raise files.Unavailable for what the service cannot do, or for anything soon after that."""
        if self._pause.is_on:
            raise files.Unavailable("The service of the bucket is left alone after it failed.")
        try:
            yield
        except (BotoCoreError, RetriesExceededError) as error:
            self._pause.begin()
            raise files.Unavailable from error
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise
            self._pause.begin()
            raise files.Unavailable from error
