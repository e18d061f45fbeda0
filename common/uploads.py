"""Files that people send: how large they may be, and what they are told about one that is larger."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import TemporaryFileUploadHandler

# Photos of documents by today's telephones are up to 20 MB.
MOST = 25_000_000
MOST_OF_STAFF = 200_000_000  # a register

TOO_LARGE = (
    f"This file is larger than {MOST // 1_000_000} MB. "
    "Take a screenshot of it, or save it at a lower resolution, and choose that."
)


class UpTo(TemporaryFileUploadHandler):
    """Keeps what comes in on disk; of a file past the limit only its name and size, by which its form refuses it."""

    def receive_data_chunk(self, raw_data, start):
        is_staffs = self.request.path.startswith("/admin/") and self.request.user.is_staff
        if start + len(raw_data) > (MOST_OF_STAFF if is_staffs else MOST):
            self.file.truncate(0)
            return
        super().receive_data_chunk(raw_data, start)


class UploadField(forms.FileField):
    """A file of at most `most` bytes."""

    default_error_messages = {
        "required": "Choose a file.",
        "empty": "This file is empty. Choose another.",
        "too_large": TOO_LARGE,
    }

    def __init__(self, *, most=MOST, **kwargs):
        super().__init__(**kwargs)
        self.most = most

    def to_python(self, data):
        if data and data.size > self.most:
            raise ValidationError(self.error_messages["too_large"], code="too_large")
        return super().to_python(data)
