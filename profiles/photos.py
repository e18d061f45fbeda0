"""Photos: never stored or served as they were uploaded."""

from hashlib import sha256
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
SIZE = 400
MOST_PIXELS = 50_000_000  # what good cameras take; read, it fills 200 MB
BACKGROUND = "white"


def reencode(upload):
    """`upload` as a square WebP without metadata: a ContentFile, named for its content.

    Raises ValidationError if it is not a picture of a known format or has too many pixels.
    """
    try:
        square = _square(upload)
    except ValidationError:
        raise
    except Exception as error:  # decoders fail in any way there is on a file made to break them
        raise ValidationError("This file could not be read as a photo. Choose a JPEG, PNG or WebP file.") from error
    output = BytesIO()
    square.save(output, "WEBP", quality=82)
    content = output.getvalue()
    return ContentFile(content, name=f"{sha256(content).hexdigest()[:32]}.webp")


def _square(upload):
    with Image.open(upload, formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValidationError("This photo has more than 50 million pixels. Make it smaller.")
        image.draft("RGB", (2 * SIZE, 2 * SIZE))  # of a large JPEG only as much is decoded as is kept
        upright = ImageOps.exif_transpose(image)
        if upright.mode not in ("RGB", "RGBA"):
            upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        square = ImageOps.fit(upright, (SIZE, SIZE))
    # Onto a new picture: a resized one carries its metadata along, and saving would write it.
    page = Image.new("RGB", square.size, BACKGROUND)
    page.paste(square, mask=square.getchannel("A") if square.mode == "RGBA" else None)
    return page
