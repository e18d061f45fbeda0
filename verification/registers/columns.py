"""Recognizes the columns of a register's file by their titles and contents. Staff correct the result by hand."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from verification.registers.days import read_days
from verification.registers.values import codes, says_yes, title_code, types_of

FIRM = r"(business|company|vendor|firm|supplier|contractor|organi[sz]ation|entity|certified firm)"
NAMES = rf"(legal |registered )?{FIRM}( formal| legal)? ?name|name( of( the)? {FIRM})?|{FIRM}"
BEGIN = (
    r"(cert(ificat(e|ion))?|certified|issued?|issuance|approv(al|ed)|effective|eff|active|start|begin(ning)?|entry|"
    r"entrance|admission|admitted|granted|enroll?(ed|ment)?|initial certification|original certification|added)"
)
END = r"(expir\w*|exp|end|ends|exit|termination|lapses?|sunset)"
# Things with a status or an end of their own, which is not the certificate's.
OF_SOMETHING_ELSE = re.compile(
    r"\b((pre ?)?qualif\w*|contract|bid\w*|award\w*|insurance|license|bond\w*|tax|payment|lease|project|fiscal|"
    r"employment|agreement|sam|cage|lobby\w*|capability|financial|audit|permit|warranty|po|purchase order)\b"
)
# The titles of each field's column, the surest first. They come from real directories.
PATTERNS = {
    "name": [r"(vendor formal|legal business|legal|registered) ?name", NAMES],
    "dba": [r"(.* )?d ?b ?a( name)?|doing business as( name)?|trade name|also known as|vendor ?name ?2|other name"],
    "number": [
        r"(.* )?cert(ificat(e|ion))? ?(number|num|no|id)|certno",
        r"(.*\b)?(account|vendor|supplier|reporting|firm|company|registration|license) ?(number|num|no|id)|uei",
        r"number|id",
    ],
    "certified_on": [
        rf"(.* )?{BEGIN} ?(date|on|since|day)|(date|day) (of )?(the )?((initial|original|first|last) )?{BEGIN}",
        r"orig ?cert( ?date)?|(certified|approved|valid|member) (since|from)|certification (begins|starts|granted)",
    ],
    "expires_on": [
        rf"(.* )?({END}|(certified|valid|good|certification) (until|thru|through|to))( ?(date|on))?",
        rf"(date|day) (of )?(the )?((certificate|certification) )?{END}",
        r"(.* )?(renewal|recertification|recert|anniversary|review)( due)? ?(date)?|(renewal|review) due( on)?",
    ],
    "status": [r"(.* )?status|contractstatus"],
}
TYPE = (
    r"(.* )?(cert(ificat(e|ion))?s?( types?| codes?)?|certification ?type|contracttype|classification|designations?|"
    r"(ethnicity|race|gender)( code)?|minority group|ethnic (group|codes?|origin)|programs?|other cert( 2)?|"
    r"(diversity|diverse|m ?w ?be|[mwd]be) (type|category|code)s?)|types?"
)
OWNERSHIP = (
    r"\b(wom[ae]n|female|minority|disab\w+|veterans?|lgbtq?\w*|o?mwbe|mbe|wbe|vbe|sdvob\w*|dvbe|dbe|sbe|small|hub"
    r"(zone)?)\b"
)
KNOWN = re.compile(
    "|".join(f"(?:{pattern})" for patterns in PATTERNS.values() for pattern in patterns)
    + f"|{TYPE}|address.*|city|state|zip.*|phone.*|e?mail.*|fax|website|county|contact.*|.*naics.*|description.*"
)

PARTS = {"name", "type", "date", "number", "code", "no", "id"}  # second lines of a title: "Expiration", "Date"


@dataclass
class Columns:
    """The positions (from 0) of the columns that are read. None or [] where the file has no such column."""

    name: int | None = None
    dba: int | None = None
    number: int | None = None
    certified_on: int | None = None
    expires_on: int | None = None
    status: int | None = None
    type: list[int] = field(default_factory=list)
    yes_no: list[int] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**values)


SHORT = {"nbr": "number", "dt": "date", "cd": "code"}


def plain(header: str) -> str:
    """Return a title in lower-case words: "Vendor_Formal-Name" and "VendorFormalName" are "vendor formal name"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.replace("(s)", "s"))
    words = re.sub(r"[^a-z0-9]+", " ", apart.lower().replace("#", " number ")).split()
    return " ".join(SHORT.get(word, word) for word in words)


