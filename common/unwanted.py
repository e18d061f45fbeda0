"""Files of rows that were deleted. A storage that is away when the row goes must not keep the file for good."""

import logging
from functools import partial

from django.core.files.storage import storages
from django.db import transaction

from common import files
from common.models import UnwantedFile

logger = logging.getLogger(__name__)


def delete_later(storage: str, name: str) -> None:
    """Delete a file after the commit of the transaction under way. The hourly run tries again what fails.

    `storage` is the name of its storage in the settings.
    """
    UnwantedFile.objects.bulk_create([UnwantedFile(storage=storage, name=name)], ignore_conflicts=True)
    transaction.on_commit(partial(_delete_one, storage, name), robust=True)


def delete_waiting() -> int:
    """Delete the files whose storage was away. Return how many are still there."""
    kept = 0
    for file in UnwantedFile.objects.all():
        try:
            _delete_one(file.storage, file.name)
        except (files.Unavailable, OSError):
            logger.exception("A deleted file is still in the storage %s", file.storage)
            kept += 1
    return kept


def _delete_one(storage: str, name: str) -> None:
    with transaction.atomic():  # the row stays if the storage fails
        UnwantedFile.objects.filter(storage=storage, name=name).delete()
        storages[storage].delete(name)
