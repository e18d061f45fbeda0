"""Reads the days in a register's cells, however they are written, and says what it had to assume."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from common.text import typewritten

FIRST_YEAR, LAST_YEAR, NO_YEAR = 1900, 2199, 9999
EXCEL_EPOCH = date(1899, 12, 30)
# Databases and spreadsheets print these for an absent day: (year, month, day).
NULL_DAYS = {(0, 0, 0), (1, 1, 1), (1900, 1, 0), (1900, 1, 1), (1899, 12, 30), (1899, 12, 31), (1970, 1, 1)}

AROUND = " .…()[]"
# A cell without a day: the day is unknown.
EMPTY = {
    "", "n/a", "na", "n.a", "#n/a", "null", "nil", "nan", "nat", "0", "?", "??", "tbd", "tba", "to be determined",
    "pending", "unknown", "unk", "blank", "empty", "undated", "not available", "not listed", "not provided",
    "not given", "not specified", "unspecified", "not on file", "not set", "no date", "no data",
}  # fmt: skip
# A cell that says there is no last day. "Unexpired" and "not permanent" do not.
ENDLESS = re.compile(
    r"(?!.*expired\b|.*\b(not|isn'?t|no longer|non)[ -](an? )?(perp|perm|indef|life|for life|ongoing|contin|evergreen|"
    r"unlimited|endless|rolling|forever|open))"
    r"(none|[-*]+|∞|life|open|inf(inity)?|dne|ufn|n(on)?exp|"
    r".*\b(perpetual(ly)?|perpetuity|perm(anent(e|ly)?)?|indef(inite(ly)?)?|never|lifetime|for life|ongoing|continuing|"
    r"continuous(ly)?|continual(ly)?|indefinid[oa]|evergreen|unlimited|endless|rolling|forever|open[ -]end(ed)?|"
    r"(non|un)[ -]?expir\w*)\b.*|"
    r"sin (fecha de )?(vencimiento|caducidad)|no (vence|caduca|expira)|"
    r".*\b(no|not|non|without|doesn'?t|does not|do not|won'?t)[ -](an?[ -]|have[ -]an?[ -]|set[ -]|fixed[ -])*"
    r"(expir\w*|exp|end|ends|ending|lapse|term|renewal|applicable|apply|limit|time limit|last day)\b.*|"
    r".*\b(until|unless|till)\b.*\b(revo\w+|cancel\w*|rescind\w*|withdr\w+|terminat\w+|notice|removed|decertif\w+|"
    r"surrender\w*|superseded|changed)\b.*)"
)

_MONTHS = (
    ("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril"), ("may", "mayo"),
    ("june", "junio"), ("july", "julio"), ("august", "agosto"), ("september", "septiembre", "setiembre"),
    ("october", "octubre"), ("november", "noviembre"), ("december", "diciembre"),
)  # fmt: skip
MONTHS = {
    name[:length]: number
    for number, names in enumerate(_MONTHS, 1)
    for name in names
    for length in range(3, len(name) + 1)
}
MONTH = rf"(?<![a-z])(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})(?![a-z])"
ZONE = r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
TIME = rf"(?:[T ,]+\d{{1,2}}(?::\d{{2}})+(?:[.,]\d+)?\s*(?:[AP]\.?M\.?)?\s*{ZONE})?"
YEAR = r"(?:\d{4}|'?\d{2})"  # as in Dec 31, '27
APART = r"(?:\s?[\\/.-]\s?|\s)"
DAY = re.compile(
    r"(?<![\d/.-])(?:"  # so that "103/31/2029" contains no day
    rf"(?P<iso>\d{{4}}{APART}\d{{1,2}}{APART}\d{{1,2}})(?:{TIME}|{ZONE})|"
    rf"(?P<apart>\d{{1,2}}{APART}\d{{1,2}}{APART}{YEAR}){TIME}|"
    rf"(?P<clocked>{MONTH} +\d{{1,2}} \d{{1,2}}(?::\d{{2}})+ (?:[A-Z]{{2,5}} )?\d{{4}})|"
    rf"(?P<named>{MONTH}\.?[ /-]+\d{{1,2}}(?:st|nd|rd|th)?(?:, ?|[ /-]+){YEAR}){TIME}|"
    rf"(?P<turned>\d{{1,2}}(?:st|nd|rd|th)?[ /.-]*(?:de |of )?{MONTH}[.,]?[ /.-]*(?:del? )?{YEAR}){TIME}|"
    rf"(?P<year_named>\d{{4}}[ -/]{MONTH}[ -/]\d{{1,2}}){TIME}|"
    rf"(?P<quarter>Q[1-4][ /'-]*(?:\d{{4}}|\d{{2}})|\d{{4}}[ /-]*Q[1-4]|[1-4]Q[ /'-]*(?:\d{{4}}|\d{{2}}))|"
    rf"(?P<month_named>{MONTH}\.?,?(?:[ /'-]+(?:\d{{4}}|\d{{2}})|\d{{4}}))|"
    rf"(?P<year_month_named>\d{{4}}[ /-]{MONTH})|"
    r"(?P<year_month>\d{4}[-/.]\d{1,2})|(?P<month_year>\d{1,2}[-/.]\d{4}|\d{1,2}/\d{2})|"
    r"(?P<number>\d{4,17}(?:\.\d+)?)(?:T\d{2}[\d:]{2,6}Z?)?"
    r")(?![\d/-]|[.:]\d)",
    re.ASCII | re.IGNORECASE,
)
# A span of time has a first and a last day: "1/1/2026 - 12/31/2027".
UNTIL = r"\s*\b(?:to|thru|through|until|till|al|hasta)\b"
SPAN = re.compile(rf"\s+-\s+|\s*(?:->|→|~)\s*|{UNTIL}\s*", re.IGNORECASE)
# The end of a span whose last day is missing: "1/1/2026 to present". A dash before other words begins a note.
NO_LAST_DAY = re.compile(
    rf"{UNTIL}(?! be\b)|\s*\b(?:onwards?|forward|and (?:after|later|on)|en adelante)\b|"
    r"(?:\s+-|\s*(?:->|→|~))\s*(?:$|\?|\d|(?:present[ea]?|current|(?:to)?day|date|now|ongoing|open|indef\w*|perpet\w*|"
    r"perm\w*|until|unknown|none|no|n/?a|tb[ad]|actual\w*|hoy|la fecha)\b)",
    re.IGNORECASE,
)
# A number is a day only in a cell of numbers: "Suite 23456, until 3/31/2029" contains one day.
ONLY_NUMBERS = re.compile(r"\d{4,17}(?:\.\d+)?(?:T[\d:]+Z?)?(?:\s*[;,|\s]\s*\d{4,17}(?:\.\d+)?)*", re.ASCII)


# A day, if one stands there; whether a period was named, whose last day it is; and Days.first.
type Reading = tuple[date | None, bool, str]


class Days(NamedTuple):
    """The days in a cell, in order, and what had to be assumed."""

    found: tuple[date, ...] = ()
    begun: tuple[date, ...] = ()  # the first days of the spans whose last days are in `found`
    is_period: bool = False  # True for a month, a quarter or a year: `found` has its last day
    first: str = ""  # of "3/31/2029": "month", "day", or "either" where only the column as a whole can tell

    @property
    def earliest(self) -> date | None:
        """The earliest day, or None. If a cell names several certificates, the first to end counts."""
        return min(self.found, default=None)

    @property
    def start(self) -> date | None:
        """The first day of the earliest span, or the earliest day if there is no span."""
        return min(self.begun or self.found, default=None)


@lru_cache(maxsize=20_000)
def read_days(text: str, day_first: bool = False) -> Days:
    """Return the days in a cell. Raises ValueError for a text that neither contains a day nor says there is none.

    `day_first`: whether the column writes the day before the month, for cells that can be read both ways.
    """
    text = typewritten(text)
    if text.lower().strip(AROUND) in EMPTY:
        return Days()
    try:
        return _read(text, day_first)
    except _Backwards:
        # A span that runs forward only in the other order reveals the order.
        read = _read(text, not day_first)
        if read.first != "either":
            raise
        return read._replace(first="month" if day_first else "day")


class _Backwards(ValueError):
    """A span of time that ends before it begins."""


def _read(text: str, day_first: bool) -> Days:
    found, begun, is_period, firsts = [], [], False, set()
    is_number, end = bool(ONLY_NUMBERS.fullmatch(text)), 0
    for match in DAY.finditer(text):
        kind = match.lastgroup
        ends_span = bool(found and SPAN.fullmatch(text, end, match.start()))
        if kind == "number" and not is_number and not (ends_span and len(match["number"]) == 4):
            continue
        end = match.end()
        try:
            day, one_is_period, first = READERS[kind](match[kind], day_first)
        except (ValueError, KeyError, OverflowError) as error:
            raise _unread(text) from error
        if ends_span:
            begun.append(found.pop())
            if day and day < begun[-1]:
                raise _unread(text, _Backwards)
        firsts.add(first)
        is_period |= one_is_period
        if day:
            found.append(day)
    if NO_LAST_DAY.match(text, end) if firsts else not ENDLESS.fullmatch(text.lower().strip(AROUND)):
        raise _unread(text)
    first = next((kind for kind in ("day", "month", "either") if kind in firsts), "")
    return Days(tuple(found), tuple(begun), is_period, first)


def _unread(text: str, error: type[ValueError] = ValueError) -> ValueError:
    return error(f"“{text[:40]}” is no date")


def _day(year: int, month: int, day: int) -> date | None:
    """Return the date, or None for parts that only fill a column: 0000-00-00, 9999-99-99, 1900-01-01."""
    return None if (year, month, day) in NULL_DAYS or year > LAST_YEAR else date(_year(year), month, day)


def _year(year: int) -> int:
    """Return a year in full: two digits up to 68 are of this century. Raises ValueError for an impossible year."""
    year = year if year > 99 else year + (2000 if year < 69 else 1900)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)
    return year


def _last_day(year: int, month: int) -> date | None:
    if year > LAST_YEAR or not year + month:
        return None
    year = _year(year)
    return date(year, month, calendar.monthrange(year, month)[1])


def _parts(text: str) -> list[int]:
    """Return the numbers in a text in order, month names included."""
    return [MONTHS.get(part) or int(part) for part in re.findall(rf"\d+|{MONTH}", text.lower())]


def _year_first(text: str, day_first: bool) -> Reading:
    return _day(*_parts(text)), False, ""


def _apart(text: str, day_first: bool) -> Reading:
    one, other, year = _parts(text)
    if one == other == 99:  # 99/99/99 only fills a column, like 99/99/9999
        return None, False, ""
    if one > 12 >= other or (day_first and other <= 12):
        month, day = other, one
    else:
        month, day = one, other
    found = _day(year if text[-4:].isdigit() else _two_digits(year), month, day)
    first = "day" if one > 12 else "month" if other > 12 else "either"
    return found, False, first if found and one != other else ""


def _two_digits(year: int) -> int:
    """Return a year of two or four digits in full. Raises ValueError for 99, which may be 1999 or 9999."""
    if year == 99:
        raise ValueError(year)
    return _year(year) if 0 < year < 100 else year


def _named(text: str, day_first: bool) -> Reading:
    month, day, year = _parts(text)
    return _day(_two_digits(year), month, day), False, ""


def _clocked(text: str, day_first: bool) -> Reading:
    month, day, *_, year = _parts(text)
    return _day(year, month, day), False, ""


def _turned(text: str, day_first: bool) -> Reading:
    day, month, year = _parts(text)
    return _day(_two_digits(year), month, day), False, ""


def _quarter(text: str, day_first: bool) -> Reading:
    [quarter] = re.findall(r"Q([1-4])|([1-4])Q", text.upper())
    rest = re.sub(r"Q[1-4]|[1-4]Q", "", text.upper(), count=1)
    return _last_day(_year(*_parts(rest)), 3 * int("".join(quarter))), True, ""


def _year_month(text: str, day_first: bool) -> Reading:
    return _last_day(*_parts(text)), True, ""


def _month_year(text: str, day_first: bool) -> Reading:
    month, year = _parts(text)
    if year <= 12 and not any(map(str.isalpha, text)):  # "3/12" may as well be a day without a year
        raise ValueError(text)
    return _last_day(_year(year), month), True, ""


def _number(text: str, day_first: bool) -> Reading:
    whole = text.partition(".")[0]
    number = int(whole)
    match len(whole):
        case 4:
            return _last_day(_year(number), 12), True, ""
        case 5 if 20_000 <= number < 80_000:
            return EXCEL_EPOCH + timedelta(days=number), False, ""
        case 6 if 190_000 < number < 220_000:
            return _last_day(number // 100, number % 100), True, ""
        case 7 | 8 | 14:  # 20271231, with a time perhaps; 12312027, of which a leading zero may be lost
            return _eight_digits(whole.zfill(8)[:8]), False, ""
        case 9 | 10:  # seconds since 1970
            return datetime.fromtimestamp(number, UTC).date(), False, ""
        case 12 | 13:  # the same in milliseconds
            return datetime.fromtimestamp(number / 1000, UTC).date(), False, ""
    raise ValueError(text)


def _eight_digits(digits: str) -> date | None:
    try:
        return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        year = int(digits[4:])
        if LAST_YEAR < year < NO_YEAR:  # 2027365 is the day of a year, and not 2/02/7365
            raise
        return _day(year, int(digits[:2]), int(digits[2:4]))


READERS = {
    "iso": _year_first,
    "apart": _apart,
    "clocked": _clocked,
    "named": _named,
    "turned": _turned,
    "year_named": _year_first,
    "quarter": _quarter,
    "month_named": _month_year,
    "year_month_named": _year_month,
    "year_month": _year_month,
    "month_year": _month_year,
    "number": _number,
}
