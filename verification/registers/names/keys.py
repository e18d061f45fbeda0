"""What a name is looked up by in a register."""

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
    """What `name` is looked up by in a register: sorted list of str, the same for other spellings as far as possible.

    Its words without fillers, neighbors run together, all of them run together, the beginning and the end of that
    ("^", "$" and five letters) and, of longer words, the consonants ("~"): a slip leaves one of them alone.
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
    """ "~" and the consonants of a longer word that tells something, each once where it is doubled; else ""."""
    if len(word) < 5 or word in WEIGHTS or not word.isalpha():
        return ""
    consonants = re.sub(r"(.)\1+", r"\1", word[0] + word[1:].translate(VOWELS))
    return f"~{consonants}" if len(consonants) > 2 else ""
