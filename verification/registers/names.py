"""Whether two names are of the same business, as it may be written in two directories, and what to look one up by.

A name is read as words without legal forms, abbreviations spelled out. Words that many businesses share tell less than
others, and words that only one of both names has weigh against it: see `score`.
"""

import html
import re
import unicodedata
from functools import lru_cache
from itertools import chain, pairwise, product

from rapidfuzz.distance import OSA

from common.characters import spelled_out
from common.folding import fold
from verification.registers.vocabulary import (
    ABBREVIATIONS,
    COMMONLY_TELLING,
    CONNECTING,
    ELSEWHERE_AND,
    FILLER,
    FILLERS,
    INITIAL,
    LAST_FORMS,
    LEGAL_FORMS,
    LONG_FORMS,
    SPELLINGS,
    TELLING,
    TRADE,
    WEIGHTS,
)

# At or above it two names agree. Chosen so that of a hundred pairs that agree at most two are of different businesses.
AGREES = 0.88
# So much is enough beside an equal number, which hardly two businesses of a register share. If the number is specific,
# the names are compared by looser rules, too: see `score`.
AGREES_BY_NUMBER = 0.80
# Below it they are quite different: with an equal number, a contradiction. Between both a person has to look.
DIFFERS = 0.55

SPELLED_OUT_FORMS = re.compile(
    r"\b(?:A )?(?:(?:PROFESSIONAL )?LIMITED LIABILITY (?:COMPANY|CO|CORPORATION|PARTNERSHIP)|LIMITED PARTNERSHIP|"
    r"PROF(?:ESSIONAL)?\.? (?:(?:LAW|DENTAL|MEDICAL|SERVICE) )?(?:CORPORATION|CORP|ASSOCIATION)\b|"
    r"SOLE PROPRIETOR(?:SHIP)?)\b"
)
SIDES = re.compile(
    r"[\s(\[,;/-]*(?:\bD\s?[./]?\s?B\s?[./]?\s?A\b|\b[AFN]\s?[./]\s?K\s?[./]\s?A\b|\b[AFN]KA\b|\b[TO]/A\b|"
    r"\b(?:DOING|CONDUCTING|TRANSACTING) BUSINESS (?:AS|UNDER)\b|\b(?:ALSO|NOW|BETTER|PREVIOUSLY) KNOWN AS\b|"
    r"\bFORMERLY(?: KNOWN AS)?\b|\b(?:TRADING|OPERATING) (?:AS|UNDER)\b)[.:\s)]*"
)
BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]?")
DOTTED = re.compile(r"\b(?:[A-Z]\.\s?)+[A-Z]?\b\.?|\b[A-Z](?:\s[A-Z])+\b")
FRACTION = re.compile(r"(?<![\d/])(1/2|1/4)(?![\d/])")
FRACTIONS = {"1/2": "HALF", "1/4": "QUARTER"}
PUNCTUATION = {number: " " for number in range(128) if not chr(number).isalnum()} | {ord("#"): " NO "}
DROPPED = LEGAL_FORMS | CONNECTING
SHORTEST_CUT = 22  # letters that a name has at least when it was cut off for want of room
LONGEST = 300  # letters that are read of a name


def _spellings(name):
    """`name` folded, and once more each for letters that are often spelled out, and for garbled ones: list of str."""
    if "&" in name and ";" in name:
        name = html.unescape(name)
    name = name[:LONGEST]
    if name.isascii():
        spellings = [fold(name)]
    else:
        spellings = list(dict.fromkeys(map(fold, filter(None, (name, spelled_out(name), _restored(name))))))
    return [FRACTION.sub(_fraction, text) if "1/" in text else text for text in spellings]


def _restored(name):
    """The text in UTF-8 that was taken for Windows-1252, as in PeÃ±a; "" if it was not."""
    try:
        return name.encode("cp1252").decode()
    except UnicodeError:
        return ""


def _fraction(match):
    return FRACTIONS[match[0]]


@lru_cache(maxsize=50_000)
def _canonical(word):
    """A word as it is compared: spelled out, and in the singular."""
    word = ABBREVIATIONS.get(word, word)
    if word[-1] == "S":  # only of words that are no family names: Adams is not Adam
        singular = ABBREVIATIONS.get(word[:-1], word[:-1])
        if singular in WEIGHTS:
            return singular
    return word


