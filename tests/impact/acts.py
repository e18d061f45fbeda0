"""What simulated clients do week after week, and how contracts of theirs go."""

from collections import Counter
from itertools import accumulate
from math import log, sumprod

from impact.simulation import poisson
from impact.statistics import Sums


class Group:
    """Clients that differ among themselves, and what each has done: weekly acts, and the marks of them."""

    def __init__(self, generator, size, rate, *, more=0.0):
        self.random = generator
        # A gamma number of shape 2 is two waiting times in a row.
        rates = [-rate / 2 * log((1 - draw()) * (1 - draw())) + more for draw in [generator.random] * size]
        self.size, self.weights, self.rate = size, list(accumulate(rates)), sum(rates)
        self.acts, self.marks = Counter(), Counter()  # of those who did anything, in the same order

    def go_on(self, mark=None):
        """The acts of a week. `mark` draws what tells how a contract went, if they are contracts."""
        count = poisson(self.random, self.rate)
        drawn = self.random.choices(range(self.size), cum_weights=self.weights, k=count)
        self.acts.update(drawn)
        if mark:
            for client in drawn:
                self.marks[client] += mark(self.random)

    def weekly(self, week):
        """The Sums of acts a week."""
        n, acts = self.size, list(self.acts.values())
        y = sum(acts)
        return Sums(n, len(acts), n * week, y, n * week * week, week * y, sumprod(acts, acts))

    def of_contracts(self, week):
        """The Sums of marks an act."""
        x, y = list(self.acts.values()), list(self.marks.values())
        acting = len(y) - y.count(0)
        return Sums(len(x), acting, sum(x), sum(y), sumprod(x, x), sumprod(x, y), sumprod(y, y))


def an_early_end(random):
    return random.random() < 0.1


def a_rating(random):
    return random.choice((3, 4, 4, 5, 5, 5))
