"""Draws and reads the letters of a PDF. Runs only in the sandbox.

The fonts come from packages, so that a page looks the same on every machine.
"""

import ctypes
import math
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageChops, ImageDraw, ImageFont, features

FOLDERS = [Path(str(files(package))) for package in ("manimgx_fonts", "manimgx_fonts_cjk")]
FIRST = "NotoSans["  # the font for most scripts
FONTS = sorted(
    (path for folder in FOLDERS for path in folder.glob("*.tt[cf]")),
    key=lambda path: (not path.name.startswith(FIRST), path.name),
)
NORMAL_WEIGHT = 400
IN_NO_FONT = "\U0010ffff"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# General categories and bidirectional classes. Source: Unicode Standard Annexes 44 and 9.
SELECTORS = re.compile(r"[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # they choose a form of a letter
UNSEEN = {"Cf", "Zs", "Zl", "Zp"}
MARKS = {"Mn", "Mc", "Me"}
WITH_LAST = {"EN", "AN", "NSM", "BN"}

SIZE_TO_CHECK = 32
SIZE = 12  # of text whose document does not say
DOTS_PER_POINT = 8
LINE_HEIGHT = 1.5  # of the size: room for letters with two marks
BLACK, WHITE = 0, 255  # of a picture that has no others
FONT_SIZE = re.compile(r"(\d+\.?\d*|\.\d+)\s+Tf\b")
COLOR = re.compile(r"(?:[\d.]+\s+){1,4}(?:g|rg|k)\b")
FILL = {1: "g", 3: "rg", 4: "k"}  # by how many numbers a color has. Source: ISO 32000-2, 8.6.8

LEAST_HEIGHT = 0.01  # of a letter's width; a dash has 0.08
LEAST_SIZE = 0.5  # points: what is smaller no one reads, such as the picture of a signature without size
INVISIBLE = 3  # as text recognized in a scan lies over its picture. Source: ISO 32000-2, 9.3.6
SYMBOLIC = 1 << 2  # its codes stand for no letters. Source: ISO 32000-2, table 121
KNOWN = re.compile(  # fonts whose codes mean the same everywhere
    "/(?:Symbol|ZapfDingbats|(?:[A-Z]{6}[+])?"
    "(?:Arial|Helvetica|Times|Courier|Calibri|Cambria|Georgia|Tahoma|Verdana)"
    "(?:[ ,-]|New|Neue|Roman|Regular|Bold|Italic|Oblique|Narrow|Light|Black|PS|MT)*)"
)
OTHER_SYMBOLS = re.compile("wingdings|webdings", re.IGNORECASE)
BOX, NOTHING = b"500 0 0 0 500 700 d1 0 0 500 700 re f", b"500 0 0 0 0 0 d1"  # what a code of a font draws
SPACE = 0x20

CHARACTERS = ctypes.POINTER(ctypes.c_char)


class NotDrawn(Exception):
    """A page shows something that we cannot draw."""


def provide_fonts() -> None:
    """Let pdfium use FONTS for text whose font the document does not include."""
    paths = [ctypes.create_string_buffer(str(folder).encode()) for folder in FOLDERS]
    listed = (CHARACTERS * (len(paths) + 1))(*(ctypes.cast(path, CHARACTERS) for path in paths))
    pdfium.FPDF_DestroyLibrary()
    pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=listed))


def visible(text: str) -> list[str]:
    """Return the letters of `text` that leave ink."""
    normal = unicodedata.normalize("NFKC", text)
    return [letter for letter in normal if unicodedata.category(letter)[0] not in "CZ"]


def are_plain(text: str) -> bool:
    """Return whether pdfium's own fonts contain all letters of `text`."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


# Drawing


def write(pdf: Pdf, annotation: Dictionary, text: str) -> None:
    """Draw all of `text` within the bounds of an annotation of `pdf`, smaller if it is long.

    Raises NotDrawn if no font holds one of its letters.
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
    ground = _ground(annotation)
    filled = f"{' '.join(map(str, ground))} {FILL[len(ground)]} 0 0 {width} {height} re f" if ground else ""
    content = f"{filled} {color} {across} 0 0 {down} 0 {height - down} cm /Text Do"
    annotation.AP = Dictionary(
        N=Stream(
            pdf, content.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, width, height],
            Resources=Dictionary(XObject=Dictionary(Text=stencil)),
        )
    )  # fmt: skip
    annotation.Subtype = Name.Stamp  # pdfium would redraw a field


