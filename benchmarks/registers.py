"""`python -m benchmarks.registers`: loading a register of a million rows, and finding one of them, as ratios."""

import csv
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 1_000_000
COPY_MOST = 3.0  # times PostgreSQL's own COPY of the same rows into the same indexed table
LOOKUP_MOST = 30.0  # times the same look-up by exact number
MEMORY_MOST = 300  # MB, of the process that loads
QUERIES = 300
TRADES = (
    "Construction", "Consulting", "Engineering", "Services", "Trucking", "Electric", "Design", "Systems", "Supply",
    "Security", "Painting", "Solutions", "Technologies", "Environmental", "Cleaning", "Landscaping", "Media",
    "Staffing",
)  # fmt: skip
FORMS = ("Inc.", "LLC", "Corp.", "Co.", "")
SYLLABLES = ("ba", "co", "da", "el", "fi", "ga", "ho", "in", "ju", "ka", "lo", "ma", "ne", "or", "pe", "ri", "sa", "tu")


def names(count):
    """Names as directories have them: family names that thousands share, made-up words that few do, trades."""
    draw = random.Random(4)
    families = ["".join(draw.choices(SYLLABLES, k=draw.choice((2, 3)))).title() for _ in range(20_000)]
    for _ in range(count):
        first = draw.choice(families) if draw.random() < 0.5 else "".join(draw.choices(SYLLABLES, k=4)).title()
        second = draw.choice((draw.choice(families), "&", "", "Group"))
        trades = " ".join(draw.choices(TRADES, k=draw.choice((1, 1, 2))))
        yield " ".join(f"{first} {second} {trades} {draw.choice(FORMS)}".split())


def write_file(path):
    draw = random.Random(5)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Certification Number", "Business Name", "DBA", "Certification", "Expiration Date", "City"])
        for number, name in enumerate(names(ROWS), 1):
            year = draw.choice((2027, 2028, 2029))
            day = f"{draw.randint(1, 12):02}/{draw.randint(1, 28):02}/{year}"
            writer.writerow([f"{number:07}", name, "", draw.choice(("MBE", "WBE", "MBE,WBE", "DBE")), day, "Albany"])


def load(path):
    """Seconds of loading the file, everything included, and the peak of memory in MB; in a process of its own."""
    code = "import benchmarks.registers as b, sys; b.loaded(sys.argv[1])"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=os.environ)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def loaded(path):
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "import_register", "benchmark", path, "--accept-losses"])  # DBE: no type


def copy_seconds():
    """Seconds of COPY of the rows that are loaded into an empty table like theirs, with the same indexes."""
    from django.db import connection

    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        path = Path(folder) / "rows"
        with path.open("wb") as file, cursor.copy("COPY verification_registerentry TO STDOUT") as rows:
            for part in rows:
                file.write(part)
        cursor.execute("CREATE TABLE bench_copy (LIKE verification_registerentry INCLUDING ALL)")
        started = time.perf_counter()
        with path.open("rb") as file, cursor.copy("COPY bench_copy FROM STDIN") as rows:
            while part := file.read(1 << 20):
                rows.write(part)
        seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE bench_copy")
    return seconds


def lookup_seconds(file):
    """Medians, in seconds, of a look-up by exact number, and of one by a name spelled a little differently."""
    from verification.models import RegisterEntry
    from verification.registers import lookup

    draw = random.Random(6)
    rows = [RegisterEntry.objects.get(file=file, identity=f"#{draw.randint(1, ROWS)}") for _ in range(QUERIES)]
    exact, by_name, right = [], [], 0
    for row in rows:
        started = time.perf_counter()
        list(lookup.by_number(file, row.number))
        exact.append(time.perf_counter() - started)
        asked = row.name.upper().replace("SERVICES", "SVCS").replace(" LLC", ", L.L.C.").replace(" &", " AND")
        started = time.perf_counter()
        found = lookup.find(file, asked)
        by_name.append(time.perf_counter() - started)
        right += bool(found) and found[0].entry.name.upper().split()[0] == row.name.upper().split()[0]
    by_name.sort()
    return statistics.median(exact), statistics.median(by_name), by_name[int(0.95 * QUERIES)], right / QUERIES


def main():
    from benchmarks.__main__ import met
    from benchmarks.databases import Server, manage, production

    databases = Server()
    environment = production(databases.empty("bench_registers"))
    os.environ.update(environment)
    manage("migrate", "--verbosity=0", environment=environment)
    manage("load_catalogue", "--verbosity=0", environment=environment)

    import django

    django.setup()
    from verification.models import Register

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        write_file(path)
        size = path.stat().st_size
        seconds, memory = load(path)
    copied = copy_seconds()
    exact, by_name, p95, right = lookup_seconds(Register.objects.get(key="benchmark").current_id)
    print(
        f"A CSV file of {ROWS:,} rows ({size / 1e6:.0f} MB) is loaded in {seconds / copied:.2f} times COPY's time"
        f" ({seconds:.1f} s here); wanted ≤ {COPY_MOST:g}: {met(seconds / copied <= COPY_MOST)}"
        f"\nThe process that loads it takes {memory:.0f} MB; wanted ≤ {MEMORY_MOST}: {met(memory <= MEMORY_MOST)}"
        f"\nFinding a row by its name costs {by_name / exact:.1f} times the look-up by its number"
        f" (95th percentile {p95 / exact:.1f}); wanted ≤ {LOOKUP_MOST:g}: {met(by_name / exact <= LOOKUP_MOST)};"
        f" {right:.1%} of the first rows bear the name"
    )


if __name__ == "__main__":
    main()
