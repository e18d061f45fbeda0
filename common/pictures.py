"""Uploaded pictures, drawn anew: upright, in plain colors, without metadata, and never blank.

They are decoded in a process of their own; see `sandbox`.
"""

import io
from collections.abc import Iterator
from functools import partial
from typing import cast

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, ImageSequence, TiffImagePlugin, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from common import kinds, sandbox
from common.sandbox import Refused

FORMATS = ("JPEG", "PNG", "HEIF", "AVIF", "WEBP", "TIFF", "GIF", "BMP")
LOSSLESS = {"PNG", "TIFF", "GIF", "BMP"}  # drawn, scanned or taken from a screen, rather than photographed
PAGED = {"TIFF", "HEIF"}  # more pictures in one of these are pages; in any other kind they move
ACCEPT = "image/*,.heic,.heif"  # what browsers offer to choose; some systems don't know HEIC as a picture

# What is decoded at most. Of a larger JPEG, as telephones with 200 million pixels take them, a smaller one is decoded.
MOST_PIXELS = 60_000_000
# What is kept: a page of print stays readable, and so do a screenshot of a long page and a wide banner.
LONG_SIDE, SHORT_SIDE, MOST_KEPT_PIXELS = 3_500, 1_600, 40_000_000
LONGEST_SIDE = 60_000  # a JPEG has no more than 65,535

# A picture so many times wider than high is shown in rows of this width. Each repeats a part of the one before.
WIDE, ROW, REPEATED, BETWEEN_ROWS = 3, 1_400, 0.2, 24

UNREADABLE = (
    "We couldn't read this picture. It may be damaged, cut off or of an unusual kind. "
    "Open it, take a screenshot of it, and choose that."
)
BLANK = "This picture is blank when we draw it. Open it, take a screenshot of it, and choose that."
RAW = "This is a raw photo. Open it, take a screenshot of it, or save it as a JPEG, and choose that."
TOO_MANY_PIXELS = f"This picture has more than {MOST_PIXELS // 1_000_000} million pixels. Make it smaller."

LEAST_CONTRAST = 24  # of 255. Noise of a scanner stays below it, and print on paper is far above
DARK, LIGHT = 96, 160
WHITE, GRAY, BLACK = (255,) * 3, (128,) * 3, (24,) * 3
NOTICEABLE = 0.002  # of what is drawn

# TIFF tags. Source: TIFF 6.0 and the DNG specification.
NEW_SUBFILE_TYPE, DNG_VERSION, IS_REDUCED = 254, 50706, 1


def opened(content: bytes) -> ImageFile:
    """Return the picture in `content`, not yet decoded. Raise Refused if it holds too much."""
    pillow_heif.register_heif_opener()
    pillow_heif.options.DECODE_THREADS = AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each costs memory
    Image.MAX_IMAGE_PIXELS = None  # MOST_PIXELS is the limit
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise Refused(kinds.refusal(content)) from error
    if isinstance(image, TiffImagePlugin.TiffImageFile) and (
        DNG_VERSION in image.tag_v2 or image.tag_v2.get(NEW_SUBFILE_TYPE) == IS_REDUCED
    ):
        raise Refused(RAW)  # the picture before us is the small one for lists
    return image


def frames(image: ImageFile) -> Iterator[Image.Image]:
    """Yield what an opened picture is read as: its pages, or the first frame of a moving one that shows something."""
    if image.format in PAGED:
        for frame in ImageSequence.Iterator(image):
            yield drawn(frame)
        return
    for frame in ImageSequence.Iterator(image):
        first = drawn(frame)
        if image.format == "MPO" or not is_blank(first):
            break
    yield first


def drawn(image: Image.Image) -> Image.Image:
    """Return an opened picture in RGB, upright, on a background that shows it, and no larger than is useful."""
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", kept_size(*image.size))
    if image.width * image.height > MOST_PIXELS:
        raise Refused(TOO_MANY_PIXELS)
    upright = plain(ImageOps.exif_transpose(image))
    if upright.size != (size := kept_size(*upright.size)):
        upright = upright.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)
    # Onto a new page: a resized picture carries its metadata along, and saving would write it.
    page = Image.new("RGB", upright.size, ground(upright))
    page.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    return page


