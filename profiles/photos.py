"""Photos: never stored or served as they were uploaded."""

from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from common import pictures

SIZE = 400


def reencode(upload):
    """`upload` as a square WebP without metadata: a ContentFile, named for its content.

    Raises ValidationError if it is no picture of a known kind, has too many pixels or shows nothing.
    """
    try:
        content = pictures.run("square", upload.read(), SIZE)
    except pictures.Refused as refused:
        raise ValidationError(str(refused)) from refused
    return ContentFile(content, name=f"{sha256(content).hexdigest()[:32]}.webp")
