"""What the cells of directories say: names, numbers, codes that stand for types, and Yes or No."""

import html
import re
from functools import lru_cache

from common.text import readable, typewritten
from verification.registers.days import MONTH

LONGEST = 500  # characters of a cell that is stored

# What a column that says Yes or No says: words in lower case, and marks.
_YES = (
    "y t x 1 s \u00d7 ✓ ✔ 🗸 ☑ 🗹 ✅ ☒ 🗷 ● • ⬤ ⚫ ◉ ■ ▪ ◼ ◆ * + √ ü þ yes true si sí on 1.0 xx certified approved active "
    "verified owned checked"
)
_NO = (
    "n f 0 - -- _ ☐ □ ▢ ◻ ○ ◯ ⚪ ✗ ✘ ❌ . no false off 0.0 n/a n.a na none null nan nil pending expired denied "
    "inactive unchecked uncertified withdrawn revoked"
)
YES, NO = frozenset(_YES.split()), frozenset(_NO.split())
NOT_CERTIFIED = re.compile(r"(no|not)\b.*")
IN_BRACKETS = re.compile(r"[(\[\s'\"]*(.*?)[)\]\s'\"]*")

# What a formula that failed shows in place of a value.
ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)", re.IGNORECASE)
# A number that was spoiled on its way, and by what. It is kept as printed, and no other number is taken for it.
SPOILED = (
    (re.compile(r"[+-]?\d(?:[.,]\d+E ?[+-]?|E\+)\d+", re.IGNORECASE), "digits lost"),
    (re.compile(rf"\d{{1,2}}[-. ]+{MONTH}\.?(?:-(?:\d\d|(?:19|20)\d\d))?", re.IGNORECASE), "made a date"),
    (re.compile(rf"{MONTH}\.?[- ](?:\d\d?|(?:19|20)\d\d)", re.IGNORECASE), "made a date"),
    (re.compile(r"(?:19|20)\d\d-\d\d-\d\d(?:[T ][\d:.]+)?"), "made a date"),
    (re.compile(r"\d{1,2}/\d{1,2}/(?:19|20)\d\d"), "made a date"),
    (re.compile(r"\d{15}0{2,}"), "digits lost"),  # a spreadsheet keeps fifteen
    (re.compile(r"#+"), "digits lost"),
    (ERROR, "made an error"),
)
# The same in words, of one number and of several.
HAPPENED = {
    "digits lost": ("lost digits", "lost digits"),
    "made a date": ("was turned into a date", "were turned into dates"),
    "made an error": ("is an error that replaced the number", "were replaced by errors"),
}
TEXT_FORMULA = re.compile(r'="(.*)"|\'(?=\d)(.*)')  # how zeros at the front are kept from spreadsheets
FRACTION = re.compile(r"(\d+)\.0+")
SEPARATORS = re.compile(r"(?:[,/;|~^¦·‧•¶\u203a»\\\n\r\v\f\x85\u2028\u2029]|<[^<>]*>)+")
SLASHED = (  # what a slash does not separate
    (re.compile(r"\bM/WBE\b"), "MWBE"),
    (re.compile(r"\bW/MBE\b"), "WMBE"),
    (re.compile(r"\bN/A\b"), ""),
)
NO_CODE = {"", "-", "--", "NA", "NONE", "NULL", "NAN", "#"}

