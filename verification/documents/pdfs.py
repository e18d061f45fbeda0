"""Draws PDFs and saves them again. Runs only in the sandbox.

Only what the pages show is kept: no script, link, attachment or metadata. What viewers draw over a page (form values,
notes, the picture of a signature) becomes part of the page. See `annotations`.
"""

import io
from collections.abc import Iterable, Iterator

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Pdf, Stream
from PIL import Image

from common import pictures
from common.sandbox import Refused
from verification.documents import annotations, letters

HEADER, HEADER_WITHIN = b"%PDF-", 1024  # viewers look for it here
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF", b"BM")

MOST_PAGES = 50
MOST_OBJECTS = 50_000
MOST_INFLATED = 300_000_000
INFLATING = {"/FlateDecode", "/LZWDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode"}

# A picture of a page: so many pixels across, and never so small that print cannot be read.
ACROSS, LEAST_SCALE, MOST_SCALE = 1_400, 1.5, 4
MOST_DRAWN_PIXELS = 40_000_000
ACROSS_TO_CHECK = 600

# The kept parts of a page, of its resources and of their streams. Source: ISO 32000-2, tables 31, 34, 5, 87 and 93.
OF_PAGE = {
    "/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Contents",
    "/Rotate", "/Group", "/UserUnit",
}  # fmt: skip
OF_RESOURCES = {
    "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/ProcSet", "/Properties",
}  # fmt: skip
LAYERS = {"/OCG", "/OCMD"}
NOT_OF_STREAM = {
    "/F", "/FFilter", "/FDecodeParms", "/Metadata", "/PieceInfo", "/LastModified", "/OPI", "/Ref", "/Alternates", "/AF",
    "/Measure", "/PtData", "/StructParent", "/StructParents", "/ID",
}  # fmt: skip

AGAIN = "Open it, choose Print, then Save as PDF, and attach that. Or attach a screenshot of it."
DAMAGED = f"This PDF is damaged or cut off. {AGAIN}"
PROTECTED = f"This PDF needs a password to open. {AGAIN}"
BLANK = f"Nothing shows on this PDF when we draw it. {AGAIN}"
BOMB = f"This PDF unpacks to far more than its size. {AGAIN}"
TOO_MANY_PARTS = f"This PDF has too many parts. {AGAIN}"
TOO_MANY_PAGES = f"This file has more than {MOST_PAGES} pages. Attach the certificate alone."
NOT_DRAWN = f"This PDF has a form or notes that only some programs show, so our reviewers wouldn't see them. {AGAIN}"
NO_FONT = f"This PDF doesn't include one of its fonts, so our reviewers wouldn't see all of it. {AGAIN}"
PORTFOLIO = "This PDF holds several files. Open it, save the certificate in it, and attach that."


def start_of(content: bytes) -> int | None:
    """Return the position at which a PDF begins in `content`, or None."""
    start = content.find(HEADER, 0, HEADER_WITHIN + len(HEADER))
    return None if start < 0 or content.startswith(PICTURES) else start


def saved_anew(content: bytes) -> tuple[int, bytes]:
    """Return the number of pages and the PDF, saved again. Raises Refused."""
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            refuse_unusable(pdf)
            texts = annotations.prepare(pdf)
            prepared = saved(pdf)
        if texts is not None:
            prepared = annotations.with_appearances(prepared)
        with pikepdf.open(io.BytesIO(prepared)) as pdf:
            annotations.flatten(pdf)
            with pages_alone(pdf) as made:
                pages, kept = len(made.pages), saved(made)
    except letters.NotDrawn as error:
        raise Refused(NOT_DRAWN) from error
    except pikepdf.PasswordError as error:
        raise Refused(PROTECTED) from error
    except pikepdf.PdfError as error:
        raise Refused(PROTECTED if b"/Encrypt" in content else DAMAGED) from error
    if texts and not annotations.are_drawn(texts, before=prepared, after=kept):
        raise Refused(NOT_DRAWN)
    refuse_lacking_fonts(kept)
    if not shows_anything(kept):
        raise Refused(BLANK)
    return pages, kept


