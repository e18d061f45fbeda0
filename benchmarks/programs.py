"""What programs of clients cost: pages of what changed and what is gone, by how much a client was given."""

from statistics import median
from typing import NamedTuple

from tqdm import tqdm

from benchmarks.databases import Process

CERTIFIED = 30  # percent


class Size(NamedTuple):
    """How many profiles there are, and how many certifications the client was given. All that are there, and others."""

    profiles: int
    given: int


class Taken(NamedTuple):
    """Seconds by what took them: {size: {name: list}} and {name: list}."""

    walks: dict[Size, dict[str, list[float]]]
    cpu: dict[str, list[float]]


SMALL, LARGE = Size(10_000, 5_000), Size(100_000, 50_000)
MOST_GROWTH, MOST_CPU = 1.5, 1.5


def measure(databases):
    """Seconds on the clock of the pages of walks, and of CPU of pages with the larger size."""
    taken = Taken({}, {})
    for size in tqdm((SMALL, LARGE), desc="Keeping in step", leave=False):
        with Process("benchmarks.program", databases.filled(size.profiles, CERTIFIED)) as process:
            taken.walks[size] = process.ask("walks", size.given)
            taken.cpu.update(process.ask("pages"))
    return taken


def report(taken, met):
    print()
    for name, seconds in taken.walks[LARGE].items():
        growth = median(seconds) / median(taken.walks[SMALL][name])
        print(
            f"API, {name}: a page for a client that was given {LARGE.given:,} takes {growth:.2f}x that of"
            f" {SMALL.given:,} ({median(seconds) * 1000:.0f} ms here; wanted ≤ {MOST_GROWTH}:"
            f" {met(growth <= MOST_GROWTH)})"
        )
    cpu = min(taken.cpu["api"]) / min(taken.cpu["search"])
    print(
        f"A page of 50 certifications takes {cpu:.2f}x the CPU of the search's page, which shows 20"
        f" (wanted ≤ {MOST_CPU}: {met(cpu <= MOST_CPU)})."
    )
