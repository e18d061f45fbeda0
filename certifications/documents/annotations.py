"""What viewers draw over the pages of a PDF: values of forms, notes, signatures. Called in the sandbox alone.

Each needs an appearance, which viewers make where there is none, and a document saved anew would lose. pdfium makes
them as Chrome does; where it cannot, NotDrawn is raised.
"""

import io
import re
import unicodedata
from collections import Counter

import pypdfium2
from pikepdf import Array, Dictionary, Name, PdfError, Stream

# Source: ISO 32000-2, 12.5.3, 12.5.6, 12.7.4.
HIDDEN, NO_VIEW = 1 << 1, 1 << 5
PASSWORD, PUSH_BUTTON = 1 << 13, 1 << 16
# What leads elsewhere, plays or carries a file: its page stays, without it.
ACTIVE = {"/Link", "/Popup", "/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"}
# Marks without which a page says something else.
MARKS = {"/FreeText", "/Line", "/Polygon", "/PolyLine", "/Ink", "/Stamp", "/Square", "/Circle"}
LEAST_HEIGHT = 0.01  # of a letter's width; a dash has 0.08
SHOWS_TEXT = re.compile(rb"(?<![\w/])(Tj|TJ|Do|BI)\b|['\"]\s")


class NotDrawn(Exception):
    """Something is to be seen over a page that we cannot draw."""


def prepare(pdf):
    """Take out of `pdf` what is active, and appearances that do not show what they are of.

    Returns the texts that an appearance is needed for (dict: number of the page from 0, to list); None if nothing is
    drawn over a page.
    """
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        form = pdf.Root.AcroForm = Dictionary(Fields=Array())
    if "/XFA" in form:
        refuse_dynamic(pdf)
        del form.XFA
    _add_fonts(form)
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
                texts.setdefault(number, []).append(text)
    return texts if has_any else None


def _add_fonts(form):
    """Let a form have the font that notes are written in: pdfium draws none of them without."""
    if not isinstance(form.get("/DR"), Dictionary):
        form.DR = Dictionary()
    if not isinstance(form.DR.get("/Font"), Dictionary):
        form.DR.Font = Dictionary()
    if "/Helv" not in form.DR.Font:
        form.DR.Font.Helv = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def refuse_dynamic(pdf):
    """Raise NotDrawn for a form (XFA) whose pages only Adobe's own programs draw."""
    contents = b"".join(page.obj.Contents.read_bytes() for page in pdf.pages if isinstance(page.Contents, Stream))
    if pdf.Root.get("/NeedsRendering") is True or b"Please wait" in contents:
        raise NotDrawn


def _annotations(page):
    found = page.obj.get("/Annots")
    return [each for each in found if isinstance(each, Dictionary)] if isinstance(found, Array) else []


def _is_in_sight(annotation):
    try:
        left, bottom, right, top = map(float, annotation.Rect)
    except (AttributeError, TypeError, ValueError):
        return False
    return left != right and bottom != top and not int(annotation.get("/F", 0)) & (HIDDEN | NO_VIEW)


def _needed(annotation, is_redrawn):
    """Return the text that is to be drawn, after dropping an appearance that does not show it; "" if there is none."""
    match str(annotation.get("/Subtype")), str(_inherited(annotation, "/FT")):
        case "/Widget", "/Btn":
            _choose_state(annotation, is_redrawn)
            return ""
        case "/Widget", "/Tx" | "/Ch":
            if int(_inherited(annotation, "/Ff") or 0) & PASSWORD:
                return ""
            text = _value(annotation)
        case "/FreeText", _:
            is_redrawn = False
            text = _text(annotation.get("/Contents"))
            if "/DA" not in annotation:
                annotation.DA = "/Helv 12 Tf 0 g"
        case _:
            return ""
    if is_redrawn or (text and not _shows_text(annotation)):
        if "/AP" in annotation:
            del annotation["/AP"]
        return text
    return ""


def _choose_state(button, is_redrawn):
    """Show a box or a radio button as its value says, where nothing says how it is shown."""
    if int(_inherited(button, "/Ff") or 0) & PUSH_BUTTON or ("/AS" in button and not is_redrawn):
        return
    value = _text(_inherited(button, "/V")).removeprefix("/") or "Off"
    states = button.get("/AP", Dictionary()).get("/N")
    if isinstance(states, Dictionary) and f"/{value}" not in states:
        value = "Off"
    button.AS = Name(f"/{value}")


def _inherited(field, key):
    """What a field says, or one of its parents; None if none does."""
    for _ in range(32):
        if key in field:
            return field[key]
        field = field.get("/Parent")
        if not isinstance(field, Dictionary):
            return None
    return None


def _value(field):
    """The value of a field, as it is shown."""
    value = _inherited(field, "/V")
    chosen = [_text(each) for each in value] if isinstance(value, Array) else [_text(value)]
    options = _inherited(field, "/Opt")
    called = {
        _text(option[0]): _text(option[1])
        for option in (options if isinstance(options, Array) else [])
        if isinstance(option, Array) and len(option) == 2
    }
    return " ".join(called.get(each, each) for each in chosen)


def _text(value):
    if value is None:
        return ""
    if isinstance(value, Stream):
        return value.read_bytes().decode(errors="replace")
    return str(value)


def _shows_text(annotation):
    appearance = annotation.get("/AP", Dictionary()).get("/N")
    if not isinstance(appearance, Stream):
        return False
    try:
        return bool(SHOWS_TEXT.search(appearance.read_bytes()))
    except PdfError:
        return True  # compressed in a way that only pictures are


def with_appearances(content):
    """`content` with an appearance for all that pdfium makes one for: bytes."""
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    pages = list(document)  # held until it is saved: what was made for an open page goes with it
    output = io.BytesIO()
    document.save(output)
    del pages
    return output.getvalue()


def flatten(pdf):
    """Make what is drawn over each page a part of it. Raises NotDrawn if a mark has no appearance."""
    for page in pdf.pages:
        for found in _annotations(page):
            if str(found.get("/Subtype")) in MARKS and _is_in_sight(found) and "/AP" not in found:
                raise NotDrawn
    pdf.Root.get("/AcroForm", Dictionary()).NeedAppearances = False
    pdf.flatten_annotations("screen")


def are_drawn(texts, *, before, after):
    """True if the pages of `after` show the letters of `texts` (as `prepare` returns them) beside those of `before`."""
    before, after = pypdfium2.PdfDocument(before), pypdfium2.PdfDocument(after)
    return all(
        Counter(_letters(" ".join(needed))) <= _drawn(after[number]) - _drawn(before[number])
        for number, needed in texts.items()
    )


def _letters(text):
    normal = unicodedata.normalize("NFKC", text)
    return [letter for letter in normal if unicodedata.category(letter)[0] not in "CZ"]


def _drawn(page):
    """The letters that are drawn on a page: Counter. One that no font holds has next to no height."""
    text = page.get_textpage()
    drawn = Counter()
    for index, letter in enumerate(text.get_text_range()):
        if not letter.isspace():
            left, bottom, right, top = text.get_charbox(index)
            if top - bottom > LEAST_HEIGHT * (right - left):
                drawn.update(_letters(letter))
    return drawn
