"""Splits a name into words, drops legal forms and spells out abbreviations."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from common.characters import spelled_out
from common.folding import fold
from verification.registers.names.likeness import is_slip
from verification.registers.vocabulary import (
    ABBREVIATIONS,
    CONNECTING,
    ELSEWHERE_AND,
    LAST_FORMS,
    LEGAL_FORMS,
    LONG_FORMS,
    WEIGHTS,
)

SPELLED_OUT_FORMS = re.compile(
    r"\b(?:A )?(?:(?:PROFESSIONAL )?LIMITED LIABILITY (?:COMPANY|CO|CORPORATION|PARTNERSHIP)|LIMITED PARTNERSHIP|"
    r"PROF(?:ESSIONAL)?\.? (?:(?:LAW|DENTAL|MEDICAL|SERVICE) )?(?:CORPORATION|CORP|ASSOCIATION)\b|"
    r"SOLE PROPRIETOR(?:SHIP)?)\b"
)
DOTTED = re.compile(r"\b(?:[A-Z]\.\s?)+[A-Z]?\b\.?|\b[A-Z](?:\s[A-Z])+\b")
FRACTION = re.compile(r"(?<![\d/])(1/2|1/4)(?![\d/])")
FRACTIONS = {"1/2": "HALF", "1/4": "QUARTER"}
PUNCTUATION = {number: " " for number in range(128) if not chr(number).isalnum()} | {ord("#"): " NO "}
DROPPED = LEGAL_FORMS | CONNECTING
LONGEST = 300  # letters of a name that are read


def spellings_of(name: str) -> list[str]:
    """Return `name` folded, and its variants with letters spelled out and with garbled letters restored."""
    if "&" in name and ";" in name:
        name = html.unescape(name)
    name = name[:LONGEST]
    if name.isascii():
        spellings = [fold(name)]
    else:
        spellings = list(dict.fromkeys(map(fold, filter(None, (name, spelled_out(name), _restored(name))))))
    return [FRACTION.sub(_fraction, text) if "1/" in text else text for text in spellings]


def _restored(name: str) -> str:
    """Return a text in UTF-8 that was read as Windows-1252, as in PeÃ±a, or ""."""
    try:
        return name.encode("cp1252").decode()
    except UnicodeError:
        return ""


def _fraction(match: re.Match[str]) -> str:
    return FRACTIONS[match[0]]


@lru_cache(maxsize=50_000)
def canonical(word: str) -> str:
    """Return a word in the form that is compared: spelled out, in the singular."""
    word = ABBREVIATIONS.get(word, word)
    if word[-1] == "S":  # only known words: Adams is a family name, and not Adam
        singular = ABBREVIATIONS.get(word[:-1], word[:-1])
        if singular in WEIGHTS:
            return singular
    return word


def tokens_of(text: str) -> list[str]:
    """Return all words of a folded text, as typed and in order."""
    if "." in text or _has_apart_letters(text):
        text = DOTTED.sub(_joined, text)
    if "LIMITED" in text or "PROF" in text or "SOLE" in text:
        text = SPELLED_OUT_FORMS.sub(" ", text)
    return text.translate(PUNCTUATION).split()


def words_of(tokens: list[str]) -> list[str]:
    """Return the words of a name without legal forms and connecting words."""
    kept = [word for word in tokens if word not in DROPPED]
    while len(kept) > 1 and kept[-1] in LAST_FORMS:
        kept.pop()
    if not ELSEWHERE_AND.isdisjoint(kept[1:-1]):
        kept = [kept[0], *(word for word in kept[1:-1] if word not in ELSEWHERE_AND), kept[-1]]
    if len(kept) > 1 and kept[-1][:2] in LONG_FORMS and _is_misspelled_form(kept[-1]):
        kept.pop()
    # A name of legal forms and small words only is still a name.
    return _without_split_initials(kept or tokens)


@lru_cache(maxsize=50_000)
def _is_misspelled_form(word: str) -> bool:
    """Return whether a last word is a long legal form with a slip, such as CORPORATON."""
    return len(word) >= 6 and any(is_slip(word, form) for form in LONG_FORMS[word[:2]])


def _has_apart_letters(text: str) -> bool:
    """Return whether `text` has a letter that stands alone, as in "A B C ELECTRIC"."""
    return text[1:2] == " " or text[-2:-1] == " " or any(text[at + 2 : at + 3] == " " for at in _spaces(text))


def _spaces(text: str) -> Iterator[int]:
    at = text.find(" ")
    while at >= 0:
        yield at
        at = text.find(" ", at + 1)


def _joined(match: re.Match[str]) -> str:
    """Return separate letters as one word: "L.L.C." and "A B C"."""
    letters = match.group().replace(".", "").replace(" ", "")
    return f" {letters} "


def _without_split_initials(words: list[str]) -> list[str]:
    """Return the words with neighboring single letters joined: what is left of "J & J"."""
    if min(map(len, words), default=2) > 1:
        return words
    joined = [words[0]]
    for before, word in pairwise(words):
        if is_initial(word) and is_initial(before) and len(joined[-1]) == 1:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def is_initial(word: str) -> bool:
    return len(word) == 1 and word.isalpha()
