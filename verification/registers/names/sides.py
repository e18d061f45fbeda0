"""Splits a text into the names of a business: its name, and those after DBA and the like."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from verification.registers.names.words import DROPPED, LONGEST, canonical, spellings_of, tokens_of, words_of
from verification.registers.vocabulary import (
    COMMONLY_TELLING,
    LAST_FORMS,
    LEGAL_FORMS,
    TELLING,
    WEIGHTS,
)

SIDES = re.compile(
    r"[\s(\[,;/-]*(?:\bD\s?[./]?\s?B\s?[./]?\s?A\b|\b[AFN]\s?[./]\s?K\s?[./]\s?A\b|\b[AFN]KA\b|\b[TO]/A\b|"
    r"\b(?:DOING|CONDUCTING|TRANSACTING) BUSINESS (?:AS|UNDER)\b|\b(?:ALSO|NOW|BETTER|PREVIOUSLY) KNOWN AS\b|"
    r"\bFORMERLY(?: KNOWN AS)?\b|\b(?:TRADING|OPERATING) (?:AS|UNDER)\b)[.:\s)]*"
)
BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]?")


class Side:
    """One name of a business, split into words."""

    __slots__ = ("bracketed", "key", "tokens", "typed", "typed_words", "words")

    def __init__(self, text: str) -> None:
        bracketed = []
        if "(" in text or "[" in text:
            bracketed = [canonical(word) for inner in BRACKETS.findall(text) for word in words_of(tokens_of(inner))]
            text = without_brackets(text)
        self.tokens = tokens_of(text)
        self.typed_words = words_of(self.tokens)
        self.typed = "".join(_without_last_forms(self.tokens))
        self.words = [canonical(word) for word in self.typed_words]
        self.bracketed = frozenset(bracketed)
        self.key = "".join(self.words)

    @property
    def tells(self) -> bool:
        """True if it has several words, one of them more than a trade or a filler."""
        return len(self.words) > 1 and max(map(weight_of, self.words)) == TELLING

    def has_initials(self, letters: str) -> bool:
        """Return whether `letters`, at least three, are its initials, with or without small words and "Company"."""
        named = [word for word in self.tokens if word not in LEGAL_FORMS]
        formed = [word for word in self.tokens if word not in LEGAL_FORMS or word[0] == "C"]
        return len(letters) > 2 and letters in map(_initials, (named, formed, self.typed_words))


def _without_last_forms(tokens: list[str]) -> list[str]:
    end = len(tokens)
    while end > 1 and (tokens[end - 1] in LEGAL_FORMS or tokens[end - 1] in LAST_FORMS):
        end -= 1
    return tokens[:end]


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words)


class Name:
    """A name prepared for many comparisons. `sides`: the name, and those after DBA and the like."""

    __slots__ = ("_texts", "latin_sides", "sides")

    def __init__(self, text: str) -> None:
        self._texts = spellings_of(text)
        self.sides = _sides_of_texts(self._texts)
        # Registers may print only the Latin words: 李明 Li Ming Trading.
        latin = latin_of(text)
        self.latin_sides = [side for side in _sides_of_texts(spellings_of(latin)) if side.tells] if latin else []

    @property
    def sides_beside_number(self) -> list[Side]:
        """Its sides, and all its words as one: beside an equal number their order in sides does not matter."""
        if len(self.sides) == 1:
            return self.sides
        together = [Side(" ".join(sides_of(text))) for text in self._texts]
        return self.sides + [side for side in together if side.words]


def _sides_of_texts(texts: Iterable[str]) -> list[Side]:
    return [side for text in texts for part in sides_of(text) for side in _with_bracketed(part)]


def latin_of(name: str) -> str:
    """Return the Latin words of a name that also has words in another script. "" for other names."""
    if name.isascii():
        return ""
    words = unicodedata.normalize("NFKC", name[:LONGEST]).split()
    latin = [word for word in words if not any(map(_is_foreign, word))]
    return " ".join(latin) if len(latin) < len(words) else ""


@lru_cache(maxsize=5_000)
def _is_foreign(letter: str) -> bool:
    """Return whether a character is a letter of another script than Latin."""
    is_letter = not letter.isascii() and unicodedata.category(letter) in ("Lu", "Ll", "Lo", "Mc")
    return is_letter and "LATIN" not in unicodedata.name(letter, "")


def _with_bracketed(text: str) -> list[Side]:
    """Return the name as a side, and the text in brackets if that is a name, too."""
    outside = Side(text)
    if not outside.words:
        return []
    sides = [outside]
    if "(" in text or "[" in text:
        for inner in map(Side, BRACKETS.findall(text)):
            tells = len(inner.words) > 1 and max(map(weight_of, inner.words)) >= COMMONLY_TELLING
            if tells or outside.has_initials(inner.typed) or inner.has_initials(outside.typed):
                sides.append(inner)
    return sides


def sides_of(text: str) -> list[str]:
    """Return the names in a folded text, which DBA and the like separate."""
    # Nearly all texts have one name, and the expression is slow.
    if not any(mark in text for mark in ("BA", "KA", "/", " AS ", " UNDER ", "FORMER", "B A", "B.A", ".K", " K ")):
        return [text]
    sides, start = [], 0
    for separator in SIDES.finditer(text):
        before = text[start : separator.start()]
        if sides or not DROPPED.issuperset(tokens_of(before)) or _is_marked(separator[0]):
            sides.append(before)
            start = separator.end()
    return [side for side in (*sides, text[start:]) if side.strip()]


def _is_marked(separator: str) -> bool:
    """Return whether a separator counts at the start of a text, as D/B/A and DBA: do. NKA Architects may be a name."""
    return separator.count("/") > 1 or ":" in separator


def without_brackets(text: str) -> str:
    """Return `text` without its brackets, unless that is all of it."""
    if "(" not in text and "[" not in text:
        return text
    outside = BRACKETS.sub(" ", text)
    return outside if outside.strip() else text


def weight_of(word: str) -> float:
    return WEIGHTS.get(word, TELLING)
