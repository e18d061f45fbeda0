"""The log's lines about requests."""

import copy
import logging

from django.core.exceptions import PermissionDenied


class Refusals(logging.Filter):
    """Logs a refused request in one line, without a traceback: nothing is broken."""

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record = copy.copy(record)  # other handlers may tell more
            record.exc_info = None
        return record
