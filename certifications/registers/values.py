"""What the cells of directories say: names, days, and codes that stand for types."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SPACES = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
LONGEST = 500  # characters of a cell that is stored
NO_DAY = {"", "n/a", "na", "none", "null", "nil", "-", "--", "tbd", "pending", "0"}

DAY = re.compile(
    r"(?<!\d)(?:"  # or "103/31/2029" would hold a day
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})(?:[T ]\d[\d:.Z+-]*)?|"
    r"(?P<us>\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})(?: [\d:]+(?: ?[AP]M)?)?|"
    r"(?P<named>[A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})|(?P<short>\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4})|"
    r"(?P<seconds>\d{9,10})|(?P<serial>[2-7]\d{4}(?:\.\d+)?)"
    r")(?!\d)",
    re.ASCII,
)
# A number is a day only where nothing else stands: "Suite 23456, until 3/31/2029" tells one day.
ONLY_NUMBERS = re.compile(r"[\d.]+(?:\s*[;,|\s]\s*[\d.]+)*", re.ASCII)
FIRST_YEAR = 1900
EXCEL_EPOCH = date(1899, 12, 30)
SEPARATORS = re.compile(r"\s*[,/;|\n\r]+\s*")
SLASHED = (  # what a slash does not separate
    (re.compile(r"\bM/WBE\b"), "MWBE"),
    (re.compile(r"\bW/MBE\b"), "WMBE"),
    (re.compile(r"\bN/A\b"), ""),
)
NO_CODE = {"", "-", "--", "NA", "NONE", "NULL"}

# What the codes of directories usually stand for, by the keys of our types. A visible table: staff correct it for each
# register. A programme's "MBE" may take in firms that are owned by women, and then stands for neither by itself.
_CODES_OF = {
    ("minority",): (
        "MBE; IMBE; MINORITY; MINORITY BUSINESS ENTERPRISE; MINORITY-OWNED; MINORITY OWNED; NMSDC; "
        "AFRICAN AMERICAN; AFRICAN-AMERICAN; BLACK; "
        "BLACK AMERICAN; HISPANIC; HISPANIC AMERICAN; HISPANIC-AMERICAN; LATINO; ASIAN; ASIAN AMERICAN; "
        "ASIAN-AMERICAN; ASIAN PACIFIC; ASIAN-PACIFIC; ASIAN AMERICAN PACIFIC; ASIAN PACIFIC AMERICAN; ASIAN INDIAN; "
        "ASIAN AMERICAN SUB-CONTINENT; SUBCONTINENT ASIAN AMERICAN; NATIVE AMERICAN; AMERICAN INDIAN; ALASKA NATIVE; "
        "PACIFIC ISLANDER"
    ),
    ("woman",): (
        "WBE; FBE; WOMAN; WOMEN; FEMALE; WOMAN-OWNED; WOMAN OWNED; WOMEN OWNED; NMWBE; WOSB; EDWOSB; WBENC; "
        "NON-MINORITY WOMAN; CAUCASIAN FEMALE; WOMEN-OWNED; WOMAN BUSINESS ENTERPRISE; WOMEN BUSINESS ENTERPRISE; "
        "WOMEN'S BUSINESS ENTERPRISE"
    ),
    ("minority", "woman"): "WMBE; MINORITY WOMAN; MINORITY FEMALE",
    ("veteran",): (
        "VBE; VOSB; SDVOSB; SDVOBE; SDVBE; DVBE; VOBE; VETERAN; VETERAN-OWNED; VETERAN OWNED; SERVICE-DISABLED VETERAN"
    ),
    ("disability",): ("DOBE; PBE; BEPD; DISABLED; DISABILITY; DISABILITY-OWNED; IWDBE; PERSON WITH A DISABILITY"),
    ("lgbtq",): "LGBTBE; LGBTQ; LGBT; LGBTE",
    (): (
        "DBE; ACDBE; SBE; LBE; EBE; 8(A); HUB; HUBZONE; SDB; SWS; SB; NON-MINORITY; NR (SBE ONLY); MALE; CAUCASIAN; "
        "WHITE; SOCIALLY AND ECONOMICALLY DISADVANTAGED; SMALL BUSINESS; OMWBE; MWBE"
    ),
}
DEFAULT_CODES = {code: list(types) for types, codes in _CODES_OF.items() for code in codes.split("; ")}


def clean(text):
    """A cell in one line: entities undone, no control characters, single spaces."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if text.isascii() and text.isprintable():
        if "  " in text:
            text = " ".join(text.split())
        return text.strip()[:LONGEST]
    return SPACES.sub(" ", text).strip()[:LONGEST]


@lru_cache(maxsize=20_000)
def days(text):
    """The days in a cell, in their order: tuple of date. Raises ValueError if there is a text and no day in it."""
    text = text.strip()
    if text.lower() in NO_DAY:
        return ()
    numbers = {"seconds", "serial"} if not ONLY_NUMBERS.fullmatch(text) else set()
    found = tuple(_day(match) for match in DAY.finditer(text) if match.lastgroup not in numbers)
    if not found:
        raise ValueError(f"“{text[:40]}” is no date")
    return found


def _day(match):
    text = match.group()
    try:
        match match.lastgroup:
            case "iso":
                year, month, day = map(int, match["iso"].split("-"))
                return date(_year(year), month, day)
            case "us":
                month, day, year = map(int, re.split(r"[/.-]", match["us"]))
                return date(_year(year), month, day)
            case "named":
                month, day, year = match["named"].replace(",", " ").replace(".", " ").split()
                return date(_year(int(year)), _month(month), int(day.rstrip("stndrh")))
            case "short":
                day, month, year = re.split(r"[ -]", match["short"])
                return date(_year(int(year)), _month(month), int(day))
            case "seconds":
                return datetime.fromtimestamp(int(text), UTC).date()
        return EXCEL_EPOCH + timedelta(days=int(float(text)))
    except ValueError as error:
        raise ValueError(f"“{text}” is no date") from error


def _year(year):
    """Two digits are of this century up to 68, as everywhere. Raises ValueError for a year that none can mean."""
    year = year if year > 99 else year + (2000 if year < 69 else 1900)
    if year < FIRST_YEAR:
        raise ValueError(year)
    return year


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _month(name):
    return MONTHS.index(name[:3].lower()) + 1


def first_day(text):
    """The earliest day in a cell, or None: of several certificates nothing holds longer than its own."""
    return min(days(text), default=None)


@lru_cache(maxsize=20_000)
def codes(text):
    """The codes in a cell: tuple of str, in capital letters."""
    text = html.unescape(text).upper()
    for slashed, code in SLASHED:
        text = slashed.sub(code, text)
    parts = (SPACES.sub(" ", code).strip() for code in SEPARATORS.split(text))
    return tuple(code for code in parts if code not in NO_CODE)


def codes_of(cells, columns, header):
    """All codes of a row: those in its columns of codes, and the headers of its columns that say Yes."""
    found = [code for position in columns.type for code in codes(cells[position])]
    yes = [position for position in columns.yes_no if cells[position].strip().lower() in {"yes", "y", "true", "x"}]
    return found + [" ".join(header[position].upper().replace("_", " ").split()) for position in yes]