# What the codes of directories usually stand for, by the keys of our types. A visible table: staff correct it for each
# register. A program's "MBE" may take in firms that are owned by women, and then stands for neither by itself.
_CODES_OF = {
    ("minority",): (
        "MBE; IMBE; MINORITY; MINORITY BUSINESS ENTERPRISE; MINORITY-OWNED; MINORITY OWNED; NMSDC; "
        "AFRICAN AMERICAN; AFRICAN-AMERICAN; BLACK; AFRICAN; BLACK OR AFRICAN AMERICAN; CARIBBEAN; "
        "BLACK AMERICAN; HISPANIC; HISPANIC AMERICAN; HISPANIC-AMERICAN; LATINO; LATINA; LATINX; LATIN AMERICAN; "
        "HISPANIC OR LATINO; MEXICAN AMERICAN; PUERTO RICAN; PORTUGUESE; ASIAN; ASIAN AMERICAN; "
        "ASIAN-AMERICAN; ASIAN PACIFIC; ASIAN-PACIFIC; ASIAN AMERICAN PACIFIC; ASIAN PACIFIC AMERICAN; ASIAN INDIAN; "
        "ASIAN AMERICAN SUB-CONTINENT; SUBCONTINENT ASIAN AMERICAN; SUBCONTINENT ASIAN; SOUTH ASIAN; CHINESE; "
        "KOREAN; VIETNAMESE; FILIPINO; JAPANESE; INDIAN AMERICAN; "
        "NATIVE AMERICAN; AMERICAN INDIAN; ALASKA NATIVE; ALASKAN NATIVE; AMERICAN INDIAN OR ALASKA NATIVE; "
        "NATIVE HAWAIIAN; HAWAIIAN; PACIFIC ISLANDER; NATIVE HAWAIIAN OR PACIFIC ISLANDER; ASIAN PACIFIC ISLANDER; "
        "MINORITY MALE; PEOPLE OF COLOR; BIPOC; "
        # As state lists shorten them: Texas, North Carolina, transit agencies.
        "BL; HI; AS; AI; AAM; AFAM; AFR; BAM; BLK; HIS; HISP; NA-AMERICAN; NAT AM; NATAM; API; AAPI; APA; AIAN; NHPI; "
        "AABE; ABE; HBE; BBE; NABE; AIBE; HABE; APABE; SAABE; AAMBE; HAMBE; "
        # Of the federal register of contractors.
        "23; OY; PI; NB; FR; QZ"
    ),
    ("woman",): (
        "WBE; FBE; WOMAN; WOMEN; FEMALE; WOMAN-OWNED; WOMAN OWNED; WOMEN OWNED; NMWBE; WOSB; EDWOSB; WBENC; ED WOSB; "
        "NON-MINORITY WOMAN; CAUCASIAN FEMALE; WHITE FEMALE; NON-MINORITY FEMALE; WOMEN-OWNED; "
        "WOMAN BUSINESS ENTERPRISE; WOMEN BUSINESS ENTERPRISE; WOMEN'S BUSINESS ENTERPRISE; FEMALE OWNED; WOB; WO; "
        "ECONOMICALLY DISADVANTAGED WOMAN OWNED; ECONOMICALLY DISADVANTAGED WOMEN OWNED; A2; 8W; 8E; 8C; 8D"
    ),
    ("minority", "woman"): (
        "WMBE; MINORITY WOMAN; MINORITY FEMALE; MINORITY WOMEN; MINORITY WOMEN OWNED; MWOB; WOMAN OF COLOR"
    ),
    ("veteran",): (
        "VBE; VOSB; SDVOSB; SDVOBE; SDVBE; DVBE; VOBE; VETERAN; VETERAN-OWNED; VETERAN OWNED; "
        "SERVICE-DISABLED VETERAN; SERVICE DISABLED VETERAN; SERVICE DISABLED VETERAN OWNED; DISABLED VETERAN; "
        "VO; VOB; SDVOB; SDVO; SD VOSB; "
        "SDV; DV; IVOSB; IVBE; SDVOSBC; VETERAN BUSINESS ENTERPRISE; VETCERT; A5; QF"
    ),
    ("disability",): (
        "DOBE; PBE; BEPD; DISABLED; DISABILITY; DISABILITY-OWNED; IWDBE; PERSON WITH A DISABILITY; "
        "PEOPLE WITH DISABILITIES; PERSON WITH DISABILITY; INDIVIDUAL WITH DISABILITY; PWD; DISABLED OWNED; DIS"
    ),
    ("veteran", "disability"): "V-DOBE; SDV-DOBE; VDOBE; SDVDOBE",
    ("lgbtq",): "LGBTBE; LGBTQ; LGBT; LGBTE; LGBTQBE; LGBTQ+; LGBTQ OWNED; LGBTQIA; LGBTQIA+; NGLCC",
    (): (
        "DBE; ACDBE; SBE; LBE; EBE; 8(A); 8A; HUB; HUBZONE; SDB; SWS; SB; NON-MINORITY; NR (SBE ONLY); MALE; "
        "CAUCASIAN; WHITE; SOCIALLY AND ECONOMICALLY DISADVANTAGED; SMALL BUSINESS; OMWBE; MWBE; SLBE; LSBE; "
        "MICRO; VSBE; SBRP; "
        "DISADVANTAGED; SMALL DISADVANTAGED; SED; HZ; HUB ZONE; AIRPORT CONCESSION DBE; NONE OF THE ABOVE; OTHER; "
        "NONPROFIT; ABILITYONE; 27; 2X; XX; A6; XS; LJ; 2L; 2K; MF; JT; 8(A) JV"
    ),
}
DEFAULT_CODES = {code: list(types) for types, codes in _CODES_OF.items() for code in codes.split("; ")}


