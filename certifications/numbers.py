"""Comparing certificate numbers by keys, which leave out what is typed around the number. Pages show it as typed."""

import re
import unicodedata
from collections.abc import Iterable

from django.db.models import Expression, F, Func, TextField, Value
from django.db.models.functions import Upper
from rapidfuzz.distance import OSA

from common.characters import DIGITS
from common.folding import fold

# Labels that are typed or printed before a number. The degree sign is often typed for the sign in "Nº".
LABELS = (
    "CERTIFICATIONS?|CERTIFICATES?|CERTIFICADO|CERTIFICACION|CERT(?:ID|NO|NUM|NUMBER)?|NUMBER|NUMERO|NUM|NBR|NOS?|N[.]O|NR|N°|"
    "IDENTIFICATION|IDENTIFIER|ID|I[.]D|REFERENCE|REFERENCIA|REF|REGISTRATION|REGISTRO|REG|LICENSE|LICENCE|LICENCIA|LIC|"
    "PERMIT|VENDOR|SUPPLIER|ACCOUNT|ACCT|FILE|MEMBERSHIP|MEMBER|CONTROL|TRACKING|APPLICATION|DOCUMENT|SERIAL|CASE|CODE|"
    "UEI|CAGE|DUNS"
)
# Python and PostgreSQL read all of these patterns in the same way.
NOT_READ = "[^ -~°]"  # accents, invisible marks, letters of other scripts
TAKEN_OUT = (
    (f"(?<![A-Z0-9])({LABELS})(?![A-Z])([.]? (DEL?|OF) (?=(?:{LABELS})(?![A-Z]))|[ .:#]* (?:IS|ES)(?=[ :]|$))?", " "),
    ("[^A-Z0-9]", ""),
    ("(^|[A-Z])0+", r"\1"),  # padding: 000123, MBE-00123
)
# Cyrillic and Greek letters that look like Latin ones and are typed on those keyboards, and the digits of every script.
LOOK_LATIN = dict(zip("АВЕКМНОРСТХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXIJSABEZHIKMNOPTYX", strict=True))  # noqa: RUF001
LOOK_LATIN |= {letter.lower(): latin for letter, latin in LOOK_LATIN.items()}
TYPED = str.maketrans(LOOK_LATIN) | DIGITS
SPECIFIC_FROM = 5  # letters and digits
LOOK_ALIKES = str.maketrans("OQDILSZBG", "000115286")
ADDED_DIGITS = 4  # a year or the number of a term: 2301234-2027, 2301234-01
SMALL_WORDS = {"OF", "AND", "THE", "FOR"}


def number_key(text: str) -> str:
    """Return the key that a number is compared by: its letters and digits in capitals, without labels and padding.

    "Cert. No. MBE-00123" and "mbe 123" both become "MBE123". It is "" if nothing is left. `number_key_sql` does the
    same.
    """
    key = re.sub(NOT_READ, "", unicodedata.normalize("NFKD", text).translate(TYPED)).upper()
    for pattern, kept in TAKEN_OUT:
        key = re.sub(pattern, kept, key)
    return key


def number_key_sql(text: F | Value) -> Func:
    """Return SQL for the `number_key` of `text`."""
    normalized = Func(text, template="normalize(%(expressions)s, NFKD)", output_field=TextField())
    characters, replaced = "".join(map(chr, TYPED)), "".join(TYPED.values())
    typed = Func(normalized, Value(characters), Value(replaced), function="translate", output_field=TextField())
    key: Func = Upper(_replaced(typed, NOT_READ, ""))
    for pattern, kept in TAKEN_OUT:
        key = _replaced(key, pattern, kept)
    return key


def _replaced(text: Expression, pattern: str, kept: str) -> Func:
    return Func(text, Value(pattern), Value(kept), Value("g"), function="regexp_replace", output_field=TextField())


def is_specific(key: str) -> bool:
    """Return True if a key is long enough that two businesses hardly ever share it by chance or by a slip."""
    return len(key) >= SPECIFIC_FROM and len(set(key)) > 1


def acronyms(*names: str) -> set[str]:
    """Return the acronyms that bodies and certificates of these names may print before or after a number.

    These are the acronyms in a name and its initials: "North Carolina DOT" may print DOT and NCDOT.
    """
    found = set()
    for name in names:
        words = re.findall(r"[^\W\d_]+", name)
        found.update(word for word in words if word.isupper() or len(words) == 1)
        parts = [word if word.isupper() else word[0] for word in words]
        found.add("".join(parts))
        found.add("".join(part for part, word in zip(parts, words, strict=True) if word.upper() not in SMALL_WORDS))
    return {acronym for acronym in map(fold, found) if len(acronym) > 1}


def with_and_without(key: str, acronyms: Iterable[str]) -> set[str]:
    """Return `key` with and without one of `acronyms` at either end."""
    bare = {key}
    for _ in range(2):  # WBENC WBE 123 has two
        bare |= {number_key(rest) for one in bare for acronym in acronyms for rest in _without(one, acronym)}
    return bare | {with_it for one in bare for acronym in acronyms for with_it in (acronym + one, one + acronym)}


def _without(key: str, acronym: str) -> list[str]:
    rests = (key.removeprefix(acronym), key.removesuffix(acronym))
    return [rest for rest in rests if rest != key and any(map(str.isdigit, rest))]


def differ_by_letters(key: str, other: str) -> bool:
    """Return True if one key is specific and all digits, and the other adds letters before or after it."""
    digits, lettered = sorted((key, other), key=len)
    return digits.isdigit() and is_specific(digits) and lettered.strip(LETTERS) == digits != lettered


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def are_near(key: str, other: str) -> bool:
    """Return True if two different, specific keys may be the same number with a slip.

    Slips are a wrong, missing or extra digit, two swapped digits, letters mistaken for digits, added letters or an
    added year, and missing zeros.
    """
    if key == other or not (is_specific(key) and is_specific(other)):
        return False
    is_slip = OSA.distance(key, other, score_cutoff=1) <= 1 or key.translate(LOOK_ALIKES) == other.translate(
        LOOK_ALIKES
    )
    return is_slip or differ_by_letters(key, other) or _differ_by_digits(key, other)


def _differ_by_digits(key: str, other: str) -> bool:
    """Return True if one key adds a few digits at an end of the other, or zeros: 2027-00123 and 2027-123."""
    shorter, longer = sorted((key, other), key=len)
    added = longer.removeprefix(shorter) if longer.startswith(shorter) else longer.removesuffix(shorter)
    if added != longer and added.isdigit() and len(added) <= ADDED_DIGITS:
        return True
    return key.replace("0", "") == other.replace("0", "") and is_specific(key.replace("0", ""))
