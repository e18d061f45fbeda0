"""Placeholders: texts such as "pending", "N/A", "see attached" or "xxx" in place of a name or number."""

import re
from functools import lru_cache

from common.folding import fold

# A text is a placeholder if it has a word of the first list and otherwise only words of the second.
_NOTHING = (
    "PENDING NA NONE TBD TBA TBC UNKNOWN APPLIED ATTACHED ATTACHMENT APPLICABLE AVAILABLE DETERMINED ANNOUNCED WAITING "
    "AWAITING NULL NIL NAN PENDIENTE NINGUNO NINGUNA"
)
_BESIDE = (
    "A N NO NOT YET YES FOR TO BE BEING IN ON OF AS AT PROCESS PROCESSING PROGRESS REVIEW UNDER SEE STILL THE THIS IS "
    "WAS MY IT I AM WE DO DONT HAVE HAVENT GET WILL ADD UPDATE KNOW ONE SOON LATER SAME CERT CERTIFICATE CERTIFICATION "
    "NUMBER APPLICATION APPROVAL APPROVED RENEWAL RENEWING RECEIVED SUBMITTED ISSUED DOCUMENT FILE COPY CURRENTLY NEW "
    "MISSING LOST"
)
NOTHING, BESIDE = frozenset(_NOTHING.split()), frozenset(_BESIDE.split())


def is_no_number(text: str) -> bool:
    """Return True if `text` is a placeholder for a number."""
    return not text.isdigit() and _says_no_number(text)


@lru_cache(maxsize=20_000)
def _says_no_number(text: str) -> bool:
    words = _words(text)
    said = {word for word in words if not word.isdigit()}
    if said < words:  # "Pending 2026", but not "NA-12345"
        return said <= NOTHING | BESIDE and any(len(word) > 4 for word in said & NOTHING)
    letters = "".join(words)
    return said <= NOTHING | BESIDE or (letters.isalpha() and len(set(letters)) == 1)


def is_no_name(text: str) -> bool:
    """Return True if `text` is a placeholder for a name."""
    words = _words(text)
    return set("".join(words)) == {"X"} or (bool(words & NOTHING) and words <= NOTHING | BESIDE)


def _words(text: str) -> set[str]:
    words = re.findall("[A-Z0-9]+", fold(text))
    together = "".join(words)
    return {together} if together in NOTHING else set(words)  # N/A, T.B.D.
