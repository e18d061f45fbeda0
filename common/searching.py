"""Text as searches compare it: accents, case, apostrophes and hyphens never matter.

The database and Python fold alike, with the tables here: the functions in `common/sql/` get them.
`common.folding` spells every script in Latin letters to compare names. A search instead keeps scripts other than
Latin, Greek and Cyrillic as written, so words in them are found by the letters they are typed with. A stored text is
found by both spellings of letters that have two: Müller by "Muller" and by "Mueller". A typed word with such a letter
finds both of them.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from anyascii import anyascii
from django.db.models import CharField, F, Func, Lookup, TextField
from django.db.models.expressions import Combinable

from common.characters import SPELLED_OUT, TYPEWRITER, UNSEEN, spelled_out
from common.definitions import Definitions

# Before anything else: typography as on a typewriter, and signs that belong to no word.
SIGNS = TYPEWRITER | str.maketrans("\u2122\u00ae\u00a9\u2120\u2044", "    /")
# What cannot be seen; accents of Latin, Greek and Cyrillic, the points of Hebrew, the vowel marks of Arabic; and what
# PostgreSQL takes for the end of a word: viramas and dots below in the scripts of India, tones in those of Thailand and
# its neighbors.
MARKS = (
    UNSEEN + "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670"
    "\u093c\u094d\u09bc\u09cd\u0a3c\u0a4d\u0abc\u0acd\u0b3c\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
    "\u0e3a\u0e47-\u0e4c\u0e4e\u0eba\u0ec8-\u0ecc\u1037\u1039\u103a\u17c9-\u17d3"
)
# Marks that are letters of their own, such as the vowels of Thai and Devanagari.
VOWELS = "".join(chr(number) for number in range(0x300, 0xAC00) if unicodedata.category(chr(number)) in ("Mn", "Mc"))
PART = rf"(?:[^\W_]|[{VOWELS}])+"
# Latin with its extensions and the phonetic letters that African languages use, Greek, Cyrillic.
SPELLED = (range(0xC0, 0x2B0), range(0x370, 0x530), range(0x1E00, 0x2000), range(0x2C60, 0x2C80))
PUNCTUATION = " " + string.punctuation
# They join the parts of one word: O'Brien, Co-op, Node.js.
JOINERS = "'.-"  # in a set of a pattern, too: the hyphen last


def _without_accents(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.translate(SIGNS))
    return unicodedata.normalize("NFKC", re.sub(f"[{MARKS}]", "", text)).lower()


def _letters() -> dict[int, str]:
    """Return the ASCII spelling of each small letter that has no accent to lose, by code point."""
    letters = {ord("\u2044"): "/"}
    for number in (number for numbers in SPELLED for number in numbers):
        for letter in _without_accents(chr(number)):
            if not letter.isascii() and letter.isalpha():
                letters[ord(letter)] = "".join(filter(str.isalnum, anyascii(letter).lower()))
    return letters


LETTERS = _letters()


def folded(text: str) -> str:
    """Return `text` in lowercase without accents, with Latin, Greek and Cyrillic in ASCII, like `folded` in SQL."""
    return text.lower() if text.isascii() else _without_accents(text).translate(LETTERS)


def squashed(text: str) -> str:
    """Return `folded` without spaces and punctuation. In SQL, `squashed` adds the other spelling, after a space."""
    return folded(text).translate(dict.fromkeys(map(ord, PUNCTUATION)))


def squashed_spellings(text: str) -> list[str]:
    """Return `squashed`, and the other spelling of a text that has two."""
    return list(dict.fromkeys(map(squashed, (text, spelled_out(text)))))


def joined(text: str) -> str:
    """Return `folded` with the parts of each word joined: "nodejs" for Node.js, while C++ stays "c++"."""
    return folded(text).translate(dict.fromkeys(map(ord, JOINERS)))


def _nested_replace(column: str, letters: Mapping[str, str]) -> str:
    """Return the SQL that replaces each letter by several, which `translate` cannot."""
    for letter, several in letters.items():
        column = f"replace({column}, '{letter}', '{several}')"
    return column


def _translate_values(name: str, new_name: str, table: Mapping[int, str]) -> dict[str, str]:
    """Return both lists of `translate`, which drops those of the first that have none in the second: they come last."""
    table = dict(sorted(table.items(), key=lambda item: not item[1]))
    return {name: "".join(map(chr, table)), new_name: "".join(table.values())}


SIGNS_AS_TYPED = {key: chr(value) if isinstance(value, int) else value for key, value in SIGNS.items()}
# A change of these, or of the files, needs a migration that installs them and makes anew what is stored by them.
FUNCTIONS = Definitions(
    folder=Path(__file__).parent / "sql",
    names=("folded", "spelled_out", "squashed", "searched_words", "text_array_join"),
    values={
        **_translate_values("signs", "signs_as_typed", SIGNS_AS_TYPED),
        "marks": f"[{MARKS}]",
        **_translate_values(
            "letters", "letters_in_ascii", {key: value for key, value in LETTERS.items() if len(value) < 2}
        ),
        "spelled_with_more": _nested_replace(
            "spelled", {chr(key): value for key, value in LETTERS.items() if len(value) > 1}
        ),
        "spelled_out": f"[{''.join(SPELLED_OUT)}]",
        "composed_spelled_out": _nested_replace("composed", SPELLED_OUT),
        "punctuation": PUNCTUATION,
        "joiners": JOINERS,
        "joined_parts": f"[[:alnum:]][{JOINERS}][[:alnum:]]",
    },
)


def squashed_column(name: str) -> Func:
    """Return SQL for a column's text as `squashed` returns it, for a generated column beside it."""
    return Func(F(name), function="squashed", output_field=TextField())


