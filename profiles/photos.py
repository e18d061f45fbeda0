"""Photos: never stored or served as they were uploaded."""

from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from common import kinds, pictures

SIZE = 400
NO_PHOTO = "We can't read this file as a photo. Choose a JPEG, PNG, WebP or HEIC photo."


def reencode(upload):
    """`upload` as a square WebP without metadata: a ContentFile, named for its content.

    Raises ValidationError if it is no picture of a known kind, has too many pixels or shows nothing.
    """
    sent = upload.read()
    try:
        content = pictures.run("square", sent, SIZE)
    except pictures.Refused as refused:
        # What else it may be is told of documents, which can be saved as a PDF.
        is_no_photo = str(refused) == kinds.refusal(sent)
        raise ValidationError(NO_PHOTO if is_no_photo else str(refused)) from refused
    return ContentFile(content, name=f"{sha256(content).hexdigest()[:32]}.webp")
