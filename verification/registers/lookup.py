"""Finding rows of a register by number and by name, among a million as quickly as among a hundred."""

from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz import fuzz

from certifications.numbers import are_near, is_specific, number_key, with_and_without
from verification.models import CommonWord, RegisterEntry
from verification.registers import names

# A word that more rows share than this finds no one by itself, and is noted as common when a file is loaded.
COMMON_FROM = 60
MOST_ROWS = 400  # fetched for a name
MOST_SCORED = 40  # of them, those that share most


class Found(NamedTuple):
    """A row of a register that may be who was looked for.

    `score`: how far the names agree, 0 to 1; beside the same, specific number by the looser rules of `names.score`.
    """

    entry: RegisterEntry
    score: float
    is_same_number: bool
    likeness: float = 0.0  # of the letters as printed: tells rows apart whose names agree alike
    is_near_number: bool = False  # another number, but for a slip

    @property
    def agrees(self) -> bool:
        return self.score >= (names.AGREES_BY_NUMBER if self.is_same_number else names.AGREES)

    @property
    def rank(self) -> tuple[bool, float, bool, bool, float, int]:
        """What the best is told by: a number with an agreeing name, then the name, then the number."""
        return (
            self.is_same_number and self.agrees,
            self.score,
            self.is_same_number,
            self.is_near_number,
            self.likeness,
            -self.entry.pk,
        )


def number_identity(number: str) -> str:
    """What a row of that number is told apart by (see RegisterEntry.identity), or "" without a number."""
    key = number_key(number)
    return f"#{key}" if key else ""


def by_number(file: int, number: str, acronyms: Iterable[str] = frozenset()) -> list[RegisterEntry]:
    """The rows of `file` with that number, however it is typed: list of RegisterEntry. One query, or none.

    If there are none, those whose number is the same but for one of `acronyms` at either end: 123 is WBE 123 where
    the register has no 123.
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
    """The rows of `file` (a RegisterFile's key) that may be who bears `name` and `number`, the likeliest first."""
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
    """The rows of `file` with that number, each with how far it agrees with `name`: list of Found. One query, or none.

    Beside a short number, which a slip makes of another, the names have to agree nearly as by themselves.
    """
    reported, beside_number = names.Name(name), is_specific(number_key(number))
    return [
        _found(reported, name, entry, is_same_number=True, beside_number=beside_number)
        for entry in by_number(file, number, acronyms)
    ]


def with_near_number(file: int, name: str, number: str) -> list[Found]:
    """The rows of `file` with an agreeing name, and with `number` but for a slip: list of Found."""
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
    """Rows that share the most telling words with `name`, at most MOST_SCORED."""
    words = names.words(name)
    if not words:
        return []
    common = dict(CommonWord.objects.filter(file=file, word__in=words).values_list("word", "rows"))
    rare = [word for word in words if word not in common]
    rows = RegisterEntry.objects.filter(file=file)
    entries = list(rows.filter(words__overlap=rare)[:MOST_ROWS]) if rare else []
    if not entries and len(common) > 1:  # nothing but words that many share: those that share the rarest of them
        rarest = sorted(common, key=lambda word: common[word])[:2]
        entries = list(rows.filter(words__contains=rarest)[:MOST_ROWS])
    looked_for = set(words)
    weight = {word: 1 / common.get(word, 1) for word in words}

    def shared(entry: RegisterEntry) -> float:
        return sum(weight[word] for word in looked_for.intersection(entry.words))

    return sorted(entries, key=shared, reverse=True)[:MOST_SCORED]
