"""Uploads: kept on disk while they come in, and of one that is too large nothing."""

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

MOST = 10_500_000  # a photo or a document; their forms say where exactly it ends
MOST_OF_STAFF = 201_000_000  # a register


class UpTo(TemporaryFileUploadHandler):
    """Stops keeping a file past what the address may be sent. Its form finds `request.upload_too_large`."""

    def receive_data_chunk(self, raw_data, start):
        is_staffs = self.request.path.startswith("/admin/") and self.request.user.is_staff
        most = MOST_OF_STAFF if is_staffs else MOST
        if start + len(raw_data) > most:
            self.request.upload_too_large = True
            self.file.close()
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
