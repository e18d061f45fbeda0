"""Taking in a document that an owner attaches: told by its content, checked, and saved anew.

PDFs are parsed in another process with limits (see `parser`): a file made to break a parser breaks nothing else.
"""

import re
import subprocess
import sys
import unicodedata
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps

from certifications.documents import clamav

MAX_BYTES = 10_000_000
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 3_500  # pixels that are kept; enough to read a page of print
WALL_SECONDS = 30
LONGEST_NAME = 100
KINDS = "Attach a PDF, PNG or JPEG file."
PARSER = Path(__file__).with_name("parser.py")
UNREADABLE = "This file could not be read: it is damaged or cut off. Save it anew and attach that."


class Refused(Exception):
    """A document that is not taken: a sentence that tells its owner why, and what to do."""


class Accepted(NamedTuple):
    """A document as it is to be kept. `kind`: "pdf", "png" or "jpeg"."""

    kind: str
    content: bytes
    pages: int
    sha256: str


def accept(file):
    """`file` (opened for reading bytes) as it is to be kept: Accepted. Raises Refused."""
    uploaded = file.read(MAX_BYTES + 1)
    if len(uploaded) > MAX_BYTES:
        raise Refused("This file is larger than 10 MB. Scan it at a lower resolution, or attach a part of it.")
    if not uploaded:
        raise Refused("This file is empty. Choose another.")
    _scan(uploaded)
    if uploaded.startswith(b"%PDF-"):
        kind, pages, content = "pdf", *_saved_anew(uploaded)
    elif uploaded.startswith(b"\x89PNG\r\n\x1a\n"):
        kind, pages, content = "png", 1, _reencoded(uploaded, "PNG")
    elif uploaded.startswith(b"\xff\xd8\xff"):
        kind, pages, content = "jpeg", 1, _reencoded(uploaded, "JPEG")
    else:
        raise Refused(f"This is neither of the three kinds of file that we take. {KINDS}")
    if len(content) > MAX_BYTES:
        raise Refused("Saved without what does not belong there, this file is larger than 10 MB. Make it smaller.")
    return Accepted(kind, content, pages, sha256(content).hexdigest())


def _scan(uploaded):
    try:
        clamav.scan(uploaded)
    except clamav.Infected as infected:
        raise Refused("Our virus scanner objects to this file. It was not kept.") from infected
    except clamav.Unavailable as unavailable:
        raise Refused("Files cannot be checked for viruses just now. Please try again later.") from unavailable


def _reencoded(uploaded, name):
    """The picture drawn anew: without metadata, trailing bytes, further frames, and not larger than is of use."""
    try:
        with Image.open(BytesIO(uploaded), formats=[name]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused("This picture has more than 60 million pixels. Make it smaller.")
            upright = ImageOps.exif_transpose(image)
            upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        # Onto a new page: a resized picture carries its metadata along, and saving would write it.
        page = Image.new("RGB", upright.size, "white")
        page.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    except Refused:
        raise
    except Exception as error:  # decoders fail in any way there is on a file made to break them
        raise Refused(UNREADABLE) from error
    output = BytesIO()
    page.save(output, name, quality=88, optimize=name == "PNG")
    return output.getvalue()


def _saved_anew(uploaded):
    """(pages, content) of a PDF without active parts and metadata."""
    answer = _parse("check", uploaded)
    pages, _, content = answer.partition(b"\n")
    return int(pages), content


def page_image(content, kind, number):
    """A picture of the page `number` (from 1) of a kept document: bytes, JPEG. A picture is its own only page."""
    if kind != "pdf":
        with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as image:
            output = BytesIO()
            image.convert("RGB").save(output, "JPEG", quality=85)
        return output.getvalue()
    return _parse("draw", content, str(number))


def _parse(task, content, *arguments):
    """What the parser answers; Refused with its sentence, or if it crashes, hangs or asks for too much memory."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PARSER), task, *arguments],
            input=content,
            capture_output=True,
            timeout=WALL_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("This PDF takes too long to read. Print it to a new PDF and attach that.") from error
    if done.returncode == 3:
        raise Refused(done.stderr.decode())
    if done.returncode:
        raise Refused(UNREADABLE)
    return done.stdout


def safe_name(name, kind):
    """What a document is called on pages and when it is downloaded; never a path on our side."""
    base = re.split(r"[/\\]", name)[-1]
    base = "".join(letter for letter in base if unicodedata.category(letter)[0] != "C")
    stem = re.sub(r"\.\w{1,5}$", "", base).strip(" .")[:LONGEST_NAME]
    return f"{stem or 'document'}.{'jpg' if kind == 'jpeg' else kind}"
