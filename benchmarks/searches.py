"""How searches grow with the number of profiles, measured in interleaved batches of random ones."""

from contextlib import ExitStack
from statistics import median

from tqdm import tqdm

from benchmarks.databases import Process

SIZES = (10_000, 100_000, 1_000_000)
SHARES = (5, 30)  # percent certified
BATCHES = 8
MOST_PAGE = {5: 40, 30: 120}  # times SELECT 1, at the most profiles
MOST_GROWTH = {5: 4, 30: 8}
MOST_DEEP, MOST_WHOLE, MOST_SAVING = 1.4, 2, 2


class Searcher(Process):
    """A process of `benchmarks.searching`, and what its acts have taken so far."""

    def __init__(self, url):
        super().__init__("benchmarks.searching", url)
        self.taken: dict[str, list[float]] = {}

    def take(self, act, seed):
        for name, seconds in self.ask(act, seed).items():
            self.taken.setdefault(name, []).extend(seconds)

    def times_one(self, name, share):
        """The seconds below which a `share` of what is called `name` took, in multiples of the median SELECT 1."""
        seconds = sorted(self.taken[name])
        return seconds[min(len(seconds) - 1, int(share * len(seconds)))] / median(self.taken["one"])


def measure(databases):
    """{(profiles, percent certified): Searcher} with what was taken."""
    urls = {(size, share): databases.filled(size, share) for share in SHARES for size in SIZES}
    with ExitStack() as stack:
        searchers = {key: stack.enter_context(Searcher(url)) for key, url in urls.items()}
        for seed in tqdm(range(BATCHES), desc="Searching", leave=False):
            for searcher in searchers.values():
                searcher.take("batch", seed)
                searcher.take("save", seed)
    return searchers


def report(searchers, met):
    print(f"\n{'searches':22}{'page one p50':>14}{'p95':>8}{'with ORM p95':>17}{'deep':>7}{'saving':>8}   wanted")
    for (size, share), searcher in searchers.items():
        p95 = searcher.times_one("statements", 0.95)
        taken = searcher.taken
        deep = f"{sum(taken['deep']) / sum(taken['first']):.2f}" if taken["deep"] else "-"
        saving = median(taken["listed"]) / median(taken["unlisted"])
        wanted = [f"saving ≤ {MOST_SAVING}x: {met(saving <= MOST_SAVING)}"]
        if taken["deep"]:
            wanted.append(f"deep ≤ {MOST_DEEP}x: {met(float(deep) <= MOST_DEEP)}")
        if size == SIZES[-1]:
            wanted.append(f"p95 ≤ {MOST_PAGE[share]}x: {met(p95 <= MOST_PAGE[share])}")
        print(
            f"{f'{size:,}, {share} %':22}{searcher.times_one('statements', 0.5):>13.1f}x{p95:>7.1f}x"
            f"{searcher.times_one('page', 0.95):>16.1f}x{deep:>7}{saving:>7.2f}x   {', '.join(wanted)}"
        )
    for share in SHARES:
        small, large = searchers[SIZES[0], share], searchers[SIZES[-1], share]
        page = large.times_one("statements", 0.95) / small.times_one("statements", 0.95)
        cpu = median(large.taken["cpu"]) / median(small.taken["cpu"])
        clock = median(large.taken["whole"]) / median(small.taken["whole"])
        print(
            f"{share} % certified, {SIZES[-1]:,} to {SIZES[0]:,} profiles: page one p95 {page:.1f}x"
            f" (wanted ≤ {MOST_GROWTH[share]}: {met(page <= MOST_GROWTH[share])});"
            f" the whole page {cpu:.2f}x in CPU (wanted ≤ {MOST_WHOLE}: {met(cpu <= MOST_WHOLE)}),"
            f" {clock:.2f}x on the clock, database included"
        )
    print("Page one is the time of its statements, in multiples of the median SELECT 1 on the same connection.")
