"""Which column of a directory is which, told from its header and from what is in it. Staff correct it by hand."""

import re
from dataclasses import asdict, dataclass, field

from certifications.registers.values import days

YES_NO = {"yes", "no", "y", "n", "true", "false", "x", ""}

FIRM = r"(business|company|vendor|firm|supplier|contractor|organi[sz]ation|entity|certified firm)"
NAMES = rf"(legal |registered )?{FIRM}( formal| legal)? ?name|name( of( the)? {FIRM})?|{FIRM}"
# By field, what a header says, the surest first. The words are those of real directories.
PATTERNS = {
    "name": [r"(vendor formal|legal business|legal|registered) ?name", NAMES],
    "dba": [r"(.* )?d ?b ?a( name)?|doing business as( name)?|trade name|also known as|vendor ?name ?2|other name"],
    "number": [
        r"(.* )?cert(ificat(e|ion))? ?(number|num|no|id)|certno",
        r"(.*\b)?(account|vendor|supplier|reporting|firm|company|registration|license) ?(number|num|no|id)|uei",
        r"number|id",
    ],
    "certified_on": [
        r"(.* )?(cert(ificat(e|ion))?|certified|issued?|approv(al|ed)|effective|active|start) ?(date|on)",
        r"date (certified|issued|approved)|origcert",
    ],
    "expires_on": [
        r"(.* )?(expir\w*|exp|end|exit|termination|(certified|valid) (until|thru|through|to))( ?(date|on))?",
        r"(.* )?(renewal|recertification|anniversary) ?(date)?",
    ],
    "status": [r"(.* )?status|contractstatus"],
}
TYPE = (
    r"(.* )?(cert(ificat(e|ion))?s?( types?| codes?)?|certification ?type|contracttype|classification|designations?|"
    r"(ethnicity|race|gender)( code)?|minority group|ethnic group|programs?|other cert( 2)?|"
    r"(diversity|diverse|m ?w ?be|[mwd]be) (type|category|code)s?)|types?"
)
OWNERSHIP = (
    r"\b(wom[ae]n|female|minority|disab\w+|veterans?|lgbtq?\w*|o?mwbe|mbe|wbe|vbe|sdvob\w*|dvbe|dbe|sbe|small)\b"
)
KNOWN = re.compile(
    "|".join(f"(?:{pattern})" for patterns in PATTERNS.values() for pattern in patterns)
    + f"|{TYPE}|address.*|city|state|zip.*|phone.*|e?mail.*|fax|website|county|contact.*|.*naics.*|description.*"
)


@dataclass
class Columns:
    """The positions (from 0) of the columns that are read; None or [] for what the file does not have."""

    name: int | None = None
    dba: int | None = None
    number: int | None = None
    certified_on: int | None = None
    expires_on: int | None = None
    status: int | None = None
    type: list = field(default_factory=list)
    yes_no: list = field(default_factory=list)

    def as_dict(self):
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        return cls(**values)


SHORT = {"nbr": "number", "dt": "date", "cd": "code"}


def plain(header):
    """A header in lower-case words: "Vendor_Formal-Name" and "VendorFormalName" are "vendor formal name"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.replace("(s)", "s"))
    words = re.sub(r"[^a-z0-9]+", " ", apart.lower().replace("#", " number ")).split()
    return " ".join(SHORT.get(word, word) for word in words)


def header_score(cells):
    """How much a row looks like a header: how many of its cells are names of columns that directories have."""
    filled = [cell for cell in cells if cell]
    known = sum(bool(KNOWN.fullmatch(plain(cell))) for cell in filled if len(cell) <= 60)
    is_single = len(filled) == 1
    return (known, 0 if is_single else len(filled)) if known > 1 or (is_single and known) else (0, 0)


def recognise(header, sample):
    """The Columns of a table, as far as its header (list of str) and first rows (list of list of str) tell."""
    titles = [plain(title) for title in header]
    columns = Columns()
    columns.yes_no = [p for p, title in enumerate(titles) if _says_yes(title, _values(sample, p))]
    taken = set(columns.yes_no)
    for name, patterns in PATTERNS.items():
        for pattern in patterns:
            found = next((p for p, t in enumerate(titles) if p not in taken and re.fullmatch(pattern, t)), None)
            if found is not None and _may_be(name, _values(sample, found) - {""}):
                setattr(columns, name, found)
                taken.add(found)
                break
    columns.type = [p for p, title in enumerate(titles) if p not in taken and re.fullmatch(TYPE, title)]
    if columns.name is None and len(titles) == 1:
        columns.name = 0
    return columns


def _values(sample, position):
    return {row[position].strip().lower() for row in sample}


def _says_yes(title, values):
    """Whether a column says Yes or No. One that is empty at first does, unless its title is one of something else."""
    return bool(re.search(OWNERSHIP, title)) and values <= YES_NO and (values != {""} or not KNOWN.fullmatch(title))


def _may_be(name, values):
    """Whether what a column holds (set of str, none empty) can be what its title says."""
    if name == "name":
        return not values or not all(value.isdigit() for value in values)
    if name.endswith("_on"):
        return not values or any(map(_is_day, values))
    return True


def _is_day(text):
    try:
        return bool(days(text))
    except ValueError:
        return False
