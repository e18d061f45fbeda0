"""The monitor's statistics against published values, and against thousands of simulated roll-outs."""

import math
import random
from statistics import NormalDist

import pytest

from impact.statistics import ALPHA, Sums, boundary, effect, is_burst, tuning

LOOKS = 52
PLANNED = 0.05


def poisson(generator, mean):
    """A Poisson number, by multiplying uniform ones."""
    limit, product, count = math.exp(-mean), generator.random(), 0
    while product > limit:
        product *= generator.random()
        count += 1
    return count


class RollOut:
    """A year of a simulated roll-out: clients that differ among themselves, each week a few invitations."""

    def __init__(self, seed, *, effect=0.0, exposed=90, held_out=40):
        self.random = random.Random(seed)
        clients = [self.random.gammavariate(2, 0.25) for _ in range(exposed + held_out)]  # weekly invitations, mean 0.5
        self.rates = [rate + effect for rate in clients[:exposed]], clients[exposed:]
        self.totals = [0] * exposed, [0] * held_out

    def weeks(self):
        """After each week the Effect on weekly invitations."""
        for week in range(1, LOOKS + 1):
            for rates, totals in zip(self.rates, self.totals, strict=True):
                for client, rate in enumerate(rates):
                    totals[client] += poisson(self.random, rate)
            sums = [Sums.of((week, total) for total in totals) for totals in self.totals]
            yield effect([sums], planned_error=PLANNED)


def finds(roll_out):
    return any(found and found.is_told_apart for found in roll_out.weeks())


def test_the_boundary_is_the_published_one():
    # The reference values of the tests of confseq, the library of Howard et al., at v = 100 and alpha = 0.05.
    assert tuning(100, 0.05) == pytest.approx(12.60056, abs=1e-5)
    assert boundary(100, 0.05, 12.60056) == pytest.approx(30.35209, abs=1e-4)


def test_the_ratio_and_its_variance_are_the_textbooks():
    # Cochran, Sampling Techniques (1977), 2.11: var(R) = sum((y - R x)²) / (n (n - 1) mean(x)²), without the
    # correction for a finite population; worked by hand for three clients.
    sums = Sums.of([(2, 1), (4, 3), (6, 2)])
    ratio = 6 / 12
    residuals = (1 - 2 * ratio) ** 2 + (3 - 4 * ratio) ** 2 + (2 - 6 * ratio) ** 2

    assert sums.value == ratio
    assert sums.variance == pytest.approx(residuals / (3 * 2 * 4**2))


def test_of_equal_weeks_the_variance_is_that_of_a_mean():
    values = [3, 5, 4, 8, 2, 6]
    mean = sum(values) / 6
    expected = sum((value - mean) ** 2 for value in values) / 5 / 6

    assert Sums.of((1, value) for value in values).variance == pytest.approx(expected)


def test_plans_are_compared_within_themselves():
    # One plan has many exposed clients and invites much, the other few: together that would look like an effect.
    busy = (Sums.of((1, 10 + k % 2) for k in range(90)), Sums.of((1, 10 + k % 2) for k in range(10)))
    quiet = (Sums.of((1, k % 2) for k in range(10)), Sums.of((1, k % 2) for k in range(90)))

    assert effect([busy, quiet], planned_error=PLANNED).estimate == pytest.approx(0)
    assert effect([busy, quiet], planned_error=PLANNED).is_told_apart is False


@pytest.mark.parametrize("clients", [(29, 200), (200, 29), (0, 0)])
def test_too_few_clients_tell_nothing(clients):
    assert effect([tuple(Sums.of((1, k % 3) for k in range(n)) for n in clients)], planned_error=PLANNED) is None


def test_without_an_act_of_anybody_nothing_is_told():
    assert effect([(Sums.of([(1, 0)] * 50), Sums.of([(1, 0)] * 50))], planned_error=PLANNED) is None


def test_a_year_of_weekly_looks_raises_a_false_alarm_in_at_most_five_percent():
    alarms = sum(finds(RollOut(seed)) for seed in range(1000))

    assert 0 < alarms <= 50  # and it can: a method that never spoke would pass otherwise


def test_looking_weekly_with_the_usual_interval_would_raise_them_often():
    usual = NormalDist().inv_cdf(1 - ALPHA / 2)
    alarms = sum(
        any(found and abs(found.estimate) > usual * found.error for found in RollOut(seed).weeks())
        for seed in range(100)
    )

    assert alarms > 15


def test_an_effect_that_is_said_to_be_detectable_is_found():
    *_, last = RollOut(0).weeks()
    promised = last.detectable

    found = sum(finds(RollOut(seed, effect=promised)) for seed in range(1000, 1200))

    # 80 % of 200, less three standard deviations: sqrt(200 * 0.8 * 0.2) = 5.7.
    assert found >= 160 - 17


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
    assert not is_burst([0, 0, 50])  # no eight weeks before it

    generator = random.Random(7)
    years = ([poisson(generator, 3) for _ in range(60)] for _ in range(1000))
    bursts = sum(any(is_burst(year[:week]) for week in range(9, 61)) for year in years)
    assert bursts <= 15  # 1,000 years of one type and one kind of act: a tenth of 5 % of them, with room