def _tokens(text):
    """All words of a folded text as typed, in their order."""
    if "." in text or _has_apart_letters(text):
        text = DOTTED.sub(_joined, text)
    if "LIMITED" in text or "PROF" in text or "SOLE" in text:
        text = SPELLED_OUT_FORMS.sub(" ", text)
    return text.translate(PUNCTUATION).split()


def _words(tokens):
    """Of all words of a name those that are no legal forms or connecting words."""
    kept = [word for word in tokens if word not in DROPPED]
    while len(kept) > 1 and kept[-1] in LAST_FORMS:
        kept.pop()
    if not ELSEWHERE_AND.isdisjoint(kept[1:-1]):
        kept = [kept[0], *(word for word in kept[1:-1] if word not in ELSEWHERE_AND), kept[-1]]
    if len(kept) > 1 and kept[-1][:2] in LONG_FORMS and _is_misspelled_form(kept[-1]):
        kept.pop()
    # A name of nothing but legal forms and small words is still a name.
    return _without_split_initials(kept or tokens)


@lru_cache(maxsize=50_000)
def _is_misspelled_form(word):
    """Whether a last word is a longer legal form with a slip, such as CORPORATON."""
    return len(word) >= 6 and any(_is_slip(word, form) for form in LONG_FORMS[word[:2]])


def _has_apart_letters(text):
    """Whether `text` begins or ends with a single letter, or has one between spaces: "A B C ELECTRIC"."""
    return text[1:2] == " " or text[-2:-1] == " " or any(text[at + 2 : at + 3] == " " for at in _spaces(text))


def _spaces(text):
    at = text.find(" ")
    while at >= 0:
        yield at
        at = text.find(" ", at + 1)


def _joined(match):
    """Letters that are written apart, as one word: "L.L.C." and "A B C"."""
    letters = match.group().replace(".", "").replace(" ", "")
    return f" {letters} "


def _without_split_initials(words):
    """Single letters that follow each other as one word: what is left of "J & J"."""
    if min(map(len, words), default=2) > 1:
        return words
    joined = [words[0]]
    for before, word in pairwise(words):
        if _is_initial(word) and _is_initial(before) and len(joined[-1]) == 1:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


class Side:
    """One of the names that a business goes by, taken apart."""

    __slots__ = ("bracketed", "key", "tokens", "typed", "typed_words", "words")

    def __init__(self, text):
        bracketed = []
        if "(" in text or "[" in text:
            bracketed = [_canonical(word) for inner in BRACKETS.findall(text) for word in _words(_tokens(inner))]
            text = _without_brackets(text)
        self.tokens = _tokens(text)
        self.typed_words = _words(self.tokens)
        self.typed = "".join(_without_last_forms(self.tokens))
        self.words = [_canonical(word) for word in self.typed_words]
        self.bracketed = frozenset(bracketed)
        self.key = "".join(self.words)

    @property
    def tells(self):
        """Whether it is more than trades and fillers, or a single word."""
        return len(self.words) > 1 and max(map(_weight, self.words)) == TELLING

    def has_initials(self, letters):
        """Whether `letters`, three at least, are its initials, with or without small words and "Company"."""
        named = [word for word in self.tokens if word not in LEGAL_FORMS]
        formed = [word for word in self.tokens if word not in LEGAL_FORMS or word[0] == "C"]
        return len(letters) > 2 and letters in map(_initials, (named, formed, self.typed_words))


def _without_last_forms(tokens):
    end = len(tokens)
    while end > 1 and (tokens[end - 1] in LEGAL_FORMS or tokens[end - 1] in LAST_FORMS):
        end -= 1
    return tokens[:end]


def _initials(words):
    return "".join(word[0] for word in words)


class Name:
    """A name prepared to be compared with many. `sides`: what it is, and what it is also known as."""

    __slots__ = ("_texts", "latin_sides", "sides")

    def __init__(self, text):
        self._texts = _spellings(text)
        self.sides = _sides_of(self._texts)
        # As registers have it that print nothing else: 李明 Li Ming Trading.
        latin = _latin(text)
        self.latin_sides = [side for side in _sides_of(_spellings(latin)) if side.tells] if latin else []

    @property
    def sides_beside_number(self):
        """Its sides, and all its words together: beside an equal number it does not matter which name they are of."""
        if len(self.sides) == 1:
            return self.sides
        together = [Side(" ".join(_sides(text))) for text in self._texts]
        return self.sides + [side for side in together if side.words]


