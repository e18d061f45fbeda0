"""The sandbox tasks for documents: draw and save a new one, and draw a page of a kept one."""

import json
from collections.abc import Iterable
from itertools import chain

from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image

from common import pictures, sandbox
from common.sandbox import Refused
from verification.documents import letters, pdfs

DOTS_PER_INCH = 150  # of a page that is made of a picture
MOST_OF_PNG = 10_000_000  # bytes: a larger one is a photo, and kept as such


def take(content: bytes) -> bytes:
    """Return the document in the form that is kept: a line of JSON (kind and number of pages), then its content."""
    start = pdfs.start_of(content)
    kind, pages, kept = from_picture(content) if start is None else ("pdf", *pdfs.saved_anew(content[start:]))
    return json.dumps({"kind": kind, "pages": pages}).encode() + b"\n" + kept


def from_picture(content: bytes) -> tuple[str, int, bytes]:
    image = pictures.opened(content)
    kind = "png" if image.format in pictures.LOSSLESS else "jpeg"
    pages = pictures.frames(image)
    first, second = next(pages), next(pages, None)
    if second:
        return "pdf", *bound(chain([first, second], pages))
    if pictures.is_blank(first):
        raise Refused(pictures.BLANK)
    content = pictures.encoded(first, kind)
    if len(content) > MOST_OF_PNG:
        kind, content = "jpeg", pictures.encoded(first, "jpeg")
    return kind, 1, content


def bound(sheets: Iterable[Image.Image]) -> tuple[int, bytes]:
    """Return the number of pages and a PDF with one picture on each page."""
    number, are_blank = 0, True
    with Pdf.new() as pdf:
        for number, sheet in enumerate(sheets, 1):
            pdfs.refuse_too_many(number)
            are_blank = are_blank and pictures.is_blank(sheet)
            width, height = (side * 72 / DOTS_PER_INCH for side in sheet.size)
            page = pdf.add_blank_page(page_size=(width, height))
            picture = Stream(
                pdf, pictures.encoded(sheet, "jpeg"), Type=Name.XObject, Subtype=Name.Image, Width=sheet.width,
                Height=sheet.height, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
            )  # fmt: skip
            page.obj.Resources = Dictionary(XObject=Dictionary(Sheet=picture))
            page.obj.Contents = Stream(pdf, b"%f 0 0 %f 0 0 cm /Sheet Do" % (width, height))
        if are_blank:
            raise Refused(pictures.BLANK)
        return number, pdfs.saved(pdf)


def draw(content: bytes, number: str) -> bytes:
    """Return the page `number` (from 1) of a kept PDF as a JPEG in which print can be read, whatever its size."""
    page = pictures.in_rows(pdfs.picture_of(content, int(number) - 1))
    return pictures.encoded(page, "jpeg", quality=80)


if __name__ == "__main__":
    letters.provide_fonts()
    sandbox.serve({"take": take, "draw": draw})
