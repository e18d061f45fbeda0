"""Marks the differences between two names, for people who compare them by eye."""

import re

from verification.registers.names.sides import Name
from verification.registers.names.words import canonical, spellings_of, tokens_of, words_of
from verification.registers.vocabulary import (
    CONNECTING,
    LEGAL_FORMS,
)

type Part = tuple[str, bool]  # of a printed name, and whether the other name lacks it

PRINTED_WORDS = re.compile(r"1/2|[\w.'`\u00b4\u2018\u2019\u0300-\u036f]+")


def differing(reported: str, listed: str) -> tuple[list[Part], list[Part]]:
    """Return both texts cut into parts. Joined, the parts are the text as printed.

    A part differs if the other name lacks its words. Legal forms and abbreviations never differ.
    """
    left, right = _comparable(reported), _comparable(listed)
    return _runs(reported, right), _runs(listed, left)


def _comparable(text: str) -> set[str]:
    return {word for side in Name(text).sides for word in (*side.words, *side.bracketed, side.key)}


def _runs(text: str, theirs: set[str]) -> list[Part]:
    runs, end = [], 0
    for match in PRINTED_WORDS.finditer(text):
        spellings = [map(canonical, words_of(tokens_of(spelling))) for spelling in spellings_of(match.group())]
        is_small = match.group().upper().replace(".", "") in LEGAL_FORMS | CONNECTING | {"DBA"}
        differs = not is_small and not any(map(theirs.issuperset, spellings))
        if match.start() > end:
            _add(runs, text[end : match.start()], False)
        _add(runs, match.group(), differs)
        end = match.end()
    if end < len(text):
        _add(runs, text[end:], False)
    return runs


def _add(runs: list[Part], text: str, differs: bool) -> None:
    """Append to `runs`, or to its last part if both differ or neither does."""
    if runs and runs[-1][1] == differs:
        runs[-1] = (runs[-1][0] + text, differs)
    else:
        runs.append((text, differs))
