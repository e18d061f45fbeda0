"""The listing is written by the database, in the transaction that changes what it is made of.

`sourcing_expected` says what each row must be. In `terms` are the words of the profile and, each as one lexeme that
begins with a tilde, as no word does: its kind, state and skills; and if its owner agreed to be found by them, the
type, certificate and body of each certification that is neither withdrawn nor suspended nor refused, and each step up
to its highest. Whom that shows to whom is for the rule alone, see sourcing/search.py.

The triggers fire once a statement, so that a large import calls them seldom. `sourcing_refresh` first takes the rows
of the profiles: of two that change something about the same profile at once, the second then reads what the first
wrote. They are taken in the order of their keys.
"""

from django.db import migrations

LISTING = """
CREATE VIEW sourcing_expected AS
SELECT p.id AS profile_id, p.updated_at AS active_at, lower(p.name) AS name_key, p.state, p.hourly_rate,
       coalesce(c.is_certified, false) AS is_certified, c.valid_until,
       p.search || array_to_tsvector(
           ARRAY['~kind/' || p.kind, '~state/' || p.state]
           || ARRAY(SELECT '~skill/' || lower(skill) FROM unnest(p.skills) AS skill)
           || coalesce(c.terms, '{}')
       ) AS terms
FROM profiles_profile AS p
LEFT JOIN LATERAL (
    SELECT true AS is_certified, max(coalesce(c.expires_on, DATE '9999-12-31')) AS valid_until,
           array_agg(DISTINCT term) AS terms
    FROM certifications_certification AS c
    JOIN certifications_certificate AS t ON t.id = c.certificate_id
    CROSS JOIN LATERAL unnest(
        ARRAY['~type/' || c.type_id, '~certificate/' || c.certificate_id, '~body/' || t.body_id]
        || ARRAY(
            SELECT '~step/' || step FROM generate_series(1, (
                SELECT max(e.step) FROM certifications_evidence AS e
                WHERE e.certification_id = c.id AND e.ended_at IS NULL
            )) AS step
        )
    ) AS term
    WHERE c.profile_id = p.id AND c.withdrawn_at IS NULL AND c.standing = 'good'
    HAVING count(*) > 0
) AS c ON EXISTS (
    SELECT FROM certifications_consent AS f WHERE f.profile_id = p.id AND f.purpose = 'find' AND f.is_given
)
WHERE p.is_active;

CREATE FUNCTION sourcing_refresh(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(profiles) = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM profiles_profile WHERE id = ANY(profiles) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO sourcing_listing AS listed
        (profile_id, active_at, name_key, state, hourly_rate, is_certified, valid_until, terms)
    SELECT profile_id, active_at, name_key, state, hourly_rate, is_certified, valid_until, terms
    FROM sourcing_expected WHERE profile_id = ANY(profiles)
    ON CONFLICT (profile_id) DO UPDATE SET
        (active_at, name_key, state, hourly_rate, is_certified, valid_until, terms) =
        (EXCLUDED.active_at, EXCLUDED.name_key, EXCLUDED.state, EXCLUDED.hourly_rate, EXCLUDED.is_certified,
         EXCLUDED.valid_until, EXCLUDED.terms)
    WHERE (listed.active_at, listed.name_key, listed.state, listed.hourly_rate, listed.is_certified,
           listed.valid_until, listed.terms)
        IS DISTINCT FROM
          (EXCLUDED.active_at, EXCLUDED.name_key, EXCLUDED.state, EXCLUDED.hourly_rate, EXCLUDED.is_certified,
           EXCLUDED.valid_until, EXCLUDED.terms);
    DELETE FROM sourcing_listing
    WHERE profile_id = ANY(profiles)
        AND NOT EXISTS (SELECT FROM profiles_profile WHERE id = profile_id AND is_active);
END $$;

CREATE FUNCTION sourcing_follow_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sourcing_refresh(ARRAY(SELECT id FROM new_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION sourcing_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE profiles bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        profiles := ARRAY(SELECT DISTINCT profile_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        profiles := ARRAY(SELECT DISTINCT profile_id FROM old_rows);
    ELSE
        profiles := ARRAY(SELECT profile_id FROM new_rows UNION SELECT profile_id FROM old_rows);
    END IF;
    PERFORM sourcing_refresh(profiles);
    RETURN NULL;
END $$;

CREATE FUNCTION sourcing_follow_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE records bigint[]; profiles bigint[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        records := ARRAY(SELECT certification_id FROM old_rows);
    ELSE
        records := ARRAY(SELECT certification_id FROM new_rows);
    END IF;
    profiles := ARRAY(SELECT DISTINCT profile_id FROM certifications_certification WHERE id = ANY(records));
    PERFORM sourcing_refresh(profiles);
    RETURN NULL;
END $$;

CREATE FUNCTION sourcing_follow_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sourcing_refresh(ARRAY(
        SELECT DISTINCT c.profile_id FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id
        JOIN certifications_certification AS c ON c.certificate_id = n.id WHERE o.body_id <> n.body_id
    ));
    RETURN NULL;
END $$;
"""

# Each table, its function, and what of it may change.
FOLLOWED = [
    ("profiles_profile", "sourcing_follow_profile", ["INSERT", "UPDATE"]),
    ("certifications_certification", "sourcing_follow", ["INSERT", "UPDATE", "DELETE"]),
    ("certifications_consent", "sourcing_follow", ["INSERT", "UPDATE", "DELETE"]),
    ("certifications_evidence", "sourcing_follow_evidence", ["INSERT", "UPDATE", "DELETE"]),
    ("certifications_certificate", "sourcing_follow_certificate", ["UPDATE"]),
]
ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
TRIGGERS = "".join(
    f"CREATE TRIGGER sourcing_listing_{act.lower()} AFTER {act} ON {table} REFERENCING {ROWS[act]} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();\n"
    for table, function, acts in FOLLOWED
    for act in acts
)
DROP = (
    "".join(f"DROP TRIGGER sourcing_listing_{act.lower()} ON {table};\n" for table, _, acts in FOLLOWED for act in acts)
    + "".join(f"DROP FUNCTION {name}();\n" for name in dict.fromkeys(function for _, function, _ in FOLLOWED))
    + "DROP FUNCTION sourcing_refresh(bigint[]);\nDROP VIEW sourcing_expected;\n"
)
FILL = "SELECT sourcing_refresh(ARRAY(SELECT id FROM profiles_profile));"


class Migration(migrations.Migration):
    dependencies = [
        ("sourcing", "0001_initial"),
        ("certifications", "0006_unused_types"),
        ("profiles", "0002_cache_table"),
    ]

    operations = [
        migrations.RunSQL(LISTING, DROP),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
