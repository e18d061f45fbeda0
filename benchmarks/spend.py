"""What a client's spend costs: the import in multiples of COPY, the sums in multiples of a scan and of SELECT 1.

In databases of their own, made from the one with 10,000 profiles: 2,000 clients, one of which pays 1,000 businesses.
"""

import sys
from contextlib import ExitStack
from statistics import median

import psycopg
from psycopg import sql
from tqdm import tqdm

from benchmarks.databases import Process, Server, manage, production

PROFILES = 10_000
CLIENTS = 2_000
A_YEAR = 100_000  # payments of the client that is measured
SMALL, LARGE = 1_000_000, 10_000_000
BATCHES = 5
MOST_IMPORT, MOST_ADDING, MOST_PAGE, MOST_GROWTH = 3, 5, 60, 1.3
# One payment in 25 is a refund of an earlier one of the same client, and they lie in the table in no order.
FILL = """
INSERT INTO profiles_client (name, slug, plan, is_active, created_at)
SELECT 'Spending client ' || n, 'spending-' || n, 'enterprise', true, now() - interval '3 years'
FROM generate_series(1, %(clients)s::int) AS n;
INSERT INTO certifications_consent
    (profile_id, purpose, is_given, version, plans, declined_version, declined_plans, decided_at)
SELECT DISTINCT profile_id, 'count', true, '2026-11-28', ARRAY['business', 'enterprise'], '', '{}'::varchar[], now()
FROM certifications_certification
ON CONFLICT (profile_id, purpose) DO UPDATE SET is_given = true, version = EXCLUDED.version, plans = EXCLUDED.plans;
INSERT INTO spend_paymentfile (name, uploaded_at, added, corrected, unchanged, refused, notes, problems)
VALUES ('filled.csv', now(), 0, 0, 0, 0, '[]', '[]');
WITH paid AS (
    SELECT n, n <= %(own)s AS is_own, n %% 25 = 0 AND n > 25 AS is_refund, hashint8(n)::bigint + 2147483648 AS chance
    FROM generate_series(1, %(payments)s::bigint) AS n
), client AS (
    SELECT min(id) AS first FROM profiles_client WHERE slug LIKE 'spending-%%'
), profile AS (
    SELECT array_agg(id ORDER BY id) AS ids FROM profiles_profile
)
INSERT INTO spend_payment (external_id, version, file_id, recorded_at, client_id, profile_id, paid_on, kind, amount,
    currency, settled_currency, refers_to, cost_center, category)
SELECT
    'P-' || n, 1, (SELECT max(id) FROM spend_paymentfile), now(),
    client.first + CASE WHEN is_own THEN 0 ELSE 1 + n %% (%(clients)s - 1) END,
    profile.ids[CASE WHEN is_own THEN 1 + 10 * (n %% 1000) ELSE 1 + chance %% 10000 END],
    current_date - (chance / 7 %% CASE WHEN is_own THEN 365 ELSE 730 END)::int,
    CASE WHEN is_refund THEN 'refund' ELSE 'work' END,
    CASE WHEN is_refund THEN -1 ELSE 1 END * (chance %% 900000 + 100)::numeric / 100,
    'USD', '',
    CASE
        WHEN NOT is_refund THEN ''
        WHEN is_own OR n - (%(clients)s - 1) <= %(own)s THEN 'P-' || n - 1
        ELSE 'P-' || n - (%(clients)s - 1)
    END,
    'CC-' || n %% 30, 'Design'
FROM paid, client, profile
ORDER BY chance;
"""


class Ledger(Process):
    """A process of `benchmarks.spending` on a database of so many payments, of which the client made `own`."""

    def __init__(self, server, payments, own):
        super().__init__("benchmarks.spending", _database(server, payments, own))


def _database(server, payments, own):
    """The address of the filled database, made if it is not there."""
    source = server.filled(PROFILES)
    name = f"bench_spend_{payments}_{own}"
    url = server.url(name)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return url
        print(f"Filling {name}, once…", file=sys.stderr)
        names = [sql.Identifier(name), sql.Identifier(source.split("/")[3].split("?")[0])]
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    manage("migrate", "--verbosity=0", environment=production(url))
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement, {"clients": CLIENTS, "own": own, "payments": payments})
        connection.execute("VACUUM ANALYZE")
    return url


def measure(server):
    """Seconds by what was measured: medians, and the 95th percentile of the overview in a small and a large ledger."""
    with ExitStack() as stack:
        small, large, whole = (
            stack.enter_context(Ledger(server, payments, own))
            for payments, own in ((SMALL, A_YEAR), (LARGE, A_YEAR), (SMALL, SMALL))
        )
        taken = {"small": [], "large": [], "one": [], "anew": [], "scan": [], "adding": []}
        for _ in tqdm(range(BATCHES), desc="Spending", leave=False):
            for name, ledger in (("small", small), ("large", large)):
                pages = ledger.ask("pages")
                taken[name] += pages["overview"]
                taken["one"] += pages["one"]
            taken["anew"].append(large.ask("anew"))
            taken["scan"].append(whole.ask("scan"))
            taken["adding"].append(whole.ask("adding"))
        read = small.ask("read")
    p95 = {name: sorted(taken[name])[int(len(taken[name]) * 0.95)] for name in ("small", "large")}
    return {name: median(seconds) for name, seconds in taken.items()} | p95 | read


def report(taken, met):
    copies, adding = taken["import"] / taken["copy"], taken["adding"] / taken["scan"]
    page, growth = taken["large"] / taken["one"], taken["large"] / taken["small"]
    print(
        f"\nPayments are imported in {copies:.1f} times COPY's time"
        f" ({taken['import']:.0f} s here; wanted ≤ {MOST_IMPORT}: {met(copies <= MOST_IMPORT)});"
        f" {SMALL:,} are added up in {adding:.1f} times one scan of them"
        f" ({taken['scan'] * 1000:.0f} ms; wanted ≤ {MOST_ADDING}: {met(adding <= MOST_ADDING)})."
        f"\nThe overview of {A_YEAR:,} payments a year, p95 of a ledger of {LARGE:,}: {page:.0f}x SELECT 1"
        f" (wanted ≤ {MOST_PAGE}: {met(page <= MOST_PAGE)}), {growth:.2f}x that of {SMALL:,}"
        f" (wanted ≤ {MOST_GROWTH}: {met(growth <= MOST_GROWTH)}). Where nothing is kept:"
        f" {taken['anew'] / taken['one']:,.0f}x."
    )


if __name__ == "__main__":
    report(measure(Server()), lambda is_met: "met" if is_met else "missed")
