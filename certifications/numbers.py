"""How the numbers of certificates are compared: without what is typed around them. They are shown as typed."""

import re
import unicodedata

from django.db.models import Func, TextField, Value
from django.db.models.functions import Upper
from rapidfuzz.distance import OSA

from common.folding import fold

# What is typed or printed before a number, and is not of it. The degree sign is often typed for that of "Nº".
LABELS = (
    "CERTIFICATION|CERTIFICATE|CERTIFICADO|CERT|NUMBER|NUMERO|NUM|NBR|NO|NR|N°|IDENTIFICATION|IDENTIFIER|ID|"
    "REFERENCE|REF|REGISTRATION|REG|VENDOR|SUPPLIER|ACCOUNT|ACCT|FILE"
)
# Python and PostgreSQL understand all of these alike.
NOT_READ = "[^ -~°]"  # accents, invisible marks, letters of other scripts
TAKEN_OUT = (
    (f"(?<![A-Z0-9])({LABELS})(?![A-Z])", " "),
    ("[^A-Z0-9]", ""),
    ("(^|[A-Z])0+", r"\1"),  # padding: 000123, MBE-00123
)
SPECIFIC_FROM = 5  # letters and digits
LOOK_ALIKES = str.maketrans("OQDILSZBG", "000115286")
SMALL_WORDS = {"OF", "AND", "THE", "FOR"}


def number_key(text):
    """Return what two numbers are compared by: their letters and digits in capitals, without labels and padding.

    "Cert. No. MBE-00123" and "mbe 123" are both "MBE123". Empty if nothing is left. `number_key_sql` does the same.
    """
    key = re.sub(NOT_READ, "", unicodedata.normalize("NFKD", text)).upper()
    for pattern, kept in TAKEN_OUT:
        key = re.sub(pattern, kept, key)
    return key


def number_key_sql(text):
    """Return SQL for the `number_key` of `text`."""
    normalized = Func(text, template="normalize(%(expressions)s, NFKD)", output_field=TextField())
    key = Upper(_replaced(normalized, NOT_READ, ""))
    for pattern, kept in TAKEN_OUT:
        key = _replaced(key, pattern, kept)
    return key


def _replaced(text, pattern, kept):
    return Func(text, Value(pattern), Value(kept), Value("g"), function="regexp_replace", output_field=TextField())


def is_specific(key):
    """Whether hardly two businesses have a number of this key by chance or by a slip: whether it is long enough."""
    return len(key) >= SPECIFIC_FROM and len(set(key)) > 1


def acronyms(*names):
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


def _without(key, acronym):
    rests = (key.removeprefix(acronym), key.removesuffix(acronym))
    return [rest for rest in rests if rest != key and any(map(str.isdigit, rest))]


def differ_by_letters(key, other):
    """Whether one is a specific number of digits alone, and the other the same with letters before or after it."""
    digits, lettered = sorted((key, other), key=len)
    return digits.isdigit() and is_specific(digits) and lettered.strip(LETTERS) == digits != lettered


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def are_near(key, other):
    """Whether two different, specific numbers may be one of them with a slip.

    A digit wrong, missing or too many, two of them swapped, letters taken for digits, or letters around it.
    """
    if key == other or not (is_specific(key) and is_specific(other)):
        return False
    is_slip = OSA.distance(key, other, score_cutoff=1) <= 1
    return is_slip or key.translate(LOOK_ALIKES) == other.translate(LOOK_ALIKES) or differ_by_letters(key, other)
