"""Limits on the size of uploaded files, and the message about a file that is too large."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import TemporaryFileUploadHandler

# Photos of documents by today's telephones are up to 20 MB.
MOST = 25_000_000
MOST_OF_STAFF = 200_000_000  # a register

TOO_LARGE = (
    f"The file must be {MOST // 1_000_000} MB or smaller. "
    "Take a screenshot of it, or save it at a lower resolution, and choose that."
)


class UpTo(TemporaryFileUploadHandler):
    """Keeps an upload on disk. If a file exceeds the limit, only its name and size remain, and its form rejects it."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        request = self.request
        is_staffs = request is not None and request.path.startswith("/admin/") and request.user.is_staff
        if start + len(raw_data) > (MOST_OF_STAFF if is_staffs else MOST):
            self.file.truncate(0)
            return
        super().receive_data_chunk(raw_data, start)


class UploadField(forms.FileField):
    """A field for a file of at most `most` bytes."""

    default_error_messages = {
        "required": "Choose a file",
        "empty": "This file is empty. Choose another.",
        "too_large": TOO_LARGE,
    }

    def __init__(self, *, most: int = MOST, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def to_python(self, data: Any) -> Any:
        if data and data.size > self.most:
            raise ValidationError(self.error_messages["too_large"], code="too_large")
        return super().to_python(data)
