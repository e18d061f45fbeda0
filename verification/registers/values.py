"""Reads the cells of registers: names, numbers, codes that stand for types, and Yes or No."""

import html
import re
from functools import lru_cache

from common.text import readable, typewritten
from verification.registers.days import MONTH

LONGEST = 500  # characters of a cell that is stored

# Words in lower case and marks that stand for Yes and No.
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

# The text of a formula that failed.
ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)", re.IGNORECASE)
# Numbers that a spreadsheet damaged, and how. They are kept as printed and match no other number.
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
ANY_SPOILED = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in SPOILED), re.IGNORECASE)
# The kinds of damage in words, for one number and for several.
HAPPENED = {
    "digits lost": ("lost digits", "lost digits"),
    "made a date": ("was turned into a date", "were turned into dates"),
    "made an error": ("is an error that replaced the number", "were replaced by errors"),
}
TEXT_FORMULA = re.compile(r'="(.*)"|\'(?=\d)(.*)')  # formulas that keep leading zeros in spreadsheets
FRACTION = re.compile(r"(\d+)\.0+")
SEPARATORS = re.compile(r"(?:[,/;|~^¦·‧•¶\u203a»\\\n\r\v\f\x85\u2028\u2029]|<[^<>]*>)+")
SLASHED = (  # slashes that separate nothing
    (re.compile(r"\bM/WBE\b"), "MWBE"),
    (re.compile(r"\bW/MBE\b"), "WMBE"),
    (re.compile(r"\bN/A\b"), ""),
)
NO_CODE = {"", "-", "--", "NA", "NONE", "NULL", "NAN", "#"}

# The usual codes of each type. Staff see and correct them for each register. A program's "MBE" may include businesses
# owned by women, and then stands for neither type.
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
    """Return the text of a cell on one line, with entities decoded and without invisible characters."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = readable(text)
    if text[:1] in ("=", "'") and (formula := TEXT_FORMULA.fullmatch(text)):
        text = formula[1] or formula[2] or ""
    return text[:LONGEST]


@lru_cache(maxsize=20_000)
def spoiled(number: str) -> str:
    """Return how a spreadsheet damaged a printed number, or ""."""
    if not ANY_SPOILED.fullmatch(number):  # most are whole, and one look is enough for them
        return ""
    return next((how for pattern, how in SPOILED if pattern.fullmatch(number)), "")


def printed_number(text: str) -> str:
    """Return a number without the fraction that a program added."""
    added = FRACTION.fullmatch(text) if text.endswith("0") and "." in text else None
    return added[1] if added else text


@lru_cache(maxsize=20_000)
def codes(text: str) -> tuple[str, ...]:
    """Return the codes in a cell, in capital letters."""
    text = html.unescape(text).upper()
    for slashed, code in SLASHED:
        text = slashed.sub(code, text)
    found = (typewritten(part).strip(" []{}\"'") for part in SEPARATORS.split(text))
    return tuple(code for code in found if code not in NO_CODE)


def title_code(title: str) -> str:
    """Return the code that a column of Yes and No stands for: its title."""
    return " ".join(title.upper().replace("_", " ").split())


def says_yes(text: str, title: str = "") -> bool | None:
    """Return whether a cell of the column `title` says Yes, or None if it says neither Yes nor No."""
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
# Words that programs add to a code: "Certified SDVOSB", "WOSB (Self)", "VO_Flag".
ADDED = re.compile(
    r"\b(certified|certification|cert|self|active|flag|ind|indicator|status|firm|is|the|an?|business(?:es)?|"
    r"enterprises?|small|owned|owner|ownership|program|set[- ]aside|joint venture|jv)\b|[^a-z0-9&']+",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def types_of(code: str) -> list[str] | None:
    """Return the keys of the types that a code usually stands for. None if the code is unknown."""
    if code in DEFAULT_CODES:
        return DEFAULT_CODES[code]
    found = _BY_PLAIN_CODE.get(_plain_code(code))
    return found if found is not None else _types_of_all(code)


def _types_of_all(code: str) -> list[str] | None:
    """Return the types of several known codes written as one, such as "MBE & WBE" and "MBE (BLACK)", or None."""
    for separator in (BETWEEN_CODES, BETWEEN_WORDS):
        parts = [types_of(part) for part in separator.split(code.strip("() ")) if part.strip() not in ("", code)]
        known = [types for types in parts if types is not None]
        if len(known) > 1 and len(known) == len(parts):
            return sorted({key for types in known for key in types})
    return None


def _plain_code(code: str) -> str:
    """Return a code in the singular, without added words, spaces and punctuation."""
    words = ADDED.sub(" ", code).upper().split()
    return "".join(word if len(word) < 5 else word.removesuffix("S") for word in words) or code


_BY_PLAIN_CODE = {_plain_code(code): types for code, types in reversed(DEFAULT_CODES.items())}
