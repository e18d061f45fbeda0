"""The monitor's statistics against published values, and against thousands of simulated roll-outs."""

import math
import random
from statistics import NormalDist
from typing import Any

import pytest

from impact.simulation import poisson
from impact.statistics import ALARM_ALPHA, ALPHA, Sums, boundary, effect, is_burst, tuning
from tests.impact.acts import Group, a_rating, an_early_end

LOOKS = 52
PLANNED = 0.05
# What an alarm has for each measure and type: 5 types and all of them, 3 measures.
OF_AN_ALARM = ALARM_ALPHA / 18


class RollOut:
    """A year of a simulated roll-out: exposed and held-out clients."""

    def __init__(self, seed, *, effect=0.0, exposed=90, held_out=40, rate=0.5):
        generator = random.Random(seed)
        self.groups = Group(generator, exposed, rate, more=effect), Group(generator, held_out, rate)

    def weeks(self, *, alpha=ALPHA, planned=PLANNED, sums=Group.weekly, mark=None):
        """After each week the Effect, or None."""
        for week in range(1, LOOKS + 1):
            for group in self.groups:
                group.go_on(mark)
            yield effect([tuple(sums(group, week) for group in self.groups)], alpha=alpha, planned_error=planned)

    def last(self):
        """The Effect after a year."""
        for group in self.groups:
            for _ in range(LOOKS):
                group.go_on()
        return effect([tuple(group.weekly(LOOKS) for group in self.groups)], planned_error=PLANNED)


def finds(weeks):
    return any(found and found.is_told_apart for found in weeks)


def test_the_boundary_is_the_published_one():
    # The reference values of the tests of confseq, the library of Howard et al., at v = 100 and alpha = 0.05.
    assert tuning(100, 0.05) == pytest.approx(12.60056, abs=1e-5)
    assert boundary(100, 0.05, 12.60056) == pytest.approx(30.35209, abs=1e-4)


def test_the_ratio_and_its_variance_match_the_textbook():
    # Cochran, Sampling Techniques (1977), 2.11: var(R) = sum((y - R x)²) / (n (n - 1) mean(x)²), without the
    # correction for a finite population; worked by hand for three clients.
    sums = Sums.of([(2, 1), (4, 3), (6, 2)])
    ratio = 6 / 12
    residuals = (1 - 2 * ratio) ** 2 + (3 - 4 * ratio) ** 2 + (2 - 6 * ratio) ** 2

    assert sums.value == ratio
    assert sums.variance == pytest.approx(residuals / (3 * 2 * 4**2))


def test_equal_weeks_have_the_variance_of_a_mean():
    values = [3, 5, 4, 8, 2, 6]
    mean = sum(values) / 6
    expected = sum((value - mean) ** 2 for value in values) / 5 / 6

    assert Sums.of((1, value) for value in values).variance == pytest.approx(expected)


def test_clients_are_compared_only_within_their_plan():
    # One plan has many exposed clients and invites much, the other few: together that would look like an effect.
    busy = (Sums.of((1, 10 + k % 2) for k in range(90)), Sums.of((1, 10 + k % 2) for k in range(10)))
    quiet = (Sums.of((1, k % 2) for k in range(10)), Sums.of((1, k % 2) for k in range(90)))

    assert effect([busy, quiet], planned_error=PLANNED).estimate == pytest.approx(0)
    assert effect([busy, quiet], planned_error=PLANNED).is_told_apart is False


@pytest.mark.parametrize("clients", [(29, 200), (200, 29), (0, 0)])
def test_too_few_clients_give_no_result(clients):
    assert effect([tuple(Sums.of((1, k % 3) for k in range(n)) for n in clients)], planned_error=PLANNED) is None


def test_without_any_act_there_is_no_result():
    assert effect([(Sums.of([(1, 0)] * 50), Sums.of([(1, 0)] * 50))], planned_error=PLANNED) is None