def _sides_of(texts):
    return [side for text in texts for part in _sides(text) for side in _with_bracketed(part)]


def _latin(name):
    """`name` without its words in other scripts, where it has words in both; else ""."""
    if name.isascii():
        return ""
    words = unicodedata.normalize("NFKC", name[:LONGEST]).split()
    latin = [word for word in words if not any(map(_is_foreign, word))]
    return " ".join(latin) if len(latin) < len(words) else ""


@lru_cache(maxsize=5_000)
def _is_foreign(letter):
    """Whether a character is a letter of another script than Latin."""
    is_letter = not letter.isascii() and unicodedata.category(letter) in ("Lu", "Ll", "Lo", "Mc")
    return is_letter and "LATIN" not in unicodedata.name(letter, "")


def _with_bracketed(text):
    """The Sides of one name: itself, and what stands in brackets if that is a name, too."""
    outside = Side(text)
    if not outside.words:
        return []
    sides = [outside]
    if "(" in text or "[" in text:
        for inner in map(Side, BRACKETS.findall(text)):
            tells = len(inner.words) > 1 and max(map(_weight, inner.words)) >= COMMONLY_TELLING
            if tells or outside.has_initials(inner.typed) or inner.has_initials(outside.typed):
                sides.append(inner)
    return sides


def _sides(text):
    """The names that a folded text holds, apart by a DBA and the like between them."""
    # Nearly all have one, and the expression costs more than all else.
    if not any(mark in text for mark in ("BA", "KA", "/", " AS ", " UNDER ", "FORMER", "B A", "B.A", ".K", " K ")):
        return [text]
    sides, start = [], 0
    for separator in SIDES.finditer(text):
        before = text[start : separator.start()]
        if sides or not DROPPED.issuperset(_tokens(before)) or _is_marked(separator[0]):
            sides.append(before)
            start = separator.end()
    return [side for side in (*sides, text[start:]) if side.strip()]


def _is_marked(separator):
    """Whether a separator is one even where nothing stands before it, as NKA Architects may be a name: D/B/A, DBA:"""
    return separator.count("/") > 1 or ":" in separator


def _without_brackets(text):
    """`text` without what stands in brackets, unless that is all of it."""
    if "(" not in text and "[" not in text:
        return text
    outside = BRACKETS.sub(" ", text)
    return outside if outside.strip() else text


def _weight(word):
    return WEIGHTS.get(word, TELLING)


def score(reported, listed, *, beside_number=False):
    """How far two names (str or Name) agree: 0.0 to 1.0, the same in either order.

    It is twice the weight of the words they share, as a part of that of all their words: the shares of words that are
    spelled nearly alike, and less if each has words of its own that the other has not.

    `beside_number`: both stand beside the same, specific number, so that looser rules will do. Initials stand for the
    words, two slips in a long word are forgiven, and a word that only one of both has weighs half.
    """
    left = reported if isinstance(reported, Name) else Name(reported)
    right = listed if isinstance(listed, Name) else Name(listed)
    if beside_number:
        sides = product(left.sides_beside_number, right.sides_beside_number)
    else:
        sides = product(left.sides, right.sides)
    # Where both print another script, they are compared as a whole.
    sides = chain(sides, product(left.latin_sides, right.sides), product(left.sides, right.latin_sides))
    return max((_compared(one, other, beside_number) for one, other in sides), default=0.0)


def _compared(one, other, beside_number):
    if one.key == other.key or one.typed == other.typed:
        return 1.0
    if _is_cut(one, other) or _is_cut(other, one):
        return 0.96
    if beside_number and (one.has_initials(other.typed) or other.has_initials(one.typed)):
        return 0.96
    ours, theirs = _rests(one.words, other.words)
    _run_together(one, other, ours, theirs)
    shared = _rests(one.words, ours)[0] + _rests(other.words, theirs)[0]
    # What is written as one word here and as two there weighs differently: the mean, so that neither order matters.
    alike = sum(map(_weight, shared)) / 2
    ours = [word for word in ours if word not in other.bracketed]
    theirs = [word for word in theirs if word not in one.bracketed]
    if beside_number:
        ours = [word for word in ours if not other.has_initials(word)]
        theirs = [word for word in theirs if not one.has_initials(word)]
    nearly, spent = _take_nearly_alike(ours, theirs, _loose_likeness if beside_number else _likeness)
    both = alike + nearly
    if not both:
        return 0.0
    spare_initials = both >= 2 and not (any(map(_is_initial, ours)) and any(map(_is_initial, theirs)))
    rest = sum(INITIAL if spare_initials and _is_initial(word) else _weight(word) for word in (*ours, *theirs))
    # What each has that the other has not: the more that tells, the more likely they are two businesses.
    own = min(max(map(_weight, words), default=0.0) for words in (ours, theirs))
    if beside_number and _tell(shared) and _may_be_left_out(ours, theirs, len(set(shared))):
        rest, own = rest / 2, 0.0
    result = 2 * both / (2 * alike + spent + rest)
    if max(map(_weight, shared), default=0.0) < COMMONLY_TELLING and nearly < COMMONLY_TELLING:
        result *= 0.9  # nothing in common but trades
    if own:
        result *= 0.7 if own >= TRADE else 0.9
    return result


