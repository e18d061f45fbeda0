"""Cells of few are left out, and so is whatever would tell them: an attacker with linear algebra finds none."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certifications.models import CertificationType
from impact.measures import MEASURES, PRIMARY
from impact.models import Tally
from impact.report import ALL, Report
from impact.suppression import FEWEST, suppressed

TYPES = [("type", number) for number in range(5)]
PLANS = [("plan", name) for name in ("business", "enterprise", "plus")]
WHOLE = ("all", None)
SUMS: list[list[tuple]] = [[WHOLE, *TYPES], [WHOLE, *PLANS]]


def rank(rows):
    """Of a matrix of numbers, by elimination in fractions."""
    rows, found = [[Fraction(value) for value in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((number for number in range(found, len(rows)) if rows[number][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for number in range(found + 1, len(rows)):
            factor = rows[number][column] / rows[found][column]
            rows[number] = [value - factor * other for value, other in zip(rows[number], rows[found], strict=True)]
        found += 1
    return found


def reconstructed(cells, hidden):
    """What of the hidden cells follows from those that are shown and from what adds up: set."""
    adding_up = [{keys[0]: 1} | dict.fromkeys(keys[1:], -1) for keys in SUMS]
    known = [*adding_up, *({key: 1} for key in cells if key not in hidden)]
    rows = [[factors.get(key, 0) for key in cells] for factors in known]
    return {key for key in hidden if rank([*rows, [int(other == key) for other in cells]]) == rank(rows)}


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


def test_the_attack_finds_a_cell_that_is_left_out_alone():
    cells = {
        WHOLE: 100,
        **dict(zip(TYPES, (50, 20, 15, 11, 4), strict=True)),
        **dict(zip(PLANS, (60, 40, 0), strict=True)),
    }

    assert reconstructed(cells, {TYPES[4]}) == {TYPES[4]}
    assert suppressed(cells, SUMS) >= {TYPES[4], TYPES[3]}


@pytest.mark.slow
@given(tables())
def test_no_cell_that_is_left_out_can_be_reconstructed(cells):
    hidden = suppressed(cells, SUMS)

    assert {key for key, count in cells.items() if count < FEWEST} <= hidden
    assert not reconstructed(cells, hidden)


@given(tables())
def test_the_cells_left_out_of_a_sum_are_together_many_or_all(cells):
    hidden = suppressed(cells, SUMS)

    for keys in SUMS:
        out = [key for key in keys[1:] if key in hidden]
        if out and keys[0] not in hidden:
            assert sum(cells[key] for key in out) >= FEWEST


def test_everything_is_shown_if_all_numbers_are_large():
    cells = {WHOLE: 100, **dict.fromkeys(TYPES, 20), PLANS[0]: 50, PLANS[1]: 50}

    assert suppressed(cells, [[WHOLE, *TYPES], [WHOLE, *PLANS[:2]]]) == set()


GROUPS = (False, True)
TYPE_KEYS = (1, 2, 3)
PLAN_KEYS = ("business", "enterprise")


@st.composite
def reports(draw):
    """A Report of sums in which few or many take part, of businesses that have one type each: easiest to attack."""
    sizes = st.one_of(st.integers(0, 12), st.integers(0, 60))
    report = Report.__new__(Report)
    report.week, report.plans, report._hidden = None, list(PLAN_KEYS), {}
    report.types = [CertificationType(pk=key, name=f"Type {key}") for key in TYPE_KEYS]
    clients = {(plan, held): draw(sizes) for plan, held in product(PLAN_KEYS, GROUPS)}
    businesses = {type: draw(sizes) for type in TYPE_KEYS}
    businesses[None] = sum(businesses.values())
    report.tallies = []
    for plan, held, type in product(PLAN_KEYS, GROUPS, [None, *TYPE_KEYS]):
        n = clients[plan, held]
        values = {"n": n, "acting": draw(st.integers(0, n)), "profiles": businesses[type]}
        values |= {"acting_profiles": draw(st.integers(0, businesses[type])), "x": n, "xx": n, "y": 1, "xy": 1, "yy": 1}
        row = Tally(plan=plan, is_held_out=held, type_id=type, measure=PRIMARY, **values)
        report.tallies += [row]
    report.views = dict.fromkeys(product(PLAN_KEYS, GROUPS, [None, *TYPE_KEYS]), 0)
    return report


def published(report):
    """What the monitor's tables of one measure say: (lines by scope, as a sum over plan and type for each group)."""
    lines = {(ALL, None): report.line("All", PRIMARY)}
    lines |= {("type", type.pk): line for type, line in zip(report.types, report.by_type(), strict=True)}
    lines |= {("plan", plan): line for plan, line in zip(report.plans, report.by_plan(), strict=True)}
    return lines


def as_sum(scope, held):
    """A scope as a sum of what each plan's group did with each type: a row of a matrix."""
    kind, key = scope
    return [
        int(group == held and (kind == ALL or key == (type if kind == "type" else plan)))
        for plan, type, group in product(PLAN_KEYS, TYPE_KEYS, GROUPS)
    ]


def is_told(line):
    return any((line.exposed, line.held_out, line.interval, line.compared, line.views, line.detectable))


@pytest.mark.slow
@given(reports())
def test_nothing_left_out_follows_from_the_tables(report):
    lines = published(report)

    shown = [as_sum(scope, held) for scope, line in lines.items() if is_told(line) for held in GROUPS]
    for scope, line in lines.items():
        if is_told(line):
            assert report._fewest(PRIMARY, **({} if scope[0] == ALL else {scope[0]: scope[1]})) >= FEWEST
            continue
        assert line.words == "Hidden, because it covers too few businesses or clients."
        for held in GROUPS:
            assert rank([*shown, as_sum(scope, held)]) > rank(shown)


def test_that_attack_finds_a_figure_that_is_left_out_alone():
    scopes = [(ALL, None), *(("type", key) for key in TYPE_KEYS[:2])]
    shown = [as_sum(scope, held) for scope in scopes for held in GROUPS]

    assert rank([*shown, as_sum(("type", TYPE_KEYS[2]), False)]) == rank(shown)


def test_amounts_and_outcomes_of_contracts_are_not_shown_by_week():
    assert {name for name, measure in MEASURES.items() if measure.has_trend} == {
        "invitations", "acceptances", "declines", "contracts",
    }  # fmt: skip