def _ground(annotation: Dictionary) -> list[float]:
    """Return the numbers of its background color. Empty if it has none, or an unreadable one."""
    look = annotation.get("/MK")
    told = look.get("/BG") if isinstance(look, Dictionary) and "/BG" in look else annotation.get("/C")
    try:
        numbers = [float(part) for part in told] if isinstance(told, Array) else []
    except (TypeError, ValueError):
        return []
    return numbers if len(numbers) in FILL else []


def _picture(text: str, size: float, width: float, height: float) -> Image.Image:
    """Return `text` in black on white. Lines longer than `width` are broken if there is room."""
    if not features.check("fribidi") and any(map(_needs_shaping, text)):
        raise NotDrawn
    dots = int(size * DOTS_PER_POINT) + 1
    is_rightward = next((way for way in map(_direction, text) if way is not None), True)
    lines = [CONTROL.sub(" ", line) for line in text.splitlines()]
    rows = [_runs(line, is_rightward, dots) for line in lines]
    if height > 2 * size:
        letter = max(sum(map(_length, rows)) / len(text), 1)
        across = max(int(width * DOTS_PER_POINT / letter), 1)
        broken = [part for line in lines for part in textwrap.wrap(line, across) or [""]]
        rows = [_runs(line, is_rightward, dots) for line in broken]
    step = int(LINE_HEIGHT * dots)
    picture = Image.new("1", (max(map(_length, rows)) + 2 * dots, (len(rows) + 1) * step), WHITE)
    draw = ImageDraw.Draw(picture)
    for number, runs in enumerate(rows, 1):
        left = dots  # a letter may reach out of its width
        for run in runs:
            draw.text((left, number * step), run.text, BLACK, run.font, "ls", direction=run.direction)
            left += run.length
    return picture.crop(ImageChops.invert(picture).getbbox())


class Run(NamedTuple):
    """Letters that are drawn together, in one font and direction."""

    text: str
    font: ImageFont.FreeTypeFont
    is_rightward: bool

    @property
    def direction(self) -> str | None:
        return None if self.is_rightward else "rtl"

    @property
    def length(self) -> int:
        return math.ceil(self.font.getlength(self.text, direction=self.direction))


def _length(runs: list[Run]) -> int:
    return sum(run.length for run in runs)


def _runs(line: str, is_rightward: bool, size: int) -> list[Run]:
    """Return the runs of a line, from left to right."""
    letters = zip(line, _paths(line), _directions(line, is_rightward), strict=True)
    runs = [
        Run("".join(letter for letter, *_ in part), _font(path, size), way)
        for (path, way), part in groupby(letters, lambda letter: letter[1:])
    ]
    stretches = [(way, list(part)) for way, part in groupby(runs, lambda run: run.is_rightward)]
    ordered = stretches if is_rightward else reversed(stretches)
    return [run for way, part in ordered for run in (part if way else reversed(part))]


def _paths(line: str) -> Iterator[Path]:
    """Return the font of each letter: the first that contains it. A mark or space takes that of the letter before."""
    path = None
    for letter in line:
        if not (path and _follows(letter) and _holds(path, letter)):
            path = next((each for each in FONTS if _holds(each, letter)), None)
        if not path:
            raise NotDrawn
        yield path


@cache
def _font(path: Path, size: int, layout: ImageFont.Layout | None = None) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, size, layout_engine=layout)
    font.set_variation_by_axes([NORMAL_WEIGHT])
    return font


@cache
def _holds(path: Path, letter: str) -> bool:
    font = _font(path, SIZE_TO_CHECK, ImageFont.Layout.BASIC)  # the other layout moves missing marks
    return _is_unseen(letter) or bytes(font.getmask(letter)) != bytes(font.getmask(IN_NO_FONT))


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in UNSEEN or bool(SELECTORS.match(letter))


