"""The listing is written by the database, in the transaction that changes what it is made of.

`sourcing_expected` and `sourcing_certified_expected` say what each row must be. In `terms` are the words of the profile
and, each as one lexeme that begins with a tilde, as no word does: its kind, state and skills, and the words of its name;
in the second also, if its owner agreed to be found by them, the type, certificate and body of each certification that
is neither withdrawn nor suspended nor refused, and each step up to its highest. Whom that shows to whom is for the rule
alone, see sourcing/search.py.

`valid_until` is the last day on which one of them may be shown: its own, or with a renewal filed 180 days later. Two
days after it, when it is over in every owner's time zone, no row is written any more, and `due` removes it.

The triggers fire once a statement, so that a large import calls them seldom. Both functions first take the rows of the
profiles, in the order of their keys: of two that change something about the same profile at once, the second then reads
what the first wrote. What is done to certifications, consents and evidence changes the second table only.

An entry of an index of the certified holds at most 2,704 bytes, of which a name may take 404 and the rest 100. So
`terms` is at most 2,200, and has no places of words, which no search asks for. First come the filters, then the words of
the name, the skills as a whole, and the words of the headline and the skills in their order, as far as there is room:
most lists of thirty skills fit, and the longest lose their last. A folded name may be longer than the name, and is cut
at 100 letters.
"""

from django.db import migrations

OF_PROFILE = """
p.id AS profile_id, p.updated_at AS active_at, left(folded(p.name), 100) AS name_key, p.state, p.hourly_rate,
p.search || array_to_tsvector(
    ARRAY['~kind/' || p.kind, '~state/' || p.state]
    || ARRAY(SELECT '~skill/' || translate(folded(skill), '''.-', '') FROM unnest(p.skills) AS skill)
    || ARRAY(SELECT '~name/' || lexeme FROM unnest(ts_filter(p.search, '{a}')))
    || %s
) AS terms
"""
FIRST = """
CREATE FUNCTION sourcing_first(terms tsvector, most integer) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE WHEN pg_column_size(strip(terms)) <= most THEN strip(terms) ELSE (
    SELECT array_to_tsvector(array_agg(lexeme)) FROM (
        -- Words have places and weights, unlike all else. Eight bytes for all, and four for each entry.
        SELECT lexeme, 8 + sum(octet_length(lexeme) + 4) OVER (
            ORDER BY CASE WHEN lexeme LIKE '~skill/%' THEN 2 WHEN positions IS NULL THEN 0
                          WHEN 'A' = ANY (weights) THEN 1 ELSE 3 END, positions[1], lexeme COLLATE "C"
        ) AS size FROM unnest(terms)
    ) AS entry WHERE size <= most
) END $$;
"""
VIEWS = f"""
CREATE VIEW sourcing_expected AS
SELECT {OF_PROFILE % "'{}'::text[]"} FROM profiles_profile AS p WHERE p.is_active;

CREATE VIEW sourcing_certified_whole AS
SELECT {OF_PROFILE % "c.terms"}, c.valid_until
FROM profiles_profile AS p
CROSS JOIN LATERAL (
    SELECT max(CASE WHEN c.expires_on IS NULL THEN DATE '9999-12-31'
                    WHEN c.renewal_filed_on IS NULL THEN c.expires_on ELSE c.expires_on + 180 END) AS valid_until,
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
) AS c
WHERE p.is_active AND EXISTS (
    SELECT FROM certifications_consent AS f WHERE f.profile_id = p.id AND f.purpose = 'find' AND f.is_given
);

CREATE VIEW sourcing_certified_expected AS
SELECT profile_id, active_at, name_key, state, hourly_rate, sourcing_first(terms, 2200) AS terms, valid_until
FROM sourcing_certified_whole
WHERE valid_until >= (now() AT TIME ZONE 'UTC')::date - 2;
"""


def write(table, view, columns):
    """The statements that make a table's rows of `profiles` what the view says, and touch no row that is right."""
    names = ", ".join(columns)
    listed, excluded = (", ".join(f"{alias}.{name}" for name in columns) for alias in ("listed", "EXCLUDED"))
    return f"""
    INSERT INTO {table} AS listed (profile_id, {names})
    SELECT profile_id, {names} FROM {view} WHERE profile_id = ANY(profiles)
    ON CONFLICT (profile_id) DO UPDATE SET ({names}) = ({excluded})
    WHERE ({listed}) IS DISTINCT FROM ({excluded});
    DELETE FROM {table} AS listed
    WHERE profile_id = ANY(profiles) AND NOT EXISTS (SELECT FROM {view} AS e WHERE e.profile_id = listed.profile_id);
    """


COLUMNS = ["active_at", "name_key", "state", "hourly_rate", "terms"]
FUNCTIONS = f"""
CREATE FUNCTION sourcing_refresh_certified(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(profiles) = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM profiles_profile WHERE id = ANY(profiles) ORDER BY id FOR NO KEY UPDATE;
    {write("sourcing_certifiedlisting", "sourcing_certified_expected", [*COLUMNS, "valid_until"])}
END $$;

CREATE FUNCTION sourcing_refresh(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(profiles) = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM profiles_profile WHERE id = ANY(profiles) ORDER BY id FOR NO KEY UPDATE;
    {write("sourcing_listing", "sourcing_expected", COLUMNS)}
    PERFORM sourcing_refresh_certified(profiles);
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
    PERFORM sourcing_refresh_certified(profiles);
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
    PERFORM sourcing_refresh_certified(profiles);
    RETURN NULL;
END $$;

CREATE FUNCTION sourcing_follow_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sourcing_refresh_certified(ARRAY(
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


class Migration(migrations.Migration):
    # Before the tables of the listing, since generated migrations come last.
    dependencies = [("certifications", "__first__")]

    operations = [
        migrations.RunSQL(FIRST),
        migrations.RunSQL(VIEWS),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(TRIGGERS),
    ]
