"""What the nightly sums of the monitor cost, in multiples of reading the exposures once from end to end.

In a database of its own, made from the one with a million profiles: 10,000 clients and 20 million exposures.
"""

import sys
from statistics import median

import psycopg
from psycopg import sql

from benchmarks.databases import Process, manage, production
from benchmarks.night import SMALL, WEEKS

PROFILES, CERTIFIED = 1_000_000, 5
CLIENTS, EXPOSURES = 10_000, 20_000_000
ROUNDS = 3
MOST_NIGHT, MOST_PAGE = 5, 1.1
NAME = "bench_nights"
# In the year before today, each profile that has a certification by turns.
FILL = """
INSERT INTO profiles_client (name, slug, plan, is_active, created_at)
SELECT 'Night client ' || n, 'night-' || n,
    (ARRAY['business', 'enterprise'])[1 + n %% 2], true, now() - interval '2 years'
FROM generate_series(1, %(clients)s::bigint) AS n;
INSERT INTO certifications_consent
    (profile_id, purpose, is_given, version, plans, declined_version, declined_plans, decided_at)
SELECT DISTINCT profile_id, 'count', true, '2026-11-24', ARRAY['business', 'enterprise'], '', '{}'::varchar[], now()
FROM certifications_certification
ON CONFLICT (profile_id, purpose) DO UPDATE SET is_given = true, version = '2026-11-24';
ALTER TABLE certifications_clientview DROP CONSTRAINT client_view_once_a_day;
ALTER TABLE certifications_clientview DISABLE TRIGGER ALL;
WITH profile AS MATERIALIZED (
    SELECT profile_id, row_number() OVER () - 1 AS place, count(*) OVER () AS count
    FROM (SELECT DISTINCT profile_id FROM certifications_certification) AS certified
), client AS MATERIALIZED (
    SELECT id, row_number() OVER () - 1 AS place FROM profiles_client WHERE slug LIKE 'night-%%'
)
INSERT INTO certifications_clientview (profile_id, client_id, surface, day, filters, readers)
SELECT profile_id, client.id, 'page', current_date - (n %% 365)::int, '{}', '{1}'
FROM generate_series(1::bigint, %(exposures)s::bigint) AS n
JOIN profile ON profile.place = (n * 7919) %% (SELECT max(count) FROM profile)
JOIN client ON client.place = (n * 104729) %% %(clients)s;
ALTER TABLE certifications_clientview ENABLE TRIGGER ALL;
INSERT INTO sourcing_talkinvitation
    (profile_id, client_id, title, text, answer_by, sent_at, answer, answered_at, submission)
SELECT profile_id, client_id, 'A need', 'Text.', current_date, day, 'accepted', day, gen_random_uuid()
FROM certifications_clientview TABLESAMPLE BERNOULLI (1);
INSERT INTO impact_contract (external_id, profile_id, client_id, started_on, ended_on, is_ended_early, spend, rating)
SELECT 'night-' || id, profile_id, client_id, sent_at::date, sent_at::date + 20, id %% 10 = 0, id %% 9000, 1 + id %% 5
FROM sourcing_talkinvitation WHERE id %% 2 = 0;
INSERT INTO rollout_rolloutpolicy (plans, holdout_percent, holdout_key, is_paused, paused_types, pauses_on_alarm,
    starts_at, reason, cancels_planned, is_widening, proposed_at, confirmed_at)
SELECT ARRAY['business', 'enterprise'], 20, 'key', false, '{}', true, began, 'To measure.', false, false, began, began
FROM (VALUES (date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
    - make_interval(weeks => %(weeks)s::int + 1))) AS draw (began);
"""


def database(server):
    """The address of the filled database, made if it is not there."""
    source = server.filled(PROFILES, CERTIFIED)
    url = server.url(NAME)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            return url
        print(f"Filling {NAME}, once…", file=sys.stderr)
        copy = "CREATE DATABASE {} TEMPLATE {}"
        names = [sql.Identifier(NAME), sql.Identifier(source.split("/")[3].split("?")[0])]
        connection.execute(sql.SQL(copy).format(*names))
    manage("migrate", "--verbosity=0", environment=production(url))
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement, {"clients": CLIENTS, "exposures": EXPOSURES, "weeks": WEEKS})
        connection.execute("VACUUM ANALYZE")
    with Process("benchmarks.night", url) as process:
        process.ask("before")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return url


def measure(server):
    """Seconds by what was measured, the median of ROUNDS."""
    with Process("benchmarks.night", database(server)) as process:
        process.ask("scan")
        taken = {"scan": [], "night": [], "page": [], "small": []}
        for _ in range(ROUNDS):
            for act, seconds in taken.items():
                seconds.append(process.ask(act))
    return {act: median(seconds) for act, seconds in taken.items()}


def report(taken, met):
    night, page = taken["night"] / taken["scan"], taken["page"] / taken["small"]
    print(
        f"\nThe night's sums and alarms of {EXPOSURES:,} exposures: {night:.1f}x reading them once"
        f" ({taken['scan']:.1f} s) (wanted ≤ {MOST_NIGHT}: {met(night <= MOST_NIGHT)});"
        f" the monitor's page {page:.2f}x what it costs with {SMALL:,}"
        f" (wanted ≤ {MOST_PAGE}: {met(page <= MOST_PAGE)})."
    )
