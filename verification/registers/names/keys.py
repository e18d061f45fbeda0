"""Makes the keys by which a register finds a name."""

import re
from functools import lru_cache
from itertools import pairwise

from verification.registers.names.sides import latin_of, sides_of, without_brackets
from verification.registers.names.words import canonical, spellings_of, tokens_of, words_of
from verification.registers.vocabulary import (
    FILLERS,
    WEIGHTS,
)

FOUND_NOTHING = FILLERS | {""} | set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
VOWELS = str.maketrans("", "", "AEIOUY")


def words(name: str) -> list[str]:
    """Return the sorted keys that find `name` in a register. Other spellings share most of them.

    They are its words without fillers, neighboring words joined, all words joined, the beginning and the end of those
    ("^", "$" and five letters), and the consonants of longer words ("~"). A slip leaves at least one key intact.
    """
    found = set()
    spellings = spellings_of(name) + spellings_of(latin_of(name))
    for text in (side for spelling in spellings for side in sides_of(spelling)):
        typed = words_of(tokens_of(without_brackets(text)))
        told = [canonical(word) for word in typed]
        if told:
            key = "".join(told)
            found |= {key, f"^{''.join(typed)[:5]}", f"{key[-5:]}$"}
            found.update(told)
            found.update(map("".join, pairwise(told)))
            found.update(map(_skeleton, told))
    return sorted(found - FOUND_NOTHING)


@lru_cache(maxsize=50_000)
def _skeleton(word: str) -> str:
    """Return "~" and the consonants of a longer, telling word, without doubled letters. "" for other words."""
    if len(word) < 5 or word in WEIGHTS or not word.isalpha():
        return ""
    consonants = re.sub(r"(.)\1+", r"\1", word[0] + word[1:].translate(VOWELS))
    return f"~{consonants}" if len(consonants) > 2 else ""