def kept_size(width: int, height: int) -> tuple[int, int]:
    """Return the size in which a picture of this size is kept."""
    long, short = max(width, height), min(width, height)
    scale = min(
        max(LONG_SIDE / long, SHORT_SIDE / short), (MOST_KEPT_PIXELS / (width * height)) ** 0.5, LONGEST_SIDE / long, 1
    )
    return max(round(width * scale), 1), max(round(height * scale), 1)


def plain(image: Image.Image) -> Image.Image:
    """Return `image` in RGB or RGBA with 8 bits, whatever it was saved in."""
    if image.mode.startswith(("I", "F")):  # Pillow would cut off what is beyond 255
        low, high = _extremes(image)
        low = min(low, 0)
        scale = 255 / (max(high - low, 255) if image.mode != "F" else (high - low) or 1)
        numbers = image.convert("F" if image.mode == "F" else "I")
        return numbers.point(lambda value: value * scale - low * scale).convert("RGB")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile := image.info.get("icc_profile"):
        source = image if image.mode in ("L", "RGB", "CMYK", "RGBA") else image.convert(mode)
        try:
            return cast(
                Image.Image,  # None only in place
                ImageCms.profileToProfile(
                    source,
                    ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                    ImageCms.createProfile("sRGB"),
                    outputMode="RGBA" if source.mode == "RGBA" else "RGB",
                ),
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that does not fit its picture, as viewers pass over it too
    return image.convert(mode)


def ground(image: Image.Image) -> tuple[int, ...]:
    """Return the background color for a transparent picture, against which its dark and light parts stand out."""
    if image.mode != "RGBA":
        return WHITE
    shades = image.convert("L").histogram(image.getchannel("A").point(lambda alpha: 255 if alpha >= 64 else 0))
    noticeable = NOTICEABLE * sum(shades)
    has_dark, has_light = sum(shades[:DARK]) > noticeable, sum(shades[LIGHT:]) > noticeable
    if has_light:
        return GRAY if has_dark else BLACK
    return WHITE


def in_rows(page: Image.Image) -> Image.Image:
    """Return a drawn picture as people read down a page: a very wide one is cut into rows, one below the other."""
    width, height = page.size
    if width <= max(WIDE * height, ROW):
        return page
    row = max(ROW, round(height * 1.5))
    step = row - round(min(height, row) * REPEATED)
    lefts = range(0, width - (row - step), step)
    sheet = Image.new("RGB", (row, len(lefts) * (height + BETWEEN_ROWS) - BETWEEN_ROWS), GRAY)
    for number, left in enumerate(lefts):
        sheet.paste(page.crop((left, 0, min(left + row, width), height)), (0, number * (height + BETWEEN_ROWS)))
    return sheet


def _extremes(image: Image.Image) -> tuple[float, float]:
    """Return the darkest and the lightest value in a picture of one band."""
    return cast(tuple[float, float], image.getextrema())  # of several bands it is a pair for each


def is_blank(image: Image.Image) -> bool:
    """Return True if nothing can be distinguished in a drawn picture."""
    low, high = _extremes(image.convert("L").reduce(2))
    return high - low < LEAST_CONTRAST


def encoded(page: Image.Image, kind: str, quality: int = 88) -> bytes:
    """Return a drawn picture as a file. `kind` is Pillow's name of the format."""
    output = io.BytesIO()
    page.save(output, kind, quality=quality)
    return output.getvalue()


def square(content: bytes, size: str) -> bytes:
    """Return the middle of a picture as a square WebP of `size` pixels, for a profile."""
    page = next(frames(opened(content)))
    return encoded(ImageOps.fit(page, (int(size), int(size))), "WEBP", quality=82)


# The picture's side of the sandbox, for whoever holds a file.
run = partial(sandbox.run, "common.pictures", unreadable=UNREADABLE)

if __name__ == "__main__":
    sandbox.serve({"square": square})
