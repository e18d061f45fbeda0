"""Measures how alike two words are: with a slip, or with letters in another order."""

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from verification.registers.vocabulary import (
    SPELLINGS,
    WEIGHTS,
)


def likeness_of(word: str, other: str) -> float:
    """Return how alike two different words are spelled: 0.0 if they may be different words."""
    if not word.isalpha() or not other.isalpha() or min(len(word), len(other)) < 5:
        return 0.0
    known, unknown = (word, other) if word in WEIGHTS else (other, word)
    if unknown in WEIGHTS:  # both are known words: PAINTING is not PRINTING, but ENGINEERING and ENGINEER are alike
        return 0.85 if word[:5] == other[:5] else 0.0
    if known in WEIGHTS:
        return 0.9 if any(is_slip(unknown, spelling) for spelling in SPELLINGS.get(known, (known,))) else 0.0
    # Family names differ at their ends, as Martin and Martinez do. Slips happen inside a word.
    is_inside = word[0] == other[0] and (
        word[-1] == other[-1] or {word[-1], other[-1]} == {"S", "Z"} or sorted(word) == sorted(other)
    )
    if is_inside and is_slip(word, other):
        return 0.92 if min(len(word), len(other)) >= 7 else 0.85
    return 0.0


def loose_likeness_of(word: str, other: str) -> float:
    """Return `likeness_of` for names beside the same number: initials and two slips in a long word are forgiven."""
    alike = likeness_of(word, other)
    if alike or not word.isalpha() or not other.isalpha() or word[0] != other[0] or word in WEIGHTS or other in WEIGHTS:
        return alike
    shorter = min(len(word), len(other))
    if shorter == 1:
        return 0.6
    if shorter < 7:
        return 0.0
    return 0.85 if OSA.distance(word, other, score_cutoff=2) <= 2 or _is_jumbled(word, other) else 0.0


def _is_jumbled(word: str, other: str) -> bool:
    """Return whether two words begin and end alike and share all letters but one: TECOLOTE and TELECOTE."""
    ours, theirs = rests(word, other)
    return word[-1] == other[-1] and len(ours) <= 1 and len(theirs) <= 1


def is_slip(word: str, other: str) -> bool:
    """Return whether two words differ by one wrong letter, or two in long words. Swapped neighbors count as one."""
    shorter = min(len(word), len(other))
    return OSA.distance(word, other, score_cutoff=2) <= (2 if shorter >= 9 else 1 if shorter >= 5 else 0)


def rests(one: Iterable[str], other: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the words of each list that the other lacks, each as often as it occurs."""
    theirs = list(other)
    ours = []
    for word in one:
        if word in theirs:
            theirs.remove(word)
        else:
            ours.append(word)
    return ours, theirs
