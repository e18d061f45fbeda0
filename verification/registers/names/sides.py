"""The names that a business goes by: what it is called, and what it is also known as."""

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
    """One of the names that a business goes by, taken apart."""

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
        """Whether it is more than trades and fillers, or a single word."""
        return len(self.words) > 1 and max(map(weight_of, self.words)) == TELLING

    def has_initials(self, letters: str) -> bool:
        """Whether `letters`, three at least, are its initials, with or without small words and "Company"."""
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
    """A name prepared to be compared with many. `sides`: what it is, and what it is also known as."""

    __slots__ = ("_texts", "latin_sides", "sides")

    def __init__(self, text: str) -> None:
        self._texts = spellings_of(text)
        self.sides = _sides_of_texts(self._texts)
        # As registers have it that print nothing else: 李明 Li Ming Trading.
        latin = latin_of(text)
        self.latin_sides = [side for side in _sides_of_texts(spellings_of(latin)) if side.tells] if latin else []

    @property
    def sides_beside_number(self) -> list[Side]:
        """Its sides, and all its words together: beside an equal number it does not matter which name they are of."""
        if len(self.sides) == 1:
            return self.sides
        together = [Side(" ".join(sides_of(text))) for text in self._texts]
        return self.sides + [side for side in together if side.words]


def _sides_of_texts(texts: Iterable[str]) -> list[Side]:
    return [side for text in texts for part in sides_of(text) for side in _with_bracketed(part)]


def latin_of(name: str) -> str:
    """`name` without its words in other scripts, where it has words in both; else ""."""
    if name.isascii():
        return ""
    words = unicodedata.normalize("NFKC", name[:LONGEST]).split()
    latin = [word for word in words if not any(map(_is_foreign, word))]
    return " ".join(latin) if len(latin) < len(words) else ""


@lru_cache(maxsize=5_000)
def _is_foreign(letter: str) -> bool:
    """Whether a character is a letter of another script than Latin."""
    is_letter = not letter.isascii() and unicodedata.category(letter) in ("Lu", "Ll", "Lo", "Mc")
    return is_letter and "LATIN" not in unicodedata.name(letter, "")


def _with_bracketed(text: str) -> list[Side]:
    """The Sides of one name: itself, and what stands in brackets if that is a name, too."""
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
    """The names that a folded text holds, apart by a DBA and the like between them."""
    # Nearly all have one, and the expression costs more than all else.
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
    """Whether a separator is one even where nothing stands before it, as NKA Architects may be a name: D/B/A, DBA:"""
    return separator.count("/") > 1 or ":" in separator


def without_brackets(text: str) -> str:
    """`text` without what stands in brackets, unless that is all of it."""
    if "(" not in text and "[" not in text:
        return text
    outside = BRACKETS.sub(" ", text)
    return outside if outside.strip() else text


def weight_of(word: str) -> float:
    return WEIGHTS.get(word, TELLING)