@pytest.mark.slow
def test_a_year_of_weekly_looks_raises_a_false_alarm_in_at_most_five_percent():
    alarms = sum(finds(RollOut(seed).weeks()) for seed in range(1000))

    assert 0 < alarms <= 50  # and it can: a method that never spoke would pass otherwise


# Few clients are held out and they seldom act: where a group seems to be known exactly because it did nothing.
SPARSE = [{"exposed": 300, "held_out": 35}, {"exposed": 900, "held_out": 100}]


MEASURED: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "invitations": ({"planned": 0.02}, (0.02, 0.005)),
    "early ends": ({"sums": Group.of_contracts, "mark": an_early_end, "alpha": OF_AN_ALARM}, (0.03, 0.01)),
    "ratings": ({"sums": Group.of_contracts, "mark": a_rating, "alpha": OF_AN_ALARM, "planned": 0.1}, (0.03, 0.01)),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measured", "size"), [("invitations", 0), ("invitations", 1), ("early ends", 1), ("ratings", 0)]
)
def test_false_alarms_stay_as_rare_where_little_happens(measured, size):
    how, rates = MEASURED[measured]
    false = sum(finds(RollOut(seed, rate=rates[size], **SPARSE[size]).weeks(**how)) for seed in range(1000))

    assert false <= 1000 * how.get("alpha", ALPHA)


@pytest.mark.slow
@pytest.mark.parametrize("measured", MEASURED)
def test_false_alarms_would_be_frequent_if_a_group_without_acts_counted(measured, monkeypatch):
    monkeypatch.setattr("impact.statistics.FEWEST_ACTING", 0)
    monkeypatch.setattr("impact.statistics.FEWEST_CLIENTS", 2)
    monkeypatch.setattr("impact.statistics.FEWEST_OF_A_PLAN", 2)
    how, rates = MEASURED[measured]
    false = sum(finds(RollOut(seed, rate=rates[0], **SPARSE[0]).weeks(**how)) for seed in range(200))

    assert false > 200 * 0.1


@pytest.mark.slow
def test_weekly_looks_with_the_usual_interval_would_raise_false_alarms_often():
    usual = NormalDist().inv_cdf(1 - ALPHA / 2)
    alarms = sum(
        any(found and abs(found.estimate) > usual * found.error for found in RollOut(seed).weeks())
        for seed in range(100)
    )

    assert alarms > 15


@pytest.mark.slow
def test_an_effect_that_is_said_to_be_detectable_is_found():
    promised = RollOut(0).last().detectable

    found = sum(RollOut(seed, effect=promised).last().is_told_apart for seed in range(1000, 2000))

    # 80 % of 1,000 at this one look, less three standard deviations: sqrt(1000 * 0.8 * 0.2) = 12.6.
    assert found >= 800 - 38


@pytest.mark.slow
def test_the_interval_covers_a_true_effect_at_all_looks():
    true = 0.3
    missed = sum(
        any(found and not found.low <= true <= found.high for found in RollOut(seed, effect=true).weeks())
        for seed in range(2000, 2200)
    )

    assert missed <= 10 + 3 * math.sqrt(200 * 0.05 * 0.95)


def test_a_week_of_many_is_a_burst_and_chance_is_not():
    assert is_burst([2, 1, 3, 2, 2, 1, 2, 3, 20])
    assert not is_burst([2, 1, 3, 2, 2, 1, 2, 3, 6])
    assert is_burst([0, 0, 50])
    assert not is_burst([50])  # nothing to compare with
    assert not is_burst([0] * 8 + [9])  # too few to tell of

    generator = random.Random(7)
    years = ([poisson(generator, 3) for _ in range(60)] for _ in range(1000))
    bursts = sum(any(is_burst(year[:week]) for week in range(9, 61)) for year in years)
    assert bursts <= 15  # 1,000 years of one type and one kind of act: a tenth of 5 % of them, with room