def _follows(letter: str) -> bool:
    return _is_unseen(letter) or unicodedata.category(letter) in MARKS


def _directions(line: str, is_rightward: bool) -> list[bool]:
    """Return for each letter of a line whether it is written to the right.

    A number follows the letters before it. A sign follows the letters on both sides, or the whole text. See Unicode
    Standard Annex 9.
    """
    ways = [_direction(letter) for letter in line]
    before = _carried(ways, is_rightward)
    ways = [
        last if unicodedata.bidirectional(letter) in WITH_LAST else way
        for letter, way, last in zip(line, ways, before, strict=True)
    ]
    after = _carried(ways[::-1], is_rightward)[::-1]
    return [last if last == following else is_rightward for last, following in zip(before, after, strict=True)]


def _carried(ways: list[bool | None], way: bool) -> list[bool]:
    return list(accumulate(ways, lambda last, own: last if own is None else own, initial=way))[1:]


def _direction(letter: str) -> bool | None:
    """Return True for a letter written to the right, False for one to the left, None for a number or sign."""
    return {"L": True, "R": False, "AL": False}.get(unicodedata.bidirectional(letter))


def _needs_shaping(letter: str) -> bool:
    return _direction(letter) is False or unicodedata.category(letter) in MARKS


# Looking


def drawn(page: pypdfium2.PdfPage) -> Iterator[str]:
    """Return the letters that are drawn on a page."""
    text = page.get_textpage()
    for index, letter in enumerate(text.get_text_range()):
        shorter, longer = _sides(text, index)
        if not letter.isspace() and shorter > LEAST_HEIGHT * longer:
            yield from visible(letter)


def are_lacking(page: pypdfium2.PdfPage) -> bool:
    """Return whether a page has letters that neither our fonts nor the document's contain."""
    text = page.get_textpage()
    return any(_is_lacking(text, index) for index in range(text.count_chars()))


def _sides(text: pypdfium2.PdfTextPage, index: int) -> list[float]:
    """Return the sides of a letter's box, the shorter first. A letter that no font contains has no height."""
    left, bottom, right, top = text.get_charbox(index)
    return sorted([right - left, top - bottom])


def _is_lacking(text: pypdfium2.PdfTextPage, index: int) -> bool:
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


def is_unreadable(font: Dictionary) -> bool:
    """Return whether the document lacks a font without which its codes mean nothing."""
    part = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    told = part.get("/FontDescriptor", Dictionary())
    if {"/FontFile", "/FontFile2", "/FontFile3"} & set(told.keys()) or font.get("/Subtype") == Name.Type3:
        return False
    if "/CIDSystemInfo" in part:
        return str(part.CIDSystemInfo.get("/Ordering")) == "Identity"
    name = str(font.get("/BaseFont"))
    is_symbolic = int(told.get("/Flags", 0)) & SYMBOLIC and "/Encoding" not in font
    return bool(OTHER_SYMBOLS.search(name) or (is_symbolic and not KNOWN.fullmatch(name)))


def put_in_place(font: Dictionary, drawing: bytes, pdf: Pdf) -> None:
    """Replace a font of `pdf` by one that draws the same for each code except a space."""
    width = 500 // (2 if "/DescendantFonts" in font else 1)  # a code of those has two bytes, and is drawn twice
    if "/Widths" not in font:
        font.FirstChar, font.LastChar, font.Widths = 0, 255, Array([width] * 256)
    for key in {"/BaseFont", "/DescendantFonts", "/FontDescriptor", "/ToUnicode"} & set(font.keys()):
        del font[key]
    font.Subtype, font.FontMatrix, font.FontBBox = Name.Type3, Array([0.001, 0, 0, 0.001, 0, 0]), Array([0] * 4)
    names = [Name.space if code == SPACE else Name.any for code in range(256)]
    font.Encoding = Dictionary(Type=Name.Encoding, Differences=Array([0, *names]))
    font.CharProcs = Dictionary(any=pdf.make_stream(drawing), space=pdf.make_stream(NOTHING))
