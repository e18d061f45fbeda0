"""The letters that a PDF shows, and the fonts they are drawn in. Called in the sandbox alone.

The fonts come from packages, so that a page looks the same on every machine.
"""

import ctypes
import re
import textwrap
import unicodedata
from importlib.resources import files
from pathlib import Path

import pypdfium2.raw as pdfium
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image, ImageDraw, ImageFont, features

FOLDERS = [Path(str(files(package))) for package in ("manimgx_fonts", "manimgx_fonts_cjk")]
FIRST = "NotoSans["  # the font for most scripts
FONTS = sorted(
    (path for folder in FOLDERS for path in folder.glob("*.tt[cf]")),
    key=lambda path: (not path.name.startswith(FIRST), path.name),
)
NORMAL_WEIGHT = 400
IN_NO_FONT = "\U0010ffff"

SIZE = 12  # of text whose document does not say
DOTS_PER_POINT = 8
FONT_SIZE = re.compile(r"(\d+\.?\d*|\.\d+)\s+Tf\b")
COLOR = re.compile(r"(?:[\d.]+\s+){1,4}(?:g|rg|k)\b")
FILL = {1: "g", 3: "rg", 4: "k"}  # by how many numbers a color has. Source: ISO 32000-2, 8.6.8

LEAST_HEIGHT = 0.01  # of a letter's width; a dash has 0.08
LEAST_SIZE = 0.5  # points: what is smaller no one reads, such as the picture of a signature without size
INVISIBLE = 3  # as text recognized in a scan lies over its picture. Source: ISO 32000-2, 9.3.6
SYMBOLIC = 1 << 2  # its codes stand for no letters. Source: ISO 32000-2, table 121
STANDARD_SYMBOLS = {"/Symbol", "/ZapfDingbats"}
OTHER_SYMBOLS = re.compile("wingdings|webdings", re.IGNORECASE)

CHARACTERS = ctypes.POINTER(ctypes.c_char)


class NotDrawn(Exception):
    """Something is to be seen on a page that we cannot draw."""


def provide_fonts():
    """Let pdfium draw with FONTS what a document brings no font for."""
    paths = [ctypes.create_string_buffer(str(folder).encode()) for folder in FOLDERS]
    listed = (CHARACTERS * (len(paths) + 1))(*(ctypes.cast(path, CHARACTERS) for path in paths))
    pdfium.FPDF_DestroyLibrary()
    pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=listed))


def visible(text):
    """The letters of `text` that leave ink: list of str."""
    normal = unicodedata.normalize("NFKC", text)
    return [letter for letter in normal if unicodedata.category(letter)[0] not in "CZ"]


def are_plain(text):
    """True if the fonts that pdfium brings hold `text`."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


# Drawing


def write(pdf, annotation, text):
    """Show all of `text` within the bounds of an annotation of `pdf`, smaller if it is long.

    Raises NotDrawn if no font holds all of its letters.
    """
    left, bottom, right, top = map(float, annotation.Rect)
    width, height = abs(right - left), abs(top - bottom)
    look = str(annotation.get("/DA", ""))
    size = float(found[1]) if (found := FONT_SIZE.search(look)) else 0
    picture = _picture(unicodedata.normalize("NFC", text), min(size or SIZE, height), width, height)
    scale = min(1 / DOTS_PER_POINT, width / picture.width, height / picture.height)
    across, down = picture.width * scale, picture.height * scale
    stencil = Stream(
        pdf, picture.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height,
        ImageMask=True, BitsPerComponent=1,
    )  # fmt: skip
    color = found[0] if (found := COLOR.search(look)) else "0 g"
    ground = [float(part) for part in annotation.get("/MK", Dictionary()).get("/BG", annotation.get("/C", Array()))]
    filled = f"{' '.join(map(str, ground))} {FILL[len(ground)]} 0 0 {width} {height} re f" if ground else ""
    content = f"{filled} {color} {across} 0 0 {down} 0 {height - down} cm /Text Do"
    annotation.AP = Dictionary(
        N=Stream(
            pdf, content.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, width, height],
            Resources=Dictionary(XObject=Dictionary(Text=stencil)),
        )
    )  # fmt: skip
    annotation.Subtype = Name.Stamp  # of a field pdfium would make an appearance again


def _picture(text, size, width, height):
    """`text` in black on white, its lines broken where they are longer than `width` and there is room: Image."""
    font = _font(text, size * DOTS_PER_POINT)
    lines = text.splitlines()
    if height > 2 * size:
        letter = max(font.getlength(" ".join(lines)) / len(text), 1)
        across = max(int(width * DOTS_PER_POINT / letter), 1)
        lines = [part for line in lines for part in textwrap.wrap(line, across) or [""]]
    written = "\n".join(lines)
    left, top, right, bottom = ImageDraw.Draw(Image.new("1", (1, 1))).textbbox((0, 0), written, font)
    picture = Image.new("1", (int(right - left) + 1, int(bottom - top) + 1), 1)
    ImageDraw.Draw(picture).text((-left, -top), written, 0, font)
    return picture


def _font(text, size):
    """The first of FONTS that holds all letters of `text`."""
    letters = set(visible(text))
    if not features.check("fribidi") and any(map(_needs_shaping, letters)):
        raise NotDrawn
    for path in FONTS:
        font = ImageFont.truetype(path, size)
        font.set_variation_by_axes([NORMAL_WEIGHT])
        lacking = bytes(font.getmask(IN_NO_FONT))
        if all(bytes(font.getmask(letter)) != lacking for letter in letters):
            return font
    raise NotDrawn


def _needs_shaping(letter):
    return unicodedata.bidirectional(letter) in ("R", "AL") or unicodedata.category(letter).startswith("M")


# Looking


def drawn(page):
    """The letters that are drawn on a page of pdfium's: iterable of str."""
    text = page.get_textpage()
    for index, letter in enumerate(text.get_text_range()):
        shorter, longer = _sides(text, index)
        if not letter.isspace() and shorter > LEAST_HEIGHT * longer:
            yield from visible(letter)


def are_lacking(page):
    """True if a page of pdfium's has letters that are in no font, and that the document brings none for."""
    text = page.get_textpage()
    return any(_is_lacking(text, index) for index in range(text.count_chars()))


def _sides(text, index):
    """The sides of a letter, the shorter one first. A letter that no font holds keeps its width, and has no height."""
    left, bottom, right, top = text.get_charbox(index)
    return sorted([right - left, top - bottom])


def _is_lacking(text, index):
    shorter, longer = _sides(text, index)
    letter = chr(pdfium.FPDFText_GetUnicode(text, index))
    if longer < LEAST_SIZE or shorter > LEAST_HEIGHT * longer or not visible(letter):
        return False
    found = pdfium.FPDFText_GetTextObject(text, index)
    return bool(
        found
        and pdfium.FPDFTextObj_GetTextRenderMode(found) != INVISIBLE
        and not pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(found))
    )


def is_unreadable(font):
    """True for a font (of pikepdf) that the document does not bring, though its codes mean nothing without it."""
    part = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    told = part.get("/FontDescriptor", Dictionary())
    if {"/FontFile", "/FontFile2", "/FontFile3"} & set(told.keys()) or font.get("/Subtype") == Name.Type3:
        return False
    if "/CIDSystemInfo" in part:
        return str(part.CIDSystemInfo.get("/Ordering")) == "Identity"
    name = str(font.get("/BaseFont"))
    is_symbolic = int(told.get("/Flags", 0)) & SYMBOLIC and "/Encoding" not in font
    return bool(OTHER_SYMBOLS.search(name) or (is_symbolic and name not in STANDARD_SYMBOLS))
