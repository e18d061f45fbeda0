"""Tables of characters that are invisible or look alike, shared by cleaning, searching and comparing."""

import unicodedata

APOSTROPHES = "\u2019\u2018\u201b\u02bc\u02bb\u02bd\u02b9\u2032\u00b4`\uff07"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d"
QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"
# What cannot be seen, for a set of a pattern in Python or PostgreSQL: the category "format" but for the signs around
# numbers and verses in Arabic, Syriac and Kaithi; fillers; and marks that select a variant of the letter before.
UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffc\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The zero of every script that has digits of its own; the nine others follow it.
ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0\u0f20"
    "\u1040\u1090\u17e0\u1810\u1946\u19d0\u1a80\u1a90\u1b50\u1bb0\u1c40\u1c50\ua620\ua8d0\ua900\ua9d0"
    "\ua9f0\uaa50\uabf0"
)
DIGITS = {ord(zero) + digit: str(digit) for zero in ZEROS for digit in range(10)}
HYPHENS = str.maketrans(DASHES, "-" * len(DASHES))
TYPEWRITER = HYPHENS | str.maketrans(APOSTROPHES + QUOTES, "'" * len(APOSTROPHES) + '"' * len(QUOTES))
# How letters are also spelled that lose an accent elsewhere: Müller is Muller or Mueller.
SPELLED_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
_SPELLED_OUT = str.maketrans(SPELLED_OUT | {letter.upper(): other.upper() for letter, other in SPELLED_OUT.items()})


def spelled_out(text: str) -> str:
    """Return `text` with ä, ö, ü, ø and å written as two letters each."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_SPELLED_OUT)
