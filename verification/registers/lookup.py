"""Finds entries of a register by number and name, as quickly among a million as among a hundred."""

from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz import fuzz

from certifications.numbers import are_near, is_specific, number_key, with_and_without
from verification.models import CommonWord, RegisterEntry
from verification.registers import names

# A word that more entries share does not identify a business alone. Loading a file notes such words as common.
COMMON_FROM = 60
MOST_ROWS = 400  # fetched for a name
MOST_SCORED = 40  # of those, the entries that share most words


class Found(NamedTuple):
    """An entry of a register that may be the business in question.

    `score`: how far the names agree, 0 to 1. Beside the same specific number, `names.score` uses looser rules.
    """

    entry: RegisterEntry
    score: float
    is_same_number: bool
    likeness: float = 0.0  # of the letters as printed: orders entries with the same score
    is_near_number: bool = False  # the numbers differ by a slip

    @property
    def agrees(self) -> bool:
        return self.score >= (names.AGREES_BY_NUMBER if self.is_same_number else names.AGREES)

    @property
    def rank(self) -> tuple[bool, float, bool, bool, float, int]:
        """The order of candidates: a number with an agreeing name, then the name, then the number."""
        return (
            self.is_same_number and self.agrees,
            self.score,
            self.is_same_number,
            self.is_near_number,
            self.likeness,
            -self.entry.pk,
        )


def number_identity(number: str) -> str:
    """Return the identity of an entry with that number (see RegisterEntry.identity), or "" without a number."""
    key = number_key(number)
    return f"#{key}" if key else ""


def by_number(file: int, number: str, acronyms: Iterable[str] = frozenset()) -> list[RegisterEntry]:
    """Return the entries of `file` with that number, however it is typed. One query, or none.

    If there are none, return those whose number has one of `acronyms` more or less at either end: 123 finds WBE 123
    where the register has no 123.
    """
    key = number_key(number)
    if not key:
        return []
    identities = [f"#{one}" for one in with_and_without(key, acronyms)]
    entries = list(RegisterEntry.objects.filter(file=file, identity__in=identities))
    return [entry for entry in entries if entry.identity == f"#{key}"] or entries


def find(
    file: int, name: str, number: str = "", acronyms: Iterable[str] = frozenset(), *, most: int = 5
) -> list[Found]:
    """Return the entries of `file` (a key) that may be the business of `name` and `number`, the likeliest first."""
    found = with_number(file, name, number, acronyms)
    same_number = {one.entry.pk for one in found}
    reported, key = names.Name(name), number_key(number)
    found += [
        _found(reported, name, entry, is_near_number=are_near(key, entry.identity.removeprefix("#")))
        for entry in _by_name(file, name)
        if entry.pk not in same_number
    ]
    return sorted(found, key=lambda one: one.rank, reverse=True)[:most]


def with_number(file: int, name: str, number: str, acronyms: Iterable[str] = frozenset()) -> list[Found]:
    """Return the entries of `file` with that number, each with its score against `name`. One query, or none.

    Beside a short number, which may be a slip, the names have to agree nearly as much as without one.
    """
    reported, beside_number = names.Name(name), is_specific(number_key(number))
    return [
        _found(reported, name, entry, is_same_number=True, beside_number=beside_number)
        for entry in by_number(file, number, acronyms)
    ]


def with_near_number(file: int, name: str, number: str) -> list[Found]:
    """Return the entries of `file` with an agreeing name and a number that differs from `number` by a slip."""
    return [one for one in find(file, name, number, most=MOST_SCORED) if one.is_near_number and one.agrees]


def _found(
    reported: names.Name,
    name: str,
    entry: RegisterEntry,
    *,
    is_same_number: bool = False,
    beside_number: bool = False,
    is_near_number: bool = False,
) -> Found:
    listed = [entry.name, entry.dba] if entry.dba else [entry.name]
    if entry.dba and beside_number:
        listed.append(f"{entry.name} DBA {entry.dba}")
    score = max(names.score(reported, one, beside_number=beside_number) for one in listed)
    return Found(entry, score, is_same_number, fuzz.ratio(name.lower(), entry.name.lower()), is_near_number)


def _by_name(file: int, name: str) -> list[RegisterEntry]:
    """Return the entries that share the most telling words with `name`, at most MOST_SCORED."""
    words = names.words(name)
    if not words:
        return []
    common = dict(CommonWord.objects.filter(file=file, word__in=words).values_list("word", "rows"))
    rare = [word for word in words if word not in common]
    rows = RegisterEntry.objects.filter(file=file)
    entries = list(rows.filter(words__overlap=rare)[:MOST_ROWS]) if rare else []
    if not entries and len(common) > 1:  # all words are common: look for the two rarest together
        rarest = sorted(common, key=lambda word: common[word])[:2]
        entries = list(rows.filter(words__contains=rarest)[:MOST_ROWS])
    looked_for = set(words)
    weight = {word: 1 / common.get(word, 1) for word in words}

    def shared(entry: RegisterEntry) -> float:
        return sum(weight[word] for word in looked_for.intersection(entry.words))

    return sorted(entries, key=shared, reverse=True)[:MOST_SCORED]