def header_score(cells: list[str]) -> tuple[int, int]:
    """Return how much a row looks like a header: the numbers of cells that are known titles, and of filled cells."""
    filled = [cell for cell in cells if cell]
    known = sum(bool(KNOWN.fullmatch(plain(cell))) for cell in filled if len(cell) <= 60)
    is_single = len(filled) == 1
    return (known, 0 if is_single else len(filled)) if known > 1 or (is_single and known) else (0, 0)


def all_titles(cells: list[str]) -> bool:
    """Return whether a row consists of known column titles, at least two."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and all(KNOWN.fullmatch(plain(cell)) or plain(cell) in PARTS for cell in filled)


def named_columns(header: list[str]) -> set[int]:
    """Return the positions of the columns whose titles name businesses."""
    patterns = [re.compile(pattern) for pattern in PATTERNS["name"] + PATTERNS["dba"]]
    titles = [plain(title) for title in header]
    return {position for position, title in enumerate(titles) if any(one.fullmatch(title) for one in patterns)}


def recognise(header: list[str], sample: list[list[str]]) -> "Columns":
    """Return the columns of a table, as far as its header and first rows tell."""
    titles = [plain(title) for title in header]
    columns = Columns()
    columns.yes_no = [p for p, title in enumerate(titles) if _says_yes(header[p], title, _values(sample, p))]
    taken = set(columns.yes_no)
    for name, patterns in PATTERNS.items():
        for pattern in patterns:
            fitting = (p for p, title in enumerate(titles) if p not in taken and re.fullmatch(pattern, title))
            found = next((p for p in fitting if _may_be(name, titles[p], _values(sample, p) - {""})), None)
            if found is not None:
                setattr(columns, name, found)
                taken.add(found)
                break
    columns.type = [p for p, title in enumerate(titles) if p not in taken and re.fullmatch(TYPE, title)]
    if columns.name is None and len(titles) == 1:
        columns.name = 0
    return columns


def codes_of(cells: list[str], columns: Columns, header: list[str]) -> list[str]:
    """Return the codes of a row: those in its columns of codes, and the titles of its columns that say Yes."""
    found = [code for position in columns.type for code in codes(cells[position])]
    return found + [
        title_code(header[position]) for position in columns.yes_no if says_yes(cells[position], header[position])
    ]


def _values(sample: list[list[str]], position: int) -> set[str]:
    return {row[position].strip().lower() for row in sample}


def _says_yes(header: str, title: str, values: set[str]) -> bool:
    """Return whether a column says Yes or No. An empty one does, unless its title has another meaning."""
    names_ownership = re.search(OWNERSHIP, title) or types_of(title_code(header)) is not None
    if any(re.fullmatch(pattern, title) for pattern in PATTERNS["number"]):
        return False  # it may be 1
    is_flag = all(says_yes(value, header) is not None for value in values)
    return bool(names_ownership) and is_flag and (values != {""} or not KNOWN.fullmatch(title))


def _may_be(name: str, title: str, values: set[str]) -> bool:
    """Return whether the values of a column fit its title. None of them is empty."""
    if name == "name":
        return not values or not all(value.isdigit() for value in values)
    if name in {"certified_on", "expires_on", "status"} and OF_SOMETHING_ELSE.search(title):
        return False
    if name.endswith("_on"):
        return not values or any(map(_is_day, values))
    return True


def _is_day(text: str) -> bool:
    try:
        read_days(text)
    except ValueError:
        return False
    return True