def refuse_lacking_fonts(content: bytes) -> None:
    """Raise Refused if a page shows letters in a font that the PDF lacks and no other can replace.

    Boxes drawn in place of such letters show whether they are visible. Text recognized in a scan is not: it is
    invisible, or lies under the picture.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        if fonts := [font for font in fonts_of(pdf) if letters.is_unreadable(font)]:
            content, without = (with_fonts_drawing(each, pdf, fonts) for each in (letters.BOX, letters.NOTHING))
            if not look_alike(content, without):
                raise Refused(NO_FONT)
    if any(map(letters.are_lacking, pypdfium2.PdfDocument(content))):
        raise Refused(NO_FONT)


def fonts_of(pdf: Pdf) -> Iterator[Dictionary]:
    """Return each font that a page or a part of a page names."""
    for found in pdf.objects:
        if isinstance(found, (Dictionary, Stream)) and isinstance(resources := found.get("/Resources"), Dictionary):
            fonts = resources.get("/Font")
            if isinstance(fonts, Dictionary):
                yield from (font for font in fonts.values() if isinstance(font, Dictionary))


def with_fonts_drawing(drawing: bytes, pdf: Pdf, fonts: list[Dictionary]) -> bytes:
    for font in fonts:
        letters.put_in_place(font, drawing, pdf)
    return saved(pdf)


def look_alike(content: bytes, other: bytes) -> bool:
    pages = zip(pypdfium2.PdfDocument(content), pypdfium2.PdfDocument(other), strict=True)
    return all(rendered(one, ACROSS_TO_CHECK, 0) == rendered(another, ACROSS_TO_CHECK, 0) for one, another in pages)


def saved(pdf: Pdf) -> bytes:
    output = io.BytesIO()
    pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True, encryption=False)
    return output.getvalue()


def refuse_unusable(pdf: Pdf) -> None:
    is_repaired = bool(pdf.get_warnings())
    if len(pdf.objects) > MOST_OBJECTS:
        raise Refused(TOO_MANY_PARTS)
    refuse_bomb(pdf)
    refuse_too_many(len(pdf.pages))
    if "/Collection" in pdf.Root:
        raise Refused(PORTFOLIO)
    if not len(pdf.pages) or (is_repaired and any(map(is_incomplete, pdf.pages))):
        raise Refused(DAMAGED)


def refuse_too_many(pages: int) -> None:
    if pages > MOST_PAGES:
        raise Refused(TOO_MANY_PAGES)


def refuse_bomb(pdf: Pdf) -> None:
    inflated = 0
    for found in pdf.objects:
        if isinstance(found, Stream) and found.get("/Subtype") != "/Image" and is_decodable(found):
            inflated += len(found.read_bytes())
            if inflated > MOST_INFLATED:
                raise Refused(BOMB)


def is_decodable(stream: Stream) -> bool:
    filters = stream.get("/Filter", Array([]))
    named = filters.as_list() if isinstance(filters, Array) else [filters]
    return {str(name) for name in named} <= INFLATING


def is_incomplete(page: pikepdf.Page) -> bool:
    """Return whether a page of a repaired file lacks its content, or a picture or font that its content names."""
    if "/Contents" not in page.obj:
        return True
    held = {"Do": set(page.resources.get("/XObject", {}).keys()), "Tf": set(page.resources.get("/Font", {}).keys())}
    named = pikepdf.parse_content_stream(page, "Do Tf")
    return any(str(part.operands[0]) not in held[str(part.operator)] for part in named if len(part.operands))


def pages_alone(pdf: Pdf) -> Pdf:
    """Return a new document with what the pages of `pdf` show, and the layers that hide or show parts of it."""
    made = Pdf.new()
    for page in pdf.pages:
        drop(page.obj, set(page.obj.keys()) - OF_PAGE)
        made.pages.append(page)
    if "/OCProperties" in pdf.Root:
        layers = pdf.make_indirect(pdf.Root.OCProperties)
        made.Root.OCProperties = made.copy_foreign(layers)
    for found in made.objects:
        if isinstance(found, Stream):
            drop(found, NOT_OF_STREAM)
        if isinstance(found, (Dictionary, Stream)) and isinstance(resources := found.get("/Resources"), Dictionary):
            clean_resources(resources)
    made.remove_unreferenced_resources()
    return made


def clean_resources(resources: Dictionary) -> None:
    drop(resources, set(resources.keys()) - OF_RESOURCES)
    properties = resources.get("/Properties")
    if isinstance(properties, Dictionary):
        told = [name for name, value in properties.items() if str(value.get("/Type")) not in LAYERS]
        for name in told:
            properties[name] = Dictionary()


def drop(thing: Dictionary | Stream, keys: Iterable[str]) -> None:
    for key in keys:
        if key in thing:
            del thing[key]


def shows_anything(content: bytes) -> bool:
    """Return whether any page shows something."""
    document = pypdfium2.PdfDocument(content)
    return any(not pictures.is_blank(rendered(page, ACROSS_TO_CHECK, 0)) for page in document)


def picture_of(content: bytes, index: int) -> Image.Image:
    return rendered(pypdfium2.PdfDocument(content)[index], ACROSS, LEAST_SCALE)


def rendered(page: pypdfium2.PdfPage, across: int, least_scale: float) -> Image.Image:
    """Return a picture of a page: `across` pixels on its shorter side, more for small print, less at the limits."""
    width, height = (max(side, 1) for side in page.get_size())
    scale = min(
        max(across / min(width, height), least_scale),
        MOST_SCALE,
        (MOST_DRAWN_PIXELS / (width * height)) ** 0.5,
        pictures.LONGEST_SIDE / max(width, height),
    )
    return page.render(scale=scale).to_pil().convert("RGB")
