"""Photos: never stored or served as they were uploaded."""

from hashlib import sha256
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
SIZE = 400
MOST_PIXELS = 50_000_000  # a photo of 50 megapixels; more is an attack or a mistake


def reencode(upload):
    """`upload` as a square WebP without metadata: a ContentFile, named for its content.

    Raises ValidationError if it is not a picture of a known format or has too many pixels.
    """
    try:
        with Image.open(upload, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValidationError("This photo has too many pixels. Choose a smaller one.")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError("This file could not be read as a photo. Choose a JPEG, PNG or WebP file.") from error
    square = ImageOps.fit(upright, (SIZE, SIZE))
    output = BytesIO()
    square.save(output, "WEBP", quality=82)
    content = output.getvalue()
    return ContentFile(content, name=f"{sha256(content).hexdigest()[:32]}.webp")
