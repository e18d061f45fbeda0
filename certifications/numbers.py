"""How the numbers of certificates are compared: without what is typed around them. They are shown as typed."""

import re
import unicodedata

from django.db.models import Func, TextField, Value
from django.db.models.functions import Upper
from rapidfuzz.distance import OSA

from common.characters import DIGITS
from common.folding import fold

# What is typed or printed before a number, and is not of it. The degree sign is often typed for that of "Nº".
LABELS = (
    "CERTIFICATIONS?|CERTIFICATES?|CERTIFICADO|CERTIFICACION|CERT(?:ID|NO|NUM|NUMBER)?|NUMBER|NUMERO|NUM|NBR|NOS?|N[.]O|NR|N°|"
    "IDENTIFICATION|IDENTIFIER|ID|I[.]D|REFERENCE|REFERENCIA|REF|REGISTRATION|REGISTRO|REG|LICENSE|LICENCE|LICENCIA|LIC|"
    "PERMIT|VENDOR|SUPPLIER|ACCOUNT|ACCT|FILE|MEMBERSHIP|MEMBER|CONTROL|TRACKING|APPLICATION|DOCUMENT|SERIAL|CASE|CODE|"
    "UEI|CAGE|DUNS"
)
# Python and PostgreSQL understand all of these alike.
NOT_READ = "[^ -~°]"  # accents, invisible marks, letters of other scripts
TAKEN_OUT = (
    (f"(?<![A-Z0-9])({LABELS})(?![A-Z])([.]? (DEL?|OF) (?=(?:{LABELS})(?![A-Z]))|[ .:#]* (?:IS|ES)(?=[ :]|$))?", " "),
    ("[^A-Z0-9]", ""),
    ("(^|[A-Z])0+", r"\1"),  # padding: 000123, MBE-00123
)
# Letters of Cyrillic and Greek that look like Latin ones, typed on their keyboards; digits of every script.
LOOK_LATIN = dict(zip("АВЕКМНОРСТХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXIJSABEZHIKMNOPTYX", strict=True))  # noqa: RUF001
LOOK_LATIN |= {letter.lower(): latin for letter, latin in LOOK_LATIN.items()}
TYPED = str.maketrans(LOOK_LATIN) | DIGITS
SPECIFIC_FROM = 5  # letters and digits
LOOK_ALIKES = str.maketrans("OQDILSZBG", "000115286")
ADDED_DIGITS = 4  # a year, or which of several terms: 2301234-2027, 2301234-01
SMALL_WORDS = {"OF", "AND", "THE", "FOR"}


def number_key(text):
    """Return what two numbers are compared by: their letters and digits in capitals, without labels and padding.

    "Cert. No. MBE-00123" and "mbe 123" are both "MBE123". Empty if nothing is left. `number_key_sql` does the same.
    """
    key = re.sub(NOT_READ, "", unicodedata.normalize("NFKD", text).translate(TYPED)).upper()
    for pattern, kept in TAKEN_OUT:
        key = re.sub(pattern, kept, key)
    return key


def number_key_sql(text):
    """Return SQL for the `number_key` of `text`."""
    normalized = Func(text, template="normalize(%(expressions)s, NFKD)", output_field=TextField())
    characters, replaced = "".join(map(chr, TYPED)), "".join(TYPED.values())
    typed = Func(normalized, Value(characters), Value(replaced), function="translate", output_field=TextField())
    key = Upper(_replaced(typed, NOT_READ, ""))
    for pattern, kept in TAKEN_OUT:
        key = _replaced(key, pattern, kept)
    return key


def _replaced(text, pattern, kept):
    return Func(text, Value(pattern), Value(kept), Value("g"), function="regexp_replace", output_field=TextField())


def is_specific(key) -> bool:
    """Whether hardly two businesses have a number of this key by chance or by a slip: whether it is long enough."""
    return len(key) >= SPECIFIC_FROM and len(set(key)) > 1


def acronyms(*names) -> set:
    """Return what bodies and certificates of these names may print before or after their numbers: set of str.

    It is the acronyms in a name, and its initials: "North Carolina DOT" may print DOT and NCDOT.
    """
    found = set()
    for name in names:
        words = re.findall(r"[^\W\d_]+", name)
        found.update(word for word in words if word.isupper() or len(words) == 1)
        parts = [word if word.isupper() else word[0] for word in words]
        found.add("".join(parts))
        found.add("".join(part for part, word in zip(parts, words, strict=True) if word.upper() not in SMALL_WORDS))
    return {acronym for acronym in map(fold, found) if len(acronym) > 1}


def with_and_without(key, acronyms):
    """Return the keys that are the number of `key` with or without one of `acronyms` at either end: set of str."""
    bare = {key}
    for _ in range(2):  # WBENC WBE 123 has two
        bare |= {number_key(rest) for one in bare for acronym in acronyms for rest in _without(one, acronym)}
    return bare | {with_it for one in bare for acronym in acronyms for with_it in (acronym + one, one + acronym)}


def _without(key, acronym) -> list:
    rests = (key.removeprefix(acronym), key.removesuffix(acronym))
    return [rest for rest in rests if rest != key and any(map(str.isdigit, rest))]


def differ_by_letters(key, other):
    """Whether one is a specific number of digits alone, and the other the same with letters before or after it."""
    digits, lettered = sorted((key, other), key=len)
    return digits.isdigit() and is_specific(digits) and lettered.strip(LETTERS) == digits != lettered


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def are_near(key, other):
    """Whether two different, specific numbers may be one of them with a slip.

    A digit wrong, missing or too many, two of them swapped, letters taken for digits, letters or a year around it, or
    zeros that one of them lacks.
    """
    if key == other or not (is_specific(key) and is_specific(other)):
        return False
    is_slip = OSA.distance(key, other, score_cutoff=1) <= 1 or key.translate(LOOK_ALIKES) == other.translate(
        LOOK_ALIKES
    )
    return is_slip or differ_by_letters(key, other) or _differ_by_digits(key, other)


def _differ_by_digits(key, other):
    """Whether one is the other with few digits before or after it, or with zeros between: 2027-00123 and 2027-123."""
    shorter, longer = sorted((key, other), key=len)
    added = longer.removeprefix(shorter) if longer.startswith(shorter) else longer.removesuffix(shorter)
    if added != longer and added.isdigit() and len(added) <= ADDED_DIGITS:
        return True
    return key.replace("0", "") == other.replace("0", "") and is_specific(key.replace("0", ""))