def _is_initial(word):
    return len(word) == 1 and word.isalpha()


def _may_be_left_out(ours, theirs, shared):
    """Whether words that two names of one business do not share may be left out of either, of which `shared` are."""
    both = (*ours, *theirs)
    if any(map(str.isdigit, both)):  # Delta Group II is another
        return False
    if ours and theirs:
        fillers = [words for words in (ours, theirs) if max(map(_weight, words)) <= FILLER]
        return shared > 1 and bool(fillers) and max(map(_weight, both)) <= TRADE
    return sum(_weight(word) == TELLING for word in both) < 2


def _tell(shared):
    """Whether words that two names share tell of a business: a word of its own, or initials with something beside."""
    own = [word for word in shared if _weight(word) == TELLING]
    return any(len(word) > 3 for word in own) or (bool(own) and len(set(shared)) > 2)


def _rests(one, other):
    """What each list of words has and the other has not, each word as often as it occurs."""
    theirs = list(other)
    ours = []
    for word in one:
        if word in theirs:
            theirs.remove(word)
        else:
            ours.append(word)
    return ours, theirs


def _run_together(one, other, ours, theirs):
    """Take out of both rests what one name writes as one word and the other as several."""
    for whole_rest, apart, apart_rest in ((ours, other, theirs), (theirs, one, ours)):
        for whole in list(whole_rest):
            parts = _parts(whole, apart)
            if any(part in apart_rest for part in parts):
                whole_rest.remove(whole)
                for part in parts:
                    if part in apart_rest:
                        apart_rest.remove(part)


def _parts(whole, side):
    """The words of `side` that, as they were typed and run together, are the word `whole`; else none."""
    for words in (side.typed_words, side.tokens):  # KCORP is K CORP, though CORP alone is dropped
        for size in (2, 3):
            for start in range(len(words) - size + 1):
                if "".join(words[start : start + size]) == whole:
                    return [_canonical(word) for word in words[start : start + size]]
    return []


def _take_nearly_alike(ours, theirs, likeness):
    """Take words that are spelled nearly alike out of both rests. Returns what they count for, and their weight."""
    counted = spent = 0.0
    pairs = [(likeness(word, other), word, other) for word, other in product(ours, theirs)]
    pairs = [pair for pair in pairs if pair[0]]
    for alike, word, other in sorted(pairs, key=lambda pair: (-pair[0], *sorted(pair[1:]))):
        if word in ours and other in theirs:
            ours.remove(word)
            theirs.remove(other)
            weight = min(_weight(word), _weight(other))
            counted += alike * weight
            spent += 2 * weight
    return counted, spent


def _likeness(word, other):
    """How nearly two different words are spelled alike: 0.0 for words that may as well be two."""
    if not word.isalpha() or not other.isalpha() or min(len(word), len(other)) < 5:
        return 0.0
    known, unknown = (word, other) if word in WEIGHTS else (other, word)
    if unknown in WEIGHTS:  # both are words: PAINTING is no slip of PRINTING, but ENGINEERING is done by an ENGINEER
        return 0.85 if word[:5] == other[:5] else 0.0
    if known in WEIGHTS:
        return 0.9 if any(_is_slip(unknown, spelling) for spelling in SPELLINGS.get(known, (known,))) else 0.0
    # Family names differ by their ends, Martin and Martinez; slips are made inside.
    is_inside = word[0] == other[0] and (
        word[-1] == other[-1] or {word[-1], other[-1]} == {"S", "Z"} or sorted(word) == sorted(other)
    )
    if is_inside and _is_slip(word, other):
        return 0.92 if min(len(word), len(other)) >= 7 else 0.85
    return 0.0


