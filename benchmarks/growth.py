"""`python -m benchmarks.growth PROFILES …`: what the site costs with so many profiles, as docs/scale.md has it."""

import sys
import time
from contextlib import ExitStack
from statistics import median

import psutil
import psycopg

from benchmarks.__main__ import Worker
from benchmarks.databases import Server, manage, production
from benchmarks.pages import ENTERPRISE, TALENT, VISITOR
from benchmarks.searches import BATCHES, Searcher

ROUNDS = 30
REQUESTS = 10  # a round
TABLES = """
SELECT 'database', pg_database_size(current_database())
UNION ALL
(SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 6)
"""


def main(sizes):
    databases = Server()
    urls = {profiles: databases.filled(profiles) for profiles in sizes}
    manage("collectstatic", "--noinput", "--verbosity=0", environment=production(urls[sizes[0]]))
    columns = {}
    with ExitStack() as stack:
        for profiles, url in urls.items():
            columns[profiles] = of_pages(stack.enter_context(Worker(url)))
        searchers = {profiles: stack.enter_context(Searcher(url)) for profiles, url in urls.items()}
        for seed in range(BATCHES):  # in turn: what disturbs one disturbs all
            for searcher in searchers.values():
                searcher.take("batch", seed)
                searcher.take("save", seed)
        for profiles, searcher in searchers.items():
            columns[profiles] |= of_searches(searcher)
    for profiles, url in urls.items():
        columns[profiles] |= of_night(url) | of_room(url)
    print(f"| | {' | '.join(f'{profiles:,}' for profiles in sizes)} |")
    print(f"|---{'|---:' * len(sizes)}|")
    for name in columns[sizes[-1]]:
        print(f"| {name} | {' | '.join(columns[profiles].get(name, '') for profiles in sizes)} |")


def of_pages(worker):
    """Each page on the clock, with the database, and the CPU of the application in it: the best of ROUNDS."""
    column = {}
    for page in (VISITOR, ENTERPRISE, TALENT):
        worker.ask("describe", page)
        rounds = [worker.ask("measure", page, REQUESTS) for _ in range(ROUNDS)]
        clock, cpu = (min(taken[what] for taken in rounds) for what in ("clock", "cpu"))
        column[f"{page.name.split(', 100')[0]}, ms"] = f"{1e3 * clock:.1f} ({1e3 * cpu:.1f})"
    column["memory of a worker, MB"] = f"{psutil.Process(worker.process.pid).memory_info().rss / 1e6:.0f}"
    return column


def of_searches(searcher):
    whole, cpu, saving = (1e3 * median(searcher.taken[what]) for what in ("whole", "cpu", "listed"))
    return {
        "page of a search, median, ms": f"{whole:.1f} ({cpu:.1f})",
        "its statements, median, in SELECT 1": f"{searcher.times_one('statements', 0.5):.0f}",
        "its statements, p95, in SELECT 1": f"{searcher.times_one('statements', 0.95):.0f}",
        "saving a certification, ms": f"{saving:.1f}",
    }


def of_night(url):
    """The second of two runs of `due`: the first catches up with what filling left."""
    for _ in range(2):
        began = time.perf_counter()
        manage("due", environment=production(url))
        taken = time.perf_counter() - began
    return {"`due`, s": f"{taken:.1f}"}


def of_room(url):
    """The database and its largest tables, with their indexes."""
    with psycopg.connect(url) as connection:
        return {f"{name}, GB": f"{taken / 1e9:.2f}" for name, taken in connection.execute(TABLES).fetchall()}


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
