"""Profile photos, which are never stored or served as uploaded."""

from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File

from common import kinds, pictures

SIZE = 400
NO_PHOTO = "We can't read this file as a photo. Choose a JPEG, PNG, WebP or HEIC photo."


def reencode(upload: File) -> ContentFile:
    """Return `upload` as a square WebP without metadata, named for its content.

    Raise ValidationError if it is not a picture of a known kind, has too many pixels or is blank.
    """
    sent = upload.read()
    try:
        content = pictures.run("square", sent, SIZE)
    except pictures.Refused as refused:
        # What else it may be is told of documents, which can be saved as a PDF.
        is_no_photo = str(refused) == kinds.refusal(sent)
        raise ValidationError(NO_PHOTO if is_no_photo else str(refused)) from refused
    return ContentFile(content, name=f"{sha256(content).hexdigest()[:32]}.webp")