def _loose_likeness(word, other):
    """As `_likeness`, of names beside the same number: initials count, and two slips in a long word."""
    alike = _likeness(word, other)
    if alike or not word.isalpha() or not other.isalpha() or word[0] != other[0] or word in WEIGHTS or other in WEIGHTS:
        return alike
    shorter = min(len(word), len(other))
    if shorter == 1:
        return 0.6
    if shorter < 7:
        return 0.0
    return 0.85 if OSA.distance(word, other, score_cutoff=2) <= 2 or _is_jumbled(word, other) else 0.0


def _is_jumbled(word, other):
    """Whether two words begin and end alike and have the same letters between, but for one: TECOLOTE and TELECOTE."""
    ours, theirs = _rests(word, other)
    return word[-1] == other[-1] and len(ours) <= 1 and len(theirs) <= 1


def _is_slip(word, other):
    """Whether one is the other with a letter wrong, or two in a long word; swapped neighbours count as one."""
    shorter = min(len(word), len(other))
    return OSA.distance(word, other, score_cutoff=2) <= (2 if shorter >= 9 else 1 if shorter >= 5 else 0)


def _is_cut(one, other):
    """Whether `one` is `other`, cut off for want of room."""
    return len(one.key) >= SHORTEST_CUT and len(one.words) > 1 and other.key.startswith(one.key)


# Looking up


def words(name):
    """What `name` is looked up by in a register: sorted list of str, the same for other spellings as far as possible.

    Its words without fillers, neighbours run together, all of them run together, the beginning and the end of that
    ("^", "$" and five letters) and, of longer words, the consonants ("~"): a slip leaves one of them alone.
    """
    found = set()
    spellings = _spellings(name) + _spellings(_latin(name))
    for text in (side for spelling in spellings for side in _sides(spelling)):
        typed = _words(_tokens(_without_brackets(text)))
        told = [_canonical(word) for word in typed]
        if told:
            key = "".join(told)
            found |= {key, f"^{''.join(typed)[:5]}", f"{key[-5:]}$"}
            found.update(told)
            found.update(map("".join, pairwise(told)))
            found.update(map(_skeleton, told))
    return sorted(found - FOUND_NOTHING)


FOUND_NOTHING = FILLERS | {""} | set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
VOWELS = str.maketrans("", "", "AEIOUY")


@lru_cache(maxsize=50_000)
def _skeleton(word):
    """ "~" and the consonants of a longer word that tells something, each once where it is doubled; else ""."""
    if len(word) < 5 or word in WEIGHTS or not word.isalpha():
        return ""
    consonants = re.sub(r"(.)\1+", r"\1", word[0] + word[1:].translate(VOWELS))
    return f"~{consonants}" if len(consonants) > 2 else ""


# Showing


def differing(reported, listed):
    """Both texts cut into runs: two lists of (text, whether it differs). Joined, the runs are the text as printed.

    What differs are words that the other name has not, legal forms and abbreviations aside.
    """
    left, right = _comparable(reported), _comparable(listed)
    return _runs(reported, right), _runs(listed, left)


PRINTED_WORDS = re.compile(r"1/2|[\w.'`\u00b4\u2018\u2019\u0300-\u036f]+")


def _comparable(text):
    return {word for side in Name(text).sides for word in (*side.words, *side.bracketed, side.key)}


def _runs(text, theirs):
    runs, end = [], 0
    for match in PRINTED_WORDS.finditer(text):
        spellings = [map(_canonical, _words(_tokens(spelling))) for spelling in _spellings(match.group())]
        is_small = match.group().upper().replace(".", "") in LEGAL_FORMS | CONNECTING | {"DBA"}
        differs = not is_small and not any(map(theirs.issuperset, spellings))
        if match.start() > end:
            _add(runs, text[end : match.start()], False)
        _add(runs, match.group(), differs)
        end = match.end()
    if end < len(text):
        _add(runs, text[end:], False)
    return runs


def _add(runs, text, differs):
    """Append to `runs`, joining what is alike."""
    if runs and runs[-1][1] == differs:
        runs[-1] = (runs[-1][0] + text, differs)
    else:
        runs.append((text, differs))