def cell_text(text: str) -> str:
    """What a cell says, in one line: entities undone, without what cannot be seen, single spaces."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = readable(text)
    if text[:1] in ("=", "'") and (formula := TEXT_FORMULA.fullmatch(text)):
        text = formula[1] or formula[2] or ""
    return text[:LONGEST]


@lru_cache(maxsize=20_000)
def spoiled(number: str) -> str:
    """What spoiled a printed number on its way through a spreadsheet, or ""."""
    if number.isdigit() and len(number) < 17:
        return ""
    return next((how for pattern, how in SPOILED if pattern.fullmatch(number)), "")


def printed_number(text: str) -> str:
    """A number as it was published: without the fraction that a program added to it."""
    added = FRACTION.fullmatch(text) if text.endswith("0") and "." in text else None
    return added[1] if added else text


@lru_cache(maxsize=20_000)
def codes(text: str) -> tuple[str, ...]:
    """The codes in a cell: tuple of str, in capital letters."""
    text = html.unescape(text).upper()
    for slashed, code in SLASHED:
        text = slashed.sub(code, text)
    found = (typewritten(part).strip(" []{}\"'") for part in SEPARATORS.split(text))
    return tuple(code for code in found if code not in NO_CODE)


def title_code(title: str) -> str:
    """The code that a column of Yes and No stands for: its title."""
    return " ".join(title.upper().replace("_", " ").split())


def says_yes(text: str, title: str = "") -> bool | None:
    """Whether a cell of a column called `title` says Yes: True or False, or None if it says something else."""
    said = text.strip().lower()
    if said in YES:
        return True
    if not said or said in NO:
        return False
    return _says_otherwise(text, title)


@lru_cache(maxsize=20_000)
def _says_otherwise(text: str, title: str) -> bool | None:
    said = IN_BRACKETS.fullmatch(typewritten(text).lower())[1].strip(".")
    if said in YES:
        return True
    if not said or said in NO or NOT_CERTIFIED.fullmatch(said):
        return False
    types = types_of(title_code(said))
    is_its_title = said == title.strip().lower() or (types and types == types_of(title_code(title)))
    return True if is_its_title else None  # VOSB below VOSB, "Woman" below "Woman-owned"


BETWEEN_CODES = re.compile(r"\s*(?:[&+:()\[\]]|\bAND\b|\bAS WELL AS\b|\.\s|\s-+\s)+\s*")
BETWEEN_WORDS = re.compile(r"[\s-]+")
# What programs add to a code: "Certified SDVOSB", "WOSB (Self)", "VO_Flag".
ADDED = re.compile(
    r"\b(certified|certification|cert|self|active|flag|ind|indicator|status|firm|is|the|an?|business(?:es)?|"
    r"enterprises?|small|owned|owner|ownership|program|set[- ]aside|joint venture|jv)\b|[^a-z0-9&']+",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def types_of(code: str) -> list[str] | None:
    """The keys of the types that a code usually stands for: list of str, empty for none; None if it is not known."""
    if code in DEFAULT_CODES:
        return DEFAULT_CODES[code]
    found = _BY_PLAIN_CODE.get(_plain_code(code))
    return found if found is not None else _types_of_all(code)


def _types_of_all(code: str) -> list[str] | None:
    """As `types_of`, of several known codes that are written as one: "MBE & WBE", "MBE (BLACK)"."""
    for separator in (BETWEEN_CODES, BETWEEN_WORDS):
        parts = [types_of(part) for part in separator.split(code.strip("() ")) if part.strip() not in ("", code)]
        known = [types for types in parts if types is not None]
        if len(known) > 1 and len(known) == len(parts):
            return sorted({key for types in known for key in types})
    return None


def _plain_code(code: str) -> str:
    """A code without what programs add to it, spaces and punctuation, in the singular."""
    words = ADDED.sub(" ", code).upper().split()
    return "".join(word if len(word) < 5 else word.removesuffix("S") for word in words) or code


_BY_PLAIN_CODE = {_plain_code(code): types for code, types in reversed(DEFAULT_CODES.items())}
