"""What the log says of a request."""

import copy
import logging

from django.core.exceptions import PermissionDenied


class Refusals(logging.Filter):
    """Tells of who is refused in a line, without a traceback: nothing is broken."""

    def filter(self, record):
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record = copy.copy(record)  # other handlers may tell more
            record.exc_info = None
        return record
