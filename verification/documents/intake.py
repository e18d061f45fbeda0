"""Accept a document that an owner attaches: identify it by its content, check it, draw and save it again."""

import json
import re
import unicodedata
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from common import pictures, sandbox, uploads
from common.sandbox import Refused
from verification.documents import clamav

LONGEST_NAME = 100
UNREADABLE = (
    "We couldn't read this file. It's damaged, cut off or too complex. "
    "Open it, take a screenshot of it, and attach that."
)

parse = partial(sandbox.run, "verification.documents.parser", unreadable=UNREADABLE)


class Accepted(NamedTuple):
    """A document in the form that is kept. `kind`: "pdf", "png" or "jpeg"."""

    kind: str
    content: bytes
    pages: int
    sha256: str


def accept(file: BinaryIO | UploadedFile) -> Accepted:
    """Return `file` in the form that is kept. Raises Refused."""
    uploaded = file.read(uploads.MOST + 1)
    if len(uploaded) > uploads.MOST:
        raise Refused(uploads.TOO_LARGE)
    if not uploaded:
        raise Refused("This file is empty. Choose another.")
    _scan(uploaded)
    told, _, content = parse("take", uploaded).partition(b"\n")
    return Accepted(**json.loads(told), content=content, sha256=sha256(content).hexdigest())


def _scan(uploaded: bytes) -> None:
    try:
        clamav.scan(uploaded)
    except clamav.Infected as infected:
        raise Refused(
            "Our virus scanner found a problem with this file, so we didn't keep it. Attach a different copy."
        ) from infected
    except clamav.Unavailable as unavailable:
        raise Refused("We can't check files for viruses right now. Please try again later.") from unavailable


def page_image(content: bytes, kind: str, number: int) -> bytes:
    """Return a JPEG of the page `number` (from 1) of a kept document. A picture has one page."""
    if kind == "pdf":
        return parse("draw", content, number)
    with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as image:
        shown = pictures.in_rows(image)
        if kind == "jpeg" and shown is image:
            return content
        return pictures.encoded(shown.convert("RGB"), "jpeg", quality=85)


def safe_name(name: str, kind: str) -> str:
    """Return the document's name for pages and downloads. It is never used as a path."""
    base = re.split(r"[/\\]", name)[-1]
    base = "".join(letter for letter in base if unicodedata.category(letter)[0] != "C")
    stem = re.sub(r"\.\w{1,5}$", "", base).strip(" .")[:LONGEST_NAME]
    return f"{stem or 'document'}.{'jpg' if kind == 'jpeg' else kind}"
