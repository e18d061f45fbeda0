from contextlib import ExitStack

from tqdm import tqdm

from benchmarks import nights, programs, searches, sign_ins, spend
from benchmarks.databases import Process, Server, manage, production
from benchmarks.load import requests_per_second, serving
from benchmarks.pages import (
    ENTERPRISE,
    HELLO,
    HELLO_SMALL,
    LARGE,
    LOG_MOST_CPU,
    PAGES,
    PLAIN,
    RAIL_MOST_CPU,
    RAIL_MOST_QUERIES,
    SMALL,
    TALENT,
    TALENT_GROWTH,
    TALENT_SMALL,
    UNLOGGED,
    Page,
)

ROUNDS = 50
BATCH_SECONDS = 0.05  # short, so that the best of many is one that nothing interrupted
LOAD_ROUNDS = 4
LOAD_SECONDS = 1.5


class Worker(Process):
    """A process of `benchmarks.worker`."""

    def __init__(self, url):
        super().__init__("benchmarks.worker", url)

    def ask(self, act, page, *rest):
        return super().ask(act, PAGES.index(page), *rest)


def main():
    databases = Server()
    urls = {profiles: databases.filled(profiles) for profiles in (SMALL, LARGE)}
    manage("collectstatic", "--noinput", "--verbosity=0", environment=production(urls[LARGE]))
    with ExitStack() as stack:
        workers = {profiles: stack.enter_context(Worker(url)) for profiles, url in urls.items()}
        about = {page: workers[page.profiles].ask("describe", page) for page in PAGES}
        address = stack.enter_context(serving(production(urls[LARGE])))
        loaded = [page for page in PAGES if page.profiles == LARGE]
        steps = ROUNDS * len(PAGES) + LOAD_ROUNDS * len(loaded)
        bar = stack.enter_context(tqdm(total=steps, desc="Measuring", leave=False))
        cpu, clock = measure(workers, bar)
        rates = dict.fromkeys(loaded, 0.0)
        for _ in range(LOAD_ROUNDS):
            for page in loaded:
                rate = requests_per_second(address, page.path, about[page]["cookie"], LOAD_SECONDS)
                rates[page] = max(rates[page], rate)
                bar.update()
    report(about, cpu, clock, rates)
    searches.report(searches.measure(databases), met)
    nights.report(nights.measure(databases), met)
    spend.report(spend.measure(databases), met)
    programs.report(programs.measure(databases), met)
    sign_ins.report(sign_ins.measure(databases), met)


def measure(workers, bar):
    """Seconds a request of every page, the best of interleaved batches: of CPU, and on the clock."""
    sizes: dict[Page, int] = {}
    cpu: dict[Page, float] = {}
    clock: dict[Page, float] = {}
    for _ in range(ROUNDS):
        for page in PAGES:
            worker = workers[page.profiles]
            if page not in sizes:
                sizes[page] = max(2, round(BATCH_SECONDS / worker.ask("measure", page, 10)["clock"]))
            seconds = worker.ask("measure", page, sizes[page])
            cpu[page] = min(cpu.get(page, seconds["cpu"]), seconds["cpu"])
            clock[page] = min(clock.get(page, seconds["clock"]), seconds["clock"])
            bar.update()
    return cpu, clock


def report(about, cpu, clock, rates):
    hello = {LARGE: HELLO, SMALL: HELLO_SMALL}
    print(f"hello: {cpu[HELLO] * 1e6:.0f} µs of CPU, {rates[HELLO]:,.0f} requests/s here\n")
    print(f"{'page':30}{'queries':>8}{'CPU':>9}{'time':>9}{'req/s':>9}{'share':>8}   wanted")
    for page in PAGES:
        base = hello[page.profiles]
        times_cpu, times_clock = cpu[page] / cpu[base], clock[page] / clock[base]
        load = f"{rates[page]:>9,.0f}{rates[page] / rates[HELLO]:>8.3f}" if page in rates else f"{'':17}"
        wanted = []
        if page.most_cpu:
            wanted.append(f"CPU ≤ {page.most_cpu}x: {met(times_cpu <= page.most_cpu)}")
        if page.most_queries:
            wanted.append(f"queries ≤ {page.most_queries}: {met(about[page]['queries'] <= page.most_queries)}")
        costs = f"{about[page]['queries']:>8}{times_cpu:>8.1f}x{times_clock:>8.1f}x"
        print(f"{page.name:30}{costs}{load}   {', '.join(wanted)}")
    rail = cpu[ENTERPRISE] / cpu[PLAIN]
    rail_queries = about[ENTERPRISE]["queries"] - about[PLAIN]["queries"]
    log = cpu[ENTERPRISE] / cpu[UNLOGGED]
    log_queries = about[ENTERPRISE]["queries"] - about[UNLOGGED]["queries"]
    growth = max(cpu[TALENT] / cpu[TALENT_SMALL], clock[TALENT] / clock[TALENT_SMALL])
    print(
        f"\nFive badges add {rail - 1:+.1%} CPU and {rail_queries} queries to the page without;"
        f" wanted ≤ {RAIL_MOST_CPU - 1:.0%} and ≤ {RAIL_MOST_QUERIES}:"
        f" {met(rail <= RAIL_MOST_CPU and rail_queries <= RAIL_MOST_QUERIES)}"
        f"\nThe log of who looked adds {log - 1:+.1%} CPU and {log_queries} queries to a page seen before that day;"
        f" wanted ≤ {LOG_MOST_CPU - 1:.0%} and none: {met(log <= LOG_MOST_CPU and log_queries == 0)}"
        f"\n/talent/ costs {growth:.2f} times as much at {LARGE:,} profiles as at {SMALL:,};"
        f" wanted ≤ {TALENT_GROWTH}: {met(growth <= TALENT_GROWTH)}"
        "\nCPU and time (on the clock, database included) are multiples of hello's; share is of hello's requests/s."
    )


def met(is_met):
    return "met" if is_met else "missed"


if __name__ == "__main__":
    main()
