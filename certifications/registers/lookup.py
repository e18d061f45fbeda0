"""Finding rows of a register by number and by name, among a million as quickly as among a hundred."""

from typing import NamedTuple

from rapidfuzz import fuzz

from certifications.models import CommonWord, RegisterEntry
from certifications.registers import names

# A word that more rows share than this finds nobody by itself, and is noted as common when a file is loaded.
COMMON_FROM = 60
MOST_ROWS = 400  # fetched for a name
MOST_SCORED = 40  # of them, those that share most


class Found(NamedTuple):
    """A row of a register that may be who was looked for. `score`: how far the names agree, 0 to 1."""

    entry: RegisterEntry
    score: float
    is_same_number: bool
    likeness: float = 0.0  # of the letters as printed: tells rows apart whose names agree alike

    @property
    def agrees(self):
        return self.score >= (names.AGREES_BY_NUMBER if self.is_same_number else names.AGREES)

    @property
    def rank(self):
        """What the best is told by: a number with an agreeing name, then the name, then the number."""
        return (self.is_same_number and self.agrees, self.score, self.is_same_number, self.likeness, -self.entry.pk)


def number_identity(number):
    """What a row of that number is told apart by (see RegisterEntry.identity), or "" without a number."""
    key = names.number_key(number)
    return f"#{key}" if key else ""


def by_number(file, number):
    """The rows of `file` with that number, however it is typed. One query, or none."""
    identity = number_identity(number)
    if not identity:
        return RegisterEntry.objects.none()
    return RegisterEntry.objects.filter(file=file, identity=identity)


def find(file, name, number="", *, most=5):
    """The rows of `file` (a RegisterFile's key) that may be who bears `name` and `number`, the likeliest first."""
    reported = names.Name(name)
    entries = {entry.pk: entry for entry in by_number(file, number)}
    same_number = set(entries)
    entries.update((entry.pk, entry) for entry in _by_name(file, name))
    printed = name.lower()
    found = [
        Found(entry, score_of(reported, entry), pk in same_number, fuzz.ratio(printed, entry.name.lower()))
        for pk, entry in entries.items()
    ]
    return sorted(found, key=lambda one: one.rank, reverse=True)[:most]


def score_of(reported, entry):
    """How far the name `reported` agrees with what the row lists, its other name included."""
    return max(names.score(reported, name) for name in (entry.name, entry.dba) if name)


def _by_name(file, name):
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

    def shared(entry):
        return sum(weight[word] for word in looked_for.intersection(entry.words))

    return sorted(entries, key=shared, reverse=True)[:MOST_SCORED]