def words_of(text: Combinable) -> Func:
    """Return SQL for a text's words, for a search vector of the configuration "simple"."""
    return Func(text, function="searched_words", output_field=TextField())


class Word(NamedTuple):
    """A typed word by its parts, and by those of its other spelling if it has one: "muller" and "mueller" for Müller.

    Most words have one part. O'Brien, Co-op and Node.js have two, and are also found when written as one.
    """

    parts: tuple[str, ...]
    other_parts: tuple[str, ...] = ()


def typed_words(text: str) -> list[Word]:
    """Return the words of a typed text as the search has them, each once."""
    text = unicodedata.normalize("NFC", text)
    words = zip(_parts(text), _parts(spelled_out(text)), strict=True)
    return list(dict.fromkeys(Word(parts, other if other != parts else ()) for parts, other in words))


def _parts(text: str) -> list[tuple[str, ...]]:
    """Return the parts of each word of a text."""
    found = re.findall(rf"{PART}(?:[{JOINERS}]{PART})*", folded(text))
    return [tuple(re.findall(PART, word)) for word in found]


def query_of(word: Word, one: Callable[[str], str]) -> str:
    """Return the tsquery of a Word, by its parts or by all of them joined; `one` returns that of a single part."""
    queries = []
    for parts in filter(None, word):
        queries += [one("".join(parts))] if len(parts) > 1 else []
        queries.append(" & ".join(map(one, parts)))
    return f"({' | '.join(queries)})" if len(queries) > 1 else queries[0]


@CharField.register_lookup
@TextField.register_lookup
class HasPart(Lookup):
    """`name__has_part`: true if a text contains another, as searches compare. All contain one without letters."""

    lookup_name = "has_part"

    def get_prep_lookup(self) -> list[str]:
        return [f"%{part}%" for part in squashed_spellings(self.rhs)]  # which leaves no sign that LIKE knows

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple]:
        text, parameters = self.process_lhs(compiler, connection)
        part, part_parameters = self.process_rhs(compiler, connection)
        return f"squashed({text}) LIKE ANY ({part}::text[])", (*parameters, *part_parameters)
