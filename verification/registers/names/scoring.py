"""Scores how far two names agree. Common words count less, and words of only one name count against it."""

from collections.abc import Callable
from itertools import chain, product

from verification.registers.names.likeness import likeness_of, loose_likeness_of, rests
from verification.registers.names.sides import Name, Side, weight_of
from verification.registers.names.words import canonical, is_initial
from verification.registers.vocabulary import (
    COMMONLY_TELLING,
    FILLER,
    INITIAL,
    TELLING,
    TRADE,
)

# From this score on two names agree. Of a hundred such pairs, at most two are different businesses.
AGREES = 0.88
# Beside an equal number this score is enough, because two businesses of a register rarely share one. If the number is
# specific, the names are compared by looser rules, too. See `score`.
AGREES_BY_NUMBER = 0.80
# Below this score an equal number is a contradiction. In between, staff have to decide.
DIFFERS = 0.55
SHORTEST_CUT = 22  # letters of the shortest name that may have been cut off for lack of room


def score(reported: str | Name, listed: str | Name, *, beside_number: bool = False) -> float:
    """Return how far two names agree: 0.0 to 1.0, the same in either order.

    The score is twice the weight of the shared words, divided by the weight of all words. Words spelled nearly alike
    count in part, and the score is lower if each name has words that the other lacks.

    `beside_number`: both names stand beside the same specific number, so looser rules apply. Initials stand for words,
    two slips in a long word are forgiven, and a word of only one name counts half.
    """
    left = reported if isinstance(reported, Name) else Name(reported)
    right = listed if isinstance(listed, Name) else Name(listed)
    if beside_number:
        sides = product(left.sides_beside_number, right.sides_beside_number)
    else:
        sides = product(left.sides, right.sides)
    # Two names with words in another script are compared as a whole.
    sides = chain(sides, product(left.latin_sides, right.sides), product(left.sides, right.latin_sides))
    return max((_compared(one, other, beside_number) for one, other in sides), default=0.0)


def _compared(one: Side, other: Side, beside_number: bool) -> float:
    if one.key == other.key or one.typed == other.typed:
        return 1.0
    if _is_cut(one, other) or _is_cut(other, one):
        return 0.96
    if beside_number and (one.has_initials(other.typed) or other.has_initials(one.typed)):
        return 0.96
    ours, theirs = rests(one.words, other.words)
    _run_together(one, other, ours, theirs)
    shared = rests(one.words, ours)[0] + rests(other.words, theirs)[0]
    # One word here may be two words there, with another weight. The mean makes both orders equal.
    alike = sum(map(weight_of, shared)) / 2
    ours = [word for word in ours if word not in other.bracketed]
    theirs = [word for word in theirs if word not in one.bracketed]
    if beside_number:
        ours = [word for word in ours if not other.has_initials(word)]
        theirs = [word for word in theirs if not one.has_initials(word)]
    nearly, spent = _take_nearly_alike(ours, theirs, loose_likeness_of if beside_number else likeness_of)
    both = alike + nearly
    if not both:
        return 0.0
    spare_initials = both >= 2 and not (any(map(is_initial, ours)) and any(map(is_initial, theirs)))
    rest = sum(INITIAL if spare_initials and is_initial(word) else weight_of(word) for word in (*ours, *theirs))
    # The more telling the words are that only one name has, the likelier they are two businesses.
    own = min(max(map(weight_of, words), default=0.0) for words in (ours, theirs))
    if beside_number and _tell(shared) and _may_be_left_out(ours, theirs, len(set(shared))):
        rest, own = rest / 2, 0.0
    result = 2 * both / (2 * alike + spent + rest)
    if max(map(weight_of, shared), default=0.0) < COMMONLY_TELLING and nearly < COMMONLY_TELLING:
        result *= 0.9  # only trades in common
    if own:
        result *= 0.7 if own >= TRADE else 0.9
    return result


def _may_be_left_out(ours: list[str], theirs: list[str], shared: int) -> bool:
    """Return whether one business may leave the unshared words out of its name. `shared`: how many words are shared."""
    both = (*ours, *theirs)
    if any(map(str.isdigit, both)):  # Delta Group II is another
        return False
    if ours and theirs:
        fillers = [words for words in (ours, theirs) if max(map(weight_of, words)) <= FILLER]
        return shared > 1 and bool(fillers) and max(map(weight_of, both)) <= TRADE
    return sum(weight_of(word) == TELLING for word in both) < 2


def _tell(shared: list[str]) -> bool:
    """Return whether the shared words identify a business: a telling word, or initials and another word."""
    own = [word for word in shared if weight_of(word) == TELLING]
    return any(len(word) > 3 for word in own) or (bool(own) and len(set(shared)) > 2)


def _run_together(one: Side, other: Side, ours: list[str], theirs: list[str]) -> None:
    """Remove from both lists what one name writes as one word and the other as several."""
    for whole_rest, apart, apart_rest in ((ours, other, theirs), (theirs, one, ours)):
        for whole in list(whole_rest):
            parts = _parts(whole, apart)
            if any(part in apart_rest for part in parts):
                whole_rest.remove(whole)
                for part in parts:
                    if part in apart_rest:
                        apart_rest.remove(part)


def _parts(whole: str, side: Side) -> list[str]:
    """Return the words of `side` that, joined as typed, make the word `whole`, or none."""
    for words in (side.typed_words, side.tokens):  # KCORP is K CORP, though CORP alone is dropped
        for size in (2, 3):
            for start in range(len(words) - size + 1):
                if "".join(words[start : start + size]) == whole:
                    return [canonical(word) for word in words[start : start + size]]
    return []


def _take_nearly_alike(
    ours: list[str], theirs: list[str], likeness: Callable[[str, str], float]
) -> tuple[float, float]:
    """Remove words spelled nearly alike from both lists. Return their share of the score, and their weight."""
    counted = spent = 0.0
    pairs = [(likeness(word, other), word, other) for word, other in product(ours, theirs)]
    pairs = [pair for pair in pairs if pair[0]]
    for alike, word, other in sorted(pairs, key=lambda pair: (-pair[0], *sorted(pair[1:]))):
        if word in ours and other in theirs:
            ours.remove(word)
            theirs.remove(other)
            weight = min(weight_of(word), weight_of(other))
            counted += alike * weight
            spent += 2 * weight
    return counted, spent


def _is_cut(one: Side, other: Side) -> bool:
    """Return whether `one` is `other` cut off for lack of room."""
    return len(one.key) >= SHORTEST_CUT and len(one.words) > 1 and other.key.startswith(one.key)
