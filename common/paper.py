"""Documents that the site writes as PDF: headings, paragraphs and tables on numbered pages in letter size."""

import io
from collections.abc import Sequence
from functools import cache, partial
from html import escape
from importlib.resources import files
from pathlib import Path

from anyascii import anyascii
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

FONT = "NotoSans"
MARGIN = 54  # points, as all sizes here
TEXT = 9.5
SMALL = 8
LINE = colors.HexColor("#c4c8d0")
SHADE = colors.HexColor("#eef0f4")

BODY = ParagraphStyle("body", fontName=FONT, fontSize=TEXT, leading=TEXT * 1.45, spaceAfter=6)
TITLE = ParagraphStyle("title", BODY, fontSize=18, leading=24, spaceAfter=8)
HEADING = ParagraphStyle("heading", BODY, fontSize=12.5, leading=18, spaceBefore=12, spaceAfter=4)
CELL = ParagraphStyle("cell", BODY, fontSize=SMALL, leading=SMALL * 1.35, spaceAfter=0)
NUMBER = ParagraphStyle("number", CELL, alignment=TA_RIGHT)
GRID = TableStyle(
    [
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)


@cache
def _font() -> TTFont:
    """Return the font, once it is registered. It comes from a package, so that pages look the same everywhere."""
    [path] = Path(str(files("manimgx_fonts"))).glob(f"{FONT}[[]*")
    font = TTFont(FONT, str(path))
    pdfmetrics.registerFont(font)
    return font


def drawable(text: str) -> str:
    """Return `text` with Latin letters in place of what the font lacks, such as Chinese and Arabic ones."""
    known = _font().face.charToGlyph
    return "".join(letter if ord(letter) in known else anyascii(letter) for letter in text)


class Paper:
    """A document that grows from its title to its end. `pdf` writes it. The same content makes the same bytes."""

    def __init__(self, title: str, *, footer: str) -> None:
        self.title, self.footer = title, footer
        self._parts: list[Flowable] = []
        self._add(title, TITLE)

    def heading(self, text: str) -> None:
        self._add(text, HEADING)

    def paragraph(self, text: str) -> None:
        self._add(text, BODY)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[float]) -> None:
        """Add a table. `widths` are the columns' shares of the page; those of numbers are negative."""
        whole = sum(map(abs, widths))
        styles = [NUMBER if width < 0 else CELL for width in widths]
        cells = [
            [self._text(cell, style) for cell, style in zip(row, styles, strict=True)] for row in (headings, *rows)
        ]
        room = letter[0] - 2 * MARGIN
        columns = [abs(width) / whole * room for width in widths]
        self._parts += [LongTable(cells, columns, repeatRows=1, style=GRID), Spacer(0, 8)]

    def pdf(self) -> bytes:
        """Return the document as PDF."""
        file = io.BytesIO()
        document = SimpleDocTemplate(
            file,
            pagesize=letter,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN,
            title=self.title,
            author="",
            lang="en-US",
            invariant=1,
        )
        foot = partial(_foot, drawable(self.footer))
        document.build([*self._parts], onFirstPage=foot, onLaterPages=foot)
        return file.getvalue()

    def _add(self, text: str, style: ParagraphStyle) -> None:
        self._parts.append(self._text(text, style))

    def _text(self, text: str, style: ParagraphStyle) -> Paragraph:
        _font()
        return Paragraph(escape(drawable(text)), style)


def _foot(text: str, canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont(FONT, SMALL)
    canvas.setFillColor(colors.HexColor("#4a5060"))
    canvas.drawString(MARGIN, MARGIN * 0.6, text)
    canvas.drawRightString(letter[0] - MARGIN, MARGIN * 0.6, f"Page {document.page}")
    canvas.restoreState()
