"""Cells of few are left out, and so is whatever would tell them: an attacker with linear algebra finds none."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from impact.suppression import FEWEST, suppressed

TYPES = [("type", number) for number in range(5)]
PLANS = [("plan", name) for name in ("business", "enterprise", "plus")]
WHOLE = ("all", None)
SUMS = [[WHOLE, *TYPES], [WHOLE, *PLANS]]


def solved(unknowns, equations):
    """Which of `unknowns` a system of linear equations determines: set. By Gauss and Jordan, in fractions.

    `equations`: list of ({unknown: factor}, value).
    """
    rows = [[Fraction(left.get(name, 0)) for name in unknowns] + [Fraction(value)] for left, value in equations]
    pivots = []
    for column in range(len(unknowns)):
        place = len(pivots)
        pivot = next((number for number in range(place, len(rows)) if rows[number][column]), None)
        if pivot is None:
            continue
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [value / rows[place][column] for value in rows[place]]
        for number, row in enumerate(rows):
            if number != place and row[column]:
                rows[number] = [value - row[column] * other for value, other in zip(row, rows[place], strict=True)]
        pivots.append(column)
    return {unknowns[column] for column, row in zip(pivots, rows, strict=False) if sum(map(bool, row[:-1])) == 1}


def reconstructed(cells, hidden):
    """What of the hidden cells follows from those that are shown and from what adds up: set."""
    equations = [({keys[0]: 1} | dict.fromkeys(keys[1:], -1), 0) for keys in SUMS]
    equations += [({key: 1}, count) for key, count in cells.items() if key not in hidden]
    return solved(list(cells), equations) & hidden


@st.composite
def tables(draw):
    """Counts that add up both ways, as if no business had two types: the case that is easiest to attack."""
    sizes = st.one_of(st.integers(0, 15), st.integers(0, 400))
    by_type = [draw(sizes) for _ in TYPES]
    whole = sum(by_type)
    first = draw(st.integers(0, whole))
    second = draw(st.integers(0, whole - first))
    return (
        {WHOLE: whole}
        | dict(zip(TYPES, by_type, strict=True))
        | dict(zip(PLANS, (first, second, whole - first - second), strict=True))
    )


def test_the_attack_does_find_what_is_left_out_alone():
    cells = {
        WHOLE: 100,
        **dict(zip(TYPES, (50, 20, 15, 11, 4), strict=True)),
        **dict(zip(PLANS, (60, 40, 0), strict=True)),
    }

    assert reconstructed(cells, {TYPES[4]}) == {TYPES[4]}
    assert suppressed(cells, SUMS) >= {TYPES[4], TYPES[3]}


@given(tables())
def test_no_cell_that_is_left_out_can_be_reconstructed(cells):
    hidden = suppressed(cells, SUMS)

    assert {key for key, count in cells.items() if count < FEWEST} <= hidden
    assert not reconstructed(cells, hidden)


@given(tables())
def test_what_is_left_out_of_a_sum_is_together_no_few_or_everything(cells):
    hidden = suppressed(cells, SUMS)

    for keys in SUMS:
        out = [key for key in keys[1:] if key in hidden]
        if out and keys[0] not in hidden:
            assert sum(cells[key] for key in out) >= FEWEST


def test_where_all_are_many_all_is_shown():
    cells = {WHOLE: 100, **dict.fromkeys(TYPES, 20), PLANS[0]: 50, PLANS[1]: 50}

    assert suppressed(cells, [[WHOLE, *TYPES], [WHOLE, *PLANS[:2]]]) == set()
