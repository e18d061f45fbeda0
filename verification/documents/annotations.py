"""Draws what PDF viewers show over a page: form values, notes, signatures. Runs only in the sandbox.

Each annotation needs an appearance. Viewers make a missing one, and saving the document again would lose it. pdfium
makes them as Chrome does, and `letters` draws non-Western letters. Where neither can, NotDrawn is raised.
"""

import html
import io
import re
from collections import Counter

import pypdfium2
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, PdfError, Stream

from verification.documents import letters
from verification.documents.letters import NotDrawn

# Source: ISO 32000-2, 12.5.3, 12.5.6, 12.7.4.
HIDDEN, NO_VIEW = 1 << 1, 1 << 5
PASSWORD, RADIO, PUSH_BUTTON = 1 << 13, 1 << 15, 1 << 16
# Links, media and attached files are removed; their page is kept.
ACTIVE = {"/Link", "/Popup", "/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"}
# Marks that change what a page says.
MARKS = {"/Line", "/Polygon", "/PolyLine", "/Ink", "/Stamp", "/Square", "/Circle"}
TICK = "X"
MARKUP = re.compile(r"<[^>]*>")
SHOWS_TEXT = re.compile(rb"(?<![\w/])(Tj|TJ|Do|BI)\b|['\"]\s")


def prepare(pdf: Pdf) -> dict[int, list[str]] | None:
    """Remove active annotations from `pdf`, and redraw those whose appearance is missing or wrong.

    Return the texts that pdfium has to draw, by page number from 0. None if no page has annotations.
    """
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        form = pdf.Root.AcroForm = Dictionary(Fields=Array())
    if "/XFA" in form:
        refuse_dynamic(pdf)
        del form.XFA
    is_redrawn = form.get("/NeedAppearances") is True
    texts, has_any = {}, False
    for number, page in enumerate(pdf.pages):
        kept = [found for found in _annotations(page) if str(found.get("/Subtype")) not in ACTIVE]
        page.obj.Annots = Array(kept)
        has_any = has_any or bool(kept)
        for found in kept:
            for key in {"/A", "/AA", "/PA"} & set(found.keys()):
                del found[key]
            if _is_in_sight(found) and (text := _needed(found, is_redrawn)):
                if _is_text_field(found) and letters.are_plain(text):
                    texts.setdefault(number, []).append(text)
                else:
                    letters.write(pdf, found, text)
    return texts if has_any else None


def refuse_dynamic(pdf: Pdf) -> None:
    """Raise NotDrawn for an XFA form that only Adobe's programs can draw: other viewers find no field on it."""
    fields = (found for page in pdf.pages for found in _annotations(page) if found.get("/Subtype") == Name.Widget)
    if pdf.Root.get("/NeedsRendering") is True or not any(map(_is_in_sight, fields)):
        raise NotDrawn


def _annotations(page: Page) -> list[Dictionary]:
    found = page.obj.get("/Annots")
    return [each for each in found if isinstance(each, Dictionary)] if isinstance(found, Array) else []


def _is_in_sight(annotation: Dictionary) -> bool:
    try:
        left, bottom, right, top = map(float, annotation.Rect)
    except (AttributeError, TypeError, ValueError):
        return False
    return left != right and bottom != top and not int(annotation.get("/F", 0)) & (HIDDEN | NO_VIEW)


def _is_text_field(annotation: Dictionary) -> bool:
    return annotation.get("/Subtype") == Name.Widget and _inherited(annotation, "/FT") in (Name.Tx, Name.Ch)


def _needed(annotation: Dictionary, is_redrawn: bool) -> str:
    """Return the text to draw, after dropping an appearance that lacks it. "" if there is nothing to draw."""
    match str(annotation.get("/Subtype")), str(_inherited(annotation, "/FT")):
        case "/Widget", "/Btn":
            return _tick(annotation, is_redrawn)
        case "/Widget", "/Tx" | "/Ch":
            if int(_inherited(annotation, "/Ff") or 0) & PASSWORD:
                return ""
            text = _value(annotation)
        case "/FreeText", _:
            is_redrawn = False
            text = _text(annotation.get("/Contents")) or _plain(_text(annotation.get("/RC")))
        case _:
            return ""
    if is_redrawn or (text and not _shows_text(annotation)):
        if "/AP" in annotation:
            del annotation["/AP"]
        return text
    return ""


def _tick(button: Dictionary, is_redrawn: bool) -> str:
    """Make a box or a radio button show its value. Return the text to draw if it has no pictures of its own."""
    flags = int(_inherited(button, "/Ff") or 0)
    if flags & PUSH_BUTTON:
        return ""
    states = button.get("/AP", Dictionary()).get("/N")
    state, value = (_text(each).removeprefix("/") or "Off" for each in (button.get("/AS"), _inherited(button, "/V")))
    if isinstance(states, Dictionary):
        if "/AS" not in button or is_redrawn:
            button.AS = Name(f"/{value}" if f"/{value}" in states else "/Off")
        return ""
    if isinstance(states, Stream):
        return ""
    if "/AS" not in button:
        state = value
        if flags & RADIO and value != "Off":
            raise NotDrawn  # the file does not say which one is chosen
    return "" if state == "Off" else TICK


def _inherited(field: Object, key: str) -> Object | None:
    """Return an entry of a field or of its nearest parent that has it, or None."""
    for _ in range(32):
        if key in field:
            return field[key]
        field = field.get("/Parent")
        if not isinstance(field, Dictionary):
            return None
    return None


def _value(field: Dictionary) -> str:
    """Return the value of a field, as viewers show it."""
    value = _inherited(field, "/V")
    chosen = [_text(each) for each in value] if isinstance(value, Array) else [_text(value)]
    options = _inherited(field, "/Opt")
    called = {
        _text(option[0]): _text(option[1])
        for option in (options if isinstance(options, Array) else [])
        if isinstance(option, Array) and len(option) == 2
    }
    return " ".join(called.get(each, each) for each in chosen)


def _text(value: Object | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Stream):
        return value.read_bytes().decode(errors="replace")
    return str(value)


def _plain(text: str) -> str:
    """Return a text without its markup."""
    return html.unescape(MARKUP.sub(" ", text)).strip()


def _shows_text(annotation: Dictionary) -> bool:
    appearance = annotation.get("/AP", Dictionary()).get("/N")
    if not isinstance(appearance, Stream):
        return False
    try:
        return bool(SHOWS_TEXT.search(appearance.read_bytes()))
    except PdfError:
        return True  # a compression that only pictures use


def with_appearances(content: bytes) -> bytes:
    """Return the PDF with an appearance for each annotation that pdfium can draw."""
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    pages = list(document)  # kept open until the document is saved: closing a page drops its appearances
    output = io.BytesIO()
    document.save(output)
    del pages
    return output.getvalue()


def flatten(pdf: Pdf) -> None:
    """Merge the annotations into their pages. Raises NotDrawn if a mark has no appearance."""
    for page in pdf.pages:
        for found in _annotations(page):
            if str(found.get("/Subtype")) in MARKS and _is_in_sight(found) and "/AP" not in found:
                raise NotDrawn
            if "/OC" in found:
                for look in _looks(found):
                    look.OC = found.OC
    pdf.Root.get("/AcroForm", Dictionary()).NeedAppearances = False
    pdf.flatten_annotations("screen")


def _looks(annotation: Dictionary) -> list[Stream]:
    """Return the streams of its appearance."""
    normal = annotation.get("/AP", Dictionary()).get("/N")
    looks = list(normal.values()) if isinstance(normal, Dictionary) else [normal]
    return [look for look in looks if isinstance(look, Stream)]


def are_drawn(texts: dict[int, list[str]], *, before: bytes, after: bytes) -> bool:
    """Return whether the pages of `after` show the letters of `texts` (from `prepare`) besides those of `before`."""
    before, after = pypdfium2.PdfDocument(before), pypdfium2.PdfDocument(after)
    return all(
        Counter(letters.visible(" ".join(needed)))
        <= Counter(letters.drawn(after[number])) - Counter(letters.drawn(before[number]))
        for number, needed in texts.items()
    )
